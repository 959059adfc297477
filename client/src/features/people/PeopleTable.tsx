import { ActionIcon, Menu } from "@mantine/core";
import {
  IconDevices,
  IconDots,
  IconLink,
  IconPencil,
  IconShieldOff,
  IconUnlink,
  IconUserCheck,
  IconUserOff,
} from "@tabler/icons-react";
import { memo, useMemo } from "react";
import { formatMoment } from "../../lib/time";
import type { PersonLine, TeamLine } from "../../protocol/protocol.gen";
import { useConnection } from "../../sync";
import list from "../../ui/ListPage.module.css";
import { PersonMark } from "../../ui/PersonMark";
import classes from "./PeoplePage.module.css";
import { permissionText, rolesText, standingOf, standingText } from "./words";

const MINUTE_MS = 60_000;

export type PersonAct =
  | "edit"
  | "link"
  | "sign_ins"
  | "second_factor_off"
  | "forget_identity"
  | "deactivate"
  | "activate";

interface PeopleTableProps {
  lines: readonly PersonLine[];
  teams: readonly TeamLine[];
  /** Who looks at it: nobody deactivates themselves by mistake. */
  me_id: string;
  is_busy: boolean;
  onAct: (act: PersonAct, person: PersonLine) => void;
}

export function PeopleTable({ lines, teams, me_id, is_busy, onAct }: PeopleTableProps) {
  const { server_offset_ms } = useConnection();
  const now_ms = Math.floor((Date.now() + server_offset_ms) / MINUTE_MS) * MINUTE_MS;
  const team_names = useMemo(() => new Map(teams.map(({ id, name }) => [id, name])), [teams]);
  return (
    <table className={`${list.table} ${classes.table}`} aria-busy={is_busy}>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Roles</th>
          <th scope="col">Teams</th>
          <th scope="col">Last seen</th>
          <th scope="col">State</th>
          <th scope="col">
            <span className="visually-hidden">More</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map((person) => (
          <Row
            key={person.id}
            person={person}
            team_names={team_names}
            is_me={person.id === me_id}
            now_ms={now_ms}
            onAct={onAct}
          />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  person: PersonLine;
  team_names: ReadonlyMap<string, string>;
  is_me: boolean;
  now_ms: number;
  onAct: PeopleTableProps["onAct"];
}

/** A thousand of them are not drawn anew for each letter that is typed above. */
const Row = memo(function Row({ person, team_names, is_me, now_ms, onAct }: RowProps) {
  const { id, name, email, roles, permissions, team_ids, last_seen_ms, link_expires_ms } = person;
  const standing = standingOf(person, now_ms);
  const until = link_expires_ms === null ? "" : formatMoment(link_expires_ms, now_ms);
  return (
    <tr className={`${list.row} ${classes.row}`} data-inactive={!person.active || undefined}>
      <td className={classes.who}>
        <div className={classes.who_line}>
          <PersonMark id={id} name={name} size={32} />
          <div className={classes.who_text}>
            <button
              type="button"
              className={classes.name}
              aria-label={`Edit ${name}`}
              onClick={() => onAct("edit", person)}
            >
              {name}
              <span className="visually-hidden">, edit</span>
            </button>
            {is_me && <span className={classes.me}>You</span>}
            <span className={list.sub}>{email ?? "No e-mail address"}</span>
          </div>
        </div>
      </td>
      <td className={classes.roles}>
        {rolesText(roles)}
        {permissions.map((permission) => (
          <span key={permission} className={list.sub}>
            {permissionText(permission)}
          </span>
        ))}
      </td>
      <td className={classes.teams}>{team_ids.map((id) => team_names.get(id) ?? "…").join(", ")}</td>
      <td className={`${classes.seen} ${list.when}`}>
        {last_seen_ms === null ? "Never" : formatMoment(last_seen_ms, now_ms)}
      </td>
      <td className={classes.state}>
        <span className={classes.standing} data-standing={standing}>
          {standingText(standing, until)}
        </span>
      </td>
      <td className={classes.acts}>
        <Menu position="bottom-end" width={265}>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size={36} aria-label={`More for ${name}`}>
              <IconDots size={17} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => onAct("edit", person)}>
              Edit…
            </Menu.Item>
            {person.active && email !== null && (
              <Menu.Item leftSection={<IconLink size={16} />} onClick={() => onAct("link", person)}>
                New link…
              </Menu.Item>
            )}
            <Menu.Item leftSection={<IconDevices size={16} />} onClick={() => onAct("sign_ins", person)}>
              Sign-ins…
            </Menu.Item>
            {person.has_second_factor && (
              <Menu.Item leftSection={<IconShieldOff size={16} />} onClick={() => onAct("second_factor_off", person)}>
                Switch off second step…
              </Menu.Item>
            )}
            {person.has_identity && (
              <Menu.Item leftSection={<IconUnlink size={16} />} onClick={() => onAct("forget_identity", person)}>
                Forget company account…
              </Menu.Item>
            )}
            {person.active && !is_me && (
              <Menu.Item
                c="var(--sc-wrong)"
                leftSection={<IconUserOff size={16} />}
                onClick={() => onAct("deactivate", person)}
              >
                Deactivate…
              </Menu.Item>
            )}
            {!person.active && (
              <Menu.Item leftSection={<IconUserCheck size={16} />} onClick={() => onAct("activate", person)}>
                Activate
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      </td>
    </tr>
  );
});
