import type { ReactNode } from "react";
import { Copyable } from "../../ui/Copyable";
import classes from "./DemoPage.module.css";

/** What to click and what to notice, in about three minutes. */
export function DemoScript({ pid }: { pid: number }) {
  return (
    <section className={classes.script} aria-labelledby="script">
      <h2 className={classes.subtitle} id="script">
        Three minutes
      </h2>
      <ol className={classes.steps}>
        <Step title="Start a call" notice="The Section says what to say; the Answers have number keys.">
          Open <b>Ana Agent</b>. Choose <b>New Sessions</b>, then <b>Broadband support and retention</b>, and press{" "}
          <b>Start</b>. Type an account number.
        </Step>
        <Step
          title="Watch it"
          notice="What Ana types appears while she types. The security password stays hidden from Sam."
        >
          Open <b>Sam Supervisor</b> beside her. Under <b>Live</b>, open Ana’s call. Type on as Ana.
        </Step>
        <Step title="Take the seat" notice="Ana sees who drives now, and goes on watching. Her input is kept.">
          As Sam, press <b>Take the seat</b>, choose <b>Verified</b> and <b>Continue</b>.
        </Step>
        <Step title="Hand it back" notice="The same Session, where Sam left it. Nothing was reloaded.">
          As Sam, press <b>Hand back</b>. As Ana, choose <b>No connection</b>, <b>Continue</b>, <b>Known outage</b>,{" "}
          <b>Continue</b>.
        </Step>
        <Step title="Fire an Action" notice="It arrives once, with its signature verified.">
          As Ana, look at <b>Subscribe to outage texts</b>, fill in what it asks for, and press <b>Send</b>. Open the{" "}
          <b>Demo receiver</b>.
        </Step>
        <Step
          title="Kill the server"
          notice="The pages say that they are offline, and come back within seconds. What was typed is there."
        >
          In a terminal, end the server process in the middle of a word:
          <Copyable text={`kill -9 ${pid}`} label="Copy the command" />
        </Step>
      </ol>
    </section>
  );
}

function Step({ title, notice, children }: { title: string; notice: string; children: ReactNode }) {
  return (
    <li className={classes.step}>
      <h3 className={classes.name}>{title}</h3>
      <div className={classes.what}>{children}</div>
      <p className={classes.notice}>
        <b>Notice:</b> {notice}
      </p>
    </li>
  );
}
