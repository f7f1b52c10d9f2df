import { Anchor, PasswordInput } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useErrorText } from "@/app/useErrorText";
import { useCommand } from "@/backend/context";
import type { Server, SessionState } from "@/backend/contract";
import { Act } from "@/components/Act";
import { icon } from "@/components/icon";
import { KeyCap } from "@/components/KeyCaps";
import { Mark } from "@/components/Mark";
import { useFormat } from "@/i18n/format";
import { Door } from "./Door";
import classes from "./Lock.module.css";
import { usePasswordToggle } from "./usePasswordToggle";

type Locked = Extract<SessionState, { state: "locked" }>;

/** The lock: the ground, and nothing of any record behind it. */
export function Lock({ session, server }: { session: Locked; server: Server }) {
  const { t } = useTranslation();
  const format = useFormat();
  const text = useErrorText();
  const toggle = usePasswordToggle();
  const [password, setPassword] = useState("");
  const unlock = useCommand("unlock");
  const signOut = useCommand("sign_out");

  if (session.needs_sign_in) return <Door server={server} email={session.email} notice={t("session.locked_ended")} />;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (password !== "") unlock.mutate({ password });
  };
  const why = {
    idle: t("session.locked_idle", { minutes: format.number(session.idle_minutes) }),
    key: t("session.locked_key"),
    start: t("session.locked_start"),
  }[session.reason];

  return (
    <main className={classes.lock}>
      <Mark size="2.25rem" />
      <h1 className={classes.title}>{t("session.locked")}</h1>
      <p className={classes.quiet}>{t("session.locked_who", { name: session.name, clinic: session.clinic })}</p>
      <form className={classes.form} onSubmit={submit}>
        <PasswordInput
          {...toggle}
          size="md"
          className={classes.field ?? ""}
          aria-label={t("session.password")}
          placeholder={t("session.password")}
          autoComplete="current-password"
          autoFocus
          leftSection={<IconLock {...icon} />}
          value={password}
          error={unlock.error ? text(unlock.error) : null}
          onChange={(event) => {
            setPassword(event.currentTarget.value);
            if (unlock.error) unlock.reset();
          }}
        />
        <Act kind="primary" size="md" type="submit" busy={unlock.isPending}>
          <span className={classes.act}>
            {t("session.unlock")}
            <KeyCap binding="Enter" />
          </span>
        </Act>
      </form>
      <p className={classes.foot}>
        {why}{" "}
        <Anchor component="button" type="button" onClick={() => signOut.mutate(undefined)}>
          {t("session.sign_out")}
        </Anchor>
      </p>
    </main>
  );
}
