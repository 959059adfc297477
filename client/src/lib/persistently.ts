/** Loads a part of the page that comes after the first paint, again and again until the network gives it. */
export async function persistently<T>(load: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await load();
    } catch {
      // Offline, most likely. Whoever waits shows that it is loading.
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

const RETRY_MS = 3_000;
