/** Sends one action for real, once, outside any Session: what is sent is typed here. */

import { Alert, Button, Checkbox, Group, Modal, NativeSelect, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { send } from "../../lib/http";
import type {
  ConnectionView,
  Integration,
  IntegrationAction,
  Parameter,
  Trial,
  TrialOrder,
} from "../../protocol/protocol.gen";
import { TrialResult } from "./TrialResult";
import { readParameter, sampleOf } from "./words";

interface TestFireDialogProps {
  integration: Integration;
  connection: ConnectionView;
  onClose: () => void;
  onFired: () => void;
}

export function TestFireDialog({ integration, connection, onClose, onFired }: TestFireDialogProps) {
  const [action_id, setActionId] = useState(integration.actions[0]?.id);
  const action = integration.actions.find(({ id }) => id === action_id);
  return (
    <Modal opened onClose={onClose} title={`Test fire: ${connection.name}`}>
      <Stack gap="sm">
        <Text size="sm">This is really sent, once, to whom you say below.</Text>
        {integration.actions.length > 1 && (
          <NativeSelect
            label="Action"
            value={action_id}
            data={integration.actions.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={(event) => setActionId(event.currentTarget.value)}
          />
        )}
        {action !== undefined && (
          <OrderForm key={action.id} action={action} connection={connection} onClose={onClose} onFired={onFired} />
        )}
      </Stack>
    </Modal>
  );
}

interface OrderFormProps {
  action: IntegrationAction;
  connection: ConnectionView;
  onClose: () => void;
  onFired: () => void;
}

function OrderForm({ action, connection, onClose, onFired }: OrderFormProps) {
  const [texts, setTexts] = useState<Record<string, string>>(() => samplesOf(action));
  const [trial, setTrial] = useState<Trial | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [is_sending, setSending] = useState(false);
  const read = action.parameters.map((each) => ({ each, value: readParameter(each, texts[each.key] ?? "") }));

  const fire = async (): Promise<void> => {
    const wrong = read.find(({ value }) => !value.is_good);
    if (wrong !== undefined && !wrong.value.is_good) {
      setProblem(`${wrong.each.label}: ${wrong.value.expected}`);
      return;
    }
    setSending(true);
    setTrial(null);
    const given = read.flatMap(({ each, value }) =>
      value.is_good && value.value !== undefined ? [[each.key, value.value] as const] : [],
    );
    const body: TrialOrder = { action: action.id, parameters: Object.fromEntries(given) };
    const sent = await send<Trial>("POST", `/api/connections/${connection.id}/test-fire`, body);
    setSending(false);
    setProblem(sent.is_done ? null : sent.expected);
    if (sent.is_done) setTrial(sent.value);
    onFired();
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void fire();
      }}
    >
      <Stack gap="sm">
        {action.parameters.map((parameter) => (
          <ParameterInput
            key={parameter.key}
            parameter={parameter}
            value={texts[parameter.key] ?? ""}
            onChange={(text) => setTexts({ ...texts, [parameter.key]: text })}
          />
        ))}
        {problem !== null && (
          <Alert role="alert" color="red" title="Not sent">
            {problem}
          </Alert>
        )}
        {trial !== null && <TrialResult trial={trial} works="Sent" />}
        <Group justify="flex-end" gap="xs" mt="xs">
          <Button variant="default" onClick={onClose}>
            {trial === null ? "Cancel" : "Close"}
          </Button>
          <Button type="submit" loading={is_sending}>
            {trial === null ? "Send now" : "Send again"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface ParameterInputProps {
  parameter: Parameter;
  value: string;
  onChange: (text: string) => void;
}

function ParameterInput({ parameter, value, onChange }: ParameterInputProps) {
  const common = {
    label: parameter.label,
    description: parameter.help,
    required: parameter.required,
    value,
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
  };
  const limit = parameter.max_length === null ? {} : { maxLength: parameter.max_length };
  switch (parameter.type) {
    case "boolean":
      return (
        <Checkbox
          label={parameter.label}
          description={parameter.help}
          checked={value === "yes"}
          onChange={(event) => onChange(event.currentTarget.checked ? "yes" : "no")}
        />
      );
    case "choice":
      return <NativeSelect {...common} data={parameter.options.map(({ value, label }) => ({ value, label }))} />;
    case "long_text":
    case "html":
    case "map":
    case "json":
      return <Textarea {...common} {...limit} autosize minRows={2} maxRows={8} />;
    default:
      return <TextInput {...common} {...limit} autoComplete="off" />;
  }
}

function samplesOf({ parameters, target }: IntegrationAction): Record<string, string> {
  return Object.fromEntries(parameters.map((each) => [each.key, sampleOf(each, each.key === target)]));
}
