/** Settings of the installation, for administrators. What is typed stays until it is saved or discarded. Rule SG8. */

import { Button, NativeSelect, NumberInput, Switch, TextInput, Title } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useLocation } from "wouter";
import { askAgain, put, send, useFetched } from "../../lib/http";
import type { Me } from "../../lib/locale";
import { currencies, languages, zones } from "../../lib/places";
import { sentence } from "../../lib/sentence";
import type { FirstSteps, HouseSettings, SettingsAnswer } from "../../protocol/protocol.gen";
import { AdminsOnly } from "../../ui/AdminsOnly";
import { ListLoading, ListMessage } from "../../ui/ListPage";
import { Examples } from "./Examples";
import { FIRST_STEPS } from "./firstSteps";
import { ReasonList } from "./ReasonList";
import classes from "./SettingsPage.module.css";
import { changedNames, changesOf, durationText, LABELS, offered, type Typed } from "./settings";
import { WorkflowDays } from "./WorkflowDays";
import { WorkflowImport } from "./WorkflowImport";

const PATH = "/api/settings";
const MOST_DAYS = 36_500;

export default function SettingsPage({ person }: Pick<Me, "person">) {
  return person.roles.includes("admin") ? <Settings /> : <AdminsOnly />;
}

function Settings() {
  const fetched = useFetched<SettingsAnswer>(PATH);
  return (
    <main className={classes.page}>
      <title>Settings · Sidecoach</title>
      <Title order={1} size="h2">
        Settings
      </Title>
      <p className={classes.intro}>What changes here holds at once, for everybody. Every change is in the audit log.</p>
      {fetched.phase === "loading" && <ListLoading />}
      {fetched.phase === "failed" && (
        <ListMessage title="The settings could not be loaded" is_alert>
          <Button mt="md" onClick={() => askAgain(PATH)}>
            Try again
          </Button>
        </ListMessage>
      )}
      {fetched.phase === "ready" && <Form newest={fetched.value} />}
      {fetched.phase === "ready" && <Beginning />}
    </main>
  );
}

interface Problem {
  readonly name: string;
  readonly text: string;
}

function Form({ newest }: { newest: SettingsAnswer }) {
  // What is typed was decided while looking at this; a newer answer is taken over when it is said.
  const [seen, setSeen] = useState(newest);
  const [typed, setTyped] = useState<Typed>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [told, setTold] = useState("");
  const [is_saving, setSaving] = useState(false);
  const { settings, fixed } = seen;
  const values = { ...settings, ...typed };
  const changes = changesOf(settings, typed);
  const count = Object.keys(changes).length;
  if (count === 0 && newest.version > seen.version) setSeen(newest);

  const type = (news: Typed): void => {
    setTyped({ ...typed, ...news });
    setProblem(null);
    setTold("");
  };
  const part = <Name extends keyof HouseSettings>(name: Name) => ({
    label: LABELS[name],
    name,
    disabled: name in fixed,
    error: problem?.name === name ? problem.text : null,
    errorProps: { role: "alert" },
  });
  const hint = (name: keyof HouseSettings, text: string): ReactNode =>
    name in fixed ? `${text} Fixed by ${fixed[name]} at the start.` : text;
  const choose = (name: "language" | "currency" | "time_zone") => (event: { currentTarget: HTMLSelectElement }) =>
    type({ [name]: event.currentTarget.value });
  const number = (name: "undo_s" | "driver_left_s" | "expires_days" | "archive_after_s" | "retention_days") => ({
    ...part(name),
    className: classes.field ?? "",
    allowDecimal: false,
    hideControls: true,
    min: 0,
    value: values[name],
    onChange: (value: string | number) => type({ [name]: Number(value) || 0 }),
  });

  const save = async (): Promise<void> => {
    setSaving(true);
    const sent = await send<SettingsAnswer>("PATCH", PATH, { version: seen.version, ...changes });
    if (sent.is_done) {
      setSeen(sent.value);
      setTyped({});
      setTold("Saved. It holds from now on.");
      askAgain(PATH);
      askAgain("/api/me");
    } else if (sent.code === "settings_changed") await compare();
    else {
      const name = /^([a-z_]+)/.exec(sent.expected)?.[1] ?? "";
      setProblem({ name: sent.code === "bad_name" ? "name" : name, text: sentence(sent.expected) });
    }
    setSaving(false);
  };
  /** Takes over what a colleague saved; what was typed here stays on top of it. */
  const compare = async (): Promise<void> => {
    const theirs = await newestSettings();
    if (theirs === null) {
      return setProblem({ name: "", text: "Somebody changed the settings meanwhile, and they could not be loaded." });
    }
    const names = changedNames(settings, theirs.settings).join(", ");
    setSeen(theirs);
    setProblem({
      name: "",
      text: `Somebody changed this meanwhile: ${names}. Nothing of yours was saved or lost: look again, then save.`,
    });
  };

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!is_saving && count > 0) void save();
      }}
    >
      <Card id="general" title="This installation">
        <TextInput
          {...part("name")}
          className={classes.field ?? ""}
          description="Where people sign in, and in the menu."
          maxLength={200}
          value={values.name}
          onChange={(event) => type({ name: event.currentTarget.value })}
        />
        <NativeSelect
          {...part("language")}
          className={classes.field ?? ""}
          description={hint("language", "How numbers and dates are written for people who chose nothing else.")}
          data={languages(values.language)}
          value={values.language}
          onChange={choose("language")}
        />
        <NativeSelect
          {...part("currency")}
          className={classes.field ?? ""}
          description={hint("currency", "Of amounts typed without one.")}
          data={currencies(values.currency)}
          value={values.currency}
          onChange={choose("currency")}
        />
        <NativeSelect
          {...part("time_zone")}
          className={classes.field ?? ""}
          description={hint("time_zone", "Of people who chose no other.")}
          data={zones(values.time_zone)}
          value={values.time_zone}
          onChange={choose("time_zone")}
        />
      </Card>
      <Card id="calls" title="Calls">
        <NumberInput
          {...number("undo_s")}
          description={hint("undo_s", "For how long completing can be undone, up to 60 seconds.")}
          suffix=" s"
        />
        <NumberInput
          {...number("driver_left_s")}
          description={hint(
            "driver_left_s",
            `A Session whose driver is gone for ${durationText(values.driver_left_s)} is paused.`,
          )}
          suffix=" s"
        />
        <NumberInput
          {...number("expires_days")}
          description={hint("expires_days", "A Session that was paused for so long is ended.")}
          suffix=" days"
        />
        <NumberInput
          {...number("archive_after_s")}
          description={hint(
            "archive_after_s",
            `A record that nobody looked at for ${durationText(values.archive_after_s)} moves to SQL.`,
          )}
          suffix=" s"
        />
        <Switch
          {...part("teammates_resume")}
          description={hint("teammates_resume", "Agents may go on with paused Sessions of their team.")}
          checked={values.teammates_resume}
          onChange={(event) => type({ teammates_resume: event.currentTarget.checked })}
        />
      </Card>
      <Card id="reasons" title={LABELS.end_reasons}>
        <p className={classes.help}>
          Agents choose with one number key. A new name is a new reason: records keep the name that was chosen.
        </p>
        <ReasonList
          reasons={typed.end_reasons ?? offered(settings)}
          known={settings.end_reasons}
          onChange={(end_reasons) => type({ end_reasons })}
        />
        {problem?.name === "end_reasons" && (
          <p role="alert" className={classes.wrong}>
            {problem.text}
          </p>
        )}
      </Card>
      <Card id="keeping" title="Keeping records">
        <p className={classes.help}>
          Records past their time are deleted for good, by nobody's hand, as <em>Delete</em> does it: with all that is
          readable of them. 0 keeps them for ever.
        </p>
        <NumberInput
          {...number("retention_days")}
          description={
            values.retention_days === 0
              ? "Records are kept for ever."
              : `Records that ended more than ${values.retention_days} days ago are deleted.`
          }
          suffix=" days"
        />
        <WorkflowDays
          days={values.workflow_retention_days}
          most_days={MOST_DAYS}
          onChange={(workflow_retention_days) => type({ workflow_retention_days })}
        />
      </Card>
      <div className={classes.bar} data-shown={count > 0 || undefined}>
        <div role="status" className={classes.told}>
          {told}
          {count > 0 && problem === null && (count === 1 ? "1 change is not saved" : `${count} changes are not saved`)}
        </div>
        {problem !== null && (
          <p role="alert" className={classes.wrong}>
            {problem.text}
          </p>
        )}
        <div className={classes.buttons}>
          <Button
            variant="default"
            disabled={count === 0 || is_saving}
            onClick={() => {
              setTyped({});
              setProblem(null);
            }}
          >
            Discard
          </Button>
          <Button type="submit" disabled={count === 0} loading={is_saving}>
            Save
          </Button>
        </div>
      </div>
    </form>
  );
}

/** As they are now; null if no answer came. */
async function newestSettings(): Promise<SettingsAnswer | null> {
  try {
    const answer = await fetch(PATH);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** What the first steps did, and the way back to them. */
function Beginning() {
  const fetched = useFetched<FirstSteps>(FIRST_STEPS);
  const [, navigate] = useLocation();
  const again = (): void => askAgain(FIRST_STEPS);
  const show = async (): Promise<void> => {
    await put(FIRST_STEPS, { dismissed: false }).catch(() => null);
    navigate("/first-steps");
  };
  return (
    <Card id="beginning" title="Workflows and first steps">
      <p className={classes.help}>The list of what to do first, the example Workflows, and documents of your own.</p>
      <div className={classes.buttons}>
        <Button variant="default" onClick={() => void show()}>
          Show the first steps
        </Button>
        {fetched.phase === "ready" && <Examples count={fetched.value.examples} onChanged={again} />}
        <WorkflowImport onImported={again} />
      </div>
    </Card>
  );
}

function Card({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <section className={classes.card} aria-labelledby={id}>
      <Title order={2} size="h4" id={id}>
        {title}
      </Title>
      {children}
    </section>
  );
}
