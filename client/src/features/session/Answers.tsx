import { IconAlertTriangle, IconArrowRight } from "@tabler/icons-react";
import type { Answer, Key } from "../../protocol/protocol.gen";
import classes from "./Answers.module.css";

interface AnswersProps {
  /** Names the group of radio buttons: one per visit. */
  visit_id: string;
  answers: readonly Answer[];
  selected: Key | null;
  read_only: boolean;
  onSelect: (key: Key) => void;
}

/** The choices of a Section, one of them marked. Marking moves nothing. */
export function Answers({ visit_id, answers, selected, read_only, onSelect }: AnswersProps) {
  return (
    <div role="radiogroup" aria-label="Answers" aria-readonly={read_only} data-answers className={classes.answers}>
      {answers.map((answer, index) => (
        <label
          key={answer.key}
          className={classes.answer}
          data-selected={answer.key === selected || undefined}
          data-readonly={read_only || undefined}
        >
          <input
            type="radio"
            name={`answers-${visit_id}`}
            className="card-input"
            aria-label={answer.label}
            aria-disabled={read_only}
            aria-describedby={answer.to === null ? `nowhere-${answer.key}` : undefined}
            checked={answer.key === selected}
            onChange={() => {
              if (!read_only) onSelect(answer.key);
            }}
          />
          <span className={classes.number} aria-hidden="true">
            {index < 9 ? index + 1 : "·"}
          </span>
          <span className={classes.label}>
            {answer.label}
            {answer.to === null && (
              <span className={classes.nowhere} id={`nowhere-${answer.key}`}>
                <IconAlertTriangle size={14} aria-hidden="true" />
                This Answer leads nowhere yet.
              </span>
            )}
          </span>
        </label>
      ))}
    </div>
  );
}

interface AnswerLinksProps {
  answers: readonly Answer[];
  nameOf: (section_key: Key) => string;
  onFollow: (section_key: Key) => void;
}

/** Answers of a Section that is only looked at, each leading on to look further. */
export function AnswerLinks({ answers, nameOf, onFollow }: AnswerLinksProps) {
  return (
    <ol className={classes.links}>
      {answers.map(({ key, label, to }) => (
        <li key={key}>
          {to === null ? (
            <span className={classes.link}>
              {label} <span className={classes.nowhere}>Leads nowhere yet</span>
            </span>
          ) : (
            <button type="button" className={classes.link} onClick={() => onFollow(to)}>
              {label}
              <span className={classes.target}>
                {nameOf(to)}
                <IconArrowRight size={15} aria-hidden="true" />
              </span>
            </button>
          )}
        </li>
      ))}
    </ol>
  );
}
