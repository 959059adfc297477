/** Receivers on one's own network: which addresses there may be reached, although such addresses otherwise are not. */

import { ActionIcon, Button, NumberInput, TextInput, Title } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { askAgain, send, useFetched } from "../../lib/http";
import type { EgressRule, EgressRules } from "../../protocol/protocol.gen";
import classes from "./IntegrationsPage.module.css";

const PATH = "/api/egress-rules";
const NEW = { network: "", port: "443", note: "" };

export function EgressRuleList() {
  const fetched = useFetched<EgressRules>(PATH);
  const [typed, setTyped] = useState(NEW);
  const [problem, setProblem] = useState<string | null>(null);
  const rules = fetched.phase === "ready" ? fetched.value.rules : [];

  const save = async (changed: readonly EgressRule[]): Promise<boolean> => {
    const sent = await send("PUT", PATH, { rules: changed });
    setProblem(sent.is_done ? null : sent.expected.replace(/^rules\.\d+: /, ""));
    askAgain(PATH);
    return sent.is_done;
  };
  const add = async (): Promise<void> => {
    const rule = { network: typed.network.trim(), port: Number(typed.port), note: typed.note };
    if (await save([...rules, rule])) setTyped(NEW);
  };

  return (
    <section className={classes.card} aria-labelledby="egress">
      <div className={classes.card_head}>
        <div className={classes.card_name}>
          <Title order={2} size="h4" id="egress">
            Receivers on our own network
          </Title>
          <p className={classes.help}>
            Private addresses are not reached, so that nobody can aim an Action at the inside. Allow single receivers
            here, each with its port.
          </p>
        </div>
      </div>
      {rules.length > 0 && (
        <ul className={classes.connections}>
          {rules.map((rule) => (
            <li key={`${rule.network} ${rule.port}`} className={classes.rule}>
              <span className={classes.address}>
                {rule.network} <span className={classes.sub}>port</span> {rule.port}
              </span>
              <span className={classes.sub}>{rule.note}</span>
              <ActionIcon
                variant="subtle"
                color="gray"
                size={32}
                aria-label={`Allow ${rule.network} port ${rule.port} no more`}
                onClick={() => void save(rules.filter((other) => other !== rule))}
              >
                <IconTrash size={17} />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
      {fetched.phase === "ready" && rules.length === 0 && <p className={classes.none}>None is allowed.</p>}
      {fetched.phase === "failed" && <p className={classes.none}>They could not be loaded. Open the page again.</p>}
      {problem !== null && (
        <p role="alert" className={classes.wrong}>
          {problem}
        </p>
      )}
      {fetched.phase === "ready" && (
        <form
          className={classes.add_rule}
          onSubmit={(event) => {
            event.preventDefault();
            void add();
          }}
        >
          <TextInput
            label="Address or network"
            placeholder="10.20.0.7 or 10.20.0.0/24"
            required
            maxLength={50}
            value={typed.network}
            onChange={(event) => setTyped({ ...typed, network: event.currentTarget.value })}
          />
          <NumberInput
            label="Port"
            required
            hideControls
            allowDecimal={false}
            min={1}
            max={65_535}
            value={typed.port}
            onChange={(port) => setTyped({ ...typed, port: String(port) })}
          />
          <TextInput
            label="What is there"
            maxLength={200}
            value={typed.note}
            onChange={(event) => setTyped({ ...typed, note: event.currentTarget.value })}
          />
          <Button type="submit" variant="default">
            Allow
          </Button>
        </form>
      )}
    </section>
  );
}
