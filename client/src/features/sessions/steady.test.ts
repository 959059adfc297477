import { describe, expect, it } from "vitest";
import { hold, release, type Steady } from "./steady";

interface Row {
  readonly key: string;
  readonly says: string;
}

const rows = (...keys: string[]): Row[] => keys.map((key) => ({ key, says: `${key} then` }));
const shown = (steady: Steady<Row>): string[] => steady.rows.map(({ key, is_gone }) => key + (is_gone ? " gone" : ""));

describe("hold", () => {
  const before = release(rows("b", "a")).rows;

  it("[BP6] inserts nothing while held, marks what is gone, and counts both", () => {
    const held = hold(before, rows("c", "b"));
    expect(shown(held)).toEqual(["b", "a gone"]);
    expect(held.waiting).toBe(2);
  });

  it("[BP6] catches up once it is let go", () => {
    expect(shown(release(rows("c", "b")))).toEqual(["c", "b"]);
  });

  it("[BP6] shows changes of a row even while held", () => {
    expect(hold(before, [{ key: "b", says: "now" }, ...rows("a")]).rows[0]?.says).toBe("now");
  });

  it("[BP6] keeps the order in which rows stand, and tells that it is another one now", () => {
    const held = hold(before, rows("a", "b"));
    expect(shown(held)).toEqual(["b", "a"]);
    expect(held.waiting).toBe(1);
  });

  it("[BP6] has nothing waiting while nothing came, went or moved", () => {
    expect(hold(before, rows("b", "a")).waiting).toBe(0);
  });

  it("[BP6] takes back a row that came again", () => {
    const gone = hold(before, rows("b")).rows;
    expect(shown(hold(gone, rows("b", "a")))).toEqual(["b", "a"]);
  });
});
