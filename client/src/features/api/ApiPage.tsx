/** Tokens of other systems, for administrators: what each may do, when it was used, and ending it. Rule AT7. */

import { Button, Group, Modal, Stack, Text, Title } from "@mantine/core";
import { IconBook2, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { askAgain, useFetched } from "../../lib/http";
import type { Me } from "../../lib/locale";
import { usePalette } from "../../palette/palette";
import type { ApiTokenLine, ApiTokenLines, ApiTokenMade, TeamLine, TeamLines } from "../../protocol/protocol.gen";
import { AdminsOnly } from "../../ui/AdminsOnly";
import { AskDialog } from "../../ui/AskDialog";
import { Copyable } from "../../ui/Copyable";
import { ListLoading, ListMessage } from "../../ui/ListPage";
import classes from "../../ui/ListPage.module.css";
import { TokenForm } from "./TokenForm";
import { TokenTable } from "./TokenTable";

const TOKENS = "/api/tokens";
const DOCS = "/api/docs";
const NO_TEAMS: readonly TeamLine[] = [];

type Open =
  | { readonly dialog: "make" }
  | { readonly dialog: "made"; readonly made: ApiTokenMade }
  | { readonly dialog: "revoke"; readonly line: ApiTokenLine };

export default function ApiPage({ person }: Pick<Me, "person">) {
  return person.roles.includes("admin") ? <Tokens /> : <AdminsOnly />;
}

function Tokens() {
  const fetched = useFetched<ApiTokenLines>(TOKENS);
  const of_teams = useFetched<TeamLines>("/api/teams");
  const teams = of_teams.phase === "ready" ? of_teams.value.lines : NO_TEAMS;
  const [open, setOpen] = useState<Open | null>(null);
  const make = (): void => setOpen({ dialog: "make" });
  usePalette([
    { id: "make_token", label: "Make an API token…", keys: [], places: [], run: make },
    { id: "api_docs", label: "Open the API's documentation", keys: [], places: [], run: () => window.open(DOCS) },
  ]);
  return (
    <main className={classes.page}>
      <title>API · Sidecoach</title>
      <div className={classes.head}>
        <Title order={1} size="h2">
          API
        </Title>
        <Button component="a" href={DOCS} target="_blank" variant="default" leftSection={<IconBook2 size={16} />}>
          Documentation
        </Button>
        <Button leftSection={<IconPlus size={16} />} onClick={make}>
          Make a token
        </Button>
      </div>
      {fetched.phase === "loading" && <ListLoading />}
      {fetched.phase === "failed" && (
        <ListMessage title="The list could not be loaded" is_alert>
          <Button mt="md" onClick={() => askAgain(TOKENS)}>
            Try again
          </Button>
        </ListMessage>
      )}
      {fetched.phase === "ready" &&
        (fetched.value.lines.length === 0 ? (
          <ListMessage title="No other system has a token yet">
            <p>With a token, a telephone system starts Sessions, and a CRM reads what came of them.</p>
            <Button mt="md" onClick={make}>
              Make the first one
            </Button>
          </ListMessage>
        ) : (
          <TokenTable
            lines={fetched.value.lines}
            teams={teams}
            onRevoke={(line) => setOpen({ dialog: "revoke", line })}
          />
        ))}
      {open?.dialog === "make" && (
        <TokenForm
          teams={teams}
          onClose={() => setOpen(null)}
          onMade={(made) => {
            askAgain(TOKENS);
            setOpen({ dialog: "made", made });
          }}
        />
      )}
      {open?.dialog === "made" && (
        <Modal
          opened
          onClose={() => setOpen(null)}
          title={`Token for ${open.made.line.name}`}
          closeOnClickOutside={false}
          closeOnEscape={false}
          withCloseButton={false}
        >
          <Stack gap="sm">
            <Text size="sm">
              Put it where that program keeps its secrets. It is shown only now: whoever loses it makes a new one.
            </Text>
            <Copyable label="Copy the token" text={open.made.token} />
            <Group justify="flex-end">
              <Button onClick={() => setOpen(null)}>I have copied it</Button>
            </Group>
          </Stack>
        </Modal>
      )}
      {open?.dialog === "revoke" && (
        <AskDialog
          title={`Revoke the token of ${open.line.name}?`}
          button="Revoke"
          method="POST"
          path={`${TOKENS}/${open.line.id}/revoke`}
          is_grave
          onClose={() => setOpen(null)}
          onDone={() => {
            askAgain(TOKENS);
            setOpen(null);
          }}
        >
          Within two seconds it opens nothing any more, for good. What it has done stays.
        </AskDialog>
      )}
    </main>
  );
}
