/** Whom one can ask to take a Session over, in the order in which they are offered. Pure. */

import type { HeadView, PersonId, TakerState, TransferTaker, TransferTakers } from "../../protocol/protocol.gen";

export const STATES: Record<TakerState, string> = { free: "free", on_call: "on a call", offline: "offline" };
const ORDER: readonly TakerState[] = ["free", "on_call", "offline"];

export type Offer = { readonly id: string; readonly name: string } & (
  | { readonly is_team: true }
  | { readonly is_team: false; readonly state: TakerState }
);

/** Who could have it, free ones first. Nobody is offered their own. */
export function takersOf(
  { people }: Pick<TransferTakers, "people">,
  { owner, team_ids }: Pick<HeadView, "owner" | "team_ids">,
): readonly TransferTaker[] {
  const offered = people.filter((each) => each.id !== owner.id && each.team_ids.some((id) => team_ids.includes(id)));
  return ORDER.flatMap((state) => offered.filter((each) => each.state === state));
}

/** People who are free first, then the teams, then those who are on a call or not here. Nobody asks themselves. */
export function offersOf(
  told: TransferTakers,
  head: Pick<HeadView, "owner" | "team_ids">,
  person_id: PersonId,
): readonly Offer[] {
  const offered = takersOf(told, head).filter(({ id }) => id !== person_id);
  const people = offered.map(({ id, name, state }) => ({ id, name, is_team: false, state }) as const);
  const teams = told.teams
    .filter(({ id }) => head.team_ids.includes(id) && offered.some((each) => each.team_ids.includes(id)))
    .map(({ id, name }) => ({ id, name, is_team: true }) as const);
  const free = people.filter(({ state }) => state === "free");
  return [...free, ...teams, ...people.slice(free.length)];
}
