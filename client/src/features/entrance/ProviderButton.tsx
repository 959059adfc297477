/** To the company's OpenID provider, and back to where this page is. Rules OI10 and EM5. */

import { Button, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { send } from "../../lib/http";
import { sentence } from "../../lib/sentence";
import type { FrameCodeUse } from "../../protocol/protocol.gen";
import classes from "./Entrance.module.css";
import { ownPath } from "./words";

export function ProviderButton({ label }: { label: string }) {
  const is_framed = window.self !== window.top;
  const to = is_framed ? "/frame-code" : location.pathname + location.search;
  return (
    <>
      <Button
        component="a"
        href={`/api/oidc/start?${new URLSearchParams({ to })}`}
        {...(is_framed && { target: "_blank", rel: "noopener" })}
        size="md"
        fullWidth
      >
        {label}
      </Button>
      {is_framed && <CodeForm />}
    </>
  );
}

/** Providers refuse to be shown in a frame: one signs in in a new tab, and brings a code from there. */
function CodeForm() {
  const [code, setCode] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [is_sending, setSending] = useState(false);

  const use = async (): Promise<void> => {
    setSending(true);
    const body: FrameCodeUse = { code };
    const sent = await send("POST", "/api/frame-codes/use", body);
    if (sent.is_done) location.replace(ownPath(location.pathname + location.search));
    else {
      setSending(false);
      setProblem(
        sent.code === "code_over"
          ? "This code is over, or mistyped. Show another one in the new tab."
          : sentence(sent.expected),
      );
    }
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!is_sending) void use();
      }}
    >
      <Stack gap="sm">
        <Text className={classes.hint}>It opens a new tab, which shows a code when you are signed in.</Text>
        <TextInput
          label="Code from the new tab"
          autoComplete="one-time-code"
          autoCapitalize="characters"
          spellCheck={false}
          required
          withAsterisk={false}
          maxLength={100}
          error={problem}
          value={code}
          onChange={(event) => {
            setCode(event.currentTarget.value);
            setProblem(null);
          }}
        />
        <Button type="submit" variant="default" fullWidth loading={is_sending}>
          Use the code
        </Button>
      </Stack>
    </form>
  );
}
