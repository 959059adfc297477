import { ActionIcon, NativeSelect, NumberInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useFetched } from "../../lib/http";
import type { WorkflowOffer } from "../../protocol/protocol.gen";
import classes from "./SettingsPage.module.css";

const FIRST_DAYS = 90;

interface WorkflowDaysProps {
  days: Readonly<Record<string, number>>;
  most_days: number;
  onChange: (days: Record<string, number>) => void;
}

/** How long records of single Workflows are kept, where that is another time than for all. */
export function WorkflowDays({ days, most_days, onChange }: WorkflowDaysProps) {
  const fetched = useFetched<WorkflowOffer[]>("/api/workflows");
  const offers = fetched.phase === "ready" ? fetched.value : [];
  const names = new Map(offers.map(({ key, name }) => [key, name]));
  const left = offers.filter(({ key }) => !(key in days));
  return (
    <div className={classes.workflows}>
      {Object.entries(days).map(([key, value]) => {
        const name = names.get(key) ?? key;
        return (
          <div key={key} className={classes.workflow}>
            <span className={classes.grow}>{name}</span>
            <NumberInput
              className={classes.number}
              aria-label={`Days that records of ${name} are kept; 0 keeps them`}
              suffix=" days"
              min={0}
              max={most_days}
              allowDecimal={false}
              hideControls
              value={value}
              onChange={(typed) => onChange({ ...days, [key]: Number(typed) || 0 })}
            />
            <ActionIcon
              className={classes.tool ?? ""}
              variant="subtle"
              color="gray"
              aria-label={`${name} as all others`}
              title="As all others"
              onClick={() => onChange(Object.fromEntries(Object.entries(days).filter(([each]) => each !== key)))}
            >
              <IconX size={17} />
            </ActionIcon>
          </div>
        );
      })}
      {left.length > 0 && (
        <NativeSelect
          label="Another time for one Workflow"
          data={[
            { value: "", label: "Choose a Workflow…" },
            ...left.map(({ key, name }) => ({ value: key, label: name })),
          ]}
          value=""
          onChange={(event) => {
            if (event.currentTarget.value !== "") onChange({ ...days, [event.currentTarget.value]: FIRST_DAYS });
          }}
        />
      )}
    </div>
  );
}
