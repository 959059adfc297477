/** A Session that is open: path, Section, Fields and Notes side by side, or one at a time where it is narrow. */

import { useState } from "react";
import { flushSync } from "react-dom";
import { usePalette } from "../../palette/palette";
import type { Key, VisitId } from "../../protocol/protocol.gen";
import { Announcer } from "./Announcer";
import { EndDialog } from "./EndDialog";
import { FieldsPanel, type WantedField } from "./FieldsPanel";
import { GoToDialog } from "./GoToDialog";
import classes from "./LiveScreen.module.css";
import { useLive } from "./live";
import { MissingDialog } from "./MissingDialog";
import { NotesPanel } from "./NotesPanel";
import { LostDialog, Notices } from "./Notices";
import { PathPanel } from "./PathPanel";
import { PausedBand } from "./PausedBand";
import { PeekDrawer } from "./PeekDrawer";
import { SeatStrip } from "./SeatStrip";
import { SectionPanel } from "./SectionPanel";
import { SessionHeader } from "./SessionHeader";
import { SwitchDialog } from "./SwitchDialog";
import { sessionKeys } from "./sessionKeys";

type Panel = "section" | "fields" | "notes" | "path";
export type DialogName = "go_to" | "missing" | "end" | "switch";

const PANELS: readonly [Panel, string][] = [
  ["section", "Section"],
  ["fields", "Fields"],
  ["notes", "Notes"],
  ["path", "Path"],
];

export function LiveScreen() {
  const live = useLive();
  const [panel, setPanel] = useState<Panel>("section");
  const [peeked, setPeeked] = useState<Key | null>(null);
  const [dialog, setDialog] = useState<DialogName | null>(null);
  const [wanted, setWanted] = useState<{ field: WantedField; visit_id: VisitId } | null>(null);
  const visit_id = live.visit.id;
  const is_paused = live.head.status === "paused";
  const close = (): void => setDialog(null);
  const openField = (key: Key): void => {
    setPanel("fields");
    setWanted({ field: { key }, visit_id });
  };
  const complete = (): void => {
    if (live.missing.length > 0) setDialog("missing");
    else live.act({ type: "complete" });
  };
  usePalette(
    sessionKeys(live, {
      // At once, so that what gets the focus next is on screen.
      show: (next) => flushSync(() => setPanel(next)),
      open: setDialog,
      complete,
    }),
  );
  return (
    <div className={classes.screen} data-panel={panel} data-training={live.head.training || undefined}>
      <SessionHeader onOpen={setDialog} />
      <SeatStrip />
      <div className={classes.body}>
        <nav className={classes.tabs} aria-label="Panels">
          {PANELS.map(([each, label]) => (
            <button
              key={each}
              type="button"
              className={classes.tab}
              data-tab={each}
              aria-pressed={panel === each}
              onClick={() => setPanel(each)}
            >
              {label}
            </button>
          ))}
        </nav>
        <div className={classes.path}>
          <PathPanel onPeek={setPeeked} onFind={() => setDialog("go_to")} />
        </div>
        <div className={classes.section}>
          <SectionPanel onOpenField={openField} onComplete={complete} />
          {is_paused && <PausedBand onEnd={() => setDialog("end")} />}
          <Notices />
        </div>
        <div className={classes.fields}>
          <FieldsPanel wanted={wanted?.visit_id === visit_id ? wanted.field : null} />
        </div>
        <div className={classes.notes}>
          <NotesPanel />
        </div>
      </div>
      <PeekDrawer section_key={peeked} onPeek={setPeeked} />
      <GoToDialog opened={dialog === "go_to"} onClose={close} onPeek={setPeeked} />
      <MissingDialog opened={dialog === "missing"} onClose={close} onOpenField={openField} />
      <EndDialog opened={dialog === "end"} onClose={close} />
      <SwitchDialog opened={dialog === "switch"} onClose={close} />
      <LostDialog />
      <Announcer />
    </div>
  );
}
