/** Notices: what open Sessions of a Workflow are told, written and taken back. Rules NC1, NC3 and NC6. */

import { Button, Title } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useSearch } from "wouter";
import { askAgain, useFetched } from "../../lib/http";
import type { Me } from "../../lib/locale";
import { mayWriteNotices } from "../../lib/notices";
import { usePalette } from "../../palette/palette";
import type { NoticeLine, NoticeLines } from "../../protocol/protocol.gen";
import { AskDialog } from "../../ui/AskDialog";
import { ListLoading, ListMessage } from "../../ui/ListPage";
import list from "../../ui/ListPage.module.css";
import { MessagePage } from "../../ui/MessagePage";
import { NoticeForm } from "./NoticeForm";
import { NoticeTable } from "./NoticeTable";

const NOTICES = "/api/notices";
const LOOK_EVERY_MS = 5_000;

type Open = { readonly dialog: "write" } | { readonly dialog: "take_back"; readonly line: NoticeLine };

export default function NoticesPage({ person }: Pick<Me, "person">) {
  return mayWriteNotices(person.roles) ? (
    <Notices person={person} />
  ) : (
    <MessagePage title="Notices" text="Supervisors, managers and authors write them." />
  );
}

function Notices({ person }: Pick<Me, "person">) {
  const fetched = useFetched<NoticeLines>(NOTICES);
  const workflow_key = new URLSearchParams(useSearch()).get("workflow");
  const [open, setOpen] = useState<Open | null>(workflow_key === null ? null : { dialog: "write" });
  const write = (): void => setOpen({ dialog: "write" });
  const close = (): void => setOpen(null);
  const done = (): void => {
    askAgain(NOTICES);
    close();
  };
  usePalette([{ id: "write_notice", label: "Write a notice…", keys: [], places: [], run: write }]);
  // How many it reached rises while it stands.
  useEffect(() => {
    const timer = setInterval(() => askAgain(NOTICES), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <main className={list.page}>
      <title>Notices · Sidecoach</title>
      <div className={list.head}>
        <Title order={1} size="h2">
          Notices
        </Title>
        <Button leftSection={<IconPlus size={16} />} onClick={write}>
          Write a notice
        </Button>
      </div>
      {fetched.phase === "loading" && <ListLoading />}
      {fetched.phase === "failed" && (
        <ListMessage title="The list could not be loaded" is_alert>
          <Button mt="md" onClick={() => askAgain(NOTICES)}>
            Try again
          </Button>
        </ListMessage>
      )}
      {fetched.phase === "ready" &&
        (fetched.value.lines.length === 0 ? (
          <ListMessage title="No notice was written yet">
            <p>
              A notice is shown at once in every open Session of a Workflow, and in those that start while it stands.
            </p>
          </ListMessage>
        ) : (
          <NoticeTable lines={fetched.value.lines} onTakeBack={(line) => setOpen({ dialog: "take_back", line })} />
        ))}
      {open?.dialog === "write" && (
        <NoticeForm workflow_key={workflow_key} person={person} onClose={close} onWritten={done} />
      )}
      {open?.dialog === "take_back" && (
        <AskDialog
          title="Take this notice back?"
          button="Take it back"
          method="POST"
          path={`${NOTICES}/${open.line.id}/take-back`}
          onClose={close}
          onDone={done}
        >
          It leaves every screen at once: “{open.line.text}”
        </AskDialog>
      )}
    </main>
  );
}
