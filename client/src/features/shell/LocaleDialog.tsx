/** How this person reads and writes: language, country, currency, time zone, with what they come to. */

import { Alert, Button, Group, Modal, NativeSelect, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { put } from "../../lib/http";
import { locale } from "../../lib/locale";
import { countries, currencies, languages, zones } from "../../lib/places";
import type { Locale } from "../../protocol/protocol.gen";
import { useSync } from "../../sync";
import classes from "./LocaleDialog.module.css";
import { localeText } from "./localeText";

export function LocaleDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Language and region" closeButtonProps={{ "aria-label": "Close" }}>
      <LocaleForm onClose={onClose} />
    </Modal>
  );
}

function LocaleForm({ onClose }: { onClose: () => void }) {
  const sync = useSync();
  const [chosen, setChosen] = useState<Locale>(locale());
  const [problem, setProblem] = useState<string | null>(null);
  const [is_saving, setSaving] = useState(false);
  const choose = (part: keyof Locale) => (event: { currentTarget: HTMLSelectElement }) =>
    setChosen({ ...chosen, [part]: event.currentTarget.value });

  const save = async (value: Locale | null): Promise<void> => {
    setSaving(true);
    try {
      const expected = await put("/api/me/locale", value);
      if (expected === null) {
        await sync.saveAll();
        location.reload();
        return;
      }
      setProblem(expected);
    } catch {
      setProblem("The server cannot be reached. Nothing was changed.");
    }
    setSaving(false);
  };

  return (
    <Stack gap="sm">
      <NativeSelect
        data-autofocus
        label="Language"
        description="How numbers and dates are written; texts of Workflows stay as their authors wrote them."
        data={languages(chosen.language)}
        value={chosen.language}
        onChange={choose("language")}
      />
      <NativeSelect
        label="Country"
        description="Of phone numbers and postcodes typed without one."
        data={countries()}
        value={chosen.country}
        onChange={choose("country")}
      />
      <NativeSelect
        label="Currency"
        description="Of amounts typed without one."
        data={currencies(chosen.currency)}
        value={chosen.currency}
        onChange={choose("currency")}
      />
      <NativeSelect
        label="Time zone"
        data={zones(chosen.time_zone)}
        value={chosen.time_zone}
        onChange={choose("time_zone")}
      />
      <p className={classes.sample}>{localeText(chosen)}</p>
      {problem !== null && (
        <Alert role="alert" color="red" title="Not saved">
          {problem}
        </Alert>
      )}
      <Group justify="space-between" mt="xs">
        <Button variant="subtle" disabled={is_saving} onClick={() => void save(null)}>
          As the installation
        </Button>
        <Group gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button loading={is_saving} onClick={() => void save(chosen)}>
            Save
          </Button>
        </Group>
      </Group>
      <Text size="xs" c="var(--sc-soft)">
        The page is loaded anew; calls go on where they are.
      </Text>
    </Stack>
  );
}
