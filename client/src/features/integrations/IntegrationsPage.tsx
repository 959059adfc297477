/** Integrations and their Connections: for administrators those of the account, for everybody their own. */

import { Button, Title } from "@mantine/core";
import { useState } from "react";
import { askAgain, useFetched } from "../../lib/http";
import type { Me } from "../../lib/locale";
import type { ConnectionMade, ConnectionView, Integration, IntegrationsAnswer } from "../../protocol/protocol.gen";
import { Caution, ListLoading, ListMessage } from "../../ui/ListPage";
import { ConnectionForm } from "./ConnectionForm";
import { DrawnSecrets } from "./DrawnSecrets";
import { EgressRuleList } from "./EgressRuleList";
import { IntegrationCard } from "./IntegrationCard";
import classes from "./IntegrationsPage.module.css";
import { missingText, notLetInText } from "./words";

const PATH = "/api/integrations";

/** A Connection that is being made or changed. */
interface Draft {
  readonly integration: Integration;
  readonly connection: ConnectionView | null;
}

export default function IntegrationsPage({ person }: Pick<Me, "person">) {
  const fetched = useFetched<IntegrationsAnswer>(PATH);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [made, setMade] = useState<ConnectionMade | null>(null);
  const is_admin = person.roles.includes("admin");
  const title = is_admin ? "Integrations" : "My Connections";
  const changed = (): void => askAgain(PATH);
  const connections = fetched.phase === "ready" ? fetched.value.connections : [];
  const missing = fetched.phase === "ready" ? missingText(fetched.value) : "";
  const not_let_in = notLetInText(
    connections.filter(({ status }) => status === "needs_attention").map(({ name }) => name),
  );

  return (
    <main className={classes.page}>
      <title>{`${title} · Sidecoach`}</title>
      <Title order={1} size="h2">
        {title}
      </Title>
      <p className={classes.about}>
        {is_admin
          ? "Outside systems that Actions reach, and with which credentials. Those are encrypted, and never shown again."
          : "Outside systems that Actions of your calls reach as you. Your credentials are encrypted, and never shown again."}
      </p>
      {fetched.phase === "loading" && <ListLoading />}
      {fetched.phase === "failed" && (
        <ListMessage title="The Integrations could not be loaded" is_alert>
          <Button mt="md" onClick={changed}>
            Try again
          </Button>
        </ListMessage>
      )}
      {not_let_in !== "" && <Caution>{not_let_in}</Caution>}
      {missing !== "" && <Caution>{missing}</Caution>}
      {fetched.phase === "ready" && (
        <Cards
          answer={fetched.value}
          person={person}
          is_admin={is_admin}
          onDraft={(integration, connection) => setDraft({ integration, connection })}
          onMade={setMade}
          onChanged={changed}
        />
      )}
      {is_admin && <EgressRuleList />}
      {draft !== null && (
        <ConnectionForm
          integration={draft.integration}
          connection={draft.connection}
          is_admin={is_admin}
          onClose={() => setDraft(null)}
          onSaved={(saved) => {
            setDraft(null);
            if (saved !== null && Object.keys(saved.drawn).length > 0) setMade(saved);
            changed();
          }}
        />
      )}
      {made !== null && <DrawnSecrets made={made} onClose={() => setMade(null)} />}
    </main>
  );
}

interface CardsProps {
  answer: IntegrationsAnswer;
  person: Me["person"];
  is_admin: boolean;
  onDraft: (integration: Integration, connection: ConnectionView | null) => void;
  onMade: (made: ConnectionMade) => void;
  onChanged: () => void;
}

function Cards({ answer, person, is_admin, ...rest }: CardsProps) {
  const offered = answer.integrations.filter(
    ({ integration, enabled }) => is_admin || (enabled && integration.personal),
  );
  if (offered.length === 0) {
    return (
      <ListMessage title={is_admin ? "No Integration is installed" : "There is nothing to connect yourself to"}>
        <p>
          {is_admin
            ? "Install one on the server; it appears here when Sidecoach starts again."
            : "Your administrator's Connections are used for the Actions of your calls."}
        </p>
      </ListMessage>
    );
  }
  return offered.map(({ integration, enabled }) => (
    <IntegrationCard
      key={integration.key}
      integration={integration}
      enabled={enabled}
      connections={answer.connections.filter((connection) => connection.integration === integration.key)}
      person={person}
      is_admin={is_admin}
      {...rest}
    />
  ));
}
