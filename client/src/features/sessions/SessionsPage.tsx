/** Sessions: live ones as they are pushed, paused and finished ones page by page. The address holds what is shown. */

import { Button, TextInput, Title } from "@mantine/core";
import { IconFilter, IconSearch, IconSpeakerphone, IconUsers } from "@tabler/icons-react";
import { lazy, Suspense, useDeferredValue, useMemo, useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { mayHelp } from "../../lib/help";
import { useFetched } from "../../lib/http";
import type { Me } from "../../lib/locale";
import { mayWriteNotices } from "../../lib/notices";
import { persistently } from "../../lib/persistently";
import type { LiveSession, SessionList, WorkflowOffer } from "../../protocol/protocol.gen";
import { useConnection, useLiveSessions } from "../../sync";
import { ListLoading, ListMessage } from "../../ui/ListPage";
import { UsualTimes } from "./Dwell";
import { FilterBar } from "./FilterBar";
import {
  type Arrangement,
  AS_EVER,
  countFilters,
  type Filters,
  isAskedFor,
  isFiltered,
  LISTS,
  pageOf,
  queryOf,
  readArrangement,
  readSearch,
} from "./filters";
import { LinesTable } from "./LinesTable";
import classes from "./SessionsPage.module.css";
import { useLines } from "./useLines";

/** Supervisors' and coaches': nobody else loads them. */
const HelpList = lazy(() => persistently(() => import("./HelpList")).then((it) => ({ default: it.HelpList })));
const ViewsMenu = lazy(() => persistently(() => import("./ViewsMenu")).then((it) => ({ default: it.ViewsMenu })));
const LiveTable = lazy(() => persistently(() => import("./LiveTable")).then((it) => ({ default: it.LiveTable })));
const TransferList = lazy(() =>
  persistently(() => import("./TransferList")).then((it) => ({ default: it.TransferList })),
);
const BoardTable = lazy(() => persistently(() => import("./BoardTable")).then((it) => ({ default: it.BoardTable })));

const NUMBER = new Intl.NumberFormat();
const NAMES: Record<SessionList, string> = { live: "Live", paused: "Paused", finished: "Finished" };

export default function SessionsPage({ person }: { person: Me["person"] }) {
  return (
    <UsualTimes is_told={mayHelp(person.roles)}>
      <Page person={person} />
    </UsualTimes>
  );
}

function Page({ person }: { person: Me["person"] }) {
  const search = useSearch();
  const { list, filters } = readSearch(search);
  const may_help = mayHelp(person.roles);
  const arrangement = may_help ? readArrangement(search) : AS_EVER;
  const { by_person } = arrangement;
  const [, navigate] = useLocation();
  const [is_open, setOpen] = useState(countFilters(filters) > 0);
  const { phase, sessions: now } = useLiveSessions();
  // What is pressed or typed goes first.
  const sessions = useDeferredValue(now);
  const { server_offset_ms } = useConnection();
  const offers = useFetched<WorkflowOffer[]>("/api/workflows");
  const workflows = offers.phase === "ready" ? offers.value : [];
  const lines = useLines(queryOf(list, filters), sessions);

  const workflow_name = workflows.find(({ key }) => key === filters.workflow)?.name;
  // Who does not lead and is asked to take one over may open it only then.
  const mayOpen = (session: LiveSession): boolean => may_help || !session.transfer?.asks_you;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `search` is what the filters are read from, and roles do not change here
  const live = useMemo(() => {
    const found_ids = new Set(list === "live" ? lines.lines.map(({ session_id }) => session_id) : []);
    return sessions.filter(
      (session) =>
        mayOpen(session) &&
        (session.status === "active" || session.status === "reviewing") &&
        (found_ids.has(session.session_id) || isAskedFor(session, filters, workflow_name)),
    );
  }, [sessions, lines.lines, list, search, workflow_name]);
  const countOf = (name: SessionList): string =>
    name === "live" && (list === "live" || !isFiltered(filters))
      ? countText(live.length)
      : countText(lines.counts?.[name], lines.counts?.at_most);
  const change = (changed: Partial<Filters>): void =>
    navigate(pageOf(list, { ...filters, ...changed }, arrangement), { replace: true });
  const rearrange = (changed: Partial<Arrangement>): void =>
    navigate(pageOf(list, filters, { ...arrangement, ...changed }), { replace: true });
  const is_ready = list === "live" ? phase === "live" : lines.phase === "ready";
  const is_empty = is_ready && (list === "live" ? live : lines.lines).length === 0;

  return (
    <main className={classes.page}>
      <title>{`${NAMES[list]} Sessions · Sidecoach`}</title>
      <div className={classes.head}>
        <Title order={1} size="h2">
          {NAMES[list]} Sessions
        </Title>
        <TextInput
          className={classes.search}
          aria-label="Find Sessions"
          placeholder="Title, phone, account number…"
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
        {mayWriteNotices(person.roles) && (
          <Button component={Link} href="/notices" variant="default" leftSection={<IconSpeakerphone size={16} />}>
            Notices
          </Button>
        )}
        {may_help && (
          <Suspense fallback={<Button variant="default">Views</Button>}>
            <ViewsMenu search={search} />
          </Suspense>
        )}
      </div>
      {list === "live" && may_help && (
        <Suspense fallback={null}>
          <HelpList person={person} sessions={sessions} offset_ms={server_offset_ms} />
        </Suspense>
      )}
      {list === "live" && sessions.some(({ transfer }) => transfer !== null) && (
        <Suspense fallback={null}>
          <TransferList person_id={person.id} sessions={sessions} offset_ms={server_offset_ms} mayOpen={mayOpen} />
        </Suspense>
      )}
      {is_open && <FilterBar list={list} filters={filters} offers={workflows} onChange={change} />}
      <nav className={classes.lists} aria-label="Lists">
        {LISTS.map((name) => (
          <Link
            key={name}
            href={pageOf(name, filters, arrangement)}
            className={classes.list}
            aria-current={name === list ? "page" : undefined}
          >
            {NAMES[name]}
            <span className={classes.count}>{countOf(name)}</span>
          </Link>
        ))}
        {list === "live" && may_help && (
          <Link
            href={pageOf("live", filters, { ...arrangement, by_person: !by_person })}
            className={classes.view}
            aria-current={by_person ? "true" : undefined}
          >
            <IconUsers size={16} aria-hidden="true" />
            <span className={classes.view_text}>By person</span>
          </Link>
        )}
      </nav>
      <p className="visually-hidden" role="status">
        {is_ready && `${countOf(list)} ${NAMES[list].toLowerCase()} ${countOf(list) === "1" ? "Session" : "Sessions"}`}
      </p>
      {lines.is_stale && list !== "live" && (
        <p className={classes.stale} role="status">
          This list could not be brought up to date; trying again.
        </p>
      )}
      {list !== "live" && lines.phase === "failed" ? (
        <ListMessage title="The list could not be loaded" is_alert>
          <Button mt="md" onClick={lines.retry}>
            Try again
          </Button>
        </ListMessage>
      ) : !is_ready ? (
        <ListLoading />
      ) : by_person ? (
        <Suspense fallback={<ListLoading />}>
          <BoardTable
            sessions={live}
            filters={filters}
            arrangement={arrangement}
            asked={search}
            offset_ms={server_offset_ms}
            onArrange={rearrange}
          />
        </Suspense>
      ) : is_empty ? (
        <Empty list={list} is_filtered={isFiltered(filters)} why={whyNone(person)} />
      ) : list === "live" ? (
        <Suspense fallback={<ListLoading />}>
          <LiveTable
            sessions={live}
            arrangement={arrangement}
            asked={search}
            leads={may_help}
            offset_ms={server_offset_ms}
            onArrange={rearrange}
          />
        </Suspense>
      ) : (
        <LinesTable list={list} lines={lines} offset_ms={server_offset_ms} />
      )}
    </main>
  );
}

function countText(count: number | undefined, at_most = Number.POSITIVE_INFINITY): string {
  if (count === undefined) return "";
  return count >= at_most ? `${NUMBER.format(at_most)}+` : NUMBER.format(count);
}

const SEE_CALLS = ["agent", "coach", "supervisor", "manager"];

/** Why somebody sees no call, however many there are. */
function whyNone({ roles, has_team }: Me["person"]): string | null {
  if (!roles.some((role) => SEE_CALLS.includes(role))) return "Your roles show you no calls but your own practice.";
  const leads = roles.some((role) => role === "coach" || role === "supervisor") && !roles.includes("manager");
  return leads && !has_team
    ? "You are in no team yet: an administrator puts you into one, then you see its calls."
    : null;
}

const EMPTY: Record<SessionList, readonly [string, string]> = {
  live: ["No Session is live right now", "The ones that you may see appear here as soon as they start."],
  paused: ["No Session is paused", "Pause a call that goes on later, and say when to call back: due ones come first."],
  finished: ["No Session is finished yet", "Completed and ended Sessions are kept here as records."],
};

function Empty({ list, is_filtered, why }: { list: SessionList; is_filtered: boolean; why: string | null }) {
  if (is_filtered) {
    return (
      <ListMessage title={`No ${NAMES[list].toLowerCase()} Session matches`}>
        <p>Look in another list, or search for less.</p>
        <Button
          component={Link}
          href={list === "live" ? "/sessions" : `/sessions?list=${list}`}
          variant="default"
          mt="md"
        >
          Show all
        </Button>
      </ListMessage>
    );
  }
  const [title, text] = EMPTY[list];
  return (
    <ListMessage title={title}>
      <p>{why ?? text}</p>
      <Button component={Link} href="/new" mt="md">
        Start a Session
      </Button>
    </ListMessage>
  );
}
