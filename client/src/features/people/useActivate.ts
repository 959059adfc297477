import { useRef } from "react";
import { send } from "../../lib/http";
import { sentence } from "../../lib/sentence";
import type { PersonLine } from "../../protocol/protocol.gen";

/** Lets somebody in again; one click or two, it is asked for once. Afterwards in words what came of it. */
export function useActivate(onDone: (text: string, is_good: boolean) => void): (person: PersonLine) => Promise<void> {
  const under_way = useRef(new Set<string>());
  return async (person) => {
    if (under_way.current.has(person.id)) return;
    under_way.current.add(person.id);
    const sent = await send<PersonLine>("POST", `/api/people/${person.id}/activate`);
    under_way.current.delete(person.id);
    if (!sent.is_done) onDone(`${person.name} was not activated. ${sentence(sent.expected)}`, false);
    else if (sent.value.has_identity && !sent.value.has_password) {
      onDone(`${person.name} is active, and signs in with the company account.`, true);
    } else if (sent.value.has_password || sent.value.email === null) {
      onDone(`${person.name} is active, and signs in with the password of before.`, true);
    } else onDone(`${person.name} is active, and needs a new link to sign in.`, true);
  };
}
