/* The receiver's page: looks once a second, shows what came, says how to misbehave. */

import { describe, make, makeRow, nameOf } from "./parts.js";

const KEPT = 1000;
const ALL = "";
const LOOK_MS = 1000;

const at = (id) => document.getElementById(id);
const rows = new Map();
const names = new Set();
let run = null;
let revision = 0;
let shownBehaviour = "";

async function ask(path, options = {}) {
  const answer = await fetch(path, options);
  if (!answer.ok) {
    const problem = await answer.json().catch(() => null);
    throw new Error(problem?.detail ?? `the receiver answered ${answer.status}`);
  }
  return answer.status === 204 ? null : answer.json();
}

// --- What came --------------------------------------------------------------------------

function forget() {
  rows.clear();
  names.clear();
  at("list").replaceChildren();
  showNames();
}

function show(arrival) {
  const known = rows.get(arrival.number);
  if (known) {
    known.update(arrival);
    return;
  }
  const row = makeRow(arrival);
  rows.set(arrival.number, row);
  row.row.hidden = !isShown(row.row);
  at("list").prepend(row.row);
  if (!names.has(nameOf(arrival))) {
    names.add(nameOf(arrival));
    showNames();
  }
  if (rows.size > KEPT) {
    const [oldest] = rows.keys();
    rows.get(oldest).row.remove();
    rows.delete(oldest);
  }
}

function isShown(row) {
  return at("filter").value === ALL || row.dataset.name === at("filter").value;
}

function showNames() {
  const chosen = at("filter").value;
  const sorted = [...names].sort();
  at("filter").replaceChildren(
    make("option", { value: ALL }, "Everything"),
    ...sorted.map((name) => make("option", { value: name }, name)),
  );
  at("filter").value = names.has(chosen) ? chosen : ALL;
  const hooks = sorted.filter((name) => name !== "E-mail");
  at("hooks").replaceChildren(...hooks.map((name) => make("option", { value: name })));
  filter();
}

function filter() {
  for (const { row } of rows.values()) row.hidden = !isShown(row);
  showWhetherEmpty();
}

function showWhetherEmpty() {
  at("empty").hidden = rows.size > 0;
  at("none-shown").hidden = rows.size === 0 || [...rows.values()].some(({ row }) => !row.hidden);
}

function count(number, one, many) {
  return `${number} ${number === 1 ? one : many}`;
}

async function look() {
  let news = await ask(`/api/deliveries?after=${revision}`);
  if (news.run !== run) {
    forget();
    run = news.run;
    if (revision > 0) news = await ask("/api/deliveries?after=0");
  }
  // Cleared once more between the two questions: the next look begins anew.
  if (news.run !== run) {
    revision = 0;
    return;
  }
  revision = news.revision;
  // In the order of numbers, not of changes, so that what waits longest is not on top.
  for (const arrival of news.entries.sort((one, other) => one.number - other.number)) show(arrival);
  showWhetherEmpty();
  const { total, mail } = await ask("/api/effects");
  const text = `${count(rows.size, "arrival", "arrivals")}, ${count(total + mail.total, "effect", "effects")}`;
  if (at("counts").textContent !== text) at("counts").textContent = text;
  showBehaviour(await ask("/api/behaviour"));
}

async function keepLooking() {
  try {
    if (!document.hidden) await look();
    tell("");
  } catch {
    tell("The receiver does not answer. Trying again …");
  }
  setTimeout(keepLooking, LOOK_MS);
}

function tell(trouble) {
  if (at("trouble").textContent !== trouble) at("trouble").textContent = trouble;
}

// --- Misbehaving ------------------------------------------------------------------------

const HTTP_FAULTS = {
  "Answer 503": () => ({ status: 503 }),
  "Answer 429, Retry-After": () => ({ status: 429, retry_after: String(seconds()) }),
  "Answer 400, with messages": () => ({ status: 400, errors: fieldMessages() }),
  "Answer 401": () => ({ status: 401 }),
  "Answer 410": () => ({ status: 410 }),
  "Answer slowly": () => ({ delay_s: seconds() }),
  "Drop before the effect": () => ({ drop: true }),
  "Drop after the effect": () => ({ drop: true, after_effect: true }),
};

const MAIL_FAULTS = {
  "550 on the recipient": "rcpt_550",
  "451 after the text": "data_451",
  "Drop after the text": "data_drop",
};

function seconds() {
  return Number(at("seconds").value) || 1;
}

function fieldMessages() {
  const fields = at("fields").value.split(/[\s,]+/).filter(Boolean);
  return Object.fromEntries(fields.map((field) => [field, "is not accepted"]));
}

function howOften() {
  switch (at("often").value) {
    case "once":
      return { times: 1 };
    case "times":
      return { times: Number(at("times").value) };
    case "chance":
      return { probability: Number(at("chance").value) / 100 };
    default:
      return {};
  }
}

/** Change what the receiver was told, from what is left of it at this moment. */
async function tellReceiver(change) {
  try {
    const told = change(await ask("/api/behaviour"));
    const headers = { "Content-Type": "application/json" };
    showBehaviour(await ask("/api/behaviour", { method: "PUT", headers, body: JSON.stringify(told) }));
  } catch (error) {
    tell(`Not done: ${error.message}`);
  }
}

function showBehaviour(now) {
  const text = JSON.stringify(now);
  if (shownBehaviour === text) return;
  shownBehaviour = text;
  if (document.activeElement !== at("seed")) at("seed").value = now.seed ?? "";
  at("idempotent").checked = now.idempotent;
  const lines = ["misbehaviours", "mail"].flatMap((kind) => now[kind].map((rule) => makeActive(kind, rule)));
  at("active").replaceChildren(...lines);
  at("good").hidden = lines.length > 0;
  at("active").hidden = lines.length === 0;
}

function makeActive(kind, rule) {
  const button = make("button", { type: "button", ariaLabel: `Switch off: ${describe(rule)}` }, "Switch off");
  const same = JSON.stringify(rule);
  button.addEventListener("click", async () => {
    await tellReceiver((now) => {
      const place = now[kind].findIndex((other) => JSON.stringify(other) === same);
      return { ...now, [kind]: now[kind].filter((_, index) => index !== place) };
    });
    (at("active").querySelector("button") ?? at("behave")).focus();
  });
  return make("li", {}, make("span", {}, describe(rule)), button);
}

function addFaults(place, faults, kind, ruleOf) {
  for (const [label, fault] of Object.entries(faults)) {
    const button = make("button", { type: "button" }, label);
    button.addEventListener("click", () => {
      const rule = { ...ruleOf(fault), ...howOften() };
      tellReceiver((now) => ({ ...now, [kind]: [...now[kind], rule] }));
    });
    at(place).append(button);
  }
}

addFaults("http-faults", HTTP_FAULTS, "misbehaviours", (fault) => {
  const name = at("hook").value.trim();
  return { ...fault(), ...(name && { name }) };
});
addFaults("mail-faults", MAIL_FAULTS, "mail", (fault) => ({ fault }));

at("filter").addEventListener("change", filter);
at("often").addEventListener("change", () => {
  at("times-choice").hidden = at("often").value !== "times";
  at("chance-choice").hidden = at("often").value !== "chance";
});
at("clear").addEventListener("click", async () => {
  try {
    await ask("/api/clear", { method: "POST" });
    await look();
  } catch (error) {
    tell(`Not done: ${error.message}`);
  }
});
at("behave").addEventListener("click", () => tellReceiver((now) => ({ ...now, misbehaviours: [], mail: [] })));
at("idempotent").addEventListener("change", () => {
  tellReceiver((now) => ({ ...now, idempotent: at("idempotent").checked }));
});
at("seed").addEventListener("change", () => {
  tellReceiver((now) => ({ ...now, seed: at("seed").value === "" ? null : Number(at("seed").value) }));
});

showNames();
at("hook-address").textContent = `POST ${location.origin}/hooks/NAME`;
ask("/api/receiver").then(({ mail_port }) => {
  at("mail-address").textContent = `${location.hostname}, port ${mail_port}`;
}, () => {});
keepLooking();
