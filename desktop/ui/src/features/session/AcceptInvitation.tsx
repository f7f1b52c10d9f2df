/** An invitation by its mailed code: what it offers, then the password of the account or of a new one. */
import { Anchor, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand } from "@/backend/context";
import type { OfferedMembership } from "@/backend/contract";
import { Act } from "@/components/Act";
import { useFormat } from "@/i18n/format";
import classes from "./Door.module.css";
import { Fault } from "./Fault";
import { shortestPassword } from "./passwords";
import { usePasswordToggle } from "./usePasswordToggle";

function GiveCode({ onFound }: { onFound: (code: string, offer: OfferedMembership) => void }) {
  const { t } = useTranslation();
  const view = useCommand("view_invitation", { onSuccess: (offer, { code }) => onFound(code, offer) });
  const form = useForm({
    initialValues: { code: "" },
    validate: { code: (value) => (value.trim() === "" ? t("account.mailed_code_needed") : null) },
    onValuesChange: () => view.reset(),
  });
  return (
    <>
      <h1 className={classes.title}>{t("account.invitation_title")}</h1>
      <p className={classes.text}>{t("account.invitation_text")}</p>
      <form noValidate onSubmit={form.onSubmit(({ code }) => view.mutate({ code: code.trim() }))}>
        <div className={classes.fields}>
          <TextInput size="md" label={t("session.code")} autoFocus spellCheck={false} {...form.getInputProps("code")} />
        </div>
        <Fault error={view.error} />
        <div className={classes.acts}>
          <Act kind="primary" size="md" type="submit" fullWidth busy={view.isPending}>
            {t("account.invitation_look")}
          </Act>
        </div>
      </form>
    </>
  );
}

function Accept({ code, offer }: { code: string; offer: OfferedMembership }) {
  const { t } = useTranslation();
  const format = useFormat();
  const toggle = usePasswordToggle();
  const accept = useCommand("accept_invitation");
  const form = useForm({
    initialValues: { name: "", password: "" },
    validate: {
      name: (value) => (!offer.has_account && value.trim() === "" ? t("session.name_needed") : null),
      password: (value) => {
        if (offer.has_account) return value === "" ? t("session.password_needed") : null;
        return value.length < shortestPassword ? t("session.new_password_needed") : null;
      },
    },
    onValuesChange: () => accept.reset(),
  });
  return (
    <>
      <h1 className={classes.title}>{t("account.join", { clinic: offer.clinic })}</h1>
      <p className={classes.text}>
        {t("account.join_text", {
          role: t(`people.roles_as.${offer.role}`),
          email: offer.email,
          day: format.dayOf(offer.expires_at),
        })}
      </p>
      <form
        noValidate
        onSubmit={form.onSubmit(({ name, password }) =>
          accept.mutate({ code, name: offer.has_account ? null : name.trim(), password }),
        )}
      >
        <div className={classes.fields}>
          {!offer.has_account && (
            <TextInput
              size="md"
              label={t("session.name")}
              autoComplete="name"
              autoFocus
              {...form.getInputProps("name")}
            />
          )}
          <PasswordInput
            {...toggle}
            size="md"
            label={offer.has_account ? t("session.password") : t("account.new_password")}
            description={offer.has_account ? t("account.join_known") : t("session.new_password_hint")}
            inputWrapperOrder={["label", "input", "description", "error"]}
            autoComplete={offer.has_account ? "current-password" : "new-password"}
            {...form.getInputProps("password")}
          />
        </div>
        <Fault
          error={accept.error}
          {...(accept.error?.code === "invalid_input" && { text: t("account.password_weak") })}
        />
        <div className={classes.acts}>
          <Act kind="primary" size="md" type="submit" fullWidth busy={accept.isPending}>
            {t("account.join_act")}
          </Act>
        </div>
      </form>
    </>
  );
}

export function AcceptInvitation({ onBack }: { onBack: () => void }) {
  const { t } = useTranslation();
  const [found, setFound] = useState<{ code: string; offer: OfferedMembership } | null>(null);
  return (
    <>
      {found ? <Accept {...found} /> : <GiveCode onFound={(code, offer) => setFound({ code, offer })} />}
      <p className={classes.below}>
        <Anchor component="button" type="button" onClick={onBack}>
          {t("account.back_to_sign_in")}
        </Anchor>
      </p>
    </>
  );
}
