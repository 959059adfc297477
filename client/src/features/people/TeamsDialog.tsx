/** Teams: adding and renaming. Who belongs to one is chosen at the person. Rule PX9. */

import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { askAgain, send, useFetched } from "../../lib/http";
import { sentence } from "../../lib/sentence";
import type { TeamLine, TeamLines, TeamName } from "../../protocol/protocol.gen";
import classes from "./PeoplePage.module.css";

const PATH = "/api/teams";

export function TeamsDialog({ onClose }: { onClose: () => void }) {
  const fetched = useFetched<TeamLines>(PATH);
  const [renamed_id, setRenamedId] = useState<string | null>(null);
  const lines = fetched.phase === "ready" ? fetched.value.lines : [];
  return (
    <Modal opened onClose={onClose} title="Teams">
      <Stack gap="md">
        <Text size="sm" c="var(--sc-soft)">
          {fetched.phase === "loading" && "Loading…"}
          {fetched.phase === "failed" && "They could not be loaded. Open this again."}
          {fetched.phase === "ready" &&
            (lines.length === 0
              ? "There is none yet. Supervisors and coaches see the calls of their teams."
              : "Supervisors and coaches see the calls of their teams.")}
        </Text>
        {lines.length > 0 && (
          <ul className={classes.team_list}>
            {lines.map((team) => (
              <li key={team.id} className={classes.team}>
                {renamed_id === team.id ? (
                  <TeamForm team={team} onDone={() => setRenamedId(null)} />
                ) : (
                  <Team team={team} onRename={() => setRenamedId(team.id)} />
                )}
              </li>
            ))}
          </ul>
        )}
        <TeamForm team={null} onDone={() => {}} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Team({ team, onRename }: { team: TeamLine; onRename: () => void }) {
  return (
    <>
      <span className={classes.team_name}>{team.name}</span>
      <Text component="span" size="sm" c="var(--sc-soft)">
        {team.members === 1 ? "1 person" : `${team.members} people`}
      </Text>
      <Button variant="subtle" size="xs" aria-label={`Rename ${team.name}`} onClick={onRename}>
        Rename
      </Button>
    </>
  );
}

/** Null to add one. */
function TeamForm({ team, onDone }: { team: TeamLine | null; onDone: () => void }) {
  const [name, setName] = useState(team?.name ?? "");
  const [problem, setProblem] = useState<string | null>(null);
  const [is_saving, setSaving] = useState(false);
  const save = async (): Promise<void> => {
    if (name.trim() === "") return setProblem("What is it called?");
    setSaving(true);
    const body: TeamName = { name: name.trim() };
    const sent = team === null ? await send("POST", PATH, body) : await send("PATCH", `${PATH}/${team.id}`, body);
    setSaving(false);
    setProblem(sent.is_done ? null : sentence(sent.expected.replace(/^name: /, "")));
    if (!sent.is_done) return;
    askAgain(PATH);
    setName("");
    onDone();
  };
  return (
    <form
      noValidate
      className={classes.team_form}
      onSubmit={(event) => {
        event.preventDefault();
        if (!is_saving) void save();
      }}
    >
      <TextInput
        aria-label={team === null ? "Name of a new team" : `New name of ${team.name}`}
        placeholder={team === null ? "New team" : ""}
        data-autofocus={team === null || undefined}
        autoFocus={team !== null}
        maxLength={200}
        autoComplete="off"
        error={problem}
        errorProps={{ role: "alert" }}
        value={name}
        onChange={(event) => {
          setName(event.currentTarget.value);
          setProblem(null);
        }}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || team === null) return;
          event.stopPropagation();
          onDone();
        }}
      />
      <Button type="submit" variant={team === null ? "default" : "filled"} loading={is_saving}>
        {team === null ? "Add" : "Save"}
      </Button>
    </form>
  );
}
