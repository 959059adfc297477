/** The demo's page: who one can be, calls to watch, and what to try in three minutes. Rule FQ7. */

import { Text, Title } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { PersonMark } from "../../ui/PersonMark";
import classes from "./DemoPage.module.css";
import { DemoScript } from "./DemoScript";
import { CHOSEN, type Demo, type DemoPerson } from "./demo";
import { SimulatedCalls } from "./SimulatedCalls";

export function DemoPage({ demo }: { demo: Demo }) {
  return (
    <main className={classes.page}>
      <title>Sidecoach</title>
      <header className={classes.head}>
        <Title order={1} className={classes.title}>
          Sidecoach
        </Title>
        <Text className={classes.lead}>
          Guide a call together. Open two people side by side and work in the very same Session.
        </Text>
      </header>
      <div className={classes.columns}>
        <div className={classes.column}>
          <section aria-labelledby="people">
            <h2 className={classes.subtitle} id="people">
              Be somebody
            </h2>
            <ul className={classes.people}>
              {demo.people.map((person) => (
                <li key={person.id}>
                  <PersonLink person={person} />
                </li>
              ))}
            </ul>
          </section>
          <SimulatedCalls supervisor={demo.people.find(({ role }) => role === "supervisor")} />
          {demo.receiver_url !== null && (
            <a className={classes.link} href={demo.receiver_url} target="_blank" rel="noreferrer">
              <span>
                <span className={classes.name}>Demo receiver</span>
                <span className={classes.about}>Shows what Actions send. Nothing leaves this computer.</span>
              </span>
              <IconExternalLink size={18} aria-hidden="true" className={classes.arrow} />
            </a>
          )}
        </div>
        <DemoScript pid={demo.pid} />
      </div>
      <Text className={classes.note}>This is a demo on your own computer. Each person opens in a new tab.</Text>
    </main>
  );
}

function PersonLink({ person }: { person: DemoPerson }) {
  return (
    <a className={classes.link} href={`${person.url}${CHOSEN}`} target="_blank" rel="noreferrer">
      <PersonMark id={person.id} name={person.name} size={40} />
      <span>
        <span className={classes.name}>{person.name}</span>
        <span className={classes.about}>{person.role}</span>
      </span>
      <IconExternalLink size={18} aria-hidden="true" className={classes.arrow} />
    </a>
  );
}
