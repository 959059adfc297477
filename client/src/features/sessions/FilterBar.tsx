import { NativeSelect } from "@mantine/core";
import { useFetched } from "../../lib/http";
import type { Party, SessionList, WorkflowOffer } from "../../protocol/protocol.gen";
import { FilterFields } from "../../ui/ListPage";
import { countFilters, type Filters, OUTCOMES } from "./filters";

interface FilterBarProps {
  list: SessionList;
  filters: Filters;
  offers: readonly WorkflowOffer[];
  onChange: (change: Partial<Filters>) => void;
}

/** Whose, which Workflow, how it finished, from when to when. */
export function FilterBar({ list, filters, offers, onChange }: FilterBarProps) {
  const owners = useFetched<Party[]>("/api/sessions/owners");
  const people = owners.phase === "ready" ? owners.value : [];
  return (
    <FilterFields
      days={filters}
      is_set={countFilters(filters) > 0}
      onDays={onChange}
      onClear={() => onChange({ owner: "", workflow: "", outcome: "", from: "", to: "" })}
    >
      {people.length > 1 && (
        <NativeSelect
          label="Owner"
          value={filters.owner}
          data={[{ value: "", label: "Anybody" }, ...people.map(({ id, name }) => ({ value: id, label: name }))]}
          onChange={(event) => onChange({ owner: event.currentTarget.value })}
        />
      )}
      <NativeSelect
        label="Workflow"
        value={filters.workflow}
        data={[{ value: "", label: "Any" }, ...offers.map(({ key, name }) => ({ value: key, label: name }))]}
        onChange={(event) => onChange({ workflow: event.currentTarget.value })}
      />
      {list === "finished" && (
        <NativeSelect
          label="Outcome"
          value={filters.outcome}
          data={[{ value: "", label: "Any" }, ...OUTCOMES]}
          onChange={(event) => onChange({ outcome: event.currentTarget.value })}
        />
      )}
    </FilterFields>
  );
}
