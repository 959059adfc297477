/** One's own account: password, where one is signed in, language and region. Rules PX4, PX5, PE16 and PR7. */

import { Button, Switch, Title } from "@mantine/core";
import { useState } from "react";
import { askAgain, send, useFetched } from "../../lib/http";
import { locale, type Me } from "../../lib/locale";
import { useWatchHidden } from "../../lib/watchHidden";
import type { SignInLine, SignInLines } from "../../protocol/protocol.gen";
import { useConnection } from "../../sync";
import { SignInList } from "../../ui/SignInList";
import classes from "./AccountPage.module.css";
import { LocaleDialog } from "./LocaleDialog";
import { localeText } from "./localeText";
import { PasswordForm } from "./PasswordForm";
import { SecondFactor } from "./SecondFactor";

const SIGN_INS = "/api/me/sign-ins";

export default function AccountPage({ person, way }: Pick<Me, "person" | "way">) {
  const [is_locale_open, setLocaleOpen] = useState(false);
  return (
    <main className={classes.page}>
      <title>My account · Sidecoach</title>
      <Title order={1} size="h2">
        My account
      </Title>
      <p className={classes.who}>
        {person.name} <span className={classes.roles}>{person.roles.join(", ")}</span>
        {person.email !== null && <span className={classes.email}>{person.email}</span>}
        {way === "oidc" && <span className={classes.email}>Signed in with your company account</span>}
      </p>
      {person.has_password && (
        <section className={classes.card} aria-labelledby="password">
          <Title order={2} size="h4" id="password">
            Password
          </Title>
          <PasswordForm onChanged={() => askAgain(SIGN_INS)} />
        </section>
      )}
      {person.has_password && <SecondFactor />}
      <SignIns />
      {person.permissions.includes("hidden_watching") && <WatchHidden person={person} />}
      <section className={classes.card} aria-labelledby="locale">
        <div className={classes.card_head}>
          <div>
            <Title order={2} size="h4" id="locale">
              Language and region
            </Title>
            <p className={classes.sub}>{localeText(locale())}</p>
          </div>
          <Button variant="default" onClick={() => setLocaleOpen(true)}>
            Change…
          </Button>
        </div>
        <LocaleDialog opened={is_locale_open} onClose={() => setLocaleOpen(false)} />
      </section>
    </main>
  );
}

function WatchHidden({ person }: Pick<Me, "person">) {
  const [hides, hide] = useWatchHidden(person);
  return (
    <section className={classes.card} aria-labelledby="watch_hidden">
      <div className={classes.card_head}>
        <div>
          <Title order={2} size="h4" id="watch_hidden">
            Watch unseen
          </Title>
          <p className={classes.sub}>
            Calls that you open on this computer show you to nobody until you do something. Each time is in the audit
            log.
          </p>
        </div>
        <Switch
          aria-labelledby="watch_hidden"
          size="md"
          checked={hides}
          onChange={(event) => hide(event.currentTarget.checked)}
        />
      </div>
    </section>
  );
}

function SignIns() {
  const fetched = useFetched<SignInLines>(SIGN_INS);
  const { server_offset_ms } = useConnection();
  const [ending, setEnding] = useState<ReadonlySet<string>>(new Set());
  const [problem, setProblem] = useState<string | null>(null);
  const [ended, setEnded] = useState(0);
  const lines = fetched.phase === "ready" ? fetched.value.lines : [];
  const others = lines.filter(({ is_here }) => !is_here);

  const end = async (meant: readonly SignInLine[]): Promise<void> => {
    setEnding(new Set(meant.map(({ id }) => id)));
    setProblem(null);
    const sent = await Promise.all(meant.map(({ id }) => send("DELETE", `${SIGN_INS}/${id}`)));
    const refusals = sent.filter((each) => !each.is_done);
    // One that is over already is what was asked for.
    const refused = refusals.find(({ code }) => code !== "unknown_sign_in");
    setProblem(refused?.expected ?? null);
    setEnded(meant.length - (refused === undefined ? 0 : refusals.length));
    askAgain(SIGN_INS);
    setEnding(new Set());
  };

  return (
    <section className={classes.card} aria-labelledby="sign_ins">
      <div className={classes.card_head}>
        <Title order={2} size="h4" id="sign_ins">
          Where I am signed in
        </Title>
        {others.length > 1 && (
          <Button variant="default" loading={ending.size > 1} onClick={() => void end(others)}>
            End all others
          </Button>
        )}
      </div>
      {fetched.phase === "loading" && <p className={classes.sub}>Loading…</p>}
      {fetched.phase === "failed" && (
        <div className={classes.card_head} role="alert">
          <p className={classes.sub}>This could not be loaded.</p>
          <Button variant="default" onClick={() => askAgain(SIGN_INS)}>
            Try again
          </Button>
        </div>
      )}
      <SignInList
        lines={lines}
        now_ms={Date.now() + server_offset_ms}
        act={(line, name) =>
          !line.is_here && (
            <Button
              variant="default"
              size="xs"
              aria-label={`End ${name}`}
              loading={ending.has(line.id)}
              onClick={() => void end([line])}
            >
              End
            </Button>
          )
        }
      />
      <p className="visually-hidden" role="status">
        {ended > 0 && ending.size === 0 && (ended === 1 ? "1 sign-in ended" : `${ended} sign-ins ended`)}
      </p>
      {problem !== null && (
        <p role="alert" className={classes.wrong}>
          {problem}
        </p>
      )}
    </section>
  );
}
