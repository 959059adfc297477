/** Adding or changing a person: name, e-mail address, roles, permissions and teams. Rule PX7. */

import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useRef, useState } from "react";
import { type Sent, send } from "../../lib/http";
import { sentence } from "../../lib/sentence";
import type {
  LinkMade,
  NewPerson,
  Permission,
  PersonChange,
  PersonLine,
  PersonMade,
  PersonRole,
  TeamLine,
} from "../../protocol/protocol.gen";
import classes from "./PeoplePage.module.css";
import { PERMISSIONS, ROLES } from "./words";

interface PersonFormProps {
  /** Null to add one. */
  person: PersonLine | null;
  teams: readonly TeamLine[];
  onClose: () => void;
  /** With the link of somebody new. */
  onSaved: (person: PersonLine, link: LinkMade | null) => void;
}

type Place = "name" | "email" | "roles" | "form";

/** At which part of the form a refusal stands. */
const PLACES: Record<string, Place> = {
  bad_name: "name",
  bad_email: "email",
  email_taken: "email",
  last_admin: "roles",
};

export function PersonForm({ person, teams, onClose, onSaved }: PersonFormProps) {
  const [name, setName] = useState(person?.name ?? "");
  const [email, setEmail] = useState(person?.email ?? "");
  const [roles, setRoles] = useState<readonly string[]>(person?.roles ?? ["agent"]);
  const [permissions, setPermissions] = useState<readonly string[]>(person?.permissions ?? []);
  const [team_ids, setTeamIds] = useState<readonly string[]>(person?.team_ids ?? []);
  const [problem, setProblem] = useState<{ readonly place: Place; readonly text: string } | null>(null);
  const [is_saving, setSaving] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const at = (place: Place): string | null => (problem?.place === place ? problem.text : null);
  const needs_email = person === null || person.email !== null;

  const refuse = (place: Place, text: string): void => {
    setProblem({ place, text });
    form.current?.querySelector<HTMLElement>(`[name=${place}]`)?.focus();
  };

  const save = async (): Promise<void> => {
    if (name.trim() === "") return refuse("name", "By which name do people tell them?");
    if (needs_email && email.trim() === "") return refuse("email", "They sign in with it.");
    if (roles.length === 0) return refuse("roles", "Choose at least one.");
    setSaving(true);
    const body = {
      name: name.trim(),
      email: email.trim(),
      roles: roles as PersonRole[],
      permissions: permissions as Permission[],
      team_ids,
    };
    const sent = person === null ? await add(body) : await change(person, body);
    setSaving(false);
    if (sent.is_done) onSaved(sent.value.person, sent.value.link);
    else refuse(PLACES[sent.code ?? ""] ?? "form", sentence(sent.expected));
  };

  return (
    <Modal opened onClose={onClose} title={person === null ? "Add a person" : `Edit ${person.name}`}>
      <form
        ref={form}
        noValidate
        onChange={() => setProblem(null)}
        onSubmit={(event) => {
          event.preventDefault();
          if (!is_saving) void save();
        }}
      >
        <Stack gap="md">
          <TextInput
            data-autofocus
            label="Name"
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
          <TextInput
            label="E-mail"
            description="They sign in with it. Nothing is sent there."
            name="email"
            type="email"
            required={needs_email}
            withAsterisk={false}
            maxLength={320}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            error={at("email")}
            errorProps={{ role: "alert" }}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <fieldset>
            <legend className={classes.legend}>Roles</legend>
            <div className={classes.boxes}>
              {ROLES.map(({ value, label, help }) => (
                <Checkbox
                  key={value}
                  name="roles"
                  label={label}
                  description={help}
                  checked={roles.includes(value)}
                  onChange={() => setRoles(toggled(roles, value))}
                />
              ))}
            </div>
            {at("roles") !== null && (
              <p role="alert" className={classes.wrong}>
                {at("roles")}
              </p>
            )}
          </fieldset>
          <fieldset>
            <legend className={classes.legend}>Comes with no role</legend>
            <div className={classes.boxes}>
              {PERMISSIONS.map(({ value, label, help }) => (
                <Checkbox
                  key={value}
                  label={label}
                  description={help}
                  checked={permissions.includes(value)}
                  onChange={() => setPermissions(toggled(permissions, value))}
                />
              ))}
            </div>
          </fieldset>
          <fieldset>
            <legend className={classes.legend}>Teams</legend>
            {teams.length === 0 ? (
              <p className={classes.help}>There is none yet. Add one under Teams… on the page.</p>
            ) : (
              <div className={`${classes.boxes} ${classes.team_boxes}`}>
                {teams.map((team) => (
                  <Checkbox
                    key={team.id}
                    label={team.name}
                    checked={team_ids.includes(team.id)}
                    onChange={() => setTeamIds(toggled(team_ids, team.id))}
                  />
                ))}
              </div>
            )}
          </fieldset>
          {at("form") !== null && (
            <Text role="alert" size="sm" c="var(--sc-wrong)">
              {at("form")}
            </Text>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={is_saving}>
              {person === null ? "Add and get link" : "Save"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface Saved {
  readonly person: PersonLine;
  readonly link: LinkMade | null;
}

async function add(body: NewPerson): Promise<Sent<Saved>> {
  return send<PersonMade>("POST", "/api/people", body);
}

/** Only what was changed here: what a colleague changed meanwhile stays. */
async function change(person: PersonLine, body: Required<NewPerson>): Promise<Sent<Saved>> {
  const changes: PersonChange = {
    ...(body.name !== person.name && { name: body.name }),
    ...(body.email !== (person.email ?? "") && { email: body.email }),
    ...(!isSame(body.roles, person.roles) && { roles: body.roles }),
    ...(!isSame(body.permissions, person.permissions) && { permissions: body.permissions }),
    ...(!isSame(body.team_ids, person.team_ids) && { team_ids: body.team_ids }),
  };
  const sent = await send<PersonLine>("PATCH", `/api/people/${person.id}`, changes);
  return sent.is_done ? { is_done: true, value: { person: sent.value, link: null } } : sent;
}

function toggled(all: readonly string[], one: string): readonly string[] {
  return all.includes(one) ? all.filter((other) => other !== one) : [...all, one];
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((each) => other.includes(each));
}
