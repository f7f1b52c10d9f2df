import { PasswordInput } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useErrorText } from "@/app/useErrorText";
import { useCommand } from "@/backend/context";
import type { RecordSummary } from "@/backend/contract";
import { Act } from "@/components/Act";
import { iconSmall } from "@/components/icon";
import { usePasswordToggle } from "@/features/session/usePasswordToggle";
import classes from "./PasswordAsk.module.css";

interface Props {
  record: string;
  file: RecordSummary["locked_files"][number];
  /** Files of the record that are read meanwhile. */
  others: number;
}

/** A file asks for its password in its own row; the others are read meanwhile. */
export function PasswordAsk({ record, file, others }: Props) {
  const { t } = useTranslation();
  const text = useErrorText();
  const id = useId();
  const toggle = usePasswordToggle();
  const [password, setPassword] = useState("");
  const unlock = useCommand("unlock_file");

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (password !== "") unlock.mutate({ record, document: file.document, password });
  };
  const fault =
    unlock.error &&
    (unlock.error.code === "wrong_password" ? t("reading.wrong_password", { name: file.name }) : text(unlock.error));

  return (
    <form className={classes.ask} onSubmit={submit}>
      <div className={classes.line}>
        <PasswordInput
          {...toggle}
          className={classes.field ?? ""}
          label={t("reading.password", { name: file.name })}
          aria-describedby={id}
          error={Boolean(fault)}
          value={password}
          onChange={(event) => {
            setPassword(event.currentTarget.value);
            if (unlock.error) unlock.reset();
          }}
        />
        <Act type="submit" binding="Enter" busy={unlock.isPending}>
          {t("reading.open_file")}
        </Act>
      </div>
      <p id={id} className={classes.note} role={fault ? "alert" : undefined}>
        {fault && (
          <span className={classes.fault}>
            <IconAlertCircle {...iconSmall} />
            {fault}
          </span>
        )}
        {others > 0 && t("reading.others_read", { count: others })}
      </p>
    </form>
  );
}
