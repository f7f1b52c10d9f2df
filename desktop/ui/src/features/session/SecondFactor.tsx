/** The second step of the sign-in: a code, or the enrolment that the clinic requires. */
import { Anchor, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { BackendError } from "@/backend/backend";
import { useBackend, useCommand } from "@/backend/context";
import type { Enrolment, SessionState } from "@/backend/contract";
import { Act } from "@/components/Act";
import { Loading } from "@/components/States";
import { EnrolFactor } from "@/features/account/EnrolFactor";
import { useCodeFault, usePasswordFault } from "@/features/account/useCodeFault";
import classes from "./Door.module.css";
import { Fault } from "./Fault";
import { usePasswordToggle } from "./usePasswordToggle";

type Waiting = Extract<SessionState, { state: "second_factor" }>;

function Leave() {
  const { t } = useTranslation();
  const signOut = useCommand("sign_out");
  return (
    <p className={classes.below}>
      <Anchor component="button" type="button" onClick={() => signOut.mutate(undefined)}>
        {t("account.other_account")}
      </Anchor>
    </p>
  );
}

function Prove({ session }: { session: Waiting }) {
  const { t } = useTranslation();
  const [recovery, setRecovery] = useState(false);
  const prove = useCommand("prove_second_factor");
  const fault = useCodeFault(prove.error);
  const form = useForm({
    initialValues: { code: "" },
    validate: { code: (value) => (value.trim() === "" ? t("account.code_needed") : null) },
    onValuesChange: () => prove.reset(),
  });
  return (
    <>
      <h1 className={classes.title}>{t("account.prove_title")}</h1>
      <p className={classes.text}>
        {recovery ? t("account.prove_recovery_text") : t("account.prove_text", { email: session.email })}
      </p>
      <form noValidate onSubmit={form.onSubmit(({ code }) => prove.mutate({ code: code.trim() }))}>
        <div className={classes.fields}>
          <TextInput
            key={recovery ? "recovery" : "code"}
            size="md"
            label={recovery ? t("account.recovery_code") : t("account.app_code")}
            inputMode={recovery ? "text" : "numeric"}
            autoComplete="one-time-code"
            autoFocus
            spellCheck={false}
            {...form.getInputProps("code")}
          />
        </div>
        <Fault error={prove.error} text={fault} />
        <div className={classes.acts}>
          <Act kind="primary" size="md" type="submit" fullWidth busy={prove.isPending}>
            {t("session.sign_in")}
          </Act>
        </div>
      </form>
      <p className={classes.below}>
        <Anchor
          component="button"
          type="button"
          onClick={() => {
            setRecovery(!recovery);
            form.reset();
          }}
        >
          {recovery ? t("account.use_app") : t("account.use_recovery")}
        </Anchor>
      </p>
      <Leave />
    </>
  );
}

/** Who came from another clinic gave no password here. */
function GivePassword({ onBegun }: { onBegun: (enrolment: Enrolment) => void }) {
  const { t } = useTranslation();
  const toggle = usePasswordToggle();
  const begin = useCommand("begin_second_factor", { onSuccess: onBegun });
  const fault = usePasswordFault(begin.error);
  const form = useForm({
    initialValues: { password: "" },
    validate: { password: (value) => (value === "" ? t("session.password_needed") : null) },
    onValuesChange: () => begin.reset(),
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => begin.mutate(values))}>
      <div className={classes.fields}>
        <PasswordInput
          {...toggle}
          size="md"
          label={t("session.password")}
          autoComplete="current-password"
          autoFocus
          {...form.getInputProps("password")}
        />
      </div>
      <Fault error={begin.error} text={fault} />
      <div className={classes.acts}>
        <Act kind="primary" size="md" type="submit" fullWidth busy={begin.isPending}>
          {t("account.go_on")}
        </Act>
      </div>
    </form>
  );
}

function Enrol({ session }: { session: Waiting }) {
  const { t } = useTranslation();
  const backend = useBackend();
  const finish = useCommand("finish_second_factor");
  const { data, error } = useQuery({
    queryKey: ["enrolment"],
    queryFn: () => backend.call("begin_second_factor", { password: null }),
    gcTime: 0,
    retry: false,
  });
  const [begun, setBegun] = useState<Enrolment | null>(null);
  const enrolment = data ?? begun;
  const fault = error as BackendError | null;
  const asksPassword = fault?.code === "password_required";
  return (
    <>
      <h1 className={classes.title}>{t("account.enrol_title")}</h1>
      <p className={classes.text}>
        {t(asksPassword && !enrolment ? "account.enrol_password" : "account.enrol_required", {
          clinic: session.clinic,
        })}
      </p>
      {asksPassword && !enrolment ? (
        <GivePassword onBegun={setBegun} />
      ) : (
        <div className={classes.fields}>
          {enrolment && <EnrolFactor enrolment={enrolment} onDone={() => finish.mutate(undefined)} big />}
          {!enrolment && !fault && <Loading />}
          <Fault error={asksPassword ? finish.error : (fault ?? finish.error)} />
        </div>
      )}
      <Leave />
    </>
  );
}

export function SecondFactor({ session }: { session: Waiting }) {
  return session.step === "prove" ? <Prove session={session} /> : <Enrol session={session} />;
}
