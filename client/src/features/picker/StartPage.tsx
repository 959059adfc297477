/**
 * Where another system sends an agent: `/start?workflow=KEY&external_id=CALL`.
 * The first time it starts a Session, and asks what becomes of the one that runs; every other time, and for
 * everybody else, it opens that one.
 */

import { Button } from "@mantine/core";
import { useCallback, useEffect, useRef } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { useFetched } from "../../lib/http";
import type { Me } from "../../lib/locale";
import { runningOf, useOpenSessions } from "../../lib/openSessions";
import type { LiveSession, SessionLines, WorkflowOffer } from "../../protocol/protocol.gen";
import { useLiveSessions, useSync } from "../../sync";
import { MessagePage } from "../../ui/MessagePage";
import { OfferToPause } from "./OfferToPause";

export function StartPage({ person }: { person: Me["person"] }) {
  const asked = new URLSearchParams(useSearch());
  const workflow = asked.get("workflow") ?? "";
  const external_id = asked.get("external_id") ?? "";
  const sync = useSync();
  const [, navigate] = useLocation();
  const offers = useFetched<WorkflowOffer[]>("/api/workflows");
  const known = useFetched<{ session_id: string }>(
    external_id === "" ? null : `/api/external-ids/${encodeURIComponent(external_id)}`,
  );
  const offer = offers.phase === "ready" ? offers.value.find(({ key }) => key === workflow) : undefined;
  const session_id = known.phase === "ready" ? known.value.session_id : null;
  const running = useRunningBeside(person, session_id, external_id);
  const is_started = useRef(false);
  const start = useCallback((): void => {
    if (offer === undefined || session_id === null || is_started.current) return;
    is_started.current = true;
    if (person.roles.includes("agent")) sync.startSession(offer.version_id, false, { session_id, external_id });
    navigate(`/sessions/${session_id}`, { replace: true });
  }, [offer, session_id, external_id, person, sync, navigate]);
  const is_free = running?.length === 0;
  useEffect(() => {
    if (is_free) start();
  }, [is_free, start]);

  const is_wrong =
    external_id === "" || (known.phase === "failed" && known.status !== null) || (offers.phase === "ready" && !offer);
  if (!is_wrong) {
    const [first] = offer === undefined ? [] : (running ?? []);
    return (
      <>
        <MessagePage title="Opening the Session…" text="" />
        {running !== null && first !== undefined && (
          <OfferToPause
            running={running}
            onClose={() => navigate(`/sessions/${first.session_id}`, { replace: true })}
            onStart={start}
          />
        )}
      </>
    );
  }
  return (
    <MessagePage
      title="This link starts nothing"
      text="Expected /start?workflow=KEY&external_id=CALL with the key of a published Workflow."
    >
      <div>
        <Button component={Link} href="/new">
          New Sessions
        </Button>
      </div>
    </MessagePage>
  );
}

const NONE: readonly LiveSession[] = [];

/** What runs beside a Session that this link is about to start; none if it opens one. Null while that is not known. */
function useRunningBeside(
  person: Me["person"],
  session_id: string | null,
  external_id: string,
): readonly LiveSession[] | null {
  const may_start = person.roles.includes("agent");
  const { phase } = useLiveSessions();
  const own = useOpenSessions(person.id);
  const running = runningOf(own, person.id);
  const is_own = own.some((session) => session.session_id === session_id);
  const may_ask = may_start && session_id !== null && running.length > 0 && !is_own;
  const open = useFetched<SessionLines>(
    may_ask ? `/api/look-up?${new URLSearchParams({ field: "external_id", value: external_id })}` : null,
  );
  const finished = useFetched<SessionLines>(
    may_ask ? `/api/sessions?${new URLSearchParams({ list: "finished", q: external_id, limit: "200" })}` : null,
  );
  if (may_start && phase !== "live") return null;
  if (!may_ask) return NONE;
  if (open.phase === "loading" || finished.phase === "loading") return null;
  const found = [open, finished].flatMap((each) => (each.phase === "ready" ? each.value.lines : []));
  return found.some((line) => line.session_id === session_id) ? NONE : running;
}
