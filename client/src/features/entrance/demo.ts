/** What the demo's door tells of itself. */

export const DEMO = "/api/demo";
export const DEMO_CALLS = "/api/demo/calls";

/** Set in links of the landing page: who follows one has already chosen. */
export const CHOSEN = "#continue";

export interface DemoPerson {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly url: string;
}

export interface Demo {
  readonly people: readonly DemoPerson[];
  /** Whom this page's host stands for. */
  readonly here: DemoPerson | null;
  /** Where what Actions send is shown. */
  readonly receiver_url: string | null;
  /** Of the server process that answered. */
  readonly pid: number;
}

/** What runs of the simulated calls. */
export interface DemoCalls {
  readonly until_ms: number | null;
}
