/** The frame around every page of a signed-in person: menu, connection banner, shortcuts. */

import { ActionIcon, Drawer } from "@mantine/core";
import { IconMenu2 } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import type { Me } from "../../lib/locale";
import { CommandPalette } from "../../palette/CommandPalette";
import { KeySheet } from "../../palette/KeySheet";
import { useConnection } from "../../sync";
import { Asked } from "./Asked";
import { ClosedPage, ConnectionBanner } from "./Connection";
import { ExpiredNotice } from "./ExpiredNotice";
import { Menu } from "./Menu";
import { OpenSessions } from "./OpenSessions";
import classes from "./Shell.module.css";

export function Shell({
  person,
  house,
  policy,
  children,
}: Pick<Me, "person" | "house" | "policy"> & { children: ReactNode }) {
  const { closed_code, status } = useConnection();
  const [drawer, setDrawer] = useState(false);
  if (status === "closed" && closed_code !== null) return <ClosedPage code={closed_code} />;
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#content">
        Skip to content
      </a>
      <aside className={classes.side} aria-label="Menu">
        <Menu person={person} house={house} policy={policy} />
      </aside>
      <nav className={classes.bar} aria-label="Sidecoach">
        <ActionIcon variant="subtle" color="gray" size={40} aria-label="Menu" onClick={() => setDrawer(true)}>
          <IconMenu2 size={20} />
        </ActionIcon>
        <span className={classes.bar_name}>{house}</span>
      </nav>
      <Drawer
        opened={drawer}
        onClose={() => setDrawer(false)}
        size={250}
        padding={0}
        withCloseButton={false}
        title="Menu"
        classNames={{ body: classes.drawer ?? "", header: "visually-hidden" }}
      >
        <Menu person={person} house={house} policy={policy} is_wide onGo={() => setDrawer(false)} />
      </Drawer>
      <div className={classes.content} id="content">
        <ConnectionBanner />
        <OpenSessions person_id={person.id} />
        <ExpiredNotice person={person} policy={policy} />
        {children}
      </div>
      <Asked person={person} />
      <KeySheet />
      <CommandPalette />
    </div>
  );
}
