import { Anchor, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { useCommand } from "@/backend/context";
import { Act } from "@/components/Act";
import classes from "./Door.module.css";
import { Fault } from "./Fault";
import { isEmail } from "./isEmail";
import { shortestPassword } from "./passwords";
import { usePasswordToggle } from "./usePasswordToggle";

export interface NewClinic {
  clinic: string;
  name: string;
  email: string;
  password: string;
}

interface Props {
  known: NewClinic | null;
  onSignIn: () => void;
  onSent: (clinic: NewClinic) => void;
}

export function CreateClinic({ known, onSignIn, onSent }: Props) {
  const { t } = useTranslation();
  const toggle = usePasswordToggle();
  const register = useCommand("register", { onSuccess: (_, sent) => onSent(sent) });
  const named = (value: string) => (value.trim() === "" || value.length > 200 ? t("session.name_needed") : null);
  const form = useForm<NewClinic>({
    initialValues: known ?? { clinic: "", name: "", email: "", password: "" },
    validate: {
      clinic: named,
      name: named,
      email: (value) => (isEmail(value) ? null : t("session.email_needed")),
      password: (value) => (value.length < shortestPassword ? t("session.new_password_needed") : null),
    },
    onValuesChange: () => register.reset(),
  });

  return (
    <>
      <h1 className={classes.title}>{t("session.create_title")}</h1>
      <p className={classes.text}>{t("session.create_text")}</p>
      <form noValidate onSubmit={form.onSubmit((values) => register.mutate(values))}>
        <div className={classes.fields}>
          <TextInput
            size="md"
            label={t("session.clinic")}
            autoComplete="organization"
            autoFocus
            {...form.getInputProps("clinic")}
          />
          <TextInput size="md" label={t("session.name")} autoComplete="name" {...form.getInputProps("name")} />
          <TextInput
            size="md"
            label={t("session.email")}
            type="email"
            autoComplete="username"
            {...form.getInputProps("email")}
          />
          <PasswordInput
            {...toggle}
            size="md"
            label={t("session.new_password")}
            description={t("session.new_password_hint")}
            inputWrapperOrder={["label", "input", "description", "error"]}
            autoComplete="new-password"
            {...form.getInputProps("password")}
          />
        </div>
        <Fault error={register.error} />
        <div className={classes.acts}>
          <Act kind="primary" size="md" type="submit" fullWidth busy={register.isPending}>
            {t("session.send_code")}
          </Act>
        </div>
      </form>
      <p className={classes.below}>
        {t("session.known_here")}{" "}
        <Anchor component="button" type="button" onClick={onSignIn}>
          {t("session.sign_in")}
        </Anchor>
      </p>
    </>
  );
}
