/** Alerts of one's teams, under help and approvals; put aside for everybody, or their rule kept quiet. Rules AL10 to AL12. */

import { Button } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "wouter";
import { ALERT_RULES, alertText, areSeveralTeams, sortAlerts } from "../../lib/alerts";
import { send } from "../../lib/http";
import type { Me } from "../../lib/locale";
import { titleOf } from "../../lib/openSessions";
import { formatMoment, useNow } from "../../lib/time";
import type { Alert, LiveSession, Snooze, SnoozeOrder } from "../../protocol/protocol.gen";
import { useAlerts } from "../../sync";
import classes from "./AlertList.module.css";

const QUIET: readonly (readonly [minutes: number, words: string])[] = [
  [30, "30 minutes"],
  [120, "2 hours"],
  [480, "8 hours"],
];

interface AlertListProps {
  person: Me["person"];
  sessions: readonly LiveSession[];
  offset_ms: number;
}

export function AlertList({ person, sessions, offset_ms }: AlertListProps) {
  const { alerts, snoozes } = useAlerts();
  const [is_all, setAll] = useState(false);
  const [problem, setProblem] = useState("");
  const { told, held } = sortAlerts(alerts);
  const shown = is_all ? [...told, ...held] : told;
  const are_teams = areSeveralTeams([...alerts, ...snoozes]);
  if (!person.roles.some((role) => role === "supervisor" || role === "manager")) return null;
  if (alerts.length + snoozes.length === 0) return null;

  const change = async (path: string, body: object): Promise<void> => {
    const sent = await send("POST", path, body);
    setProblem(sent.is_done ? "" : `That was not done. ${sent.expected}`);
  };
  const see = (id: number) => change("/api/alerts/seen", { id });
  const quiet = (order: SnoozeOrder) => change("/api/alerts/snooze", order);
  return (
    <section className={classes.alerts} aria-labelledby="alerts">
      <div className={classes.head}>
        <h2 id="alerts" className={classes.heading}>
          <IconBell size={17} aria-hidden="true" />
          Alerts
        </h2>
        <Link href="/alerts" className={classes.rules}>
          When am I alerted?
        </Link>
      </div>
      <ul className={classes.list}>
        {shown.map((alert) => (
          <Line
            key={alert.id}
            alert={alert}
            session={sessions.find(({ session_id }) => session_id === alert.session_id)}
            team={are_teams ? alert.team_name : ""}
            offset_ms={offset_ms}
            onSeen={() => void see(alert.id)}
            onQuiet={(minutes) => void quiet({ team_id: alert.team_id, rule: alert.rule, minutes })}
          />
        ))}
        {snoozes.map((snooze) => (
          <Quiet
            key={`${snooze.team_id} ${snooze.rule}`}
            snooze={snooze}
            team={are_teams ? snooze.team_name : ""}
            offset_ms={offset_ms}
            onEnd={() => void quiet({ team_id: snooze.team_id, rule: snooze.rule, minutes: 0 })}
          />
        ))}
      </ul>
      {held.length > 0 && (
        <Button
          variant="subtle"
          size="compact-sm"
          className={classes.act ?? ""}
          aria-expanded={is_all}
          onClick={() => setAll(!is_all)}
        >
          {is_all
            ? "Show only what is told"
            : `${held.length} more held back: show ${held.length === 1 ? "it" : "them"}`}
        </Button>
      )}
      <p className={classes.problem} role="alert">
        {problem}
      </p>
    </section>
  );
}

interface LineProps {
  alert: Alert;
  /** Undefined if it is about a team, or no longer live. */
  session: LiveSession | undefined;
  /** Empty where there is one only. */
  team: string;
  offset_ms: number;
  onSeen: () => void;
  onQuiet: (minutes: number) => void;
}

function Line({ alert, session, team, offset_ms, onSeen, onQuiet }: LineProps) {
  const [is_open, setOpen] = useState(false);
  const name = alert.about.person?.name ?? alert.team_name;
  const who = alert.session_id === null ? name : <Link href={`/sessions/${alert.session_id}`}>{name}</Link>;
  return (
    <li className={classes.line} data-held={alert.held || undefined}>
      <span className={classes.what}>
        <span className={classes.who}>{who}</span>
        {session !== undefined && <span className={classes.call}>{titleOf(session)}</span>}
        <AlertText alert={alert} offset_ms={offset_ms} />
        {team !== "" && name !== team && <span className={classes.team}>{team}</span>}
        {alert.held && <span className={classes.team}>held back</span>}
      </span>
      <Button variant="default" size="compact-sm" className={classes.act ?? ""} onClick={onSeen}>
        Seen<span className="visually-hidden"> the alert for {name}</span>
      </Button>
      <Button
        variant="subtle"
        size="compact-sm"
        className={classes.act ?? ""}
        aria-expanded={is_open}
        onClick={() => setOpen(!is_open)}
      >
        Quiet…<span className="visually-hidden"> the alert for {name}</span>
      </Button>
      {is_open && (
        <div className={classes.quieten}>
          No alert “{ALERT_RULES[alert.rule]}” for the team for
          {QUIET.map(([minutes, words]) => (
            <Button
              key={minutes}
              variant="default"
              size="compact-sm"
              className={classes.act ?? ""}
              onClick={() => onQuiet(minutes)}
            >
              {words}
            </Button>
          ))}
        </div>
      )}
    </li>
  );
}

function AlertText({ alert, offset_ms }: { alert: Alert; offset_ms: number }) {
  const now_ms = useNow() + offset_ms;
  return <span className={`${classes.text} tabular`}>{alertText(alert, now_ms)}</span>;
}

interface QuietProps {
  snooze: Snooze;
  team: string;
  offset_ms: number;
  onEnd: () => void;
}

function Quiet({ snooze, team, offset_ms, onEnd }: QuietProps) {
  const until = formatMoment(snooze.until_ms, useNow() + offset_ms);
  return (
    <li className={classes.line}>
      <span className={classes.quiet}>
        “{ALERT_RULES[snooze.rule]}” is quiet until {until}, by {snooze.by.name}
        {team !== "" && `, for ${team}`}
      </span>
      <Button variant="subtle" size="compact-sm" className={classes.act ?? ""} onClick={onEnd}>
        End<span className="visually-hidden"> the quiet of {ALERT_RULES[snooze.rule]}</span>
      </Button>
    </li>
  );
}
