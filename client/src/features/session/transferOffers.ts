/** Whom one can ask to take a Session over, in the order in which they are offered. Pure. */

import type { HeadView, PersonId, TakerState, TransferTakers } from "../../protocol/protocol.gen";

export const STATES: Record<TakerState, string> = { free: "free", on_call: "on a call", offline: "offline" };
const ORDER: readonly TakerState[] = ["free", "on_call", "offline"];

export type Offer = { readonly id: string; readonly name: string } & (
  | { readonly is_team: true }
  | { readonly is_team: false; readonly state: TakerState }
);

/** People who are free first, then the teams, then those who are on a call or not here. Nobody is asked for their own. */
export function offersOf(
  { people, teams }: TransferTakers,
  { owner, team_ids }: Pick<HeadView, "owner" | "team_ids">,
  person_id: PersonId,
): readonly Offer[] {
  const offered = people.filter(
    (each) => each.id !== owner.id && each.id !== person_id && each.team_ids.some((id) => team_ids.includes(id)),
  );
  const of = (state: TakerState): readonly Offer[] =>
    offered.filter((each) => each.state === state).map(({ id, name }) => ({ id, name, is_team: false, state }));
  const asked = teams.filter(({ id }) => team_ids.includes(id) && offered.some((each) => each.team_ids.includes(id)));
  const [free, ...others] = ORDER.map(of);
  return [...(free ?? []), ...asked.map(({ id, name }) => ({ id, name, is_team: true }) as const), ...others.flat()];
}
