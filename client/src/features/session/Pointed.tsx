/** What somebody points at: shown in its place, and said once to those who cannot see it. Rule PT2. */

import { useEffect } from "react";
import { useLive } from "./live";
import "./Pointed.css";
import { pulse, targetText } from "./pointing";

export function Pointed() {
  const live = useLive();
  const { model, visit } = live;
  const pointing = model.doing.filter(({ doing, target }) => doing === "pointing" && target != null);
  const last = pointing.at(-1);
  const who = model.people.find(({ person_id }) => person_id === last?.person_id)?.name ?? "Somebody";
  const text = last?.target == null ? "" : targetText(last.target, live);
  useEffect(() => {
    if (last?.target != null) pulse(last.target, visit.id, who);
  }, [last, visit.id, who]);
  return (
    <p className="visually-hidden" aria-live="polite">
      {text === "" ? "" : `${who} points at ${text}`}
    </p>
  );
}
