/** The first quarter of an hour: what to do first, ticked off by what there is. Rules FQ1 to FQ3. */

import { Button, Title } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { askAgain, put, useFetched } from "../../lib/http";
import type { Me } from "../../lib/locale";
import type { FirstSteps } from "../../protocol/protocol.gen";
import { AdminsOnly } from "../../ui/AdminsOnly";
import { ListLoading, ListMessage } from "../../ui/ListPage";
import { Examples } from "./Examples";
import classes from "./FirstStepsPage.module.css";
import { FIRST_STEPS, leftOf } from "./firstSteps";
import { WorkflowImport } from "./WorkflowImport";

export default function FirstStepsPage({ person }: Pick<Me, "person">) {
  return person.roles.includes("admin") ? <Page /> : <AdminsOnly />;
}

function Page() {
  const fetched = useFetched<FirstSteps>(FIRST_STEPS);
  return (
    <main className={classes.page}>
      <title>First steps · Sidecoach</title>
      <Title order={1} size="h2">
        First steps
      </Title>
      {fetched.phase === "loading" && <ListLoading />}
      {fetched.phase === "failed" && (
        <ListMessage title="The list could not be loaded" is_alert>
          <Button mt="md" onClick={() => askAgain(FIRST_STEPS)}>
            Try again
          </Button>
        </ListMessage>
      )}
      {fetched.phase === "ready" && <Steps steps={fetched.value} />}
    </main>
  );
}

function Steps({ steps }: { steps: FirstSteps }) {
  const [, navigate] = useLocation();
  const again = (): void => askAgain(FIRST_STEPS);
  const left = leftOf(steps);
  const dismiss = async (): Promise<void> => {
    await put(FIRST_STEPS, { dismissed: true }).catch(() => null);
    again();
    navigate("/sessions");
  };
  return (
    <>
      <p className={classes.intro}>
        {left === 0
          ? "All done. You can come back to this from the settings."
          : "A quarter of an hour from here to the first practice call. What is done is ticked off by itself."}
      </p>
      <ol className={classes.steps}>
        <Step is_done={steps.named} title="Name your installation" text="People see it where they sign in.">
          <Button component={Link} href="/settings" variant="default">
            Open the settings
          </Button>
        </Step>
        <Step is_done={steps.people} title="Add people" text="Each gets a one-time link that you hand over.">
          <Button component={Link} href="/people" variant="default">
            Open the people
          </Button>
        </Step>
        <Step
          is_done={steps.team}
          title="Put people into a team"
          text="Supervisors and coaches see the calls of their teams, from the first call that starts there. Make one under Teams, then edit each person."
        >
          <Button component={Link} href="/people" variant="default">
            Open the people
          </Button>
        </Step>
        <Step
          is_done={steps.workflows}
          title="Bring in Workflows"
          text="Import the examples that come with Sidecoach, or a document of your own (YAML or JSON)."
        >
          <Examples count={steps.examples} onChanged={again} />
          <WorkflowImport onImported={again} />
        </Step>
        <Step
          is_done={steps.connection}
          title="Add a Connection"
          text="So that Actions reach your other systems. Until then they wait."
        >
          <Button component={Link} href="/integrations" variant="default">
            Open the Integrations
          </Button>
        </Step>
        <Step
          is_done={steps.practice}
          title="Make a practice call"
          text="It stays out of reports, and nothing leaves the house."
        >
          <Button component={Link} href="/new" variant={steps.workflows ? "filled" : "default"}>
            Choose a Workflow
          </Button>
        </Step>
      </ol>
      <Button variant="subtle" onClick={() => void dismiss()}>
        {left === 0 ? "Done" : "Not now"}
      </Button>
      <p className={classes.note}>The settings lead back here at any time.</p>
    </>
  );
}

interface StepProps {
  is_done: boolean;
  title: string;
  text: string;
  children: ReactNode;
}

function Step({ is_done, title, text, children }: StepProps) {
  return (
    <li className={classes.step} data-done={is_done || undefined}>
      <span className={classes.tick} aria-hidden="true">
        {is_done && <IconCheck size={17} stroke={2.5} />}
      </span>
      <div className={classes.what}>
        <h2 className={classes.title}>
          {title} {is_done && <span className={classes.state}>Done</span>}
        </h2>
        <p className={classes.text}>{text}</p>
        <div className={classes.ways}>{children}</div>
      </div>
    </li>
  );
}
