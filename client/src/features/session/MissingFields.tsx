import type { Key } from "../../protocol/protocol.gen";
import { useLive } from "./live";
import classes from "./MissingFields.module.css";

interface MissingFieldsProps {
  keys: readonly Key[];
  /** Where it is not given, the Fields are named only. */
  onOpenField?: ((key: Key) => void) | undefined;
}

/** The Fields that an Action waits for; a click leads to each. */
export function MissingFields({ keys, onOpenField }: MissingFieldsProps) {
  const { guide, is_driving } = useLive();
  return (
    <p className={classes.needs}>
      Needs{" "}
      {keys.map((key, place) => {
        const label = guide.fields.get(key)?.label ?? key;
        const before = place === 0 ? "" : place === keys.length - 1 ? " and " : ", ";
        return (
          <span key={key}>
            {before}
            {onOpenField !== undefined && is_driving ? (
              <button type="button" className={classes.field} onClick={() => onOpenField(key)}>
                {label}
              </button>
            ) : (
              label
            )}
          </span>
        );
      })}
    </p>
  );
}
