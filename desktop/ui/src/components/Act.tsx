import { ActionIcon, Button, type ButtonProps, Tooltip } from "@mantine/core";
import type { ComponentPropsWithoutRef, ReactNode, Ref } from "react";
import { type CommandId, entryOf } from "@/app/keymap";
import { KeyCap, KeyCaps } from "./KeyCaps";

type Variant = "primary" | "line" | "quiet" | "danger" | "danger_quiet";

const variants = {
  primary: { variant: "filled" },
  line: { variant: "default" },
  quiet: { variant: "subtle", color: "gray" },
  danger: { variant: "filled", color: "red" },
  danger_quiet: { variant: "subtle", color: "red" },
} as const satisfies Record<Variant, Pick<ButtonProps, "variant" | "color">>;

/** `mod+K` as ARIA writes it. */
export function ariaKeys(command: CommandId | undefined): string | undefined {
  if (!command) return undefined;
  const written = entryOf(command).keys.map((binding) =>
    binding.replace("mod+", "Control+").replace("shift+", "Shift+"),
  );
  return written.join(" ") || undefined;
}

export interface ActProps extends Omit<ComponentPropsWithoutRef<"button">, "color"> {
  kind?: Variant;
  size?: "xs" | "sm" | "md";
  /** Shows the key of this command in the button. */
  command?: CommandId;
  /** The key of a place that has no command: Enter or Escape where one writes. */
  binding?: string;
  icon?: ReactNode;
  /** Keeps its width and turns. */
  busy?: boolean;
  fullWidth?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

/** A button. At most one `primary` in sight. */
export function Act({ kind = "line", size = "sm", command, binding, icon, busy = false, children, ...rest }: ActProps) {
  const ofCommand = command && entryOf(command).keys.length > 0 ? <KeyCaps of={command} /> : undefined;
  return (
    <Button
      {...variants[kind]}
      size={size}
      leftSection={icon}
      rightSection={binding ? <KeyCap binding={binding} /> : ofCommand}
      loading={busy}
      aria-keyshortcuts={ariaKeys(command)}
      type="button"
      {...rest}
    >
      {children}
    </Button>
  );
}

interface IconActProps extends Omit<ComponentPropsWithoutRef<"button">, "color"> {
  label: string;
  command?: CommandId;
  size?: "sm" | "md";
  ref?: Ref<HTMLButtonElement>;
}

/** A button of an icon: has a name, and a tooltip after half a second that shows its key. */
export function IconAct({ label, command, size = "md", children, ...rest }: IconActProps) {
  return (
    <Tooltip
      label={
        <>
          {label}
          {command && <KeyCaps of={command} />}
        </>
      }
    >
      <ActionIcon
        size={size === "sm" ? "1.625rem" : "2rem"}
        aria-label={label}
        aria-keyshortcuts={ariaKeys(command)}
        type="button"
        {...rest}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
