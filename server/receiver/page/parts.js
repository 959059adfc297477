/* What the page is built of: one arrival, one misbehaviour. Text only ever becomes text. */

const MARKS = { verified: "✓ Verified", unsigned: "– Not signed", wrong: "✕ Wrong signature" };

const MAIL_FAULTS = {
  rcpt_550: "550 on the recipient",
  data_451: "451 after the text",
  data_drop: "Dropped after the text",
};

/** An element with properties, and what is in it. */
export function make(tag, properties, ...content) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...content);
  return element;
}

/** Whom an arrival is filtered by. */
export function nameOf(arrival) {
  return arrival.kind === "mail" ? "E-mail" : arrival.name;
}

/** One line of the list. It is made once; `update` writes what changes. */
export function makeRow(arrival) {
  const isMail = arrival.kind === "mail";
  const verdict = isMail ? "mail" : arrival.signature.verdict;
  const at = new Date(arrival.at_ms);
  const answer = make("span", { className: "answer" });
  const effect = make("span", { className: "effect" }, effectOf(arrival));
  const title = isMail
    ? [make("strong", {}, arrival.subject || "(no subject)"), `to ${arrival.recipients.join(", ")}`]
    : [make("strong", {}, arrival.name), arrival.event ?? (arrival.method === "POST" ? "" : arrival.method)];
  const summary = make(
    "summary",
    {},
    make("span", { className: `mark ${verdict}` }, isMail ? "✉ E-mail" : MARKS[verdict]),
    make("span", { className: "title" }, ...title),
    make("time", { className: "time", dateTime: at.toISOString() }, at.toLocaleTimeString("en-GB")),
    answer,
    effect,
  );
  const details = make("details", {}, summary);
  // Bodies are many and long: each is written when somebody opens it.
  details.addEventListener("toggle", () => details.open && details.append(makeInside(arrival)), { once: true });
  const row = make("li", {}, details);
  row.dataset.name = nameOf(arrival);
  const update = (now) => {
    answer.textContent = now.answer === null ? "Waiting for its answer …" : `Answered ${now.answer}`;
    if (now.answer?.startsWith("dropped")) answer.textContent = `Connection ${now.answer}`;
    answer.classList.toggle("bad", now.answer !== null && !now.answer.startsWith("2"));
  };
  update(arrival);
  return { row, update };
}

function effectOf(arrival) {
  if (arrival.is_repeat) return arrival.has_effect ? "Repeat, one effect" : "Repeat, no new effect";
  return arrival.has_effect ? "One effect" : "No effect";
}

function makeInside(arrival) {
  const facts =
    arrival.kind === "mail"
      ? { From: arrival.sender || "(nobody)", To: arrival.recipients.join(", "), "Message-ID": arrival.id }
      : { Request: `${arrival.method} ${arrival.path}`, Id: arrival.id, Signature: signatureOf(arrival) };
  const list = make("dl", {});
  for (const [name, value] of Object.entries({ ...facts, Size: `${arrival.size_bytes} bytes` })) {
    if (value !== null) list.append(make("dt", {}, name), make("dd", {}, value));
  }
  const inside = make("div", { className: "inside" }, list);
  if (arrival.body) {
    const text = make("pre", { tabIndex: 0, ariaLabel: "Body" }, arrival.body);
    text.setAttribute("role", "group"); // focusable, so that a keyboard can scroll it
    inside.append(make("div", { className: "body" }, text, makeCopyButton(arrival.body)));
  }
  return inside;
}

function signatureOf({ signature }) {
  const words = { verified: "Verified", unsigned: "Not signed", wrong: `Wrong: ${signature.why}` };
  return words[signature.verdict];
}

function makeCopyButton(text) {
  const button = make("button", { type: "button" }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed";
    }
    setTimeout(() => {
      button.textContent = "Copy";
    }, 2000);
  });
  return button;
}

/** What a misbehaviour does, in words. */
export function describe(rule) {
  const what = rule.fault ? `E-mail: ${MAIL_FAULTS[rule.fault]}` : describeHttp(rule);
  const chance = rule.probability < 1 ? `, ${Math.round(rule.probability * 1000) / 10} % of the time` : "";
  const often = rule.times === 1 ? ", once" : rule.times ? `, ${rule.times} times` : "";
  return what + chance + often;
}

function describeHttp(rule) {
  const parts = [];
  if (rule.status) parts.push(`${rule.status}${rule.retry_after ? `, Retry-After ${rule.retry_after}` : ""}`);
  if (rule.drop) parts.push("dropped");
  if (rule.drop || rule.after_effect) parts.push(`${rule.after_effect ? "after" : "before"} the effect`);
  if (rule.delay_s) parts.push(`after ${rule.delay_s} s`);
  return `${rule.name ?? "All hooks"}: ${parts.join(" ")}`;
}
