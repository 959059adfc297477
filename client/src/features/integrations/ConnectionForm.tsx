/** Making or changing a Connection, drawn from what its Integration asks for. */

import { Alert, Button, Checkbox, Group, Modal, NativeSelect, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { type Sent, send } from "../../lib/http";
import type {
  ConnectionChange,
  ConnectionMade,
  ConnectionView,
  Integration,
  NewConnection,
  Setting,
} from "../../protocol/protocol.gen";
import { secretText } from "./words";

interface ConnectionFormProps {
  integration: Integration;
  /** Null to make one. */
  connection: ConnectionView | null;
  is_admin: boolean;
  onClose: () => void;
  /** With what was made; null if one was changed. */
  onSaved: (made: ConnectionMade | null) => void;
}

export function ConnectionForm({ integration, connection, is_admin, onClose, onSaved }: ConnectionFormProps) {
  const [name, setName] = useState(connection?.name ?? "");
  const [texts, setTexts] = useState<Record<string, string>>(() => initialTexts(integration, connection));
  const [is_personal, setPersonal] = useState(!is_admin);
  const [problem, setProblem] = useState<string | null>(null);
  const [is_saving, setSaving] = useState(false);

  const save = async (): Promise<void> => {
    setSaving(true);
    const settings = textsOf(integration, texts, false);
    const secrets = textsOf(integration, texts, true);
    const sent: Sent<ConnectionMade | null> =
      connection === null
        ? await send("POST", "/api/connections", {
            integration: integration.key,
            name,
            personal: is_personal,
            settings,
            secrets,
          } satisfies NewConnection)
        : await send("PUT", `/api/connections/${connection.id}`, {
            name,
            settings,
            secrets,
          } satisfies ConnectionChange);
    setSaving(false);
    if (sent.is_done) onSaved(connection === null ? sent.value : null);
    else setProblem(sent.expected);
  };

  return (
    <Modal
      opened
      onClose={onClose}
      title={connection === null ? `New Connection: ${integration.name}` : `Edit ${connection.name}`}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Stack gap="sm">
          <TextInput
            data-autofocus
            label="Name"
            description="By which Actions name it."
            required
            maxLength={200}
            autoComplete="off"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {integration.settings.map((setting) => (
            <SettingInput
              key={setting.key}
              setting={setting}
              connection={connection}
              value={texts[setting.key] ?? ""}
              onChange={(text) => setTexts({ ...texts, [setting.key]: text })}
            />
          ))}
          {connection === null && is_admin && integration.personal && (
            <Checkbox
              label="Only mine: for Actions of my own calls"
              checked={is_personal}
              onChange={(event) => setPersonal(event.currentTarget.checked)}
            />
          )}
          {problem !== null && (
            <Alert role="alert" color="red" title="Not saved">
              {problem}
            </Alert>
          )}
          <Group justify="flex-end" gap="xs" mt="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={is_saving}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface SettingInputProps {
  setting: Setting;
  connection: ConnectionView | null;
  value: string;
  onChange: (text: string) => void;
}

function SettingInput({ setting, connection, value, onChange }: SettingInputProps) {
  const common = {
    label: setting.label,
    description: setting.help,
    value,
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
  };
  if (setting.secret) {
    const held = connection?.secrets[setting.key];
    const drawn = setting.generated ? "Leave empty to have one drawn." : "";
    const hint = held === undefined ? drawn : "Leave empty to keep it.";
    return (
      <PasswordInput
        {...common}
        description={[setting.help, hint].filter((text) => text !== "").join(" ")}
        required={setting.required && !setting.generated && held === undefined}
        maxLength={4_000}
        autoComplete="new-password"
        placeholder={held === undefined ? "" : secretText(held)}
      />
    );
  }
  if (setting.options.length > 0) {
    return <NativeSelect {...common} data={setting.options.map(({ value, label }) => ({ value, label }))} />;
  }
  return (
    <TextInput
      {...common}
      required={setting.required && setting.default === ""}
      maxLength={4_000}
      autoComplete="off"
      placeholder={setting.default}
    />
  );
}

/** A choice shows what holds if nothing is chosen; other defaults stand behind the empty input. */
function initialTexts(integration: Integration, connection: ConnectionView | null): Record<string, string> {
  return Object.fromEntries(
    integration.settings.map(({ key, options, default: usual }) => [
      key,
      connection?.settings[key] ?? (options.length > 0 ? usual || (options[0]?.value ?? "") : ""),
    ]),
  );
}

function textsOf(integration: Integration, texts: Record<string, string>, secret: boolean): Record<string, string> {
  const chosen = integration.settings.filter((setting) => setting.secret === secret);
  return Object.fromEntries(chosen.map(({ key }) => [key, (texts[key] ?? "").trim()]));
}
