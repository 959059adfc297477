/** Needs attention: Actions that failed, may have been sent, were not fired or wait for somebody. */

import { Button, TextInput, Title } from "@mantine/core";
import { IconFilter, IconSearch } from "@tabler/icons-react";
import { useCallback, useRef, useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import type { AttentionLine } from "../../protocol/protocol.gen";
import { useConnection } from "../../sync";
import { Caution, ListLoading, ListMessage } from "../../ui/ListPage";
import classes from "./AttentionPage.module.css";
import { AttentionTable } from "./AttentionTable";
import { BulkBar } from "./BulkBar";
import { FilterBar } from "./FilterBar";
import { countFilters, type Filters, isFiltered, pageOf, queryOf, readSearch } from "./filters";
import { Outcome } from "./Outcome";
import { type Done, idOf, type Order, useAttention } from "./useAttention";
import { waitingText } from "./words";

const NUMBER = new Intl.NumberFormat();

export default function AttentionPage() {
  const filters = readSearch(useSearch());
  const [, navigate] = useLocation();
  const [is_open, setOpen] = useState(countFilters(filters) > 0);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [is_busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Done | null>(null);
  const told = useRef<HTMLDivElement>(null);
  const { server_offset_ms } = useConnection();
  const list = useAttention(queryOf(filters));

  const change = (changed: Partial<Filters>): void => navigate(pageOf({ ...filters, ...changed }), { replace: true });
  const waiting = waitingText(list.lines);
  const selectable = list.lines.filter(({ may_act }) => may_act);
  const chosen = selectable.filter((line) => selected.has(idOf(line)));
  const select = (lines: readonly AttentionLine[]): void => setSelected(new Set(lines.map(idOf)));

  const selectOne = useCallback((id: string, is_selected: boolean): void => {
    setSelected((before) => {
      const next = new Set(before);
      if (is_selected) next.add(id);
      else next.delete(id);
      return next;
    });
  }, []);

  const act = async (order: Order, lines: readonly AttentionLine[]): Promise<void> => {
    setBusy(true);
    const done = await list.act(order, lines);
    setBusy(false);
    setOutcome(done);
    // What was refused stays selected, for another try at it.
    if (done.expected === null) select(done.refused.map(({ line }) => line));
    told.current?.focus();
  };

  return (
    <main className={classes.page}>
      <title>Needs attention · Sidecoach</title>
      <div className={classes.head}>
        <Title order={1} size="h2">
          Needs attention
        </Title>
        {list.phase === "ready" && list.count > 0 && (
          <span className={classes.count}>{countText(list.count, list.at_most)}</span>
        )}
        <TextInput
          className={classes.search}
          aria-label="Find Actions"
          placeholder="Title of the Session…"
          type="search"
          leftSection={<IconSearch size={16} />}
          value={filters.q}
          maxLength={200}
          onChange={(event) => change({ q: event.currentTarget.value })}
        />
        <Button
          variant="default"
          leftSection={<IconFilter size={16} />}
          aria-expanded={is_open}
          onClick={() => setOpen(!is_open)}
        >
          Filters{countFilters(filters) > 0 && ` (${countFilters(filters)})`}
        </Button>
      </div>
      {is_open && <FilterBar filters={filters} choices={list.choices} onChange={change} />}
      <p className="visually-hidden" role="status">
        {list.phase === "ready" &&
          `${countText(list.count, list.at_most)} ${list.count === 1 ? "Action needs" : "Actions need"} attention`}
      </p>
      {list.is_stale && (
        <p className={classes.stale} role="status">
          This list could not be brought up to date; trying again.
        </p>
      )}
      {waiting !== "" && <Caution>{waiting}</Caution>}
      <div ref={told} tabIndex={-1} className={classes.told} role="status">
        {outcome !== null && <Outcome outcome={outcome} onClose={() => setOutcome(null)} />}
      </div>
      {list.phase === "failed" ? (
        <ListMessage title="The list could not be loaded" is_alert>
          <Button mt="md" onClick={list.retry}>
            Try again
          </Button>
        </ListMessage>
      ) : list.phase === "loading" ? (
        <ListLoading />
      ) : list.lines.length === 0 && !list.has_more ? (
        <Empty is_filtered={isFiltered(filters)} />
      ) : (
        <>
          <BulkBar
            lines={selectable}
            chosen={chosen}
            is_busy={is_busy}
            onSelectAll={(is_selected) => select(is_selected ? selectable : [])}
            onAct={(order, lines) => void act(order, lines)}
          />
          <AttentionTable
            lines={list.lines}
            selected={selected}
            offset_ms={server_offset_ms}
            has_more={list.has_more}
            onMore={list.more}
            onSelect={selectOne}
          />
        </>
      )}
    </main>
  );
}

function countText(count: number, at_most: number): string {
  return count >= at_most && at_most > 0 ? `${NUMBER.format(at_most)}+` : NUMBER.format(count);
}

function Empty({ is_filtered }: { is_filtered: boolean }) {
  if (is_filtered) {
    return (
      <ListMessage title="No Action matches">
        <Button component={Link} href="/attention" variant="default" mt="md">
          Show all
        </Button>
      </ListMessage>
    );
  }
  return (
    <ListMessage title="Nothing needs attention.">
      <p>Actions that fail, may have been sent, were not fired or wait for somebody come here by themselves.</p>
    </ListMessage>
  );
}
