/** The audit log, for administrators: who did what, on what, when; the newest first. Rule PX10. */

import { Button, Title } from "@mantine/core";
import { IconDownload, IconFilter } from "@tabler/icons-react";
import { useCallback, useMemo, useRef, useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { useFetched } from "../../lib/http";
import type { Me } from "../../lib/locale";
import { usePages } from "../../lib/usePages";
import type { AuditLine, PersonLines, TeamLines } from "../../protocol/protocol.gen";
import { AdminsOnly } from "../../ui/AdminsOnly";
import { ListMessage, ListOf } from "../../ui/ListPage";
import classes from "../../ui/ListPage.module.css";
import { AuditTable } from "./AuditTable";
import { FilterBar } from "./FilterBar";
import { countFilters, type Filters, pageOf, queryOf, readSearch } from "./filters";

export default function AuditPage({ person }: Pick<Me, "person">) {
  return person.roles.includes("admin") ? <Audit /> : <AdminsOnly />;
}

function Audit() {
  const filters = readSearch(useSearch());
  const [, navigate] = useLocation();
  const count = countFilters(filters);
  const [is_open, setOpen] = useState(count > 0);
  const list = usePages<AuditLine>(queryOf("/api/audit", filters));
  const names = useNames(list.lines);
  const now = useRef(filters);
  now.current = filters;
  const change = useCallback(
    (changed: Partial<Filters>): void => {
      setOpen(true);
      navigate(pageOf({ ...now.current, ...changed }), { replace: true });
    },
    [navigate],
  );

  return (
    <main className={classes.page}>
      <title>Audit log · Sidecoach</title>
      <div className={classes.head}>
        <Title order={1} size="h2">
          Audit log
        </Title>
        <Button
          variant="default"
          leftSection={<IconFilter size={16} />}
          aria-expanded={is_open}
          onClick={() => setOpen(!is_open)}
        >
          Filters{count > 0 && ` (${count})`}
        </Button>
        <Button
          component="a"
          variant="default"
          href={queryOf("/api/audit.csv", filters)}
          download="audit.csv"
          leftSection={<IconDownload size={16} />}
        >
          Export CSV
        </Button>
      </div>
      {is_open && <FilterBar filters={filters} names={names} onChange={change} />}
      <p className="visually-hidden" role="status">
        {list.phase === "ready" && `${list.lines.length} lines${list.has_more ? ", and more" : ""}`}
      </p>
      <ListOf list={list} empty={<Empty is_filtered={count > 0} />}>
        <AuditTable lines={list.lines} names={names} is_busy={list.phase === "loading"} onFilter={change} />
      </ListOf>
    </main>
  );
}

/** Names by id: of those who acted, of the first page of all people, and of teams. */
function useNames(lines: readonly AuditLine[]): ReadonlyMap<string, string> {
  const people = useFetched<PersonLines>("/api/people?state=all");
  const teams = useFetched<TeamLines>("/api/teams");
  return useMemo(() => {
    const named = [
      ...lines.map(({ actor }) => actor),
      ...(people.phase === "ready" ? people.value.lines : []),
      ...(teams.phase === "ready" ? teams.value.lines : []),
    ];
    return new Map(named.map(({ id, name }) => [id, name]));
  }, [lines, people, teams]);
}

function Empty({ is_filtered }: { is_filtered: boolean }) {
  if (!is_filtered) return <ListMessage title="Nothing happened yet" />;
  return (
    <ListMessage title="Nothing matches">
      <Button component={Link} href="/audit" variant="default" mt="md">
        Show all
      </Button>
    </ListMessage>
  );
}
