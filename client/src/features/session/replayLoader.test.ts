import { expect, it, vi } from "vitest";
import type { ReplayPage, WorkflowDocument } from "../../protocol/protocol.gen";
import { ANA, VERSION, view } from "../../sync/testing";
import { indexDocument } from "./live";
import { createReplayLoader } from "./replayLoader";

const guide = indexDocument(VERSION.document as unknown as WorkflowDocument);

/** A server with a log of so many entries, two to a page. */
function serverOf(log: { length: number; erased: number; status: number | null; untold?: readonly number[] }) {
  return vi.fn(async (session_id: string, from_seq: number): Promise<ReplayPage | number | null> => {
    if (log.status !== null) return log.status;
    const seqs = [from_seq + 1, from_seq + 2].filter((seq) => seq <= log.length);
    const told = seqs.filter((seq) => !log.untold?.includes(seq));
    return {
      session_id,
      audience: "staff",
      erased: log.erased,
      follows: from_seq === 0 ? "" : `e${from_seq}`,
      view: from_seq === 0 ? view() : null,
      steps: told.map((seq) => ({ seq, at_ms: seq, by: ANA, events: ["hang_up_reported"], ops: [] })),
      seq: seqs.at(-1) ?? from_seq,
      entry_id: `e${seqs.at(-1) ?? from_seq}`,
      last_seq: log.length,
    };
  });
}

it("[RP6] loads page after page, then what is new of a live Session", async () => {
  const log = { length: 5, erased: 0, status: null };
  const ask = serverOf(log);
  const loader = createReplayLoader("s", guide, ask);
  loader.want(5);
  const stop = loader.start();
  await vi.waitFor(() => expect(loader.get()).toMatchObject({ is_whole: true }));
  expect(ask.mock.calls.map(([, from_seq]) => from_seq)).toEqual([0, 2, 4]);
  log.length = 6;
  loader.want(6);
  await vi.waitFor(() => expect(loader.get().replay?.steps.length).toBe(6));
  expect(ask).toHaveBeenCalledTimes(4);
  stop();
});

it("[WH4, RP6] goes on past what is not told, a whole page or the last entry of it", async () => {
  const log = { length: 8, erased: 0, status: null, untold: [2, 5, 6, 8] };
  const ask = serverOf(log);
  const loader = createReplayLoader("s", guide, ask);
  loader.want(8);
  const stop = loader.start();
  await vi.waitFor(() => expect(loader.get()).toMatchObject({ is_whole: true }));
  expect(loader.get().replay?.steps.map(({ seq }) => seq)).toEqual([1, 3, 4, 7]);
  expect(ask.mock.calls.map(([, from_seq]) => from_seq)).toEqual([0, 2, 4, 6]);
  log.length = 10;
  loader.want(10);
  await vi.waitFor(() => expect(loader.get().replay?.steps.length).toBe(6));
  expect(ask).toHaveBeenCalledTimes(5);
  stop();
});

it("[RP3] begins anew after something was erased, and shows nothing of before meanwhile", async () => {
  const log = { length: 4, erased: 0, status: null };
  const ask = serverOf(log);
  const loader = createReplayLoader("s", guide, ask);
  const seen: (number | null)[] = [];
  loader.want(4);
  const stop = loader.start();
  await vi.waitFor(() => expect(loader.get()).toMatchObject({ is_whole: true }));
  loader.subscribe(() => seen.push(loader.get().replay?.steps.length ?? null));
  Object.assign(log, { length: 5, erased: 1 });
  loader.want(5);
  await vi.waitFor(() => expect(loader.get().replay?.steps.length).toBe(5));
  expect(seen).toEqual([null, 2, 4, 5]);
  expect(loader.get().replay?.erased).toBe(1);
  stop();
});

it("[RP1] says that it may not, and asks no more", async () => {
  const ask = serverOf({ length: 4, erased: 0, status: 403 });
  const loader = createReplayLoader("s", guide, ask);
  loader.want(4);
  const stop = loader.start();
  await vi.waitFor(() => expect(loader.get().refused).toBe(403));
  loader.want(5);
  expect(ask).toHaveBeenCalledTimes(1);
  stop();
});
