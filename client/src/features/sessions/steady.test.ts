import { describe, expect, it } from "vitest";
import type { LiveSession } from "../../protocol/protocol.gen";
import { nextRows } from "./steady";

const ANA = { id: "ana", name: "Ana Agent" };

function session(session_id: string, started_ms: number, title = ""): LiveSession {
  return {
    session_id,
    title,
    workflow_name: "Broadband",
    section_name: "Greeting",
    status: "active",
    training: false,
    owner: ANA,
    driver: ANA,
    team_ids: [],
    started_ms,
    section_ms: started_ms,
    call_back_ms: null,
    help: null,
    transfer: null,
    approval_asked_ms: null,
    changed_ms: started_ms,
  };
}

const ids = (rows: readonly { session: LiveSession; is_gone: boolean }[]): string[] =>
  rows.map((row) => row.session.session_id + (row.is_gone ? " gone" : ""));

describe("nextRows", () => {
  const shown = nextRows([], [session("a", 1), session("b", 2)], false);

  it("puts the newest on top", () => {
    expect(ids(shown)).toEqual(["b", "a"]);
  });

  it("inserts nothing while held, and marks what is gone", () => {
    expect(ids(nextRows(shown, [session("b", 2), session("c", 3)], true))).toEqual(["b", "a gone"]);
  });

  it("catches up once it is let go", () => {
    expect(ids(nextRows(shown, [session("b", 2), session("c", 3)], false))).toEqual(["c", "b"]);
  });

  it("shows changes of a row even while held", () => {
    const [top] = nextRows(shown, [session("b", 2, "Acme"), session("a", 1)], true);
    expect(top?.session.title).toBe("Acme");
  });
});
