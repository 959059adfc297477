// Prints what the JavaScript library of Standard Webhooks has against a webhook; null if nothing.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../client/package.json", import.meta.url));
const { Webhook, WebhookVerificationError } = require("standardwebhooks");

const { secret, headers, body } = JSON.parse(readFileSync(0, "utf8"));
let complaint = null;
try {
  new Webhook(secret).verify(Buffer.from(body, "base64"), headers);
} catch (error) {
  if (!(error instanceof WebhookVerificationError)) throw error;
  complaint = error.message;
}
console.log(JSON.stringify(complaint));
