/**
 * Where another system sends an agent: `/start?workflow=KEY&external_id=CALL`.
 * The first time it starts a Session; every other time, and for everybody else, it opens that one.
 */

import { Button } from "@mantine/core";
import { useEffect, useRef } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { useFetched } from "../../lib/http";
import type { Me } from "../../lib/locale";
import type { WorkflowOffer } from "../../protocol/protocol.gen";
import { useSync } from "../../sync";
import { MessagePage } from "../../ui/MessagePage";

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
  const is_started = useRef(false);
  useEffect(() => {
    if (offer === undefined || session_id === null || is_started.current) return;
    is_started.current = true;
    if (person.roles.includes("agent")) sync.startSession(offer.version_id, false, { session_id, external_id });
    navigate(`/sessions/${session_id}`, { replace: true });
  }, [offer, session_id, external_id, person, sync, navigate]);

  const is_wrong =
    external_id === "" || (known.phase === "failed" && known.status !== null) || (offers.phase === "ready" && !offer);
  if (!is_wrong) return <MessagePage title="Opening the Session…" text="" />;
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
