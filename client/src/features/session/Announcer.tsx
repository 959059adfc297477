import { useLive } from "./live";

/** Says aloud, to those who cannot see it, what others changed: who drives, where a watched Session stands. */
export function Announcer() {
  const { head, person, section, is_driving } = useLive();
  const driver = head.driver.id === person.id ? "You drive" : `${head.driver.name} drives`;
  return (
    <div className="visually-hidden">
      <p aria-live="polite">{driver}</p>
      <p aria-live="polite">{is_driving ? "" : `Section: ${section.name}`}</p>
      <p aria-live="polite">{head.status === "paused" ? "The Session is paused" : ""}</p>
    </div>
  );
}
