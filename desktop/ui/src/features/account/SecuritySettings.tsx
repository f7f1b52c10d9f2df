/** Password, second factor, sessions, and the end of the account. */
import { PasswordInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useToast } from "@/app/toast";
import { useErrorText } from "@/app/useErrorText";
import { useMe } from "@/app/useSession";
import type { BackendError } from "@/backend/backend";
import { useBackend, useBackendQueries, useCommand } from "@/backend/context";
import type { ActiveSession } from "@/backend/contract";
import { queryKeys } from "@/backend/queryKeys";
import { Act } from "@/components/Act";
import { Banner } from "@/components/Banner";
import { Chip } from "@/components/Chip";
import { Dialog } from "@/components/Dialog";
import { SectionHead } from "@/components/SectionHead";
import { Failed, Loading } from "@/components/States";
import { Fault } from "@/features/session/Fault";
import { shortestPassword } from "@/features/session/passwords";
import { usePasswordToggle } from "@/features/session/usePasswordToggle";
import settings from "@/features/settings/Settings.module.css";
import { SettingsHead } from "@/features/settings/SettingsHead";
import { useFormat } from "@/i18n/format";
import classes from "./Account.module.css";
import { AskPassword } from "./AskPassword";
import { SecondFactorSection } from "./SecondFactorSection";

function PasswordSection() {
  const { t } = useTranslation();
  const toast = useToast();
  const cache = useQueryClient();
  const toggle = usePasswordToggle();
  const { me } = useMe();
  const change = useCommand("change_password", {
    onSuccess: () => {
      form.reset();
      void cache.invalidateQueries({ queryKey: queryKeys.sessions });
      toast({ text: t("account.password_changed") });
    },
  });
  const form = useForm({
    initialValues: { current_password: "", new_password: "" },
    validate: {
      current_password: (value) => (value === "" ? t("session.password_needed") : null),
      new_password: (value) => (value.length < shortestPassword ? t("session.new_password_needed") : null),
    },
    onValuesChange: () => change.reset(),
  });
  return (
    <section className={settings.section}>
      <SectionHead>{t("session.password")}</SectionHead>
      <form className={classes.form} noValidate onSubmit={form.onSubmit((values) => change.mutate(values))}>
        <p className={classes.quiet}>{t("account.password_text")}</p>
        {/* For a keeper of passwords: whose these are. */}
        <input type="hidden" autoComplete="username" value={me.email} readOnly />
        <PasswordInput
          {...toggle}
          label={t("account.current_password")}
          autoComplete="current-password"
          {...form.getInputProps("current_password")}
        />
        <PasswordInput
          {...toggle}
          label={t("account.new_password")}
          description={t("session.new_password_hint")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          autoComplete="new-password"
          {...form.getInputProps("new_password")}
        />
        <Fault
          error={change.error}
          {...(change.error?.code === "invalid_input" && { text: t("account.password_refused") })}
        />
        <div>
          <Act type="submit" busy={change.isPending}>
            {t("account.change_password")}
          </Act>
        </div>
      </form>
    </section>
  );
}

const systems: Record<string, string> = { linux: "Linux", macos: "macOS", windows: "Windows" };

/** What a session calls itself, as one says it: `maneiro/1.4.2 (linux)` is this program. */
function deviceName(device: string): string {
  const [, version, system] = /^maneiro\/(\S+) \((\w+)\)$/.exec(device) ?? [];
  return version && system ? `Maneiro ${version}, ${systems[system] ?? system}` : device;
}

function SessionRow({ session, onEnd, busy }: { session: ActiveSession; onEnd: () => void; busy: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <li className={classes.session}>
      <span>
        <b>{session.device === null ? t("account.unknown_device") : deviceName(session.device)}</b>{" "}
        {session.is_current && <Chip kind="good">{t("account.this_one")}</Chip>}
        {session.is_support && <Chip kind="doubt">{t("account.support_session")}</Chip>}
        <span className={classes.small}>
          {[
            session.address,
            t("account.last_used", { time: format.dateTime(session.last_used_at) }),
            t("account.began", { day: format.dayOf(session.created_at) }),
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </span>
      {!session.is_current && (
        <Act kind="quiet" size="xs" busy={busy} onClick={onEnd}>
          {t("account.end_session")}
        </Act>
      )}
    </li>
  );
}

function SessionsSection() {
  const { t } = useTranslation();
  const text = useErrorText();
  const cache = useQueryClient();
  const { data, error, refetch } = useQuery(useBackendQueries().sessions());
  const [endingAll, setEndingAll] = useState(false);
  const refresh = () => void cache.invalidateQueries({ queryKey: queryKeys.sessions });
  const end = useCommand("end_session", { onSuccess: refresh });
  const endAll = useCommand("end_all_sessions");
  return (
    <section className={settings.section}>
      <SectionHead>{t("account.sessions")}</SectionHead>
      {end.error && <Banner kind="danger">{text(end.error)}</Banner>}
      {data && (
        <>
          <ul>
            {data.map((session) => (
              <SessionRow
                key={session.id}
                session={session}
                busy={end.isPending && end.variables?.session === session.id}
                onEnd={() => end.mutate({ session: session.id })}
              />
            ))}
          </ul>
          <div className={settings.acts}>
            <Act onClick={() => setEndingAll(true)}>{t("account.end_all")}</Act>
          </div>
        </>
      )}
      {error && <Failed error={error as BackendError} onRetry={() => void refetch()} />}
      {!data && !error && <Loading rows={2} />}
      {endingAll && (
        <Dialog
          title={t("account.end_all_title")}
          opened
          onClose={() => setEndingAll(false)}
          act={{
            label: t("account.end_all"),
            kind: "danger",
            busy: endAll.isPending,
            onAct: () => endAll.mutate(undefined),
          }}
        >
          <p>{t("account.end_all_text")}</p>
          <Fault error={endAll.error} />
        </Dialog>
      )}
    </section>
  );
}

function CloseSection() {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const [clinics, setClinics] = useState(false);
  const close = useCommand("close_account");
  return (
    <section className={settings.section}>
      <SectionHead quiet>{t("account.close_account")}</SectionHead>
      <div className={classes.form}>
        <p className={classes.quiet}>{t("account.close_text")}</p>
        <div>
          <Act
            kind="danger_quiet"
            onClick={() => {
              close.reset();
              setAsking(true);
            }}
          >
            {t("account.close_account")}
          </Act>
        </div>
      </div>
      {asking && (
        <AskPassword
          title={t("account.close_title")}
          act={t("account.close_act")}
          kind="danger"
          busy={close.isPending}
          error={close.error}
          {...(close.error?.code === "last_admin" && { fault: t("account.close_last_admin") })}
          tick={{ label: t("account.close_clinics"), checked: clinics, onChange: setClinics }}
          onAct={(password) => close.mutate({ password, close_clinics: clinics })}
          onClose={() => setAsking(false)}
        >
          <p>{t("account.close_lost")}</p>
        </AskPassword>
      )}
    </section>
  );
}

export function SecuritySettings() {
  const { t } = useTranslation();
  const backend = useBackend();
  const { readOnly } = useMe();
  return (
    <>
      <SettingsHead title={t("account.security")}>{t("account.security_text")}</SettingsHead>
      {backend.offers("second_factor") && <SecondFactorSection />}
      {backend.offers("change_password") && !readOnly && <PasswordSection />}
      {backend.offers("sessions") && <SessionsSection />}
      {backend.offers("close_account") && !readOnly && <CloseSection />}
    </>
  );
}
