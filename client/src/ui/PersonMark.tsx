import classes from "./PersonMark.module.css";

const HUES = [232, 168, 28, 320, 200, 262, 52, 4];

/** Initials of a person on a colour that is always the same for them. Purely a picture: say the name beside it. */
export function PersonMark({ id, name, size = 28 }: { id: string; name: string; size?: number }) {
  const hue = HUES[sum(id) % HUES.length];
  return (
    <span
      aria-hidden="true"
      className={classes.mark}
      style={{ "--hue": hue, width: size, height: size, fontSize: size * 0.37 } as React.CSSProperties}
    >
      {initials(name)}
    </span>
  );
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== "");
  const last = words.length > 1 ? words.at(-1) : undefined;
  return [words[0], last].map((word) => [...(word ?? "")][0] ?? "").join("");
}

function sum(text: string): number {
  let total = 0;
  for (const char of text) total += char.codePointAt(0) ?? 0;
  return total;
}
