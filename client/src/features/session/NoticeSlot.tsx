import { lazy, Suspense, useEffect, useState } from "react";
import { noticesAt, noticeText } from "../../lib/notices";
import { persistently } from "../../lib/persistently";
import { usePreference } from "../../lib/preferences";
import { useNow } from "../../lib/time";
import { useNotices } from "../../sync";
import { useLive } from "./live";

/** Most calls have none. */
const NoticeBar = lazy(() => persistently(() => import("./NoticeBar")).then((it) => ({ default: it.NoticeBar })));

/** The place of notices in the strip of the seat, whose height stays; says aloud what comes. Rules NC2 and NC5. */
export function NoticeSlot() {
  const { guide, visit, head, offset_ms } = useLive();
  const place = { workflow_key: guide.document.key, section_key: visit.section_key, team_ids: head.team_ids };
  const notices = noticesAt(place, useNotices(), useNow() + offset_ms);
  const [aside, setAside] = usePreference("notices_aside", "");
  const put_aside = aside.split(" ");
  const shown = notices.filter(({ id }) => !put_aside.includes(id));
  const text = shown.map(noticeText).join(". ");
  const [said, setSaid] = useState("");
  // After the first paint: what a live region holds from its beginning is not said.
  useEffect(() => setSaid(text), [text]);
  return (
    <>
      <span className="visually-hidden" role="status">
        {said}
      </span>
      {notices.length > 0 && (
        <Suspense fallback={null}>
          <NoticeBar
            notices={notices}
            shown={shown}
            onAside={(is_aside) => setAside(is_aside ? notices.map(({ id }) => id).join(" ") : "")}
          />
        </Suspense>
      )}
    </>
  );
}
