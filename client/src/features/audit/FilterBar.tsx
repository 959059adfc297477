import { NativeSelect, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { usePages } from "../../lib/usePages";
import type { PersonLine } from "../../protocol/protocol.gen";
import { FilterFields } from "../../ui/ListPage";
import styles from "./AuditPage.module.css";
import { countFilters, type Filters, NO_FILTERS } from "./filters";
import { ACT_CHOICES, actText, OTHER_ACTORS } from "./words";

interface FilterBarProps {
  filters: Filters;
  names: ReadonlyMap<string, string>;
  onChange: (change: Partial<Filters>) => void;
}

/** What was done, by whom, on what, from when to when. */
export function FilterBar({ filters, names, onChange }: FilterBarProps) {
  const { act } = filters;
  const is_known = act === "" || ACT_CHOICES.some(({ value }) => value === act);
  return (
    <FilterFields
      days={filters}
      is_set={countFilters(filters) > 0}
      onDays={onChange}
      onClear={() => onChange(NO_FILTERS)}
    >
      <NativeSelect
        label="What"
        value={act}
        data={[
          { value: "", label: "Anything" },
          ...ACT_CHOICES,
          ...(is_known ? [] : [{ value: act, label: actText(act) }]),
        ]}
        onChange={(event) => onChange({ act: event.currentTarget.value })}
      />
      <Who actor={filters.actor} names={names} onChange={(actor) => onChange({ actor })} />
      <TextInput
        label="On what"
        placeholder="Any id"
        maxLength={200}
        autoComplete="off"
        spellCheck={false}
        value={filters.subject}
        onChange={(event) => onChange({ subject: event.currentTarget.value })}
      />
    </FilterFields>
  );
}

interface WhoProps {
  actor: string;
  names: ReadonlyMap<string, string>;
  onChange: (actor: string) => void;
}

/** Found by name on the server: there may be a thousand people. */
function Who({ actor, names, onChange }: WhoProps) {
  const [typed, setTyped] = useState("");
  const chosen = actor === "" ? null : { value: actor, label: nameOf(actor, names) };
  const q = chosen?.label === typed ? "" : typed.trim();
  const found = usePages<PersonLine>(`/api/people?${new URLSearchParams({ state: "all", ...(q !== "" && { q }) })}`);
  const people = found.lines.map(({ id, name, email }) => ({
    value: id,
    label: email === null ? name : `${name} (${email})`,
  }));
  const others = OTHER_ACTORS.filter(({ label }) => label.toLowerCase().includes(q.toLowerCase()));
  const choices = [...people, ...others];
  const is_there = chosen === null || choices.some(({ value }) => value === chosen.value);
  return (
    <Select
      label="Who"
      placeholder="Anybody"
      searchable
      clearable
      clearButtonProps={{ "aria-label": "Anybody" }}
      nothingFoundMessage={found.phase === "loading" ? "Loading…" : "Nobody matches"}
      // The server has looked for them already.
      filter={({ options }) => options}
      maxDropdownHeight={280}
      // Names and addresses are longer than what they are found by.
      comboboxProps={{ width: 300, position: "bottom-start" }}
      classNames={{ option: styles.choice ?? "" }}
      data={is_there ? choices : [chosen, ...choices]}
      value={actor === "" ? null : actor}
      onSearchChange={setTyped}
      onChange={(value) => onChange(value ?? "")}
    />
  );
}

function nameOf(actor: string, names: ReadonlyMap<string, string>): string {
  return names.get(actor) ?? OTHER_ACTORS.find(({ value }) => value === actor)?.label ?? actor;
}
