import { NativeSelect } from "@mantine/core";
import type { AttentionChoices } from "../../protocol/protocol.gen";
import { FilterFields } from "../../ui/ListPage";
import { countFilters, type Filters, KINDS, NO_FILTERS } from "./filters";

interface FilterBarProps {
  filters: Filters;
  choices: AttentionChoices;
  onChange: (change: Partial<Filters>) => void;
}

/** What happened, over which Connection, in which Integration, from when to when. */
export function FilterBar({ filters, choices, onChange }: FilterBarProps) {
  const connections = withChosen(
    choices.connections.map((name) => ({ value: name, label: name })),
    filters.connection,
  );
  const integrations = withChosen(
    choices.integrations.map(({ id, name }) => ({ value: id, label: name })),
    filters.integration,
  );
  return (
    <FilterFields
      days={filters}
      is_set={countFilters(filters) > 0}
      onDays={onChange}
      onClear={() => onChange({ ...NO_FILTERS, q: filters.q })}
    >
      <NativeSelect
        label="What happened"
        value={filters.kind}
        data={[{ value: "", label: "Anything" }, ...KINDS]}
        onChange={(event) => onChange({ kind: event.currentTarget.value })}
      />
      <NativeSelect
        label="Connection"
        value={filters.connection}
        data={[{ value: "", label: "Any" }, ...connections]}
        onChange={(event) => onChange({ connection: event.currentTarget.value })}
      />
      <NativeSelect
        label="Integration"
        value={filters.integration}
        data={[{ value: "", label: "Any" }, ...integrations]}
        onChange={(event) => onChange({ integration: event.currentTarget.value })}
      />
    </FilterFields>
  );
}

interface Choice {
  readonly value: string;
  readonly label: string;
}

/** What the address asks for can be seen and changed, even where nothing of it is left. */
function withChosen(choices: readonly Choice[], chosen: string): readonly Choice[] {
  if (chosen === "" || choices.some(({ value }) => value === chosen)) return choices;
  return [...choices, { value: chosen, label: chosen }];
}
