import { IconCornerDownLeft } from "@tabler/icons-react";
import { type CommandId, entryOf, keyCap } from "@/app/keymap";
import { usePlatform } from "@/app/platform";
import classes from "./KeyCaps.module.css";

/** The caps of one binding, as `Ctrl K`. Hidden from screen readers: `aria-keyshortcuts` says it there. */
export function KeyCap({ binding }: { binding: string }) {
  const mac = usePlatform() === "macos";
  return (
    <span className={classes.cap} aria-hidden="true">
      {binding === "Enter" ? <IconCornerDownLeft size="0.75rem" stroke={1.8} /> : keyCap(binding, mac)}
    </span>
  );
}

/** The first key of a command, or all of them. */
export function KeyCaps({ of, all = false }: { of: CommandId; all?: boolean }) {
  const { keys } = entryOf(of);
  return (
    <span className={classes.caps}>
      {(all ? keys : keys.slice(0, 1)).map((binding) => (
        <KeyCap key={binding} binding={binding} />
      ))}
    </span>
  );
}
