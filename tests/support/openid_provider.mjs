// A certified OpenID provider on loopback. Prints its issuer, then obeys what is posted to /control:
// `accounts` (claims by subject), `who` signs in by itself (or "cancel"), `rotate` changes its key (`same_kid` or not),
// `forged` is an ID token and `keys` what is answered instead of its own, `in_id_token` puts all claims into the ID token, `clients` are the redirect URIs that it knows.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { generateKeyPairSync, randomBytes } from "node:crypto";

console.info = console.warn = () => {}; // it warns of settings that are fine in a test
const require = createRequire(new URL("../../client/package.json", import.meta.url));
const { Provider } = require("oidc-provider");

const known = { accounts: {}, who: null, in_id_token: false, redirect_uris: ["http://localhost:8000/api/oidc/callback"] };
let [kid, provider] = ["first", null];

function build() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const { port } = server.address();
  provider = new Provider(`http://localhost:${port}`, {
    clients: [{ client_id: "sidecoach", client_secret: "not a secret/+", redirect_uris: known.redirect_uris }],
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kid, use: "sig", alg: "RS256" }] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
    conformIdTokenClaims: !known.in_id_token,
    cookies: { keys: [randomBytes(16).toString("hex")] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    findAccount: (_, sub) => known.accounts[sub] && { accountId: sub, claims: () => ({ sub, ...known.accounts[sub] }) },
    // Nobody is asked whether the company's own tool may know them.
    loadExistingGrant: async ({ oidc: { client, session }, oidc }) => {
      const grant = new oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
  });
}

function page(uid) {
  const ways = [...Object.keys(known.accounts), "cancel"];
  const links = ways.map((who) => `<p><a href="/interaction/${uid}?who=${who}">${who}</a></p>`);
  return `<!doctype html><html lang="en"><title>Company account</title><h1>Who are you?</h1>${links.join("")}</html>`;
}

async function control(request) {
  const { rotate, ...news } = JSON.parse(Buffer.concat(await request.toArray()));
  Object.assign(known, news);
  if (rotate) kid = rotate === "same_kid" ? kid : randomBytes(4).toString("hex");
  if (rotate || "in_id_token" in news || "redirect_uris" in news) build();
}

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  if (pathname === "/control") {
    await control(request);
    return response.end();
  }
  if (pathname === "/token" && known.forged) {
    const tokens = { token_type: "Bearer", access_token: "x", id_token: known.forged };
    return response.setHeader("Content-Type", "application/json").end(JSON.stringify(tokens));
  }
  if (pathname === "/jwks" && typeof known.keys === "string") return response.end(Buffer.from(known.keys, "latin1"));
  const [, uid] = /^\/interaction\/([\w-]+)$/.exec(pathname) ?? [];
  if (uid === undefined) return provider.callback()(request, response);
  const who = searchParams.get("who") ?? known.who;
  if (who === null) return response.setHeader("Content-Type", "text/html").end(page(uid));
  const result = who === "cancel" ? { error: "access_denied" } : { login: { accountId: who } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
});

server.listen(0, "localhost", () => {
  build();
  console.log(`http://localhost:${server.address().port}`);
});
