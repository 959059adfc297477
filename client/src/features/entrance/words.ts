/** What is said at the door. Pure. */

import type { LinkKind } from "../../protocol/protocol.gen";

/** `45 s`, `2 min 5 s`: how long there is to wait. */
export function waitText(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const rest = seconds % 60;
  if (minutes === 0) return `${rest} s`;
  return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
}

/** What a link is there for, to whom it is. */
export function purposeText(kind: LinkKind): string {
  switch (kind) {
    case "first_admin":
      return "You are the first administrator. Choose a password, and you are in.";
    case "invitation":
      return "You were added to Sidecoach. Choose a password, and you are in.";
    case "password":
      return "Choose a new password. It signs you in here, and out everywhere else.";
  }
}
