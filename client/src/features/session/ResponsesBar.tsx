/** What to say off the path: objections and customer questions, each behind its own button. */

import { Badge, Button, Drawer, TextInput } from "@mantine/core";
import { IconMessageQuestion, IconSearch, IconShieldHalf } from "@tabler/icons-react";
import { useState } from "react";
import { formatMoment } from "../../lib/time";
import { usePalette } from "../../palette/palette";
import type { Key, Response, ResponseKind } from "../../protocol/protocol.gen";
import { Content } from "./Content";
import { useLive } from "./live";
import classes from "./ResponsesBar.module.css";
import { maySuggest, openOf } from "./suggestions";
import { VariableChip } from "./VariableChip";

const KINDS = [
  { kind: "objection", label: "Handle Objection", key: "o", icon: <IconShieldHalf size={16} aria-hidden="true" /> },
  {
    kind: "customer_question",
    label: "Response to Customer Question",
    key: "q",
    icon: <IconMessageQuestion size={16} aria-hidden="true" />,
  },
] satisfies { kind: ResponseKind; label: string; key: string; icon: unknown }[];

/** A Response that is to be read out; a new object each time somebody asks for it. */
export interface ReadResponse {
  readonly key: Key;
}

export function ResponsesBar({ read }: { read: ReadResponse | null }) {
  const { guide, view } = useLive();
  const [kind, setKind] = useState<ResponseKind | null>(null);
  const [opened_for, setOpenedFor] = useState<ReadResponse | null>(null);
  if (read !== opened_for) {
    setOpenedFor(read);
    setKind(guide.responses.get(read?.key ?? "")?.kind ?? null);
  }
  const suggested = openOf(view, "response");
  const offered = KINDS.filter((each) => guide.document.responses.some((response) => response.kind === each.kind));
  usePalette(
    offered.map((each) => ({
      id: `responses_${each.kind}`,
      label: each.label,
      keys: [each.key],
      places: ["answers", "elsewhere"],
      run: () => setKind(each.kind),
    })),
  );
  if (offered.length === 0) return null;
  const opened = offered.find((each) => each.kind === kind);
  return (
    <div className={classes.bar}>
      {offered.map((each) => (
        <span key={each.kind} className={classes.place}>
          <Button
            size="xs"
            variant="default"
            leftSection={each.icon}
            aria-keyshortcuts={each.key.toUpperCase()}
            onClick={() => setKind(each.kind)}
          >
            {each.label}
          </Button>
          {suggested !== undefined && guide.responses.get(suggested.key ?? "")?.kind === each.kind && (
            <span className={classes.proposed}>Suggested by {suggested.by.name}</span>
          )}
        </span>
      ))}
      <Drawer
        opened={opened !== undefined}
        onClose={() => setKind(null)}
        position="right"
        size={480}
        title={opened?.label ?? ""}
      >
        {opened !== undefined && (
          <Responses kind={opened.kind} first={suggested?.key ?? read?.key ?? null} onDone={() => setKind(null)} />
        )}
      </Drawer>
    </div>
  );
}

/** `first` stands open. */
function Responses({ kind, first, onDone }: { kind: ResponseKind; first: Key | null; onDone: () => void }) {
  const live = useLive();
  const { guide, view, is_driving, act } = live;
  const [query, setQuery] = useState("");
  const [opened_key, setOpened] = useState<Key | null>(first);
  const suggested = openOf(view, "response");
  const found = guide.document.responses.filter(
    (response) => response.kind === kind && matches(response, query.trim().toLowerCase()),
  );
  const opened = found.find((response) => response.key === opened_key) ?? (query === "" ? undefined : found[0]);
  const use = (response: Response): void => {
    act({ type: "use_response", response_key: response.key });
    onDone();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (opened !== undefined && is_driving) use(opened);
      }}
    >
      <TextInput
        type="search"
        data-autofocus
        aria-label="Find what the customer says"
        placeholder="What does the customer say?"
        leftSection={<IconSearch size={16} />}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
      />
      <ul className={classes.list}>
        {found.map((response) => (
          <li key={response.key}>
            <button
              type="button"
              className={classes.name}
              aria-expanded={response === opened}
              onClick={() => setOpened(response === opened ? null : response.key)}
            >
              {response.name}
              {response.key === suggested?.key ? (
                <span className={classes.proposed_here}>Suggested by {suggested.by.name}</span>
              ) : (
                <Used response_key={response.key} />
              )}
            </button>
            {response === opened && (
              <div className={classes.said}>
                <Content markdown={response.content} renderVariable={(key) => <VariableChip field_key={key} />} />
                {is_driving && (
                  <Button mt="sm" size="sm" onClick={() => use(response)}>
                    Use
                  </Button>
                )}
                {maySuggest(live) && (
                  <Button
                    mt="sm"
                    size="sm"
                    variant="default"
                    onClick={() => {
                      act({ type: "suggest", kind: "response", key: response.key });
                      onDone();
                    }}
                  >
                    Suggest
                  </Button>
                )}
              </div>
            )}
          </li>
        ))}
        {found.length === 0 && <li className={classes.none}>Nothing matches “{query}”.</li>}
      </ul>
    </form>
  );
}

/** When it was said last, if it was. */
function Used({ response_key }: { response_key: Key }) {
  const { view, offset_ms } = useLive();
  const last = Object.values(view.responses).findLast((use) => use.response_key === response_key);
  if (last === undefined) return null;
  return (
    <Badge variant="light" color="gray" size="sm" tt="none">
      Used {formatMoment(last.at_ms, Date.now() + offset_ms)}
    </Badge>
  );
}

function matches(response: Response, query: string): boolean {
  return `${response.name} ${response.content}`.toLowerCase().includes(query);
}
