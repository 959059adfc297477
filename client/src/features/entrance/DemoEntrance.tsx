/** The demo's door: who there is, or the one whom this page's host stands for. */

import { Anchor, Button, Text, Title } from "@mantine/core";
import { useEffect, useState } from "react";
import { post, useFetched } from "../../lib/http";
import { PersonMark } from "../../ui/PersonMark";
import { Unreachable } from "../../ui/Unreachable";
import { DemoPage } from "./DemoPage";
import { CHOSEN, type Demo, type DemoPerson, DEMO as PATH } from "./demo";
import classes from "./Entrance.module.css";
import { Waiting } from "./Waiting";
import { ownPath } from "./words";

export function DemoEntrance() {
  const demo = useFetched<Demo>(PATH);
  switch (demo.phase) {
    case "loading":
      return <Waiting />;
    case "failed":
      return <Unreachable path={PATH} />;
    case "ready":
      return demo.value.here === null ? (
        <DemoPage demo={demo.value} />
      ) : (
        <Door person={demo.value.here} landing_url={landingUrl()} />
      );
  }
}

function Door({ person, landing_url }: { person: DemoPerson; landing_url: string }) {
  const [state, setState] = useState<"waiting" | "entering" | "failed">("waiting");

  const enter = async (): Promise<void> => {
    setState("entering");
    try {
      await post("/api/demo/sign-in");
      location.replace(ownPath(location.pathname + location.search));
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
