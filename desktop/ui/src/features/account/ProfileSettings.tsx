/** Who one is: name and address. A new address is taken once its code came back. */
import { PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useToast } from "@/app/toast";
import { useMe } from "@/app/useSession";
import { useCommand } from "@/backend/context";
import { Act } from "@/components/Act";
import { SectionHead } from "@/components/SectionHead";
import { Fault } from "@/features/session/Fault";
import { isEmail } from "@/features/session/isEmail";
import { usePasswordToggle } from "@/features/session/usePasswordToggle";
import settings from "@/features/settings/Settings.module.css";
import { SettingsHead } from "@/features/settings/SettingsHead";
import classes from "./Account.module.css";
import { usePasswordFault } from "./useCodeFault";

function AskForAddress({ onSent }: { onSent: (email: string) => void }) {
  const { t } = useTranslation();
  const toggle = usePasswordToggle();
  const change = useCommand("change_email", { onSuccess: (_, { new_email }) => onSent(new_email) });
  const fault = usePasswordFault(change.error);
  const form = useForm({
    initialValues: { new_email: "", password: "" },
    validate: {
      new_email: (value) => (isEmail(value) ? null : t("session.email_needed")),
      password: (value) => (value === "" ? t("session.password_needed") : null),
    },
    onValuesChange: () => change.reset(),
  });
  return (
    <form className={classes.stack} noValidate onSubmit={form.onSubmit((values) => change.mutate(values))}>
      <TextInput label={t("account.new_email")} type="email" {...form.getInputProps("new_email")} />
      <PasswordInput
        {...toggle}
        label={t("session.password")}
        autoComplete="current-password"
        {...form.getInputProps("password")}
      />
      <Fault error={change.error} text={fault} />
      <div>
        <Act type="submit" busy={change.isPending}>
          {t("session.send_code")}
        </Act>
      </div>
    </form>
  );
}

function GiveCode({ email, onDone }: { email: string; onDone: () => void }) {
  const { t } = useTranslation();
  const toast = useToast();
  const confirm = useCommand("confirm_email_change", {
    onSuccess: () => {
      toast({ text: t("account.email_changed", { email }) });
      onDone();
    },
  });
  const form = useForm({
    initialValues: { code: "" },
    validate: { code: (value) => (value.trim() === "" ? t("account.mailed_code_needed") : null) },
    onValuesChange: () => confirm.reset(),
  });
  return (
    <form className={classes.stack} noValidate onSubmit={form.onSubmit((values) => confirm.mutate(values))}>
      <p>{t("account.email_code_text", { email })}</p>
      <TextInput label={t("session.code")} autoFocus spellCheck={false} {...form.getInputProps("code")} />
      <Fault error={confirm.error} />
      <div className={classes.row}>
        <Act kind="primary" type="submit" busy={confirm.isPending}>
          {t("account.email_take")}
        </Act>
        <Act kind="quiet" onClick={onDone}>
          {t("common.cancel")}
        </Act>
      </div>
    </form>
  );
}

export function ProfileSettings() {
  const { t } = useTranslation();
  const { me, readOnly } = useMe();
  const [sent, setSent] = useState<string | null>(null);
  return (
    <>
      <SettingsHead title={t("account.profile")}>{t("account.profile_text")}</SettingsHead>
      <section className={settings.section}>
        <dl className={classes.facts}>
          <dt>{t("session.name")}</dt>
          <dd>{me.name}</dd>
          <dt>{t("session.email")}</dt>
          <dd>{me.email}</dd>
          <dt>{t("account.role_here")}</dt>
          <dd>{t(`people.roles.${me.role}`)}</dd>
        </dl>
      </section>
      {!readOnly && (
        <section className={settings.section}>
          <SectionHead>{t("account.change_email")}</SectionHead>
          <div className={classes.form}>
            {sent === null ? (
              <>
                <p className={classes.quiet}>{t("account.change_email_text")}</p>
                <AskForAddress onSent={setSent} />
              </>
            ) : (
              <GiveCode email={sent} onDone={() => setSent(null)} />
            )}
          </div>
        </section>
      )}
    </>
  );
}
