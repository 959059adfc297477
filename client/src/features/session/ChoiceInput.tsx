import { Checkbox, NativeSelect, Radio, Stack } from "@mantine/core";
import classes from "./FieldInput.module.css";
import type { FieldControl } from "./fieldControl";

/** Up to 4 options are seen at a glance; more of them go into a list. */
const AT_A_GLANCE = 4;

/** Space and a click choose; Enter goes on to the next Field, and held down it must not choose on its way. */
export function YesNoInput({ field, content, read_only, is_wrong, described_by, onChoose }: FieldControl) {
  return (
    <fieldset
      className={classes.yes_no}
      aria-labelledby={`label-${field.key}`}
      aria-describedby={described_by}
      data-wrong={is_wrong || undefined}
    >
      {[true, false].map((value) => (
        <button
          key={String(value)}
          type="button"
          className={classes.toggle}
          aria-pressed={content === value}
          aria-disabled={read_only}
          onClick={() => {
            if (!read_only) onChoose(content === value ? null : value);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter") event.preventDefault();
          }}
        >
          {value ? "Yes" : "No"}
        </button>
      ))}
    </fieldset>
  );
}

export function ChoiceInput(props: FieldControl) {
  const { field, content, read_only, is_wrong, described_by, onChoose } = props;
  const value = typeof content === "string" ? content : "";
  if (field.options.length > AT_A_GLANCE) {
    const options = field.options.map((option) => ({ value: option.value, label: option.label ?? option.value }));
    const is_strange = value !== "" && !options.some((option) => option.value === value);
    return (
      <NativeSelect
        id={`field-${field.key}`}
        data={[{ value: "", label: "–" }, ...options, ...(is_strange ? [{ value, label: value }] : [])]}
        value={value}
        error={is_wrong}
        aria-invalid={is_wrong}
        aria-required={field.required}
        aria-describedby={described_by}
        aria-disabled={read_only}
        classNames={{ input: classes.input ?? "" }}
        onMouseDown={(event) => {
          if (read_only) event.preventDefault();
        }}
        onChange={(event) => {
          if (!read_only) onChoose(event.currentTarget.value === "" ? null : event.currentTarget.value);
        }}
      />
    );
  }
  return (
    <Radio.Group
      value={value}
      aria-labelledby={`label-${field.key}`}
      aria-describedby={described_by}
      onChange={(next) => {
        if (!read_only) onChoose(next);
      }}
    >
      <Stack gap={6} className={classes.options}>
        {field.options.map((option) => (
          <Radio
            key={option.value}
            value={option.value}
            label={option.label ?? option.value}
            size="sm"
            aria-disabled={read_only}
            onClick={() => {
              // A second click on the chosen option takes it back.
              if (!read_only && value === option.value) onChoose(null);
            }}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}

export function ManyInput({ field, content, read_only, described_by, onChoose }: FieldControl) {
  const chosen = Array.isArray(content) ? (content as readonly string[]) : [];
  return (
    <Stack
      gap={6}
      role="group"
      className={classes.options}
      aria-labelledby={`label-${field.key}`}
      aria-describedby={described_by}
    >
      {field.options.map((option) => (
        <Checkbox
          key={option.value}
          label={option.label ?? option.value}
          size="sm"
          checked={chosen.includes(option.value)}
          aria-disabled={read_only}
          onChange={(event) => {
            if (read_only) return;
            const rest = chosen.filter((each) => each !== option.value);
            const next = event.currentTarget.checked ? [...rest, option.value] : rest;
            onChoose(next.length === 0 ? null : next);
          }}
        />
      ))}
    </Stack>
  );
}
