import { describe, expect, it } from "vitest";
import type { TakerState } from "../../protocol/protocol.gen";
import { offersOf } from "./transferOffers";

const ANA = { id: "ana", name: "Ana Agent" };
const HEAD = { owner: ANA, team_ids: ["north", "west"] };

function person(id: string, state: TakerState, ...team_ids: string[]) {
  return { id, name: id, state, team_ids };
}

describe("whom one can ask to take a Session over", () => {
  it("is free people, then teams, then who is on a call, then who is not here", () => {
    const people = [
      person("gone", "offline", "north"),
      person("busy", "on_call", "north"),
      person("ben", "free", "west"),
    ];
    const teams = [
      { id: "north", name: "North" },
      { id: "west", name: "West" },
    ];
    expect(offersOf({ people, teams }, HEAD, "ana").map(({ id }) => id)).toEqual([
      "ben",
      "north",
      "west",
      "busy",
      "gone",
    ]);
  });

  it("is not its owner, not oneself, nobody of another team, and no team in which nobody else is", () => {
    const people = [person("ana", "free", "north"), person("sam", "free", "north"), person("zoe", "free", "south")];
    const teams = [
      { id: "north", name: "North" },
      { id: "south", name: "South" },
    ];
    expect(offersOf({ people, teams }, HEAD, "sam")).toEqual([]);
  });
});
