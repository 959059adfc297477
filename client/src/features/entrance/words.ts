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

const PROBLEMS = new Map<string, readonly [title: string, text: string]>(
  Object.entries<readonly [string, string]>({
    cancelled: ["You are not signed in", "Signing in was cancelled. Nothing was changed."],
    outdated: [
      "This took too long",
      "Signing in was begun in another tab or browser, or more than ten minutes ago. Begin again.",
    ],
    unreachable: [
      "The sign-in service cannot be reached",
      "Your company’s sign-in service does not answer at the moment. Try again in a few minutes.",
    ],
    clock: [
      "The clocks differ",
      "The clock of Sidecoach and that of your company’s sign-in service differ too much. Tell whoever runs Sidecoach.",
    ],
    not_verified: [
      "Your e-mail address is not verified",
      "Your company’s sign-in service does not vouch for your e-mail address. Have it verified there, then sign in again.",
    ],
    unknown: [
      "You were not added yet",
      "Nobody is known here by the e-mail address of your company account. Ask an administrator of Sidecoach to add you.",
    ],
    other_identity: [
      "This is another account",
      "Your e-mail address belongs here to somebody who signs in with another company account. Ask an administrator of Sidecoach.",
    ],
    deactivated: [
      "Your account is deactivated",
      "You cannot sign in to Sidecoach any more. If that is a mistake, ask an administrator.",
    ],
    no_role: [
      "Sidecoach is not open to your groups",
      "None of the groups that you belong to in your company has a role here. Ask whoever manages them.",
    ],
  }),
);

/** Why the company's sign-in service did not let somebody in; what this page does not know is the service's fault. */
export function problemText(why: string | null): { readonly title: string; readonly text: string } {
  const [title, text] = PROBLEMS.get(why ?? "") ?? [
    "Signing in did not work",
    "Your company’s sign-in service gave an answer that Sidecoach cannot use. Try again; if it stays so, tell whoever runs Sidecoach.",
  ];
  return { title, text };
}

/** A page of ours, or the first one: the address of this page may come from anybody. */
export function ownPath(to: string | null): string {
  return to !== null && /^\/(?![/\\])/.test(to) && new URL(to, location.origin).origin === location.origin ? to : "/";
}
