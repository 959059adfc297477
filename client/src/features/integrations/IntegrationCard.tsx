import { Button, Switch, Title } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { send } from "../../lib/http";
import type { Me } from "../../lib/locale";
import type { ConnectionMade, ConnectionView, Integration } from "../../protocol/protocol.gen";
import { ConnectionRow } from "./ConnectionRow";
import classes from "./IntegrationsPage.module.css";

interface IntegrationCardProps {
  integration: Integration;
  enabled: boolean;
  connections: readonly ConnectionView[];
  person: Me["person"];
  is_admin: boolean;
  onDraft: (integration: Integration, connection: ConnectionView | null) => void;
  onMade: (made: ConnectionMade) => void;
  onChanged: () => void;
}

/** One Integration: its switch, and its Connections. */
export function IntegrationCard(props: IntegrationCardProps) {
  const { integration, enabled, connections, person, is_admin, onDraft, onMade, onChanged } = props;
  const [problem, setProblem] = useState<string | null>(null);
  const id = `integration-${integration.key}`;
  const change = async (is_on: boolean): Promise<void> => {
    const sent = await send("PUT", `/api/integrations/${integration.key}`, { enabled: is_on });
    setProblem(sent.is_done ? null : sent.expected);
    onChanged();
  };
  return (
    <section className={classes.card} aria-labelledby={id}>
      <div className={classes.card_head}>
        <div className={classes.card_name}>
          <Title order={2} size="h4" id={id}>
            {integration.name}
          </Title>
          {integration.help !== "" && <p className={classes.help}>{integration.help}</p>}
        </div>
        {is_admin && (
          <Switch
            checked={enabled}
            aria-label={`${integration.name} is switched on`}
            onChange={(event) => void change(event.currentTarget.checked)}
          />
        )}
        <Button
          variant="default"
          size="sm"
          leftSection={<IconPlus size={16} />}
          aria-label={`Add Connection to ${integration.name}`}
          onClick={() => onDraft(integration, null)}
        >
          Add Connection
        </Button>
      </div>
      {!enabled && <p className={classes.none}>Switched off: Actions that go there wait, and nothing is sent.</p>}
      {problem !== null && (
        <p role="alert" className={classes.wrong}>
          {problem}
        </p>
      )}
      {connections.length === 0 ? (
        <p className={classes.none}>
          {is_admin
            ? "No Connection yet: Actions cannot go there before there is one."
            : "You have none: your Actions go through the account's, if there is one."}
        </p>
      ) : (
        <ul className={classes.connections}>
          {connections.map((connection) => (
            <ConnectionRow
              key={connection.id}
              integration={integration}
              connection={connection}
              is_mine={connection.owner === null ? is_admin : connection.owner.id === person.id}
              is_admin={is_admin}
              onEdit={() => onDraft(integration, connection)}
              onMade={onMade}
              onChanged={onChanged}
            />
          ))}
        </ul>
      )}
    </section>
  );
}
