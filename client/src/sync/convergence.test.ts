import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CommandInput } from "./model";
import { Page, S1, S2, setField, VERSION } from "./testing";
import { Connection, FakeServer } from "./testing_server";

/** A page, its present connection to the server, and everything that it was asked to do. */
class Client {
  readonly page: Page;
  /** By csn: where it was asked, and what in the end. */
  readonly given = new Map<number, { session_id: string; command: CommandInput }>();
  private readonly server: FakeServer;
  private readonly name: string;
  private connection: Connection | null = null;
  private values = 0;

  constructor(server: FakeServer, name: string) {
    this.server = server;
    this.name = name;
    this.page = new Page(name.repeat(32));
    this.page.input({ type: "version", version: VERSION });
    this.page.input({ type: "follow", session_id: S1 });
    this.page.input({ type: "start" });
    this.carryOut();
  }

  give(command: CommandInput, session_id = S1): void {
    const csn = this.page.send(command, session_id);
    this.given.set(csn, { session_id, command });
    this.carryOut();
  }

  /** Every value is entered once, so that one applied twice is seen in the log. */
  giveValue(field: number, session_id = S1): void {
    this.values += 1;
    this.give(setField(`f${field % 3}`, `${this.name}${this.values}`), session_id);
  }

  deliverUp(count: number): void {
    for (let left = count; left > 0 && this.isOpen; left -= 1) this.server.take(this.connection as Connection);
  }

  deliverDown(count: number): void {
    for (let left = count; left > 0 && this.isOpen; left -= 1) {
      const frame = this.connection?.down.shift();
      if (frame !== undefined) this.page.hear(frame);
      this.carryOut();
    }
  }

  cut(): void {
    if (this.connection === null) return;
    this.server.connections.delete(this.connection);
    this.connection = null;
    this.page.close(1006);
    this.carryOut();
  }

  advance(ms: number): void {
    this.page.advance(ms);
    this.carryOut();
  }

  get isOpen(): boolean {
    if (this.connection !== null && !this.server.connections.has(this.connection)) this.cut();
    return this.connection !== null;
  }

  get isIdle(): boolean {
    return this.isOpen && this.connection?.up.length === 0 && this.connection.down.length === 0;
  }

  private carryOut(): void {
    const effects = this.page.effects.splice(0);
    for (const effect of effects) {
      if (effect.type === "send") this.connection?.up.push(structuredClone(effect.frame));
      if (effect.type === "close" && this.connection !== null) {
        this.server.connections.delete(this.connection);
        this.connection = null;
      }
      if (effect.type === "open") {
        this.connection = new Connection();
        this.server.connections.add(this.connection);
        this.page.input({ type: "opened", generation: effect.generation });
        this.carryOut();
      }
    }
  }
}

const KINDS = [
  "value",
  "value",
  "other",
  "select",
  "move",
  "up",
  "up",
  "down",
  "down",
  "wait",
  "round",
  "round",
] as const;
const FAULTS = ["cut", "away", "back", "refuse", "lose_push"] as const;

interface Act {
  kind: (typeof KINDS)[number] | (typeof FAULTS)[number] | "fail_over";
  who: number;
  n: number;
}

function play(played: readonly Act[]): { server: FakeServer; clients: Client[] } {
  const server = new FakeServer();
  server.create(S1);
  const clients = ["a", "b", "c"].map((name) => new Client(server, name));
  drain(clients);
  clients[0]?.give({ type: "start_session", version_id: "sales@1", training: false }, S2);
  for (const { page } of clients) page.input({ type: "follow", session_id: S2 });
  for (const { kind, who, n } of played) act(server, clients, clients[who % clients.length] as Client, kind, n);
  settleAll(server, clients);
  return { server, clients };
}

function act(server: FakeServer, clients: readonly Client[], client: Client, kind: Act["kind"], n: number): void {
  switch (kind) {
    case "value":
      client.giveValue(n);
      break;
    case "other":
      client.giveValue(n, S2);
      break;
    case "select":
      client.give({ type: "select_answer", answer_key: n % 4 === 0 ? "no" : n % 2 === 0 ? "again" : "yes" });
      break;
    case "move":
      client.give({ type: "continue" });
      break;
    case "up":
      client.deliverUp(n);
      break;
    case "down":
      client.deliverDown(n);
      break;
    case "wait":
      client.advance(n * 400);
      break;
    case "round":
      deliverAll(clients);
      break;
    case "cut":
      client.cut();
      break;
    case "fail_over":
      server.failOver(S1, n % 4);
      break;
    case "away":
      server.isStoreAway = true;
      break;
    case "back":
      server.isStoreAway = false;
      break;
    case "refuse":
      server.isNextRefused = true;
      break;
    case "lose_push":
      server.isNextPushLost = true;
      break;
  }
}

/** The network heals and everything under way arrives; joining once more makes missed pushes show. */
function settleAll(server: FakeServer, clients: readonly Client[]): void {
  server.isStoreAway = false;
  server.isNextPushLost = false;
  drain(clients);
  for (const client of clients) client.cut();
  drain(clients);
}

function deliverAll(clients: readonly Client[]): void {
  for (const client of clients) {
    client.deliverUp(50);
    client.deliverDown(50);
    client.advance(client.isOpen ? 500 : 20_000);
  }
}

function drain(clients: readonly Client[]): void {
  for (let round = 0; round < 400; round += 1) {
    deliverAll(clients);
    const isQuiet = (client: Client): boolean => client.isIdle && client.page.session(S1).pending_count === 0;
    if (round > 30 && clients.every((client) => isQuiet(client) && client.page.session(S2).pending_count === 0)) return;
  }
  throw new Error("the clients do not come to rest");
}

function checkConverged({ server, clients }: ReturnType<typeof play>): void {
  for (const { page } of clients) {
    expect(page.session(S1).view).toEqual(server.view(S1));
    expect(page.session(S1).phase).toBe("live");
    if (page.session(S2).phase === "live") expect(page.session(S2).view).toEqual(server.view(S2));
  }
  for (const { entries } of server.logs.values()) {
    const values = entries.flatMap(({ ops }) => ops).filter((op) => op.op === "put" && op.collection === "fields");
    const contents = values.map((op) => JSON.stringify(op));
    expect(new Set(contents).size).toBe(contents.length);
    for (const { page } of clients) {
      const csns = entries.filter(({ client_id }) => client_id?.[0] === page.state.client_id[0]).map(({ csn }) => csn);
      expect(csns).toEqual(csns.toSorted((one, other) => Number(one) - Number(other)));
      expect(new Set(csns).size).toBe(csns.length);
    }
  }
}

function acts(kinds: readonly Act["kind"][]) {
  const one = fc.record({ kind: fc.constantFrom(...kinds), who: fc.nat(2), n: fc.nat(9) });
  return fc.array(one, { maxLength: 200, size: "max" });
}

describe("three clients and a server that follows the protocol", () => {
  it("[CM20] [CM22] [DL21] agree at rest; nothing is applied twice, out of order, or dropped in silence", () => {
    fc.assert(
      fc.property(acts([...KINDS, ...FAULTS]), (played) => {
        const world = play(played);
        checkConverged(world);
        const log = [...world.server.logs.values()].flatMap(({ entries }) => entries);
        for (const { page, given } of world.clients) {
          for (const [csn, { session_id, command }] of given) {
            const accepted = log.filter((entry) => entry.client_id === page.state.client_id && entry.csn === csn);
            const refused = page.session(session_id).refusals.filter(({ id }) => id === csn);
            expect(accepted.length + refused.length).toBe(1);
            if (command.type !== "set_field" || accepted[0] === undefined) continue;
            expect(accepted[0].ops).toMatchObject([{ record: { content: command.content } }]);
          }
        }
      }),
      { numRuns: 200, interruptAfterTimeLimit: 30_000, markInterruptAsFailure: true },
    );
  }, 60_000);

  it("[DL25] [CN27] agree at rest and repeat nothing when the store loses its last entries", () => {
    fc.assert(
      fc.property(acts([...KINDS, ...FAULTS, "fail_over"]), (played) => {
        checkConverged(play(played));
      }),
      { numRuns: 200, interruptAfterTimeLimit: 30_000, markInterruptAsFailure: true },
    );
  }, 60_000);
});
