import type { Key } from "../../protocol/protocol.gen";
import { useLive } from "./live";
import classes from "./VariableChip.module.css";
import { contentText } from "./words";

/**
 * A variable in a Section's text: the value of its Field, or the label while it is empty. A click leads to the Field,
 * if that is offered now.
 */
export function VariableChip({ field_key, onOpen }: { field_key: Key; onOpen?: (key: Key) => void }) {
  const { guide, view, may_hold } = useLive();
  const field = guide.fields.get(field_key);
  if (field === undefined) return `{{${field_key}}}`;
  const held = view.fields[field_key];
  const value = held?.masked === true ? "hidden" : (held?.shown ?? contentText(field, held?.content ?? field.default));
  const is_empty = value === "";
  const shown = is_empty ? field.label : value;
  if (onOpen === undefined || !may_hold(field.visible_when)) {
    return (
      <span className={classes.chip} data-empty={is_empty || undefined}>
        {shown}
      </span>
    );
  }
  return (
    <button
      type="button"
      className={classes.chip}
      data-empty={is_empty || undefined}
      title={is_empty ? `Fill in ${field.label}` : field.label}
      aria-label={is_empty ? `${field.label}, empty` : `${field.label}: ${value}`}
      onClick={() => onOpen(field_key)}
    >
      {shown}
    </button>
  );
}
