/** Signing in: with the company's OpenID provider, with e-mail address and password, or either. Rules PX1, PX2, OI10. */

import { Button, Divider, Stack, Text, TextInput, Title } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { send } from "../../lib/http";
import { sentence } from "../../lib/sentence";
import { useNow } from "../../lib/time";
import type { House, SignInOrder } from "../../protocol/protocol.gen";
import { PasswordField } from "../../ui/PasswordField";
import { Brand } from "./Brand";
import classes from "./Entrance.module.css";
import { ProviderButton } from "./ProviderButton";
import { ownPath, waitText } from "./words";

const USUAL_WAIT_S = 30;

type Problem =
  | { readonly kind: "wrong" }
  | { readonly kind: "wrong_code" }
  | { readonly kind: "slow_down"; readonly wait_s: number; readonly until_ms: number }
  | { readonly kind: "other"; readonly text: string };

export function SignInPage({ house: { name, passwords, provider } }: { house: House }) {
  return (
    <main className={classes.page}>
      <title>Sign in · Sidecoach</title>
      <Stack gap="md" className={classes.form}>
        <div>
          <Brand />
          <Title order={1} size="h2">
            Sign in
          </Title>
          {name !== "" && name !== "Sidecoach" && <Text className={classes.house}>{name}</Text>}
        </div>
        {provider !== null && <ProviderButton label={provider} />}
        {provider !== null && passwords && <Divider label="or with your password" />}
        {passwords ? (
          <PasswordSignIn is_second={provider !== null} />
        ) : (
          <Text className={classes.hint}>You cannot get in? Ask an administrator for a link.</Text>
        )}
      </Stack>
    </main>
  );
}

function PasswordSignIn({ is_second }: { is_second: boolean }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  /** Null until it is asked for. */
  const [code, setCode] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [is_sending, setSending] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const codeField = useRef<HTMLInputElement>(null);
  const is_wrong = problem?.kind === "wrong";

  const signIn = async (): Promise<void> => {
    setSending(true);
    const body: SignInOrder = { email: email.trim(), password, code };
    const sent = await send("POST", "/api/sign-in", body);
    if (sent.is_done) {
      // To where they wanted to go; loaded anew, so that nothing is left of before.
      location.replace(ownPath(location.pathname + location.search));
      return;
    }
    setSending(false);
    if (sent.code === "code_needed") {
      setProblem(null);
      setCode("");
    } else if (sent.code === "wrong_code") {
      setProblem({ kind: "wrong_code" });
      codeField.current?.select();
    } else if (sent.code === "wrong_sign_in") {
      setProblem({ kind: "wrong" });
      field.current?.select();
    } else if (sent.code === "slow_down") {
      const wait_s = sent.wait_s ?? USUAL_WAIT_S;
      setProblem({ kind: "slow_down", wait_s, until_ms: Date.now() + wait_s * 1_000 });
    } else setProblem({ kind: "other", text: sentence(sent.expected) });
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!is_sending) void signIn();
      }}
    >
      <Stack gap="md">
        <TextInput
          label="E-mail"
          type="email"
          inputMode="email"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus={!is_second}
          required
          withAsterisk={false}
          maxLength={320}
          error={is_wrong}
          disabled={code !== null}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordField
          ref={field}
          label="Password"
          name="password"
          autoComplete="current-password"
          error={is_wrong ? "E-mail or password is not right." : null}
          disabled={code !== null}
          value={password}
          onType={setPassword}
        />
        {code !== null && (
          <TextInput
            ref={codeField}
            label="Code of your authenticator app"
            description="Or one of the recovery codes that you kept."
            name="code"
            autoComplete="one-time-code"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            required
            withAsterisk={false}
            maxLength={40}
            error={problem?.kind === "wrong_code" ? "This code is not right, or was used already." : null}
            errorProps={{ role: "alert" }}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
        )}
        {problem?.kind === "slow_down" && (
          <SlowDown wait_s={problem.wait_s} until_ms={problem.until_ms} onOver={() => setProblem(null)} />
        )}
        {problem?.kind === "other" && (
          <Text role="alert" size="sm" c="var(--sc-wrong)">
            {problem.text}
          </Text>
        )}
        <Button
          type="submit"
          size="md"
          fullWidth
          variant={is_second ? "default" : "filled"}
          loading={is_sending}
          disabled={problem?.kind === "slow_down"}
        >
          Sign in
        </Button>
        {code === null ? (
          <Text className={classes.hint}>No password yet or forgotten? Ask an administrator for a link.</Text>
        ) : (
          <Text className={classes.hint}>Lost both? An administrator can switch the second step off.</Text>
        )}
      </Stack>
    </form>
  );
}

interface SlowDownProps {
  wait_s: number;
  until_ms: number;
  onOver: () => void;
}

/** Said aloud once; the seconds are only seen. */
function SlowDown({ wait_s, until_ms, onOver }: SlowDownProps) {
  const left_s = Math.min(wait_s, Math.ceil((until_ms - useNow()) / 1_000));
  const is_over = left_s <= 0;
  useEffect(() => {
    if (is_over) onOver();
  }, [is_over, onOver]);
  return (
    <div className={classes.slow}>
      <p className="visually-hidden" role="alert">
        Too many tries. Try again in {waitText(wait_s)}.
      </p>
      <p aria-hidden="true">
        Too many tries. Try again in <span className="tabular">{waitText(Math.max(1, left_s))}</span>.
      </p>
    </div>
  );
}
