/** The Fields of a record: what they hold, what they were before somebody corrected them, and correcting them. */

import { Button } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { formatMoment } from "../../lib/time";
import type { CorrectionView, FieldContent, FieldDefinition, Key } from "../../protocol/protocol.gen";
import { EraseValue } from "./Erasure";
import { FieldInput } from "./FieldInput";
import { type Live, useLive } from "./live";
import classes from "./RecordScreen.module.css";
import { contentText, heldText } from "./words";

/** For how long after it finished its owner may correct a record. Rule FD10. */
const OWNER_CORRECTS_MS = 24 * 3_600_000;

/** What was entered and is not saved: only Fields that were touched. */
type Draft = ReadonlyMap<Key, FieldContent>;

export function RecordFields() {
  const live = useLive();
  const { guide, act } = live;
  const [draft, setDraft] = useState<Draft | null>(null);
  const edit = useRef<HTMLButtonElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const is_editing = draft !== null;
  useEffect(() => {
    if (is_editing) form.current?.querySelector<HTMLElement>("input, textarea, select")?.focus();
  }, [is_editing]);
  const leave = (): void => {
    setDraft(null);
    // The button that was pressed goes: the focus returns to where editing began.
    requestAnimationFrame(() => edit.current?.focus());
  };
  const save = (): void => {
    for (const [field_key, content] of draft ?? []) act({ type: "correct_field", field_key, content });
    leave();
  };
  return (
    <section className={classes.card} aria-labelledby="entered">
      <div className={classes.fields_head}>
        <h2 id="entered" className={classes.heading}>
          Fields
        </h2>
        {draft === null && mayCorrect(live) && (
          <Button ref={edit} variant="subtle" size="compact-sm" onClick={() => setDraft(new Map())}>
            Edit
          </Button>
        )}
      </div>
      {draft === null ? (
        <dl className={classes.fields}>
          {guide.document.fields.map((field) => (
            <RecordField key={field.key} field={field} />
          ))}
        </dl>
      ) : (
        <form
          ref={form}
          data-unsaved={draft.size > 0 || undefined}
          onSubmit={(event) => {
            event.preventDefault();
            save();
          }}
        >
          {guide.document.fields.map((field) => (
            <EditedField
              key={field.key}
              field={field}
              draft={draft}
              onEnter={(content) => setDraft((held) => new Map(held).set(field.key, content))}
            />
          ))}
          <div className={classes.field}>
            <span>Notes</span>
            <div>
              <EraseValue field_key={null} label="the Notes" />
            </div>
          </div>
          <div className={classes.buttons}>
            <Button type="submit" size="compact-md">
              Save
            </Button>
            <Button variant="default" size="compact-md" onClick={leave}>
              Cancel
            </Button>
            <span className={classes.unsaved}>{draft.size === 0 ? "" : "Not saved until you press Save"}</span>
          </div>
        </form>
      )}
    </section>
  );
}

/** The server decides; this only spares people a button that leads nowhere. */
function mayCorrect({ head, person, offset_ms }: Live): boolean {
  if (person.roles.includes("supervisor") || person.roles.includes("manager")) return true;
  return person.id === head.owner.id && Date.now() + offset_ms < head.changed_ms + OWNER_CORRECTS_MS;
}

function RecordField({ field }: { field: FieldDefinition }) {
  const { view, head } = useLive();
  const held = view.fields[field.key];
  const text = heldText(field, held);
  const history = Object.values(view.corrections).filter((was) => was.field_key === field.key);
  return (
    <div className={classes.field} data-record-field={field.key}>
      <dt>{field.label}</dt>
      <dd data-empty={held === undefined || undefined}>
        {head.missing.includes(field.key) && <span className={classes.wrong}>Required, left empty · </span>}
        {held?.masked === true ? (held.valid ? "hidden · valid" : "hidden · not valid") : text || "Not Provided"}
        {held !== undefined && !held.masked && !held.valid && (
          <span className={classes.wrong}> Not valid: expected {held.problem?.expected}</span>
        )}
        {held?.suggested_by != null && (
          <span className={classes.was}>
            entered by {held.by.name}, suggested by {held.suggested_by.name}
          </span>
        )}
        {history.map((was) => (
          <Was key={was.id} field={field} was={was} />
        ))}
      </dd>
    </div>
  );
}

function Was({ field, was }: { field: FieldDefinition; was: CorrectionView }) {
  const { offset_ms } = useLive();
  const text = was.masked ? "hidden" : contentText(field, was.content) || "Not Provided";
  return (
    <span className={classes.was}>
      was {text}, changed by {was.by.name} at {formatMoment(was.at_ms, Date.now() + offset_ms)}
    </span>
  );
}

interface EditedFieldProps {
  field: FieldDefinition;
  draft: Draft;
  onEnter: (content: FieldContent) => void;
}

function EditedField({ field, draft, onEnter }: EditedFieldProps) {
  const { view } = useLive();
  const held = view.fields[field.key];
  const is_touched = draft.has(field.key);
  const content = is_touched ? (draft.get(field.key) ?? null) : (held?.content ?? null);
  const shown = is_touched && typeof content === "string" ? content : heldText(field, held);
  const hint = `hint-${field.key}`;
  return (
    <div className={classes.field}>
      <label id={`label-${field.key}`} htmlFor={`field-${field.key}`}>
        {field.label}
      </label>
      <div>
        <FieldInput
          field={field}
          content={content}
          shown={shown}
          read_only={false}
          is_refused={false}
          is_wrong={false}
          described_by={hint}
          onType={onEnter}
          onChoose={onEnter}
        />
        <span id={hint} className={classes.was}>
          {held?.masked === true && "hidden: what is entered replaces it"}
        </span>
        <EraseValue field_key={field.key} label={field.label} />
      </div>
    </div>
  );
}
