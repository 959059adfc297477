import { Button } from "@mantine/core";
import { formatMoment } from "../../lib/time";
import type { ApiTokenLine, TeamLine } from "../../protocol/protocol.gen";
import { useConnection } from "../../sync";
import list from "../../ui/ListPage.module.css";
import classes from "./ApiPage.module.css";
import { STANDINGS, scopesText, standingOf } from "./words";

interface TokenTableProps {
  lines: readonly ApiTokenLine[];
  teams: readonly TeamLine[];
  onRevoke: (line: ApiTokenLine) => void;
}

export function TokenTable({ lines, teams, onRevoke }: TokenTableProps) {
  const { server_offset_ms } = useConnection();
  const now_ms = Date.now() + server_offset_ms;
  const names = new Map(teams.map(({ id, name }) => [id, name]));
  return (
    <table className={`${list.table} ${classes.table}`}>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">May do</th>
          <th scope="col">Teams</th>
          <th scope="col">Last used</th>
          <th scope="col">State</th>
          <th scope="col">
            <span className="visually-hidden">Revoke</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <Row key={line.id} line={line} names={names} now_ms={now_ms} onRevoke={onRevoke} />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps extends Pick<TokenTableProps, "onRevoke"> {
  line: ApiTokenLine;
  names: ReadonlyMap<string, string>;
  now_ms: number;
}

function Row({ line, names, now_ms, onRevoke }: RowProps) {
  const standing = standingOf(line, now_ms);
  const made = `Made by ${line.made_by.name}, ${formatMoment(line.made_ms, now_ms)}`;
  return (
    <tr className={`${list.row} ${classes.row}`} data-over={standing !== "works" || undefined}>
      <td>
        <span className={classes.name}>{line.name}</span>
        <span className={list.sub}>
          <code>{line.hint}…</code> {made}
        </span>
      </td>
      <td>{scopesText(line.scopes)}</td>
      <td>{line.team_ids === null ? "All teams" : line.team_ids.map((id) => names.get(id) ?? "…").join(", ")}</td>
      <td className={list.when}>
        <span className={classes.small_only}>Last used: </span>
        {line.last_used_ms === null ? "Never" : formatMoment(line.last_used_ms, now_ms)}
      </td>
      <td>
        <span className={classes.standing} data-standing={standing}>
          {STANDINGS[standing]}
        </span>
        <span className={`${list.sub} ${list.when}`}>{endText(line, now_ms)}</span>
      </td>
      <td className={classes.acts}>
        {standing !== "revoked" && (
          <Button
            variant="default"
            size="compact-sm"
            aria-label={`Revoke the token of ${line.name}…`}
            onClick={() => onRevoke(line)}
          >
            Revoke…
          </Button>
        )}
      </td>
    </tr>
  );
}

function endText({ revoked_ms, expires_ms }: ApiTokenLine, now_ms: number): string {
  if (revoked_ms !== null) return formatMoment(revoked_ms, now_ms);
  return expires_ms === null ? "without end" : `until ${formatMoment(expires_ms, now_ms)}`;
}
