/** When supervisors are alerted, team by team. Rule AL13. */

import { Button, NumberInput, Switch, Title } from "@mantine/core";
import { type ReactNode, useId, useState } from "react";
import { ALERT_RULES } from "../../lib/alerts";
import { askAgain, send, useFetched } from "../../lib/http";
import type { Me } from "../../lib/locale";
import type { AlertRule, AlertSettings, AlertTeams, TeamAlertSettings } from "../../protocol/protocol.gen";
import { ListLoading, ListMessage } from "../../ui/ListPage";
import classes from "./AlertsPage.module.css";

const PATH = "/api/alerts/teams";

type NumberName = Exclude<keyof AlertSettings, AlertRule>;

interface Rule {
  readonly rule: AlertRule;
  readonly number: NumberName;
  readonly before: string;
  readonly after: string;
  readonly least: number;
  readonly most: number;
}

const RULES: readonly Rule[] = [
  {
    rule: "dwell",
    number: "dwell_times",
    before: "On a Section for more than",
    after: "times what is usual there, and more than a minute",
    least: 2,
    most: 20,
  },
  { rule: "idle", number: "idle_minutes", before: "Nothing done for", after: "minutes", least: 1, most: 120 },
  {
    rule: "disconnected",
    number: "disconnected_s",
    before: "Whoever drives has no page open for",
    after: "seconds",
    least: 15,
    most: 900,
  },
  {
    rule: "disclosure",
    number: "disclosure_percent",
    before: "Left before",
    after: "% of the seconds that reading it takes",
    least: 10,
    most: 100,
  },
  {
    rule: "objections",
    number: "objections_times",
    before: "More than",
    after: "times the team’s usual number in 10 minutes, and at least 5",
    least: 2,
    most: 20,
  },
];

export default function AlertsPage({ person }: Pick<Me, "person">) {
  const may_set = ["supervisor", "manager", "admin"].some((role) => person.roles.includes(role));
  const fetched = useFetched<AlertTeams>(may_set ? PATH : null);
  return (
    <main className={classes.page}>
      <title>Alerts · Sidecoach</title>
      <Title order={1} size="h2">
        Alerts
      </Title>
      <p className={classes.intro}>
        When supervisors of a team are told about a running call without looking. What changes here holds at once, for
        all who lead the team; every change is in the audit log.
      </p>
      {!may_set ? (
        <ListMessage title="Supervisors, managers and administrators set alerts" />
      ) : fetched.phase === "failed" ? (
        <ListMessage title="The alerts could not be loaded" is_alert>
          <Button mt="md" onClick={() => askAgain(PATH)}>
            Try again
          </Button>
        </ListMessage>
      ) : fetched.phase === "loading" ? (
        <ListLoading />
      ) : fetched.value.teams.length === 0 ? (
        <ListMessage title="You lead no team yet">
          <p>An administrator puts you into one; then you set its alerts here.</p>
        </ListMessage>
      ) : (
        fetched.value.teams.map((team) => <Team key={team.team_id} team={team} />)
      )}
    </main>
  );
}

function Team({ team: { team_id, team_name, settings } }: { team: TeamAlertSettings }) {
  const [typed, setTyped] = useState<Partial<AlertSettings>>({});
  const [problem, setProblem] = useState("");
  const [told, setTold] = useState("");
  const [is_saving, setSaving] = useState(false);
  const values = { ...settings, ...typed };
  const is_changed = JSON.stringify(values) !== JSON.stringify(settings);
  const heading = useId();

  const type = (news: Partial<AlertSettings>): void => {
    setTyped({ ...typed, ...news });
    setProblem("");
    setTold("");
  };
  const save = async (): Promise<void> => {
    setSaving(true);
    const sent = await send("PUT", `${PATH}/${encodeURIComponent(team_id)}`, values);
    setSaving(false);
    if (!sent.is_done) return setProblem(`Nothing was saved. ${sent.expected}`);
    setTold("Saved. It holds from now on.");
    askAgain(PATH);
  };
  return (
    <form
      noValidate
      className={classes.card}
      aria-labelledby={heading}
      onSubmit={(event) => {
        event.preventDefault();
        if (!is_saving && is_changed) void save();
      }}
    >
      <h2 id={heading} className={classes.name}>
        {team_name}
      </h2>
      {RULES.map(({ rule, number, before, after, least, most }) => (
        <div key={rule} className={classes.rule} data-off={!values[rule] || undefined}>
          <Switch
            checked={values[rule]}
            label={ALERT_RULES[rule]}
            onChange={(event) => type({ [rule]: event.currentTarget.checked })}
          />
          <Sentence
            label={`${before} … ${after}`}
            before={before}
            after={after}
            least={least}
            most={most}
            value={values[number]}
            is_off={!values[rule]}
            onChange={(value) => type({ [number]: value })}
          />
        </div>
      ))}
      <div className={classes.rule}>
        <Sentence
          label="At most … alerts in any 60 minutes"
          before="At most"
          after="alerts in any 60 minutes; what is past that is counted, and shown to who asks for it"
          least={1}
          most={60}
          value={values.per_hour}
          onChange={(per_hour) => type({ per_hour })}
        />
      </div>
      <div className={classes.foot}>
        <span className={classes.told} role="status">
          {told}
        </span>
        <span className={classes.problem} role="alert">
          {problem}
        </span>
        <Button variant="default" disabled={!is_changed || is_saving} onClick={() => type({ ...settings })}>
          Discard
        </Button>
        <Button type="submit" loading={is_saving} disabled={!is_changed}>
          Save<span className="visually-hidden"> the alerts of {team_name}</span>
        </Button>
      </div>
    </form>
  );
}

interface SentenceProps {
  label: string;
  before: ReactNode;
  after: ReactNode;
  least: number;
  most: number;
  value: number;
  is_off?: boolean;
  onChange: (value: number) => void;
}

/** A number within its sentence; it is kept within bounds when it is left. */
function Sentence({ label, before, after, least, most, value, is_off = false, onChange }: SentenceProps) {
  return (
    <div className={classes.sentence}>
      {before}{" "}
      <NumberInput
        aria-label={label}
        className={classes.number ?? ""}
        size="sm"
        allowDecimal={false}
        hideControls
        min={least}
        max={most}
        clampBehavior="blur"
        disabled={is_off}
        value={value}
        onChange={(typed) => onChange(Number(typed) || 0)}
        onBlur={() => onChange(Math.min(most, Math.max(least, value)))}
      />{" "}
      {after}
    </div>
  );
}
