/** A code that signs one in within another site's frame. Rule EM5. */

import { Button } from "@mantine/core";
import { useState } from "react";
import { send } from "../../lib/http";
import type { Me } from "../../lib/locale";
import { sentence } from "../../lib/sentence";
import type { FrameCode } from "../../protocol/protocol.gen";
import { Copyable } from "../../ui/Copyable";
import { MessagePage } from "../../ui/MessagePage";

const TEXT =
  "With a code, Sidecoach knows you within the page that shows it, too. Type it there, and nowhere else: whoever has it can sign in as you.";

export default function FrameCodePage({ person }: Pick<Me, "person">) {
  const [made, setMade] = useState<FrameCode | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [is_sending, setSending] = useState(false);

  const make = async (): Promise<void> => {
    setSending(true);
    const sent = await send<FrameCode>("POST", "/api/me/frame-code");
    setSending(false);
    setMade(sent.is_done ? sent.value : null);
    setProblem(sent.is_done ? null : sentence(sent.expected));
  };

  return (
    <MessagePage title={`You are signed in as ${person.name}`} text={TEXT}>
      {made !== null && (
        <>
          <Copyable label="Copy the code" text={made.code} />
          <p role="status">Good for two minutes, and for one use. Then close this tab.</p>
        </>
      )}
      {problem !== null && (
        <p role="alert" style={{ color: "var(--sc-wrong)" }}>
          {problem}
        </p>
      )}
      <div>
        <Button variant={made === null ? "filled" : "default"} loading={is_sending} onClick={() => void make()}>
          {made === null ? "Show a code" : "Another code"}
        </Button>
      </div>
    </MessagePage>
  );
}
