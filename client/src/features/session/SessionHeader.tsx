/** Top of the Session: what it is, how it stands, who is here, and the ways out of it. */

import { ActionIcon, Button, Menu } from "@mantine/core";
import {
  IconArrowsExchange,
  IconCloudCheck,
  IconCloudOff,
  IconCloudUp,
  IconDots,
  IconEye,
  IconFlag,
  IconHistory,
  IconMessageCircle,
  IconMessageOff,
  IconPlayerStop,
  IconSteeringWheel,
  IconTransferOut,
  IconUserShare,
} from "@tabler/icons-react";
import { Link } from "wouter";
import { Elapsed } from "../../ui/Elapsed";
import { StatusBadge } from "../../ui/StatusBadge";
import { Lightning } from "./Lightning";
import type { DialogName } from "./LiveScreen";
import { isOnCall, isOpen, mayEnd, mayGive, mayShare, mayTransfer, useLive } from "./live";
import { PauseButton } from "./PauseButton";
import { PeopleHere } from "./PeopleHere";
import { replayPath } from "./replayPath";
import classes from "./SessionHeader.module.css";
import type { Waiting } from "./waiting";

interface SessionHeaderProps {
  onOpen?: (dialog: DialogName) => void;
  onWhispers?: () => void;
  waiting?: Waiting;
}

export function SessionHeader({ onOpen, onWhispers, waiting }: SessionHeaderProps) {
  const live = useLive();
  const { head, view, visit, guide, is_driving, offset_ms, model, person } = live;
  const is_open = isOpen(head);
  return (
    <section className={classes.header} aria-label="Session">
      <title>{`${head.title === "" ? guide.document.name : head.title} · Sidecoach`}</title>
      <div className={classes.what}>
        <p className={classes.title}>{head.title === "" ? guide.document.name : head.title}</p>
        <p className={classes.facts}>
          {head.training && <span className={classes.practice}>Practice</span>}
          {head.title !== "" && <span className={classes.workflow}>{guide.document.name}</span>}
          <StatusBadge status={head.status} won={head.won} />
          <span title="Time in the call">
            <Elapsed since_ms={head.started_ms} until_ms={is_open ? null : head.changed_ms} offset_ms={offset_ms} />
          </span>
          {is_open && (
            <span className={classes.in_section} title="Time in this Section">
              <Elapsed since_ms={visit.entered_ms} offset_ms={offset_ms} /> in Section
            </span>
          )}
          {head.external_id !== null && (
            <span className={classes.call} title={`Call ${head.external_id}`}>
              Call {head.external_id}
            </span>
          )}
          {head.switched_from !== null && <Link href={`/sessions/${head.switched_from}`}>The Session before</Link>}
        </p>
      </div>
      <SavedMark />
      <PeopleHere />
      <div className={classes.buttons}>
        {waiting !== undefined && <Lightning waiting={waiting} />}
        <PauseButton />
        {mayEnd(live) && (
          <Button
            variant="default"
            leftSection={<IconPlayerStop size={16} aria-hidden="true" />}
            aria-keyshortcuts="X"
            onClick={() => onOpen?.("end")}
          >
            End Session
          </Button>
        )}
        {onOpen !== undefined && is_open && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="default" size={36} aria-label="More">
                <IconDots size={17} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconFlag size={16} />} onClick={() => onOpen("mark")}>
                Mark this moment…
              </Menu.Item>
              {!isOnCall(live) && (
                <Menu.Item component={Link} href={replayPath(live.session_id)} leftSection={<IconHistory size={16} />}>
                  Replay
                </Menu.Item>
              )}
              {!head.screen_shared && Object.keys(view.whispers).length > 0 && (
                <Menu.Item leftSection={<IconMessageCircle size={16} />} onClick={onWhispers}>
                  Whispers
                </Menu.Item>
              )}
              {is_driving &&
                model.people.map(
                  ({ person_id, name, role }) =>
                    person_id !== person.id &&
                    role !== "taker" && (
                      <Menu.Item
                        key={person_id}
                        leftSection={<IconSteeringWheel size={16} />}
                        onClick={() => live.act({ type: "offer_seat", to_id: person_id })}
                      >
                        Offer the seat to {name}
                      </Menu.Item>
                    ),
                )}
              {is_driving && (
                <Menu.Item leftSection={<IconArrowsExchange size={16} />} onClick={() => onOpen("switch")}>
                  Switch Workflow…
                </Menu.Item>
              )}
              {mayTransfer(live) && (
                <Menu.Item leftSection={<IconTransferOut size={16} />} onClick={() => onOpen("transfer")}>
                  Transfer…
                </Menu.Item>
              )}
              {mayGive(live) && (
                <Menu.Item leftSection={<IconUserShare size={16} />} onClick={() => onOpen("give")}>
                  Give to…
                </Menu.Item>
              )}
              {mayShare(live) && (
                <Menu.Item
                  leftSection={<IconEye size={16} />}
                  onClick={() => live.act({ type: "share_screen", shared: !head.screen_shared })}
                >
                  {head.screen_shared ? "Screen not shared any more" : "Screen shared with the customer"}
                </Menu.Item>
              )}
              {is_driving && (
                <Menu.Item
                  leftSection={<IconMessageOff size={16} />}
                  onClick={() => live.act({ type: "mute_suggestions", muted: !head.suggestions_muted })}
                >
                  {head.suggestions_muted ? "Hear suggestions again" : "Mute suggestions"}
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
    </section>
  );
}

/** Whether the server holds what this page did. Not read out by itself: it changes with every entry. */
function SavedMark() {
  const { model } = useLive();
  const { icon, text } = SAVED[model.saved];
  return (
    <span role="status" aria-live="off" className={classes.saved} data-saved={model.saved}>
      {icon}
      <span className={classes.saved_text}>{text}</span>
    </span>
  );
}

const SAVED = {
  saved: { icon: <IconCloudCheck size={17} aria-hidden="true" />, text: "Saved" },
  saving: { icon: <IconCloudUp size={17} aria-hidden="true" />, text: "Saving…" },
  not_saved: { icon: <IconCloudOff size={17} aria-hidden="true" />, text: "Not saved yet" },
};
