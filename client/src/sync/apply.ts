/** Ops of a delta on a view. The one place that changes confirmed state piecewise. Rule DL20. */

import type { Op, View } from "../protocol/protocol.gen";

/** The view after the ops. Collections and records that no op names stay the same objects. */
export function apply(view: View, ops: readonly Op[]): View {
  const collections: Record<string, Record<string, unknown>> = { ...view };
  const copied = new Set<string>();
  for (const op of ops) {
    if (!copied.has(op.collection)) {
      collections[op.collection] = { ...collections[op.collection] };
      copied.add(op.collection);
    }
    const records = collections[op.collection] as Record<string, unknown>;
    if (op.op === "put") records[op.id] = op.record;
    else delete records[op.id];
  }
  return copied.size === 0 ? view : (collections as unknown as View);
}
