/** The demo's door: who there is, or the one whom this page's host stands for. */

import { Anchor, Button, Text, Title } from "@mantine/core";
import { useEffect, useState } from "react";
import { post, useFetched } from "../../lib/http";
import { PersonMark } from "../../ui/PersonMark";
import { Unreachable } from "../../ui/Unreachable";
import classes from "./Entrance.module.css";
import { Waiting } from "./Waiting";

const PATH = "/api/demo";

interface DemoPerson {
  id: string;
  name: string;
  role: string;
  url: string;
}

interface Demo {
  people: DemoPerson[];
  /** Whom this page's host stands for. */
  here: DemoPerson | null;
}

/** Set in links of the landing page: who follows one has already chosen. */
const CHOSEN = "#continue";

export function DemoEntrance() {
  const demo = useFetched<Demo>(PATH);
  switch (demo.phase) {
    case "loading":
      return <Waiting />;
    case "failed":
      return <Unreachable path={PATH} />;
    case "ready":
      return demo.value.here === null ? (
        <Landing people={demo.value.people} />
      ) : (
        <Door person={demo.value.here} landing_url={landingUrl()} />
      );
  }
}

function Landing({ people }: { people: DemoPerson[] }) {
  return (
    <main className={classes.page}>
      <title>Sidecoach</title>
      <div className={classes.landing}>
        <Title order={1} className={classes.title}>
          Sidecoach
        </Title>
        <Text className={classes.lead}>
          Guide a call together. Open two people side by side and work in the very same Session.
        </Text>
        <ul className={classes.people}>
          {people.map((person) => (
            <li key={person.id}>
              <a className={classes.person} href={`${person.url}${CHOSEN}`} target="_blank" rel="noreferrer">
                <PersonMark id={person.id} name={person.name} size={40} />
                <span>
                  <span className={classes.name}>{person.name}</span>
                  <span className={classes.role}>{person.role}</span>
                </span>
                <span aria-hidden="true" className={classes.arrow}>
                  ↗
                </span>
              </a>
            </li>
          ))}
        </ul>
        <Text className={classes.note}>This is a demo on your own computer. Each person opens in a new tab.</Text>
      </div>
    </main>
  );
}

function Door({ person, landing_url }: { person: DemoPerson; landing_url: string }) {
  const [state, setState] = useState<"waiting" | "entering" | "failed">("waiting");

  const enter = async (): Promise<void> => {
    setState("entering");
    try {
      await post("/api/demo/sign-in");
      location.replace(location.pathname + location.search);
    } catch {
      setState("failed");
    }
  };

  useEffect(() => {
    if (location.hash !== CHOSEN) return;
    history.replaceState(null, "", location.pathname + location.search);
    void post("/api/demo/sign-in").then(
      () => location.reload(),
      () => setState("failed"),
    );
  }, []);

  return (
    <main className={classes.page}>
      <title>Sidecoach</title>
      <div className={classes.door}>
        <PersonMark id={person.id} name={person.name} size={64} />
        <Title order={1} size="h2">
          {person.name}
        </Title>
        <Text className={classes.role}>{person.role}</Text>
        <Button size="md" loading={state === "entering"} onClick={() => void enter()}>
          Continue as {person.name}
        </Button>
        {state === "failed" && (
          <Text role="alert" size="sm" c="var(--sc-wrong)">
            Signing in did not work. Try again in a moment.
          </Text>
        )}
        <Anchor href={landing_url} size="sm">
          Somebody else
        </Anchor>
      </div>
    </main>
  );
}

/** The same server by its plain name. */
function landingUrl(): string {
  return `${location.protocol}//localhost${location.port === "" ? "" : `:${location.port}`}/`;
}
