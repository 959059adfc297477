/**
 * A Field that is typed: shown as its person writes, edited in a form that the server reads back.
 *
 * Nothing is read here: what was typed goes to the server as it is. The
 * browser's own pickers write ISO text, which every locale reads.
 */

import { ActionIcon, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { IconCalendar, IconClock } from "@tabler/icons-react";
import { type FocusEvent, type ReactNode, useRef, useState } from "react";
import { dateTimeParts, dateTimeWords, editText, locale } from "../../lib/locale";
import { countries, zones } from "../../lib/places";
import type { FieldContent, FieldType } from "../../protocol/protocol.gen";
import classes from "./FieldInput.module.css";
import type { FieldControl } from "./fieldControl";

/** The protocol's limit of a value (`FieldContent`). */
const MOST_CHARACTERS = 10_000;

const MODES: Partial<Record<FieldType, "decimal" | "tel" | "email" | "url">> = {
  number: "decimal",
  money: "decimal",
  phone: "tel",
  email: "email",
  url: "url",
};

export function TypedInput(props: FieldControl) {
  const { field, content, shown, read_only, is_refused, is_wrong, described_by, onType, onChoose } = props;
  // What is being typed stays as typed until the Field is left, whatever form the server keeps it in.
  const [typed, setTyped] = useState<string | null>(null);
  const [is_editing, setEditing] = useState(false);
  const [is_full, setFull] = useState(false);
  const kept = typeof content === "string" ? content : "";
  // The zone would be cut off behind the time: it stands below.
  const moment = field.type === "date_time" ? dateTimeWords(content) : null;
  const [zone, setZone] = useZone(content);
  // Who loses the seat in the middle of a word ends it. Once it is refused it stands beside the Field with the
  // reason, and the Field shows what the Session holds, as on every other screen.
  if (read_only && is_refused && typed !== null) setTyped(null);
  const is_locked = read_only && typed === null;

  const send = (text: string): void => onType(text === "" ? null : withZone(text, zone));
  const change = (text: string): void => {
    setFull(text.length > MOST_CHARACTERS);
    if (text.length > MOST_CHARACTERS) return;
    setTyped(text);
    send(text);
  };
  const common = {
    id: `field-${field.key}`,
    value: typed ?? (is_editing && !is_locked ? editText(field, kept) : (moment?.there ?? shown)),
    readOnly: is_locked,
    error: is_wrong,
    "aria-describedby": described_by,
    "aria-invalid": is_wrong,
    "aria-required": field.required,
    autoComplete: "off",
    spellCheck: field.type === "long_text",
    classNames: { input: classes.input ?? "" },
    onFocus: ({ currentTarget: input }: FocusEvent<HTMLInputElement | HTMLTextAreaElement>) => {
      setEditing(true);
      if (is_locked || typed !== null) return;
      // At once, not with the next drawing: that would move the caret to the end of what is selected already.
      const is_all = input.selectionStart === 0 && input.selectionEnd === input.value.length;
      input.value = editText(field, kept);
      if (is_all) input.select();
    },
    onBlur: () => {
      setTyped(null);
      setEditing(false);
      setFull(false);
    },
  };
  const full = is_full && (
    <p role="alert" className={classes.full}>
      At most {MOST_CHARACTERS.toLocaleString(locale().language)} characters fit. Nothing was changed.
    </p>
  );
  if (field.type === "long_text") {
    return (
      <>
        <Textarea
          {...common}
          autosize
          minRows={2}
          maxRows={8}
          onChange={(event) => change(event.currentTarget.value)}
        />
        {full}
      </>
    );
  }
  const unit = field.unit ?? (field.type === "money" && kept === "" ? field.currency : null);
  return (
    <>
      <TextInput
        {...common}
        data-hidden={field.type === "masked" || undefined}
        inputMode={MODES[field.type] ?? "text"}
        list={field.type === "country" ? "countries" : undefined}
        {...(unit !== null && {
          rightSection: (
            <span className={classes.unit} data-unit>
              {unit}
            </span>
          ),
          rightSectionWidth: `${unit.length + 2}ch`,
        })}
        {...(field.type in PICKERS &&
          !is_locked && {
            rightSection: (
              <Picker
                field_key={field.key}
                label={field.label}
                type={field.type}
                onPick={(text) => onChoose(withZone(text, zone))}
              />
            ),
          })}
        onChange={(event) => change(event.currentTarget.value)}
      />
      {full}
      {field.type === "country" && <Countries />}
      {moment !== null && is_locked && (
        <p className={classes.zone}>{moment.here === "" ? moment.zone : `${moment.zone}, ${moment.here}`}</p>
      )}
      {field.type === "date_time" && !is_locked && (
        <NativeSelect
          size="xs"
          mt={4}
          aria-label={`Time zone of ${field.label}`}
          data={zones(zone)}
          value={zone}
          onChange={(event) => {
            const next = event.currentTarget.value;
            setZone(next);
            const parts = dateTimeParts(content);
            if (parts !== null) onChoose(`${parts.date} ${parts.time} [${next}]`);
          }}
        />
      )}
      {moment !== null && !is_locked && moment.here !== "" && <p className={classes.zone}>{moment.here}</p>}
    </>
  );
}

/**
 * The zone that a typed date-time is meant in: that of the last one that the Field held, or the one chosen since. What is
 * half typed has none, and must not fall into this person's.
 */
function useZone(content: FieldContent): [string, (zone: string) => void] {
  const [seen, setSeen] = useState(content);
  const [zone, setZone] = useState(dateTimeParts(content)?.zone ?? locale().time_zone);
  if (seen !== content) {
    setSeen(content);
    setZone(dateTimeParts(content)?.zone ?? zone);
  }
  return [zone, setZone];
}

/** The text with the zone that was chosen for it, unless one is typed or it is the person's own. */
function withZone(text: string, zone: string): string {
  return zone === locale().time_zone || text.includes("[") ? text : `${text} [${zone}]`;
}

const PICKERS: Partial<Record<FieldType, { input: string; icon: ReactNode }>> = {
  date: { input: "date", icon: <IconCalendar size={16} /> },
  time: { input: "time", icon: <IconClock size={16} /> },
  date_time: { input: "datetime-local", icon: <IconCalendar size={16} /> },
};

interface PickerProps {
  field_key: string;
  label: string;
  type: FieldType;
  onPick: (text: string) => void;
}

/** The browser's own picker behind a button; the input that it belongs to is not seen. */
function Picker({ field_key, label, type, onPick }: PickerProps) {
  const input = useRef<HTMLInputElement>(null);
  const picker = PICKERS[type];
  if (picker === undefined) return null;
  return (
    <span className={classes.picker}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={28}
        aria-label={`Pick ${label}`}
        onClick={() => input.current?.showPicker()}
      >
        {picker.icon}
      </ActionIcon>
      <input
        ref={input}
        type={picker.input}
        name={`pick-${field_key}`}
        tabIndex={-1}
        aria-hidden="true"
        onChange={(event) => {
          if (event.currentTarget.value !== "") onPick(event.currentTarget.value.replace("T", " "));
        }}
      />
    </span>
  );
}

/** Names to choose from; one list serves every Field of the page. */
function Countries() {
  return (
    <datalist id="countries">
      {countries().map(({ value, label }) => (
        <option key={value} value={label} />
      ))}
    </datalist>
  );
}
