/** The current Section: name and content, then the Answers, nothing above or between; the way on at the bottom. */

import { Button } from "@mantine/core";
import { IconArrowRight, IconCheck, IconMicrophoneOff, IconTrophy } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import type { Key } from "../../protocol/protocol.gen";
import { DeliberateButton } from "../../ui/DeliberateButton";
import { Answers } from "./Answers";
import { ApprovalStrip } from "./ApprovalStrip";
import { Content } from "./Content";
import { useLive } from "./live";
import { Verbatim } from "./Reading";
import { type ReadResponse, ResponsesBar } from "./ResponsesBar";
import classes from "./SectionPanel.module.css";
import { maySuggest, openOf } from "./suggestions";
import { VariableChip } from "./VariableChip";

interface SectionPanelProps {
  onOpenField: (key: Key) => void;
  onComplete: () => void;
  /** A Response that somebody asked for. */
  read: ReadResponse | null;
}

export function SectionPanel({ onOpenField, onComplete, read }: SectionPanelProps) {
  const live = useLive();
  const { section, answers, selected, visit, view, is_driving, act } = live;
  const may_suggest = maySuggest(live) && live.head.status === "active";
  return (
    <main className={classes.panel} aria-label="Section">
      <div className={classes.scroll}>
        <div className={classes.column}>
          <SectionName name={section.name} visit_id={visit.id} takes_focus={is_driving} />
          {section.pause_recording && (
            <p className={classes.recording}>
              <IconMicrophoneOff size={17} aria-hidden="true" /> The recording is to be paused on this Section
            </p>
          )}
          <Verbatim />
          <div data-section-content className={section.disclosure === null ? undefined : classes.disclosure}>
            <Content
              markdown={section.content}
              renderVariable={(key) => <VariableChip field_key={key} onOpen={onOpenField} />}
            />
          </div>
          {answers.length > 0 && (
            <div className={classes.answers}>
              <Answers
                visit_id={visit.id}
                answers={answers}
                selected={selected?.key ?? null}
                read_only={!is_driving}
                onSelect={(answer_key) => act({ type: "select_answer", answer_key })}
                suggested={openOf(view, "answer")}
                onSuggest={may_suggest ? (key) => act({ type: "suggest", kind: "answer", key }) : null}
              />
            </div>
          )}
          {section.answers.length > 0 && answers.length === 0 && (
            <p className={classes.stuck}>No Answer applies to what was entered. Go back, jump or end.</p>
          )}
          <ResponsesBar read={read} />
        </div>
      </div>
      <ApprovalStrip />
      <div className={classes.foot}>
        <div className={classes.column}>
          {section.answers.length > 0 ? <Onward /> : <Closing onComplete={onComplete} />}
        </div>
      </div>
    </main>
  );
}

/** The focus follows a driver to the next Section, so that its name is read out; a watcher's stays where it is. */
function SectionName({ name, visit_id, takes_focus }: { name: string; visit_id: string; takes_focus: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const last_visit = useRef<string | null>(null);
  useEffect(() => {
    if (last_visit.current === visit_id) return;
    const is_first = last_visit.current === null;
    last_visit.current = visit_id;
    heading.current?.scrollIntoView({ block: "center" });
    if ((is_first || takes_focus) && document.hasFocus()) heading.current?.focus({ preventScroll: true });
  }, [visit_id, takes_focus]);
  return (
    <h1 ref={heading} tabIndex={-1} className={classes.name} data-section-name>
      {name}
    </h1>
  );
}

function Onward() {
  const { selected, is_driving, act } = useLive();
  const hint = is_driving ? <DriverHint is_selected={selected !== undefined} leads_on={selected?.to != null} /> : null;
  return (
    <>
      <span className={classes.hint}>{hint}</span>
      <Button
        size="md"
        className={classes.onward}
        rightSection={<IconArrowRight size={18} aria-hidden="true" />}
        disabled={!is_driving || selected?.to == null}
        aria-keyshortcuts="Control+Enter"
        onClick={() => act({ type: "continue" })}
      >
        Continue to Next Section
      </Button>
    </>
  );
}

function DriverHint({ is_selected, leads_on }: { is_selected: boolean; leads_on: boolean }) {
  if (!is_selected) return "Select an Answer";
  if (!leads_on) return <span className={classes.care}>This Answer leads nowhere yet. Go back, jump or end.</span>;
  return (
    <span className={classes.keys}>
      <kbd>Ctrl</kbd> <kbd>Enter</kbd>
    </span>
  );
}

function Closing({ onComplete }: Pick<SectionPanelProps, "onComplete">) {
  const { section, is_driving } = useLive();
  return (
    <>
      <span className={classes.hint} data-won={section.win || undefined}>
        {section.win ? (
          <>
            <IconTrophy size={17} aria-hidden="true" /> Completing here is a win
          </>
        ) : (
          "An end Section"
        )}
      </span>
      <DeliberateButton
        data-complete
        size="md"
        className={classes.onward}
        leftSection={<IconCheck size={18} aria-hidden="true" />}
        {...(section.win && { color: "teal.8" })}
        disabled={!is_driving}
        aria-keyshortcuts="Control+Shift+Enter"
        onPress={onComplete}
      >
        Complete Session
      </DeliberateButton>
    </>
  );
}
