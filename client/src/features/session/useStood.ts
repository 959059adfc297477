import { useEffect, useState } from "react";

/** What appears under the hands is not what they meant to press. */
export const RIPE_AFTER_MS = 400;

/** Whether it has stood on screen long enough to have been seen. Rules SU9 and WH9. */
export function useStood(): boolean {
  const [has_stood, setStood] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setStood(true), RIPE_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return has_stood;
}
