import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import type { KeyboardEvent, ReactNode, Ref } from "react";
import type { CommandId } from "@/app/keymap";
import { ariaKeys } from "./Act";
import { icon } from "./icon";
import { KeyCaps } from "./KeyCaps";
import classes from "./SearchField.module.css";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  onKeyDown?: (event: KeyboardEvent<HTMLInputElement>) => void;
  command?: CommandId;
  /** Instead of the key: a count with its arrows. */
  right?: ReactNode;
  rightWidth?: string;
  ref?: Ref<HTMLInputElement>;
}

/** Search, with the soft edge of a thing whose words tell what it is. */
export function SearchField({ label, value, onChange, onKeyDown, command, right, rightWidth, ref }: Props) {
  return (
    <div className={`mn-search ${classes.field}`}>
      <TextInput
        ref={ref}
        type="text"
        role="searchbox"
        aria-label={label}
        aria-keyshortcuts={ariaKeys(command)}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        leftSection={<IconSearch {...icon} size="0.9375rem" />}
        rightSection={right ?? (command && value === "" ? <KeyCaps of={command} /> : undefined)}
        rightSectionWidth={rightWidth ?? "2.25rem"}
      />
    </div>
  );
}
