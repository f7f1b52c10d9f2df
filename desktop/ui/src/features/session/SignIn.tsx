import { Anchor, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { useBackend, useCommand } from "@/backend/context";
import { Act } from "@/components/Act";
import { Banner } from "@/components/Banner";
import classes from "./Door.module.css";
import { Fault } from "./Fault";
import { isEmail } from "./isEmail";
import { usePasswordToggle } from "./usePasswordToggle";

interface Props {
  email: string;
  notice: string | null;
  onCreate: () => void;
  onForgot: () => void;
  onInvited: () => void;
}

export function SignIn({ email, notice, onCreate, onForgot, onInvited }: Props) {
  const { t } = useTranslation();
  const backend = useBackend();
  const toggle = usePasswordToggle();
  const signIn = useCommand("sign_in");
  const form = useForm({
    initialValues: { email, password: "" },
    validate: {
      email: (value) => (isEmail(value) ? null : t("session.email_needed")),
      password: (value) => (value === "" ? t("session.password_needed") : null),
    },
    onValuesChange: () => signIn.reset(),
  });

  return (
    <>
      <h1 className={classes.title}>{t("session.sign_in")}</h1>
      {notice && <Banner kind="warning">{notice}</Banner>}
      <form noValidate onSubmit={form.onSubmit((values) => signIn.mutate(values))}>
        <div className={classes.fields}>
          <TextInput
            size="md"
            label={t("session.email")}
            type="email"
            autoComplete="username"
            autoFocus={email === ""}
            {...form.getInputProps("email")}
          />
          <PasswordInput
            {...toggle}
            size="md"
            label={t("session.password")}
            autoComplete="current-password"
            autoFocus={email !== ""}
            {...form.getInputProps("password")}
          />
        </div>
        <Fault error={signIn.error} />
        <div className={classes.acts}>
          <Act kind="primary" size="md" type="submit" fullWidth busy={signIn.isPending}>
            {t("session.sign_in")}
          </Act>
        </div>
      </form>
      {backend.offers("request_password_reset") && (
        <p className={classes.below}>
          <Anchor component="button" type="button" onClick={onForgot}>
            {t("account.forgot_link")}
          </Anchor>
        </p>
      )}
      {backend.offers("accept_invitation") && (
        <p className={classes.below}>
          <Anchor component="button" type="button" onClick={onInvited}>
            {t("account.invited_link")}
          </Anchor>
        </p>
      )}
      <p className={classes.below}>
        {t("session.new_here")}{" "}
        <Anchor component="button" type="button" onClick={onCreate}>
          {t("session.create_link")}
        </Anchor>
        , {t("session.days_free")}
      </p>
    </>
  );
}
