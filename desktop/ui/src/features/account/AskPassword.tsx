import { Checkbox, PasswordInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { BackendError } from "@/backend/backend";
import type { ActProps } from "@/components/Act";
import { Dialog } from "@/components/Dialog";
import { Fault } from "@/features/session/Fault";
import { usePasswordToggle } from "@/features/session/usePasswordToggle";
import classes from "./Account.module.css";
import { usePasswordFault } from "./useCodeFault";

interface Props {
  title: string;
  children: ReactNode;
  act: string;
  kind?: ActProps["kind"];
  busy: boolean;
  error: BackendError | null;
  /** What the refusal means here. */
  fault?: string;
  /** Something that has to be ticked or may be. */
  tick?: { label: string; checked: boolean; onChange: (checked: boolean) => void };
  onAct: (password: string) => void;
  onClose: () => void;
}

/** Asks for the password before what a thief of the session must not do. */
export function AskPassword({
  title,
  children,
  act,
  kind = "primary",
  busy,
  error,
  fault: own,
  tick,
  onAct,
  onClose,
}: Props) {
  const { t } = useTranslation();
  const toggle = usePasswordToggle();
  const id = useId();
  const [password, setPassword] = useState("");
  const known = usePasswordFault(error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (password !== "") onAct(password);
  };
  return (
    <Dialog title={title} opened onClose={onClose} act={{ label: act, kind, busy, type: "submit", form: id }}>
      <form id={id} className={classes.stack} onSubmit={submit}>
        <div>{children}</div>
        <PasswordInput
          {...toggle}
          label={t("session.password")}
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {tick && (
          <Checkbox
            label={tick.label}
            checked={tick.checked}
            onChange={(event) => tick.onChange(event.currentTarget.checked)}
          />
        )}
        <Fault error={error} text={own ?? known} />
      </form>
    </Dialog>
  );
}
