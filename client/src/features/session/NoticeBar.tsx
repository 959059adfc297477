/** Notices of this Session: one in a line, all of them one press away; put aside, a small mark. Rule NC5. */

import { CloseButton, Popover } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import { useState } from "react";
import { noticeText } from "../../lib/notices";
import { formatMoment } from "../../lib/time";
import { usePalette } from "../../palette/palette";
import type { Notice } from "../../protocol/protocol.gen";
import { useLive } from "./live";
import classes from "./NoticeBar.module.css";

interface NoticeBarProps {
  notices: readonly Notice[];
  /** Without those that were put aside. */
  shown: readonly Notice[];
  onAside: (is_aside: boolean) => void;
}

export function NoticeBar({ notices, shown, onAside }: NoticeBarProps) {
  const [is_open, setOpen] = useState(false);
  const first = shown[0] ?? notices[0];
  const others = shown.length - 1;
  usePalette([{ id: "notices", label: "Read the notice", keys: [], places: [], run: () => setOpen(true) }]);
  if (first === undefined) return null;
  const is_aside = shown.length === 0;
  const Icon = first.severity === "warning" ? IconAlertTriangle : IconInfoCircle;
  return (
    <div className={classes.bar} data-severity={first.severity} data-aside={is_aside || undefined}>
      <Popover
        opened={is_open}
        onChange={setOpen}
        width="min(420px, calc(100vw - 20px))"
        position="bottom-end"
        trapFocus={false}
        withArrow
      >
        <Popover.Target>
          <button
            type="button"
            className={classes.open}
            aria-expanded={is_open}
            aria-label={is_aside ? `Notice, put aside: ${first.text}` : noticeText(first)}
            title={first.text}
            onClick={() => setOpen(!is_open)}
          >
            <Icon size={16} aria-hidden="true" />
            {!is_aside && <span className={classes.text}>{first.text}</span>}
            {!is_aside && others > 0 && (
              <span className={classes.more}>
                +{others}
                <span className="visually-hidden"> more</span>
              </span>
            )}
          </button>
        </Popover.Target>
        <Popover.Dropdown className={classes.all}>
          <ul className={classes.list} aria-label="Notices">
            {notices.map((notice) => (
              <One key={notice.id} notice={notice} />
            ))}
          </ul>
          <button
            type="button"
            className={classes.aside}
            onClick={() => {
              onAside(!is_aside);
              setOpen(false);
            }}
          >
            {is_aside ? "Show it again" : "Put aside"}
          </button>
        </Popover.Dropdown>
      </Popover>
      {!is_aside && (
        <CloseButton size="sm" iconSize={16} aria-label="Put the notice aside" onClick={() => onAside(true)} />
      )}
    </div>
  );
}

function One({ notice: { severity, text, by, made_ms, until_ms, section_name } }: { notice: Notice }) {
  const now_ms = Date.now() + useLive().offset_ms;
  const until = until_ms === null ? "" : `, until ${formatMoment(until_ms, now_ms)}`;
  return (
    <li className={classes.one} data-severity={severity}>
      <strong>{severity === "warning" ? "Warning" : "Notice"}</strong>
      {section_name !== null && ` for ${section_name}`}
      <p className={classes.whole}>{text}</p>
      <span className={classes.by}>
        {by.name}, {formatMoment(made_ms, now_ms)}
        {until}
      </span>
    </li>
  );
}
