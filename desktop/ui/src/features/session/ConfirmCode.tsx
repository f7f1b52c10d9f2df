import { Anchor, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useBackend, useCommand } from "@/backend/context";
import { Act } from "@/components/Act";
import { Dot } from "@/components/Dot";
import type { NewClinic } from "./CreateClinic";
import classes from "./Door.module.css";
import { Fault } from "./Fault";

/** Characters of the mailed code; people type it with spaces or dashes. */
const codeLength = 8;
const bare = (code: string) => code.replaceAll(/[^A-Za-z0-9]/g, "").toUpperCase();

export function ConfirmCode({ clinic, onBack }: { clinic: NewClinic; onBack: () => void }) {
  const { t } = useTranslation();
  const backend = useBackend();
  const confirm = useCommand("confirm_registration");
  const resend = useCommand("register");
  const form = useForm({
    initialValues: { code: "" },
    validate: { code: (value) => (bare(value).length === codeLength ? null : t("session.code_needed")) },
    onValuesChange: () => confirm.reset(),
  });

  // With the embedded cloud the mail lies on this computer.
  const { data: found } = useQuery({
    queryKey: ["mailed_code", clinic.email],
    queryFn: () => backend.call("mailed_code", { email: clinic.email }),
    gcTime: 0,
    retry: false,
  });
  const fill = form.setFieldValue;
  useEffect(() => {
    if (found) fill("code", found);
  }, [found, fill]);

  return (
    <>
      <h1 className={classes.title}>{t("session.code_title")}</h1>
      <p className={classes.text}>{t("session.code_text", { email: clinic.email })}</p>
      <form
        noValidate
        onSubmit={form.onSubmit(({ code }) => confirm.mutate({ email: clinic.email, code: bare(code) }))}
      >
        <div className={classes.fields}>
          <TextInput
            size="md"
            label={t("session.code")}
            autoComplete="one-time-code"
            autoFocus
            autoCapitalize="characters"
            spellCheck={false}
            {...form.getInputProps("code")}
          />
        </div>
        {found && (
          <p className={classes.good} role="status">
            <Dot kind="done" />
            {t("session.code_found")}
          </p>
        )}
        <Fault error={confirm.error ?? resend.error} />
        <div className={classes.acts}>
          <Act kind="primary" size="md" type="submit" fullWidth busy={confirm.isPending}>
            {t("session.confirm")}
          </Act>
        </div>
      </form>
      <p className={classes.below} role="status">
        {resend.isSuccess ? (
          t("session.resent")
        ) : (
          <Anchor component="button" type="button" onClick={() => resend.mutate(clinic)}>
            {t("session.resend")}
          </Anchor>
        )}
        {" · "}
        <Anchor component="button" type="button" onClick={onBack}>
          {t("session.change_address")}
        </Anchor>
      </p>
    </>
  );
}
