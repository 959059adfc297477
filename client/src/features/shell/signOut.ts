/** Signing out: saves first, since the sign-in ends the connection, and leaves nothing on this computer. */

import { post } from "../../lib/http";
import type { Sync } from "../../sync";

/** Leaves the page; else why not: something is not saved, or the server cannot be reached. */
export async function signOut(sync: Sync, may_discard: boolean): Promise<"unsaved" | "unreachable"> {
  await sync.saveAll();
  if (sync.unsaved().count > 0 && !may_discard) return "unsaved";
  try {
    await post("/api/sign-out");
  } catch {
    return "unreachable";
  }
  await sync.forget();
  location.assign("/");
  return new Promise<never>(() => {});
}
