/** Who asks whom for the seat, how each change of it came, in words. Rules SE20 to SE26. Pure. */

import type { Command, HandoverView, HeadView, SeatChangeView, View } from "../../protocol/protocol.gen";
import type { CommandInput } from "../../sync";
import type { Live } from "./live";
import { maySuggest } from "./suggestions";

/** How long it is told that the seat passed, or what became of a request or an offer. */
const NEWS_MS = 8_000;

type Seen = Pick<Live, "head" | "person" | "view">;

/** The latest request or offer: the only one that can be open, or have been just now. */
function latestHandover({ handovers }: View): HandoverView | undefined {
  return handovers[`p${Object.keys(handovers).length}`];
}

/** What may be answered now. */
export function openHandover(view: View, now_ms: number): HandoverView | undefined {
  const latest = latestHandover(view);
  return latest !== undefined && latest.outcome === null && now_ms < latest.until_ms ? latest : undefined;
}

/** What came to nothing just now. */
export function failedHandover(view: View, now_ms: number): HandoverView | undefined {
  const latest = latestHandover(view);
  if (latest === undefined || latest.outcome === "agreed" || latest.outcome === "overtaken") return undefined;
  const over_ms = latest.settled_ms ?? latest.until_ms;
  return over_ms <= now_ms && now_ms < over_ms + NEWS_MS ? latest : undefined;
}

/** The last change of the seat, for as long as it is news. */
export function freshChange({ head, view }: Pick<Seen, "head" | "view">, now_ms: number): SeatChangeView | undefined {
  const latest = view.seat_changes[head.seat];
  return latest !== undefined && now_ms < latest.at_ms + NEWS_MS ? latest : undefined;
}

/** Whether this person is asked, and answers with yes or no. */
export function isAsked({ head, person }: Pick<Seen, "head" | "person">, { kind, to }: HandoverView): boolean {
  return person.id === (kind === "request" ? head.driver.id : to.id);
}

/** Whether this person can do anything about it: answer, or take it back. */
export function isConcerned(live: Pick<Seen, "head" | "person">, handover: HandoverView): boolean {
  return handover.by.id === live.person.id || isAsked(live, handover);
}

/** Whether this person may ask for the seat: whoever watches as its owner, a coach or a supervisor. */
export function mayAskForSeat({ head, person }: Pick<Seen, "head" | "person">): boolean {
  if (person.id === head.driver.id || !isRunning(head)) return false;
  return person.id === head.owner.id || ["coach", "supervisor", "manager"].some((role) => person.roles.includes(role));
}

/** Whether this person may take it unasked. */
export function mayTakeSeat({ head, person }: Pick<Seen, "head" | "person">): boolean {
  if (person.id === head.driver.id || !isRunning(head)) return false;
  return person.roles.includes("supervisor") || person.roles.includes("manager");
}

export function isRunning({ status }: HeadView): boolean {
  return status === "active" || status === "reviewing";
}

/** Whether the driver has no page open. Before it is known who is here, nobody is gone. */
export function isDriverGone({ head, person, model }: Pick<Live, "head" | "person" | "model">): boolean {
  const here = model.people.map(({ person_id }) => person_id);
  return here.includes(person.id) && !here.includes(head.driver.id);
}

/** Whether this person owns it and its driver is gone. */
export function mayRetake(live: Pick<Live, "head" | "person" | "model">): boolean {
  return isDriverGone(live) && live.head.owner.id === live.person.id && mayAskForSeat(live);
}

/** The take that this person has not told the reason of, while they drive by it or just did. */
export function takeToExplain({ head, person, view }: Seen): SeatChangeView | undefined {
  return [head.seat, head.seat - 1]
    .map((generation) => view.seat_changes[generation])
    .find((change) => change?.cause === "taken" && change.to.id === person.id && change.reason === null);
}

/** What is open, to this person: `Cleo Coach asks for the seat`. */
export function askingText({ head, person }: Pick<Seen, "head" | "person">, { kind, by, to }: HandoverView): string {
  const driver = person.id === head.driver.id ? "you" : head.driver.name;
  if (kind === "request") {
    return by.id === person.id ? `You asked ${driver} for the seat` : `${by.name} asks ${driver} for the seat`;
  }
  const offers = by.id === person.id ? "You offered" : `${by.name} offers`;
  return `${offers} ${to.id === person.id ? "you" : to.name} the seat`;
}

/** What became of it, without the seat passing. */
export function failedText({ kind, by, to, outcome, settled_by }: HandoverView, person_id: string): string {
  const named = ({ id, name }: { id: string; name: string }): string => (id === person_id ? "You" : name);
  if (outcome === "declined" && settled_by !== null) return `${named(settled_by)} declined`;
  if (outcome === "withdrawn") return `${named(by)} took ${kind === "request" ? "the request" : "the offer"} back`;
  return kind === "request" ? "The request was not answered" : `${named(to)} did not answer`;
}

/** How the seat came to pass. */
export function changeText({ was, to, by, cause }: SeatChangeView, person_id: string | null): string {
  const you = ({ id, name }: { id: string; name: string }, word: string): string => (id === person_id ? word : name);
  switch (cause) {
    case "taken":
      return `${you(to, "You")} took the seat`;
    case "retaken":
      return `${you(to, "You")} took the seat back: ${you(was, "you")} had gone`;
    case "handed_back":
      return `${you(was, "You")} handed the seat back to ${you(to, "you")}`;
    case "granted":
      return `${you(was, "You")} granted ${you(to, "you")} the seat`;
    case "accepted":
      return `${you(to, "You")} accepted the seat from ${you(was, "you")}`;
    case "resumed":
      return `${you(to, "You")} resumed it, and drove on`;
    case "freed":
      return `The seat went back to ${you(to, "you")}`;
    case "with_session":
      return by.id === to.id
        ? `${you(to, "You")} took the Session over`
        : `${you(to, "You")} got the seat with the Session`;
    case null:
      return `${you(to, "You")} drove from then on`;
  }
}

/** What a record tells of the seat, in order: each change, and what came to nothing. */
export function seatLines(view: View): readonly { id: string; at_ms: number; text: string }[] {
  const changes = Object.values(view.seat_changes).map((each) => ({
    id: `seat ${each.generation}`,
    at_ms: each.at_ms,
    text: `${changeText(each, null)}${each.reason === null ? "" : `: ${each.reason}`}`,
  }));
  const failed = Object.values(view.handovers)
    .filter(({ outcome }) => outcome !== "agreed")
    .map((each) => ({
      id: each.id,
      at_ms: each.asked_ms,
      text: `${handoverText(each)} (${seatOutcome(each.outcome)})`,
    }));
  return [...changes, ...failed].toSorted((one, other) => one.at_ms - other.at_ms);
}

export function handoverText({ kind, by, to }: HandoverView): string {
  return kind === "request" ? `${by.name} asked for the seat` : `${by.name} offered ${to.name} the seat`;
}

export function seatOutcome(outcome: HandoverView["outcome"]): string {
  switch (outcome) {
    case "agreed":
      return "agreed";
    case "declined":
      return "declined";
    case "withdrawn":
      return "taken back";
    case "overtaken":
      return "overtaken";
    case null:
      return "not answered";
  }
}

/** The id of the visit in which something was, by its time. */
export function visitAt({ visits }: View, at_ms: number): string | undefined {
  return Object.values(visits)
    .filter(({ entered_ms }) => entered_ms <= at_ms)
    .toSorted((one, other) => other.entered_ms - one.entered_ms)[0]?.id;
}

/** What was not done, as something to suggest to who drives now; null if that cannot be. Rule SE25. */
export function asSuggestion(command: Command, live: Pick<Live, "head" | "person" | "answers">): CommandInput | null {
  if (!maySuggest(live)) return null;
  if (command.type === "set_field") {
    const { field_key: key, content } = command;
    const is_empty = content === null || content === "" || (Array.isArray(content) && content.length === 0);
    return is_empty ? null : { type: "suggest", kind: "field", key, content };
  }
  if (command.type === "select_answer") {
    const key = live.answers.find((each) => each.key === command.answer_key)?.key;
    return key === undefined ? null : { type: "suggest", kind: "answer", key };
  }
  return command.type === "use_response" ? { type: "suggest", kind: "response", key: command.response_key } : null;
}
