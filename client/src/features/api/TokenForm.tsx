/** Making a token: name, what it may do, whose Sessions, and until when. Rule AT7. */

import { Button, Checkbox, Group, Modal, NativeSelect, Radio, Stack, Text, TextInput } from "@mantine/core";
import { useRef, useState } from "react";
import { send } from "../../lib/http";
import { sentence } from "../../lib/sentence";
import type { ApiTokenMade, NewApiToken, Scope, TeamLine } from "../../protocol/protocol.gen";
import { useConnection } from "../../sync";
import classes from "./ApiPage.module.css";
import { ENDS, endOf, SCOPES } from "./words";

interface TokenFormProps {
  teams: readonly TeamLine[];
  onClose: () => void;
  onMade: (made: ApiTokenMade) => void;
}

type Place = "name" | "scopes" | "teams" | "form";

export function TokenForm({ teams, onClose, onMade }: TokenFormProps) {
  const { server_offset_ms } = useConnection();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly Scope[]>([]);
  const [is_everywhere, setEverywhere] = useState(true);
  const [team_ids, setTeamIds] = useState<readonly string[]>([]);
  const [days, setDays] = useState("365");
  const [problem, setProblem] = useState<{ readonly place: Place; readonly text: string } | null>(null);
  const [is_making, setMaking] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const at = (place: Place): string | null => (problem?.place === place ? problem.text : null);

  const refuse = (place: Place, text: string): void => {
    setProblem({ place, text });
    form.current?.querySelector<HTMLElement>(`[name=${place}]`)?.focus();
  };

  const make = async (): Promise<void> => {
    if (name.trim() === "") return refuse("name", "Which program will use it?");
    if (scopes.length === 0) return refuse("scopes", "Choose at least one.");
    if (!is_everywhere && team_ids.length === 0) return refuse("teams", "Choose at least one.");
    const body: NewApiToken = {
      name: name.trim(),
      scopes,
      team_ids: is_everywhere ? null : team_ids,
      expires_ms: endOf(days, Date.now() + server_offset_ms),
    };
    setMaking(true);
    const sent = await send<ApiTokenMade>("POST", "/api/tokens", body);
    setMaking(false);
    if (sent.is_done) onMade(sent.value);
    else refuse(sent.code === "bad_name" ? "name" : "form", sentence(sent.expected));
  };

  return (
    <Modal opened onClose={onClose} title="Make a token" size="lg">
      <form
        ref={form}
        noValidate
        onChange={() => setProblem(null)}
        onSubmit={(event) => {
          event.preventDefault();
          if (!is_making) void make();
        }}
      >
        <Stack gap="md">
          <TextInput
            data-autofocus
            label="Name"
            description="Of the program that will use it. The audit log shows it."
            name="name"
            required
            withAsterisk={false}
            maxLength={200}
            autoComplete="off"
            error={at("name")}
            errorProps={{ role: "alert" }}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <fieldset>
            <legend className={classes.legend}>What it may do</legend>
            <div className={classes.boxes}>
              {SCOPES.map(({ value, label, help }) => (
                <Checkbox
                  key={value}
                  name="scopes"
                  label={label}
                  description={help}
                  checked={scopes.includes(value)}
                  onChange={() => setScopes(toggled(scopes, value))}
                />
              ))}
            </div>
            <Wrong text={at("scopes")} />
          </fieldset>
          <fieldset>
            <legend className={classes.legend}>Whose Sessions it sees and starts</legend>
            <Radio.Group
              aria-label="Whose Sessions it sees and starts"
              value={is_everywhere ? "all" : "some"}
              onChange={(value) => setEverywhere(value === "all")}
            >
              <div className={classes.boxes}>
                <Radio value="all" label="Those of all teams, of new ones too" />
                <Radio value="some" label="Those of some teams" disabled={teams.length === 0} />
              </div>
            </Radio.Group>
            {!is_everywhere && (
              <div className={classes.team_boxes}>
                {teams.map((team) => (
                  <Checkbox
                    key={team.id}
                    name="teams"
                    label={team.name}
                    checked={team_ids.includes(team.id)}
                    onChange={() => setTeamIds(toggled(team_ids, team.id))}
                  />
                ))}
              </div>
            )}
            <Wrong text={at("teams")} />
          </fieldset>
          <NativeSelect
            label="It ends"
            data={ENDS}
            value={days}
            onChange={(event) => setDays(event.currentTarget.value)}
          />
          {at("form") !== null && (
            <Text role="alert" size="sm" c="var(--sc-wrong)">
              {at("form")}
            </Text>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={is_making}>
              Make token
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function Wrong({ text }: { text: string | null }) {
  return (
    text !== null && (
      <p role="alert" className={classes.wrong}>
        {text}
      </p>
    )
  );
}

function toggled<T>(all: readonly T[], one: T): readonly T[] {
  return all.includes(one) ? all.filter((other) => other !== one) : [...all, one];
}
