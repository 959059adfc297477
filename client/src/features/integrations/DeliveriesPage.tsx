/** A Connection's delivery log: every attempt, found by what stands in it, with what was answered. */

import { Button, TextInput, Title } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconRefresh, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "wouter";
import { useFetched } from "../../lib/http";
import { formatMoment } from "../../lib/time";
import type { ConnectionView, Delivery } from "../../protocol/protocol.gen";
import { useConnection } from "../../sync";
import { ListLoading, ListMessage, ShowMore } from "../../ui/ListPage";
import { MessagePage } from "../../ui/MessagePage";
import classes from "./IntegrationsPage.module.css";
import { type DeliveryLog, useDeliveries } from "./useDeliveries";
import { OUTCOME_WORDS } from "./words";

export default function DeliveriesPage({ connection_id }: { connection_id: string }) {
  const fetched = useFetched<ConnectionView>(`/api/connections/${connection_id}`);
  const [search, setSearch] = useState("");
  const log = useDeliveries(connection_id, search);
  if (fetched.phase === "failed" && fetched.status !== null) {
    return (
      <MessagePage title="There is no such Connection" text="It was deleted, or it is not yours to look at.">
        <div>
          <Button component={Link} href="/integrations">
            Integrations
          </Button>
        </div>
      </MessagePage>
    );
  }
  const name = fetched.phase === "ready" ? fetched.value.name : "…";
  return (
    <main className={classes.page}>
      <title>{`Deliveries of ${name} · Sidecoach`}</title>
      <nav aria-label="Way back">
        <Link href="/integrations" className={classes.back}>
          Integrations
        </Link>
      </nav>
      <div className={classes.head}>
        <Title order={1} size="h2">
          Deliveries of {name}
        </Title>
        <TextInput
          className={classes.search}
          type="search"
          aria-label="Find deliveries"
          placeholder="Message, answer, status…"
          leftSection={<IconSearch size={16} />}
          maxLength={200}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={log.again}>
          Refresh
        </Button>
      </div>
      <Log log={log} is_filtered={search !== ""} />
    </main>
  );
}

function Log({ log, is_filtered }: { log: DeliveryLog; is_filtered: boolean }) {
  if (log.phase === "failed") {
    return (
      <ListMessage title="The log could not be loaded" is_alert>
        <Button mt="md" onClick={log.again}>
          Try again
        </Button>
      </ListMessage>
    );
  }
  if (log.phase === "loading" && log.deliveries.length === 0) return <ListLoading />;
  if (log.deliveries.length === 0) {
    return (
      <ListMessage title={is_filtered ? "No delivery matches" : "Nothing was sent yet"}>
        <p>
          {is_filtered
            ? "Search for less, or for a status such as 422."
            : "Test the Connection, or fire an Action that goes through it: each attempt is listed here."}
        </p>
      </ListMessage>
    );
  }
  return (
    <>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Action</th>
            <th scope="col">Outcome</th>
            <th scope="col" className={classes.figure}>
              Took
            </th>
            <th scope="col">
              <span className="visually-hidden">Details</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {log.deliveries.map((delivery) => (
            <DeliveryRow key={`${delivery.at_ms} ${delivery.key} ${delivery.attempt}`} delivery={delivery} />
          ))}
        </tbody>
      </table>
      {log.has_more && <ShowMore onMore={log.more} />}
    </>
  );
}

function DeliveryRow({ delivery }: { delivery: Delivery }) {
  const { server_offset_ms } = useConnection();
  const [is_open, setOpen] = useState(false);
  const when = formatMoment(delivery.at_ms, Date.now() + server_offset_ms);
  return (
    <>
      <tr className={classes.row}>
        <td className={classes.when}>{when}</td>
        <td>
          <span className={classes.name}>{delivery.action_name}</span>
          <span className={classes.sub}>
            {delivery.session_id === null ? "A test" : `Attempt ${delivery.attempt}`}
            {delivery.host !== "" && ` · ${delivery.host}`}
          </span>
        </td>
        <td>
          <span className={classes.badge} data-outcome={delivery.kind}>
            {OUTCOME_WORDS[delivery.kind]}
            {delivery.status !== null && ` · ${delivery.status}`}
          </span>
          {delivery.message !== "" && <span className={classes.message}>{delivery.message}</span>}
        </td>
        <td className={classes.figure}>{delivery.duration_ms} ms</td>
        <td className={classes.figure}>
          <Button
            variant="subtle"
            color="gray"
            size="xs"
            aria-expanded={is_open}
            aria-label={`Details of ${delivery.action_name}, ${when}`}
            rightSection={is_open ? <IconChevronDown size={15} /> : <IconChevronRight size={15} />}
            onClick={() => setOpen(!is_open)}
          >
            Details
          </Button>
        </td>
      </tr>
      {is_open && (
        <tr className={classes.details}>
          <td colSpan={5} className={classes.answer}>
            <dl className={classes.facts}>
              <dt>Action</dt>
              <dd>{delivery.action}</dd>
              {delivery.session_id !== null && (
                <>
                  <dt>Session</dt>
                  <dd>
                    <Link href={`/sessions/${delivery.session_id}#${delivery.action_id}`}>Open it at this Action</Link>
                  </dd>
                </>
              )}
              {delivery.key !== "" && (
                <>
                  <dt>Key that went along</dt>
                  <dd>{delivery.key}</dd>
                </>
              )}
            </dl>
            {delivery.excerpt === "" ? (
              <p className={classes.sub}>The answer was empty, or none came.</p>
            ) : (
              <pre className={classes.excerpt}>{delivery.excerpt}</pre>
            )}
          </td>
        </tr>
      )}
    </>
  );
}
