import { IconAlertTriangle, IconArrowRight } from "@tabler/icons-react";
import type { Answer, Key, SuggestionView } from "../../protocol/protocol.gen";
import classes from "./Answers.module.css";

interface AnswersProps {
  /** Names the group of radio buttons: one per visit. */
  visit_id: string;
  answers: readonly Answer[];
  selected: Key | null;
  read_only: boolean;
  onSelect: (key: Key) => void;
  suggested: SuggestionView | undefined;
  /** Null to whoever may not suggest one. */
  onSuggest: ((key: Key) => void) | null;
}

/** The choices of a Section, one of them marked. Marking moves nothing. */
export function Answers(props: AnswersProps) {
  const { visit_id, answers, selected, read_only, onSelect, suggested, onSuggest } = props;
  return (
    <div role="radiogroup" aria-label="Answers" aria-readonly={read_only} data-answers className={classes.answers}>
      {answers.map((answer, index) => (
        <div
          key={answer.key}
          className={classes.place}
          data-answer={answer.key}
          data-offered={onSuggest !== null || undefined}
        >
          <label
            className={classes.answer}
            data-selected={answer.key === selected || undefined}
            data-readonly={read_only || undefined}
            data-proposed={answer.key === suggested?.key || undefined}
          >
            <input
              type="radio"
              name={`answers-${visit_id}`}
              className="card-input"
              aria-label={answer.label}
              aria-disabled={read_only}
              aria-describedby={aboutIds(answer, suggested)}
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
          {suggested !== undefined && answer.key === suggested.key && (
            <span id={`proposed-${answer.key}`} className={classes.proposed}>
              Suggested by {suggested.by.name}
            </span>
          )}
          {onSuggest !== null && (
            <button type="button" className={classes.suggest} onClick={() => onSuggest(answer.key)}>
              Suggest<span className="visually-hidden"> the Answer {answer.label}</span>
            </button>
          )}
        </div>
      ))}
    </div>
  );
}

/** What is said beside an Answer. */
function aboutIds({ key, to }: Answer, suggested: SuggestionView | undefined): string | undefined {
  const ids = [...(to === null ? [`nowhere-${key}`] : []), ...(suggested?.key === key ? [`proposed-${key}`] : [])];
  return ids.length > 0 ? ids.join(" ") : undefined;
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
