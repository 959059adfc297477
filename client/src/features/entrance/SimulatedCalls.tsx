import { Button } from "@mantine/core";
import { useEffect, useState } from "react";
import { askAgain, send, useFetched } from "../../lib/http";
import { sentence } from "../../lib/sentence";
import { useNow } from "../../lib/time";
import classes from "./DemoPage.module.css";
import { CHOSEN, DEMO, DEMO_CALLS, type DemoCalls, type DemoPerson } from "./demo";

const ASK_EVERY_MS = 2_000;

/** Calls of simulated people, so that there is something to watch: started and stopped by one button. Rule FQ8. */
export function SimulatedCalls({ supervisor }: { supervisor: DemoPerson | undefined }) {
  const fetched = useFetched<DemoCalls>(DEMO_CALLS);
  const until_ms = fetched.phase === "ready" ? fetched.value.until_ms : null;
  const [is_sending, setSending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    // Another tab may press the button, and a server process may be killed: what is shown follows.
    const timer = setInterval(() => {
      askAgain(DEMO_CALLS);
      askAgain(DEMO);
    }, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);

  const press = async (method: "POST" | "DELETE"): Promise<void> => {
    setSending(true);
    const sent = await send<DemoCalls>(method, DEMO_CALLS);
    setProblem(sent.is_done ? null : sentence(sent.expected));
    askAgain(DEMO_CALLS);
    setSending(false);
  };

  return (
    <section className={classes.card} aria-labelledby="calls">
      <h2 className={classes.name} id="calls">
        Calls to watch
      </h2>
      <p className={classes.about}>
        Five simulated agents take calls at human pace, for ten minutes. They touch no Session but their own.
      </p>
      <div className={classes.row}>
        {until_ms === null ? (
          <Button loading={is_sending} onClick={() => void press("POST")}>
            Simulate calls
          </Button>
        ) : (
          <Button variant="default" loading={is_sending} onClick={() => void press("DELETE")}>
            Stop the calls
          </Button>
        )}
        {until_ms !== null && supervisor !== undefined && (
          <a href={`${supervisor.url}sessions${CHOSEN}`} target="_blank" rel="noreferrer">
            Watch as {supervisor.name}
          </a>
        )}
      </div>
      <div role="status" className={classes.about}>
        {until_ms !== null && <Left until_ms={until_ms} />}
      </div>
      {problem !== null && (
        <p role="alert" className={classes.wrong}>
          {problem}
        </p>
      )}
    </section>
  );
}

/** To the minute: what is announced every second is noise. */
function Left({ until_ms }: { until_ms: number }) {
  const minutes = Math.max(1, Math.ceil((until_ms - useNow()) / 60_000));
  return <>They run, and stop by themselves within {minutes === 1 ? "a minute" : `${minutes} minutes`}.</>;
}
