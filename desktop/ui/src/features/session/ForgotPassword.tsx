/** A forgotten password: the address, then the mailed code and a new password. */
import { Anchor, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand } from "@/backend/context";
import { Act } from "@/components/Act";
import classes from "./Door.module.css";
import { Fault } from "./Fault";
import { isEmail } from "./isEmail";
import { shortestPassword } from "./passwords";
import { usePasswordToggle } from "./usePasswordToggle";

function Ask({ email, onSent }: { email: string; onSent: (email: string) => void }) {
  const { t } = useTranslation();
  const request = useCommand("request_password_reset", { onSuccess: (_, { email }) => onSent(email) });
  const form = useForm({
    initialValues: { email },
    validate: { email: (value) => (isEmail(value) ? null : t("session.email_needed")) },
    onValuesChange: () => request.reset(),
  });
  return (
    <>
      <h1 className={classes.title}>{t("account.forgot_title")}</h1>
      <p className={classes.text}>{t("account.forgot_text")}</p>
      <form noValidate onSubmit={form.onSubmit((values) => request.mutate(values))}>
        <div className={classes.fields}>
          <TextInput
            size="md"
            label={t("session.email")}
            type="email"
            autoComplete="username"
            autoFocus
            {...form.getInputProps("email")}
          />
        </div>
        <Fault error={request.error} />
        <div className={classes.acts}>
          <Act kind="primary" size="md" type="submit" fullWidth busy={request.isPending}>
            {t("session.send_code")}
          </Act>
        </div>
      </form>
    </>
  );
}

function SetAnew({ email }: { email: string }) {
  const { t } = useTranslation();
  const toggle = usePasswordToggle();
  const reset = useCommand("reset_password");
  const form = useForm({
    initialValues: { code: "", new_password: "" },
    validate: {
      code: (value) => (value.trim() === "" ? t("account.mailed_code_needed") : null),
      new_password: (value) => (value.length < shortestPassword ? t("session.new_password_needed") : null),
    },
    onValuesChange: () => reset.reset(),
  });
  return (
    <>
      <h1 className={classes.title}>{t("session.code_title")}</h1>
      <p className={classes.text}>{t("account.reset_text", { email })}</p>
      <form noValidate onSubmit={form.onSubmit((values) => reset.mutate(values))}>
        <div className={classes.fields}>
          <TextInput
            size="md"
            label={t("session.code")}
            autoComplete="one-time-code"
            autoFocus
            spellCheck={false}
            {...form.getInputProps("code")}
          />
          <PasswordInput
            {...toggle}
            size="md"
            label={t("account.new_password")}
            description={t("session.new_password_hint")}
            inputWrapperOrder={["label", "input", "description", "error"]}
            autoComplete="new-password"
            {...form.getInputProps("new_password")}
          />
        </div>
        <Fault
          error={reset.error}
          {...(reset.error?.code === "invalid_input" && { text: t("account.password_weak") })}
        />
        <div className={classes.acts}>
          <Act kind="primary" size="md" type="submit" fullWidth busy={reset.isPending}>
            {t("account.reset_act")}
          </Act>
        </div>
      </form>
    </>
  );
}

export function ForgotPassword({ email, onBack }: { email: string; onBack: () => void }) {
  const { t } = useTranslation();
  const [sent, setSent] = useState<string | null>(null);
  return (
    <>
      {sent === null ? <Ask email={email} onSent={setSent} /> : <SetAnew email={sent} />}
      <p className={classes.below}>
        <Anchor component="button" type="button" onClick={sent === null ? onBack : () => setSent(null)}>
          {sent === null ? t("account.back_to_sign_in") : t("session.change_address")}
        </Anchor>
      </p>
    </>
  );
}
