/** One Field: label, control, and what is to be said about its value. */

import { useEffect, useRef, useState } from "react";
import { hasCardNumber } from "../../lib/cards";
import { shownText } from "../../lib/locale";
import { formatMoment } from "../../lib/time";
import type { FieldContent, FieldDefinition, FieldType, FieldView, Key } from "../../protocol/protocol.gen";
import { useSync } from "../../sync";
import { FieldInput } from "./FieldInput";
import classes from "./FieldRow.module.css";
import { FieldTools } from "./FieldTools";
import { focusIn } from "./focus";
import { LookUpOffer } from "./LookUpOffer";
import { useLive } from "./live";
import { RefusedValue } from "./RefusedValue";
import { SuggestedMark, SuggestedValue } from "./SuggestedValue";
import { SuggestField } from "./SuggestField";
import { maySuggest, openFor, valueText } from "./suggestions";
import { CARD_CAUTION } from "./words";

/** A Field that somebody asked for; a new object each time. */
export interface WantedField {
  readonly key: Key;
  /** To suggest a value for it. */
  readonly is_to_suggest?: boolean;
}

export function FieldRow({ field, wanted }: { field: FieldDefinition; wanted: WantedField | null }) {
  const live = useLive();
  const { session_id, view, model, saver, is_driving } = live;
  const sync = useSync();
  const row = useRef<HTMLDivElement>(null);
  const [is_entered, setEntered] = useState(false);
  const [is_asked, setAsked] = useState(false);
  const may_suggest = maySuggest(live);
  const is_suggesting = is_asked && may_suggest;
  const held = view.fields[field.key];
  const is_wrong = held !== undefined && !held.valid && !is_entered;
  const typist = model.doing.find((doing) => doing.doing === "typing" && doing.field_key === field.key);
  const typist_name = model.people.find((present) => present.person_id === typist?.person_id)?.name;
  const refusals = model.refusals.filter(
    ({ command }) => command.type === "set_field" && command.field_key === field.key,
  );
  const has_card = WRITTEN.has(field.type) && typeof held?.content === "string" && hasCardNumber(held.content);
  const suggestion = openFor(view, field.key);
  const described_by = `about-${field.key}`;

  useEffect(() => {
    if (wanted === null || row.current === null) return;
    if (wanted.is_to_suggest === true) setAsked(true);
    else focusIn(row.current);
  }, [wanted]);

  const choose = (content: FieldContent): void => {
    saver.change(field.key, content);
    saver.flush(field.key);
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: watches the focus of the control within, offers nothing itself
    <div
      ref={row}
      className={classes.row}
      data-field={field.key}
      onFocus={(event) => setEntered(isInControl(event.target))}
      onBlur={(event) => {
        if (event.currentTarget.contains(event.relatedTarget)) return;
        // What a click on the screen aims at must not move before it is done.
        setTimeout(() => setEntered(isWithin(row.current, document.activeElement)), SETTLE_MS);
        saver.flush(field.key);
        if (is_driving) sync.sendDoing(session_id, "nothing", field.key);
      }}
    >
      <div className={classes.head}>
        <label id={`label-${field.key}`} htmlFor={`field-${field.key}`} className={classes.label}>
          {field.label}
          {field.required && (
            <span className={classes.required} aria-hidden="true" title="Required">
              *
            </span>
          )}
        </label>
        {suggestion !== undefined && is_entered && (
          <SuggestedMark key={suggestion.id} field={field} suggestion={suggestion} />
        )}
        {suggestion !== undefined && !is_entered && (
          <span className={classes.typing}>
            <span className={may_suggest ? "visually-hidden" : undefined}>Suggested by </span>
            {suggestion.by.name}
          </span>
        )}
        {suggestion === undefined && typist_name !== undefined && (
          <span className={classes.typing}>{typist_name} is typing…</span>
        )}
        {suggestion === undefined && typist_name === undefined && (
          <span className={classes.about}>
            <SavedBy field_key={field.key} />
            <FieldTools field={field} held={held} />
          </span>
        )}
        {may_suggest && !is_suggesting && (
          <button type="button" className={classes.suggest} data-suggest onClick={() => setAsked(true)}>
            Suggest…<span className="visually-hidden"> a value for {field.label}</span>
          </button>
        )}
      </div>
      {is_suggesting && (
        <SuggestField
          field={field}
          described_by={described_by}
          onClose={() => {
            setAsked(false);
            // What was pressed goes: the focus returns to where it began.
            requestAnimationFrame(() => row.current?.querySelector<HTMLElement>("[data-suggest]")?.focus());
          }}
        />
      )}
      <div className={classes.control} hidden={is_suggesting}>
        {suggestion !== undefined && !is_entered && (
          <SuggestedValue key={suggestion.id} field={field} held={held} suggestion={suggestion} />
        )}
        {!is_suggesting && (
          <FieldInput
            field={field}
            content={held?.content ?? null}
            shown={typedText(field, held)}
            read_only={!is_driving}
            is_refused={refusals.length > 0}
            is_wrong={is_wrong}
            described_by={described_by}
            onType={(content) => {
              saver.change(field.key, content);
              sync.sendDoing(session_id, "typing", field.key);
            }}
            onChoose={choose}
          />
        )}
      </div>
      <div id={described_by}>
        {suggestion !== undefined && (
          <p className="visually-hidden">
            {suggestion.by.name} suggests {valueText(field, suggestion)}.{is_driving && " Ctrl . accepts it."}
          </p>
        )}
        {held?.masked === true && (
          <p className={classes.note} data-wrong={!held.valid || undefined}>
            {held.valid ? "hidden · valid" : "hidden · not valid"}
          </p>
        )}
        {is_wrong && !held.masked && (
          <p className={classes.note} data-wrong>
            Kept, but not valid: expected {held.problem?.expected ?? "something else"}
          </p>
        )}
        {has_card && <p className={classes.care}>{CARD_CAUTION}</p>}
        {field.help !== null && !is_wrong && <p className={classes.note}>{field.help}</p>}
      </div>
      <LookUpOffer field={field} held={held} />
      <RefusedValue field={field} refusals={refusals} onUse={choose} />
    </div>
  );
}

/** What stands over the control, or beside its label, is not in it. */
function isInControl(element: Element | null): boolean {
  return element !== null && element.closest("[data-suggested], [data-suggest]") === null;
}

function isWithin(row: Element | null, element: Element | null): boolean {
  return row?.contains(element) === true && isInControl(element);
}

/** Between pressing and releasing a pointer. */
const SETTLE_MS = 150;

/** What a typed Field shows; a masked one's own text, since its input hides it. */
function typedText(field: FieldDefinition, held: FieldView | undefined): string {
  if (typeof held?.content !== "string") return "";
  return held.shown ?? shownText(field, held.content);
}

/** Types that anything can be typed into. */
const WRITTEN: ReadonlySet<FieldType> = new Set<FieldType>(["text", "long_text"]);

/** Shown on hover and while the Field has the focus. */
function SavedBy({ field_key }: { field_key: string }) {
  const { view, offset_ms } = useLive();
  const held = view.fields[field_key];
  if (held === undefined) return null;
  const suggested = held.suggested_by === null ? "" : `, suggested by ${held.suggested_by.name}`;
  return (
    <span className={classes.saved}>
      {held.by.name}
      {suggested}, {formatMoment(held.at_ms, Date.now() + offset_ms)}
    </span>
  );
}
