// Has Google's own client call one method of events, and prints what it read in the answer.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../client/package.json", import.meta.url));
const { auth, calendar } = require("@googleapis/calendar");

const { url, tokens, method, parameters } = JSON.parse(readFileSync(0, "utf8"));
const { client_id: clientId, client_secret: clientSecret, ...credentials } = tokens;
const client = new auth.OAuth2({ clientId, clientSecret, endpoints: { oauth2TokenUrl: `${url}/token` } });
client.setCredentials(credentials);
const { data } = await calendar({ version: "v3", auth: client, rootUrl: url }).events[method](parameters);
console.log(JSON.stringify(data));
