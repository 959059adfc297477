/** Where a one-time link leads: choosing a password, once. Rule PX3. */

import { Anchor, Button, Stack, Text, Title } from "@mantine/core";
import { useEffect, useId, useRef, useState } from "react";
import { type Sent, send, useFetched } from "../../lib/http";
import { useLinkToken } from "../../lib/linkToken";
import type { Me } from "../../lib/locale";
import { isLongEnough, passwordHint } from "../../lib/passwords";
import { sentence } from "../../lib/sentence";
import { formatMoment } from "../../lib/time";
import type { LinkLook, LinkUse, LinkView } from "../../protocol/protocol.gen";
import { MessagePage } from "../../ui/MessagePage";
import { PasswordField } from "../../ui/PasswordField";
import { Brand } from "./Brand";
import classes from "./Entrance.module.css";
import { Waiting } from "./Waiting";
import { purposeText } from "./words";

const RETRY_MS = 3_000;

export default function WelcomePage() {
  const token = useLinkToken();
  return token === "" ? <NoLink /> : <Link key={token} token={token} />;
}

function Link({ token }: { token: string }) {
  const [found, setFound] = useState<Sent<LinkView> | null>(null);
  useEffect(() => {
    let is_gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      const body: LinkLook = { token };
      const sent = await send<LinkView>("POST", "/api/links/look", body);
      if (is_gone) return;
      setFound(sent);
      if (!sent.is_done && sent.code !== "link_over") {
        timer = setTimeout(() => void look(), Math.max(RETRY_MS, (sent.wait_s ?? 0) * 1_000));
      }
    };
    void look();
    return () => {
      is_gone = true;
      clearTimeout(timer);
    };
  }, [token]);

  if (found === null) return <Waiting />;
  if (found.is_done) return <ChoosePassword token={token} link={found.value} onOver={setFound} />;
  if (found.code === "link_over") return <LinkIsOver />;
  return <MessagePage title="Your link could not be read yet" text="Trying again every few seconds." />;
}

function NoLink() {
  return (
    <MessagePage
      title="Open your link again"
      text="Its second half is missing here: click it once more, or paste all of it."
    >
      <SignIn />
    </MessagePage>
  );
}

function LinkIsOver() {
  return (
    <MessagePage
      title="This link is over"
      text="It was used already, it has run out, or a newer one took its place. Ask an administrator for a new link; they make one on the page People."
    >
      <SignIn />
    </MessagePage>
  );
}

function SignIn() {
  return (
    <div>
      <Button component="a" href="/" variant="default">
        I have a password: sign in
      </Button>
    </div>
  );
}

interface ChoosePasswordProps {
  token: string;
  link: LinkView;
  onOver: (refusal: Sent<LinkView>) => void;
}

function ChoosePassword({ token, link, onOver }: ChoosePasswordProps) {
  const me = useFetched<Me>("/api/me");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<{ readonly at_field: boolean; readonly text: string } | null>(null);
  const [is_sending, setSending] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const hint_id = useId();
  const other = me.phase === "ready" && me.value.person.name !== link.name ? me.value.person.name : null;

  const save = async (): Promise<void> => {
    if (!isLongEnough(password)) {
      setProblem({ at_field: true, text: "That is too short." });
      field.current?.focus();
      return;
    }
    setSending(true);
    const body: LinkUse = { token, password };
    const sent = await send<LinkView>("POST", "/api/links/use", body);
    if (sent.is_done) {
      location.replace("/");
      return;
    }
    setSending(false);
    if (sent.code === "link_over") onOver(sent);
    else {
      setProblem({ at_field: sent.code === "weak_password", text: sentence(sent.expected) });
      field.current?.focus();
    }
  };

  return (
    <main className={classes.page}>
      <title>Welcome · Sidecoach</title>
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!is_sending) void save();
        }}
      >
        <Stack gap="md">
          <div>
            <Brand />
            <Title order={1} size="h2" className={classes.greeting}>
              {link.kind === "password" ? `Hello ${link.name}` : `Welcome, ${link.name}`}
            </Title>
            <Text className={classes.house}>{purposeText(link.kind)}</Text>
          </div>
          {other !== null && (
            <Text size="sm" className={classes.slow}>
              {other} is signed in in this browser, and will be signed out.
            </Text>
          )}
          <div>
            <Text size="sm" fw="var(--mantine-font-weight-medium)">
              You sign in as
            </Text>
            <Text className={classes.email}>{link.email}</Text>
            {/* For the browser, which keeps the password under this name. */}
            <input
              className="visually-hidden"
              type="email"
              name="username"
              autoComplete="username"
              value={link.email}
              readOnly
              tabIndex={-1}
              aria-hidden="true"
            />
          </div>
          <PasswordField
            ref={field}
            autoFocus
            label="New password"
            name="password"
            autoComplete="new-password"
            description={passwordHint(password)}
            descriptionProps={{ id: hint_id }}
            error={problem?.at_field === true ? problem.text : null}
            value={password}
            onType={(text) => {
              setPassword(text);
              setProblem(null);
            }}
          />
          {problem?.at_field === false && (
            <Text role="alert" size="sm" c="var(--sc-wrong)">
              {problem.text}
            </Text>
          )}
          <Button type="submit" size="md" fullWidth loading={is_sending}>
            Save and sign in
          </Button>
          <Text className={classes.hint}>
            The link works once, until {formatMoment(link.expires_ms, Date.now())}.{" "}
            {link.kind === "password" && (
              <Anchor href="/" inherit>
                Keep the old password
              </Anchor>
            )}
          </Text>
        </Stack>
      </form>
    </main>
  );
}
