import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "wouter";
import { send } from "../../lib/http";
import { formatMoment } from "../../lib/time";
import type { ConnectionMade, ConnectionView, Integration, Trial } from "../../protocol/protocol.gen";
import { useConnection } from "../../sync";
import { DeleteDialog } from "./DeleteDialog";
import { EventsDialog } from "./EventsDialog";
import classes from "./IntegrationsPage.module.css";
import { RotateDialog } from "./RotateDialog";
import { TestFireDialog } from "./TestFireDialog";
import { TrialResult } from "./TrialResult";
import { recentText, STATUS_WORDS } from "./words";

interface ConnectionRowProps {
  integration: Integration;
  connection: ConnectionView;
  /** Whether who looks at it manages it. */
  is_mine: boolean;
  is_admin: boolean;
  onEdit: () => void;
  onMade: (made: ConnectionMade) => void;
  onChanged: () => void;
}

type Asked = "events" | "rotate" | "test_fire" | "delete" | null;

/** One Connection: how it is, and what can be done with it. */
export function ConnectionRow(props: ConnectionRowProps) {
  const { integration, connection, is_mine, is_admin, onEdit, onMade, onChanged } = props;
  const { server_offset_ms } = useConnection();
  const [asked, setAsked] = useState<Asked>(null);
  const [trial, setTrial] = useState<Trial | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [is_testing, setTesting] = useState(false);
  const path = `/api/connections/${connection.id}`;
  const generated = integration.settings.find((setting) => setting.generated);
  const is_disabled = connection.status === "disabled";
  const now_ms = Date.now() + server_offset_ms;

  const check = async (): Promise<void> => {
    setTesting(true);
    setTrial(null);
    const sent = await send<Trial>("POST", `${path}/check`);
    setTesting(false);
    setProblem(sent.is_done ? null : sent.expected);
    if (sent.is_done) setTrial(sent.value);
    onChanged();
  };
  const enable = async (enabled: boolean): Promise<void> => {
    const sent = await send("PUT", path, { enabled });
    setProblem(sent.is_done ? null : sent.expected);
    setTrial(null);
    onChanged();
  };
  const close = (): void => setAsked(null);

  return (
    <li className={classes.connection}>
      <div className={classes.what}>
        <span className={classes.name}>{connection.name}</span>
        <span className={classes.sub}>
          {connection.owner === null ? "The account's" : is_mine ? "Mine" : `${connection.owner.name}'s own`}
          {` · changed ${formatMoment(connection.updated_ms, now_ms)}`}
          {connection.rotating_until_ms !== null &&
            ` · both secrets sign until ${formatMoment(connection.rotating_until_ms, now_ms)}`}
        </span>
      </div>
      <div className={classes.how}>
        <span className={classes.badge} data-status={connection.status}>
          {STATUS_WORDS[connection.status]}
        </span>
        <Recent connection={connection} is_admin={is_admin} />
        {connection.reason !== "" && <span className={classes.sub}>{connection.reason}</span>}
      </div>
      <div className={classes.doing}>
        {is_mine && (
          <Button variant="default" size="xs" loading={is_testing} onClick={() => void check()}>
            Test connection
          </Button>
        )}
        {(is_mine || is_admin) && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" size={32} aria-label={`More for ${connection.name}`}>
                <IconDots size={18} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {is_mine && <Menu.Item onClick={onEdit}>Edit…</Menu.Item>}
              {is_mine && is_admin && <Menu.Item onClick={() => setAsked("test_fire")}>Test fire…</Menu.Item>}
              {is_mine && generated !== undefined && (
                <Menu.Item onClick={() => setAsked("rotate")}>Rotate secret…</Menu.Item>
              )}
              {is_admin && integration.key === "webhook" && connection.owner === null && (
                <Menu.Item onClick={() => setAsked("events")}>Events…</Menu.Item>
              )}
              {is_admin && (
                <Menu.Item component={Link} href={`/integrations/${connection.id}`}>
                  Deliveries
                </Menu.Item>
              )}
              {is_mine && <Menu.Divider />}
              {is_mine && (
                <Menu.Item onClick={() => void enable(is_disabled)}>{is_disabled ? "Enable" : "Disable"}</Menu.Item>
              )}
              {is_mine && (
                <Menu.Item color="var(--sc-wrong)" onClick={() => setAsked("delete")}>
                  Delete…
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      {problem !== null && (
        <p role="alert" className={classes.wrong}>
          {problem}
        </p>
      )}
      {trial !== null && <TrialResult trial={trial} works="Works" />}
      {asked === "events" && <EventsDialog connection={connection} onClose={close} />}
      {asked === "test_fire" && (
        <TestFireDialog integration={integration} connection={connection} onClose={close} onFired={onChanged} />
      )}
      {asked === "rotate" && generated !== undefined && (
        <RotateDialog
          connection={connection}
          setting={generated}
          onClose={close}
          onRotated={(made) => {
            close();
            if (Object.keys(made.drawn).length > 0) onMade(made);
            onChanged();
          }}
        />
      )}
      {asked === "delete" && (
        <DeleteDialog
          connection={connection}
          onClose={close}
          onDeleted={() => {
            close();
            onChanged();
          }}
        />
      )}
    </li>
  );
}

/** That the other side answers says nothing about what it does with deliveries. */
function Recent({ connection, is_admin }: { connection: ConnectionView; is_admin: boolean }) {
  const text = recentText(connection.recent ?? null);
  if (text === "") return null;
  if (!is_admin) return <span className={classes.failing}>{text}</span>;
  return (
    <Link href={`/integrations/${connection.id}`} className={classes.failing}>
      {text}
    </Link>
  );
}
