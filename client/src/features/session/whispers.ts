/** What was whispered: to whom it may be, what waits for this person, what became of it. Rules WH1 to WH10. Pure. */

import type { Party, PersonId, View, WhisperView } from "../../protocol/protocol.gen";
import type { Live } from "./live";

/** As long as the engine keeps it. */
export const MAX_WHISPER = 500;

/** Answers that one key gives, in the order of the keys. */
export const READY_REPLIES = [
  { said: "Yes", label: "Answer the whisper: Yes", keys: ["Alt+1"] },
  { said: "No", label: "Answer the whisper: No", keys: ["Alt+2"] },
  { said: "Thanks, I have it", label: "Answer the whisper: Thanks", keys: ["Alt+3"] },
] as const;

/** What this person was told and has not read, in the order in which it was said. */
export function unreadBy(view: View, person_id: PersonId): readonly WhisperView[] {
  return inOrder(view).filter(
    ({ to, read_by }) => to.some(({ id }) => id === person_id) && !read_by.includes(person_id),
  );
}

/** What this person said, and of which there is news last: it was said, or answered. */
export function latestBy(view: View, person_id: PersonId): WhisperView | undefined {
  return inOrder(view)
    .filter(({ by }) => by.id === person_id)
    .toSorted((one, other) => newsOf(one) - newsOf(other))
    .at(-1);
}

function newsOf({ at_ms, replies }: WhisperView): number {
  return replies.at(-1)?.at_ms ?? at_ms;
}

export function inOrder(view: View): readonly WhisperView[] {
  return Object.values(view.whispers).toSorted((one, other) => Number(one.id.slice(1)) - Number(other.id.slice(1)));
}

/** Whom somebody may choose: the driver first, then who else is here, by name. */
export function listenersOf({ head, person, model }: Pick<Live, "head" | "person" | "model">): readonly Party[] {
  const others = model.people
    .map(({ person_id, name }) => ({ id: person_id, name }))
    .filter(({ id }) => id !== person.id && id !== head.driver.id)
    .toSorted((one, other) => one.name.localeCompare(other.name));
  return head.driver.id === person.id ? others : [head.driver, ...others];
}

/** What became of it, for who said it: `Ana Agent: Yes`. */
export function stateText({ to, read_by, replies, text }: WhisperView, here: readonly PersonId[], shared: boolean) {
  const reply = replies.at(-1);
  if (reply !== undefined) return `${reply.by.name}: ${reply.text ?? hiddenWord(shared)}`;
  if (read_by.length > 0) return read_by.length < to.length ? `read by ${read_by.length} of ${to.length}` : "read";
  if (text === null && shared) return "waits until the screen is not shared";
  const away = to.filter(({ id }) => !here.includes(id));
  return away.length === 0 ? "delivered" : `waits for ${away.map(({ name }) => name).join(", ")}`;
}

/** What stands where the words would. */
export function hiddenWord(shared: boolean): string {
  return shared ? "hidden while the screen is shared" : "erased";
}

export function nameOf({ id, name }: Party, person_id: PersonId): string {
  return id === person_id ? "You" : name;
}

export function names(parties: readonly Party[], person_id: PersonId): string {
  return parties.map(({ id, name }) => (id === person_id ? "you" : name)).join(", ");
}

/** As the server keeps it. */
export function oneLine(words: string): string {
  return words.trim().replace(/\s+/g, " ");
}
