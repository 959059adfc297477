/** People and teams, for administrators: who may come in, as what, and who no longer. Rules PX6 to PX9. */

import { Button, CloseButton, NativeSelect, TextInput, Title } from "@mantine/core";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { type ReactNode, useCallback, useRef, useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { askAgain, useFetched } from "../../lib/http";
import type { Me } from "../../lib/locale";
import { usePages } from "../../lib/usePages";
import { usePalette } from "../../palette/palette";
import type { LinkMade, PersonLine, TeamLine, TeamLines } from "../../protocol/protocol.gen";
import { AdminsOnly } from "../../ui/AdminsOnly";
import { ListMessage, ListOf } from "../../ui/ListPage";
import classes from "../../ui/ListPage.module.css";
import { DeactivateDialog } from "./DeactivateDialog";
import { ForgetIdentityDialog } from "./ForgetIdentityDialog";
import { type Filters, type PeopleState, pageOf, queryOf, readSearch, STATES } from "./filters";
import { LinkDialog, NewLinkDialog } from "./LinkDialogs";
import { PeopleTable, type PersonAct } from "./PeopleTable";
import { PersonForm } from "./PersonForm";
import { SecondFactorOffDialog } from "./SecondFactorOffDialog";
import { SignInsDialog } from "./SignInsDialog";
import { TeamsDialog } from "./TeamsDialog";
import { useActivate } from "./useActivate";
import { openSessionsText } from "./words";

const TEAMS = "/api/teams";
const NO_TEAMS: readonly TeamLine[] = [];

/** What stands over the page. */
type Open =
  | { readonly dialog: "add" | "teams" }
  | { readonly dialog: PersonAct; readonly person: PersonLine }
  | { readonly dialog: "made"; readonly person: PersonLine; readonly link: LinkMade };

/** What came of the last act. */
interface Notice {
  readonly text: ReactNode;
  readonly is_good: boolean;
}

export default function PeoplePage({ person }: Pick<Me, "person">) {
  return person.roles.includes("admin") ? <People me_id={person.id} /> : <AdminsOnly />;
}

function People({ me_id }: { me_id: string }) {
  const filters = readSearch(useSearch());
  const [, navigate] = useLocation();
  const list = usePages<PersonLine>(queryOf(filters));
  const fetched = useFetched<TeamLines>(TEAMS);
  const teams = fetched.phase === "ready" ? fetched.value.lines : NO_TEAMS;
  const [open, setOpen] = useState<Open | null>(null);
  const [notice, setNotice] = useState<Notice | null>(null);
  const close = (): void => setOpen(null);
  const change = (changed: Partial<Filters>): void => navigate(pageOf({ ...filters, ...changed }), { replace: true });
  const changed = (): void => {
    list.again();
    askAgain(TEAMS);
    askAgain("/api/me"); // it may have been oneself
  };
  const activate = useActivate((text, is_good) => {
    setNotice({ text, is_good });
    changed();
  });

  const act = (dialog: PersonAct, person: PersonLine): void => {
    setNotice(null);
    if (dialog === "activate") void activate(person);
    else setOpen({ dialog, person });
  };

  const acting = useRef(act);
  acting.current = act;
  const onAct = useCallback((dialog: PersonAct, person: PersonLine) => acting.current(dialog, person), []);
  usePalette([
    { id: "add_person", label: "Add a person…", keys: [], places: [], run: () => setOpen({ dialog: "add" }) },
    { id: "teams", label: "Teams…", keys: [], places: [], run: () => setOpen({ dialog: "teams" }) },
  ]);

  return (
    <main className={classes.page}>
      <title>People · Sidecoach</title>
      <div className={classes.head}>
        <Title order={1} size="h2">
          People
        </Title>
        <TextInput
          className={classes.search}
          aria-label="Find people"
          placeholder="Name or e-mail…"
          type="search"
          leftSection={<IconSearch size={16} />}
          maxLength={200}
          value={filters.q}
          onChange={(event) => change({ q: event.currentTarget.value })}
        />
        <NativeSelect
          aria-label="Who is shown"
          data={STATES}
          value={filters.state}
          onChange={(event) => change({ state: event.currentTarget.value as PeopleState })}
        />
        <Button variant="default" onClick={() => setOpen({ dialog: "teams" })}>
          Teams…
        </Button>
        <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen({ dialog: "add" })}>
          Add person
        </Button>
      </div>
      <div role="status">
        {notice !== null && (
          <div className={classes.notice} data-problem={!notice.is_good || undefined}>
            <p>{notice.text}</p>
            <CloseButton aria-label="Dismiss" onClick={() => setNotice(null)} />
          </div>
        )}
      </div>
      <p className="visually-hidden" role="status">
        {list.phase === "ready" && countText(list.lines.length, list.has_more)}
      </p>
      <ListOf list={list} empty={<Empty filters={filters} />}>
        <PeopleTable lines={list.lines} teams={teams} me_id={me_id} is_busy={list.phase === "loading"} onAct={onAct} />
      </ListOf>
      {open?.dialog === "add" && (
        <PersonForm
          person={null}
          teams={teams}
          onClose={close}
          onSaved={(person, link) => {
            changed();
            setOpen(link === null ? null : { dialog: "made", person, link });
          }}
        />
      )}
      {open?.dialog === "edit" && (
        <PersonForm
          person={open.person}
          teams={teams}
          onClose={close}
          onSaved={() => {
            changed();
            close();
          }}
        />
      )}
      {open?.dialog === "made" && <LinkDialog person={open.person} link={open.link} onClose={close} />}
      {open?.dialog === "link" && (
        <NewLinkDialog
          person={open.person}
          onClose={close}
          onMade={(link) => {
            changed();
            setOpen({ dialog: "made", person: open.person, link });
          }}
        />
      )}
      {open?.dialog === "sign_ins" && <SignInsDialog person={open.person} onClose={close} />}
      {open?.dialog === "second_factor_off" && (
        <SecondFactorOffDialog
          person={open.person}
          onClose={close}
          onDone={() => {
            close();
            changed();
            setNotice({ text: `The second step of ${open.person.name} is off.`, is_good: true });
          }}
        />
      )}
      {open?.dialog === "forget_identity" && (
        <ForgetIdentityDialog
          person={open.person}
          onClose={close}
          onDone={() => {
            close();
            changed();
            setNotice({ text: `The company account of ${open.person.name} is forgotten.`, is_good: true });
          }}
        />
      )}
      {open?.dialog === "deactivate" && (
        <DeactivateDialog
          person={open.person}
          onClose={close}
          onDone={(person, to) => {
            close();
            changed();
            const is_left = person.open_sessions > 0 && person.reassigned === 0;
            const text = (
              <>
                {person.name} is deactivated. {openSessionsText(person, to)}{" "}
                {is_left && <Link href={`/sessions?owner=${person.id}`}>See them</Link>}
              </>
            );
            setNotice({ text, is_good: person.failed.length === 0 });
          }}
        />
      )}
      {open?.dialog === "teams" && <TeamsDialog onClose={close} />}
    </main>
  );
}

function countText(count: number, has_more: boolean): string {
  if (count === 1 && !has_more) return "1 person";
  return has_more ? `The first ${count} people` : `${count} people`;
}

function Empty({ filters }: { filters: Filters }) {
  if (filters.q.trim() !== "") {
    return (
      <ListMessage title="Nobody matches">
        <p>Search for a part of a name or an e-mail address.</p>
        <Button component={Link} href="/people?state=all" variant="default" mt="md">
          Show everybody
        </Button>
      </ListMessage>
    );
  }
  if (filters.state === "inactive") {
    return <ListMessage title="Nobody is deactivated" />;
  }
  return (
    <ListMessage title="Nobody is here yet">
      <p>Add the first person, and hand them the link that you get.</p>
    </ListMessage>
  );
}
