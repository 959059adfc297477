/** Writing a notice: for which Workflow or Section, what, how loud, until when. Rule NC1. */

import { Button, Group, Modal, NativeSelect, Radio, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useRef, useState } from "react";
import { send, useFetched } from "../../lib/http";
import type { Me } from "../../lib/locale";
import { writesForAll } from "../../lib/notices";
import { sentence } from "../../lib/sentence";
import { inputTime, momentOf } from "../../lib/time";
import type {
  NewNotice,
  NoticeLine,
  NoticeSeverity,
  WorkflowOffer,
  WorkflowVersion,
} from "../../protocol/protocol.gen";
import { useConnection, useLiveSessions } from "../../sync";
import classes from "./NoticesPage.module.css";
import { openText } from "./words";

const MOST_SIGNS = 300;

interface NoticeFormProps extends Pick<Me, "person"> {
  workflow_key: string | null;
  onClose: () => void;
  onWritten: () => void;
}

type Place = "workflow" | "text" | "until_ms" | "form";

export function NoticeForm({ workflow_key, person, onClose, onWritten }: NoticeFormProps) {
  const offers = useFetched<readonly WorkflowOffer[]>("/api/workflows");
  const workflows = offers.phase === "ready" ? offers.value : [];
  const { sessions } = useLiveSessions();
  const { server_offset_ms } = useConnection();
  const [key, setKey] = useState(workflow_key);
  const workflow = workflows.find((each) => each.key === key);
  const version = useFetched<WorkflowVersion>(workflow === undefined ? null : `/api/versions/${workflow.version_id}`);
  const sections = version.phase === "ready" ? version.value.document.sections : [];
  const [section_key, setSectionKey] = useState("");
  const section = sections.find((each) => each.key === section_key);
  const [text, setText] = useState("");
  const [severity, setSeverity] = useState<NoticeSeverity>("info");
  const [until, setUntil] = useState("");
  const [problem, setProblem] = useState<{ readonly place: Place; readonly text: string } | null>(null);
  const [is_writing, setWriting] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const at = (place: Place): string | null => (problem?.place === place ? problem.text : null);
  const open = sessions.filter(
    (each) => each.workflow_key === workflow?.key && (section === undefined || each.section_key === section.key),
  ).length;

  const refuse = (place: Place, wrong: string): void => {
    setProblem({ place, text: wrong });
    form.current?.querySelector<HTMLElement>(`[name=${place}]`)?.focus();
  };

  const write = async (): Promise<void> => {
    if (workflow === undefined) return refuse("workflow", "Which calls is it for?");
    if (text.trim() === "") return refuse("text", "What is to be told?");
    const until_ms = until === "" ? null : momentOf(until);
    if (until_ms !== null && !(until_ms > Date.now() + server_offset_ms)) {
      return refuse("until_ms", "Expected a moment from now on.");
    }
    const body: NewNotice = {
      workflow_key: workflow.key,
      section_key: section?.key ?? null,
      text: text.trim(),
      severity,
      until_ms,
    };
    setWriting(true);
    const sent = await send<NoticeLine>("POST", "/api/notices", body);
    setWriting(false);
    if (sent.is_done) onWritten();
    else refuse("form", sentence(sent.expected));
  };

  return (
    <Modal opened onClose={onClose} title="Write a notice" size="lg">
      <form
        ref={form}
        noValidate
        onChange={() => setProblem(null)}
        onSubmit={(event) => {
          event.preventDefault();
          if (!is_writing) void write();
        }}
      >
        <Stack gap="md">
          <NativeSelect
            name="workflow"
            label="Workflow"
            error={at("workflow")}
            data-autofocus={workflow_key === null || undefined}
            data={[
              ...(workflow === undefined ? [{ value: "", label: "Choose whose calls are told…" }] : []),
              ...workflows.map((each) => ({ value: each.key, label: each.name })),
            ]}
            value={workflow?.key ?? ""}
            onChange={(event) => {
              setKey(event.currentTarget.value);
              setSectionKey("");
            }}
          />
          <NativeSelect
            label="Section"
            data={[
              { value: "", label: "All of them" },
              ...sections.map((each) => ({ value: each.key, label: each.name })),
            ]}
            value={section?.key ?? ""}
            onChange={(event) => setSectionKey(event.currentTarget.value)}
          />
          <Textarea
            data-autofocus={workflow_key !== null || undefined}
            label="What is told"
            description="For everybody in the call, coaches too. Nothing about a customer."
            name="text"
            autosize
            minRows={2}
            maxLength={MOST_SIGNS}
            value={text}
            error={at("text")}
            errorProps={{ role: "alert" }}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Text size="sm" c="var(--sc-soft)" mt={-10}>
            {MOST_SIGNS - text.length} characters left
          </Text>
          <fieldset>
            <legend className={classes.legend}>How loud</legend>
            <Radio.Group
              aria-label="How loud"
              value={severity}
              onChange={(value) => setSeverity(value === "warning" ? "warning" : "info")}
            >
              <Group gap="lg">
                <Radio value="info" label="Notice" />
                <Radio value="warning" label="Warning" />
              </Group>
            </Radio.Group>
          </fieldset>
          <TextInput
            label="Until"
            description="Empty: until somebody takes it back."
            type="datetime-local"
            name="until_ms"
            min={inputTime(Date.now() + server_offset_ms)}
            value={until}
            error={at("until_ms")}
            errorProps={{ role: "alert" }}
            onChange={(event) => setUntil(event.currentTarget.value)}
          />
          {at("form") !== null && (
            <Text role="alert" size="sm" c="var(--sc-wrong)">
              {at("form")}
            </Text>
          )}
          <Text size="sm" role="status">
            {openText(open)} {!writesForAll(person.roles) && "Only Sessions of your teams."}
          </Text>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={is_writing}>
              Show it now
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
