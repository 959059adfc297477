/** Changing one's own password; every other browser is signed out by it. */

import { Button, Stack, Text } from "@mantine/core";
import { useRef, useState } from "react";
import { send } from "../../lib/http";
import { isLongEnough, passwordHint } from "../../lib/passwords";
import { sentence } from "../../lib/sentence";
import type { PasswordChange } from "../../protocol/protocol.gen";
import { PasswordField } from "../../ui/PasswordField";
import classes from "./AccountPage.module.css";

type Place = "current" | "password" | "form";

export function PasswordForm({ onChanged }: { onChanged: () => void }) {
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<{ readonly place: Place; readonly text: string } | null>(null);
  const [is_sending, setSending] = useState(false);
  const [is_done, setDone] = useState(false);
  const fields = { current: useRef<HTMLInputElement>(null), password: useRef<HTMLInputElement>(null) };
  const at = (place: Place): string | null => (problem?.place === place ? problem.text : null);

  const refuse = (place: Place, text: string): void => {
    setProblem({ place, text });
    if (place !== "form") fields[place].current?.focus();
  };

  const save = async (): Promise<void> => {
    setDone(false);
    if (current === "") return refuse("current", "Type the password that you have now.");
    if (!isLongEnough(password)) return refuse("password", "That is too short.");
    setSending(true);
    const body: PasswordChange = { current, password };
    const sent = await send("POST", "/api/me/password", body);
    setSending(false);
    if (sent.is_done) {
      setCurrent("");
      setPassword("");
      setProblem(null);
      setDone(true);
      onChanged();
    } else if (sent.code === "wrong_password") refuse("current", "That is not your password.");
    else refuse(sent.code === "weak_password" ? "password" : "form", sentence(sent.expected));
  };

  return (
    <form
      noValidate
      className={classes.password}
      onSubmit={(event) => {
        event.preventDefault();
        if (!is_sending) void save();
      }}
    >
      <Stack gap="sm">
        <PasswordField
          ref={fields.current}
          label="Current password"
          autoComplete="current-password"
          error={at("current")}
          value={current}
          onType={(text) => {
            setCurrent(text);
            setProblem(null);
          }}
        />
        <PasswordField
          ref={fields.password}
          label="New password"
          autoComplete="new-password"
          description={passwordHint(password)}
          error={at("password")}
          value={password}
          onType={(text) => {
            setPassword(text);
            setProblem(null);
          }}
        />
        {at("form") !== null && (
          <Text role="alert" size="sm" c="var(--sc-wrong)">
            {at("form")}
          </Text>
        )}
        <div>
          <Button type="submit" loading={is_sending}>
            Change password
          </Button>
        </div>
        <p role="status" className={classes.done}>
          {is_done && "Changed. Every other browser is signed out."}
        </p>
      </Stack>
    </form>
  );
}
