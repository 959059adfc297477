import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import { Link } from "wouter";
import { noticesAt } from "../../lib/notices";
import { useNow } from "../../lib/time";
import { useConnection, useNotices } from "../../sync";
import classes from "./PickerPage.module.css";

/** What a Session of this Workflow will tell from the start; below the buttons, which stay where they are. Rule NC2. */
export function NoticesOf({ workflow_key, may_write }: { workflow_key: string; may_write: boolean }) {
  const { server_offset_ms } = useConnection();
  const place = { workflow_key, section_key: null, team_ids: null };
  const notices = noticesAt(place, useNotices(), useNow() + server_offset_ms);
  return (
    <>
      <div role="status">
        {notices.map(({ id, severity, text, by }) => (
          <p key={id} className={classes.notice} data-severity={severity}>
            {severity === "warning" ? (
              <IconAlertTriangle size={17} role="img" aria-label="Warning" />
            ) : (
              <IconInfoCircle size={17} role="img" aria-label="Notice" />
            )}
            <span>
              {text} <span className={classes.notice_by}>{by.name}</span>
            </span>
          </p>
        ))}
      </div>
      {may_write && (
        <Link href={`/notices?workflow=${workflow_key}`} className={classes.write_notice}>
          Write a notice…
        </Link>
      )}
    </>
  );
}
