import { Kbd, SegmentedControl } from "@mantine/core";
import { usePreference } from "../lib/preferences";
import { keysText } from "./KeySheet";
import type { Entry } from "./match";
import { SINGLE_KEYS } from "./palette";
import classes from "./palette.module.css";

/** Keys and what they do, and whether single ones count. */
export function KeyList({ entries }: { entries: readonly Entry[] }) {
  const [single_keys, setSingleKeys] = usePreference(SINGLE_KEYS, "digits");
  return (
    <>
      <dl className={classes.keys}>
        {entries.map((entry) => (
          <div key={entry.id} className={classes.key}>
            <dt>{entry.label}</dt>
            <dd>
              <Kbd>{keysText(entry.keys, single_keys)}</Kbd>
            </dd>
          </div>
        ))}
      </dl>
      <p id="single-keys" className={classes.single_keys}>
        Single keys: Answers are chosen by
      </p>
      <SegmentedControl
        fullWidth
        aria-labelledby="single-keys"
        value={single_keys}
        onChange={setSingleKeys}
        data={[
          { value: "digits", label: "1 to 9" },
          { value: "letters", label: "A to I" },
          { value: "off", label: "No single keys" },
        ]}
      />
    </>
  );
}
