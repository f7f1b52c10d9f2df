import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/app/useSession";
import type { BackendError } from "@/backend/backend";
import { useBackendQueries, useCommand } from "@/backend/context";
import type { Enrolment } from "@/backend/contract";
import { queryKeys } from "@/backend/queryKeys";
import { Act } from "@/components/Act";
import { Chip } from "@/components/Chip";
import { Dialog } from "@/components/Dialog";
import { SectionHead } from "@/components/SectionHead";
import { Failed, Loading } from "@/components/States";
import settings from "@/features/settings/Settings.module.css";
import { useFormat } from "@/i18n/format";
import classes from "./Account.module.css";
import { AskPassword } from "./AskPassword";
import { EnrolFactor } from "./EnrolFactor";
import { RecoveryCodes } from "./RecoveryCodes";

/** Codes left below which new ones are advised. */
const fewCodes = 3;

type Asked = "enrol" | "codes" | "remove" | null;

export function SecondFactorSection() {
  const { t } = useTranslation();
  const format = useFormat();
  const cache = useQueryClient();
  const { readOnly } = useMe();
  const { data, error, refetch } = useQuery(useBackendQueries().secondFactor());
  const [asked, setAsked] = useState<Asked>(null);
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const refresh = () => void cache.invalidateQueries({ queryKey: queryKeys.account });
  const close = () => setAsked(null);
  const begin = useCommand("begin_second_factor", {
    onSuccess: (begun) => {
      close();
      setEnrolment(begun);
    },
  });
  const replace = useCommand("replace_recovery_codes", {
    onSuccess: (fresh) => {
      close();
      setCodes(fresh);
      refresh();
    },
  });
  const remove = useCommand("remove_second_factor", {
    onSuccess: () => {
      close();
      refresh();
    },
  });
  const ask = (next: Asked) => {
    for (const command of [begin, replace, remove]) command.reset();
    setAsked(next);
  };

  return (
    <section className={settings.section}>
      <SectionHead>{t("account.second_factor")}</SectionHead>
      <div className={classes.form}>
        {data && (
          <>
            <p>
              {data.enrolled_at
                ? t("account.factor_since", { day: format.dayOf(data.enrolled_at) })
                : t("account.factor_none")}{" "}
              {!data.enrolled_at && <Chip kind="doubt">{t("people.no_factor")}</Chip>}
            </p>
            {data.enrolled_at && (
              <p className={classes.quiet}>
                {t("account.codes_left", { count: data.recovery_codes_left })}
                {data.recovery_codes_left <= fewCodes && ` ${t("account.codes_few")}`}
              </p>
            )}
            {data.is_required && <p className={classes.quiet}>{t("account.factor_required")}</p>}
            {!readOnly && (
              <div className={classes.row}>
                <Act kind={data.enrolled_at ? "line" : "primary"} onClick={() => ask("enrol")}>
                  {data.enrolled_at ? t("account.factor_other") : t("account.factor_set_up")}
                </Act>
                {data.enrolled_at && <Act onClick={() => ask("codes")}>{t("account.codes_new")}</Act>}
                {data.enrolled_at && !data.is_required && (
                  <Act kind="danger_quiet" onClick={() => ask("remove")}>
                    {t("account.factor_remove")}
                  </Act>
                )}
              </div>
            )}
          </>
        )}
        {error && <Failed error={error as BackendError} onRetry={() => void refetch()} />}
        {!data && !error && <Loading rows={1} />}
      </div>
      {asked === "enrol" && (
        <AskPassword
          title={t("account.enrol_title")}
          act={t("account.go_on")}
          busy={begin.isPending}
          error={begin.error}
          onAct={(password) => begin.mutate({ password })}
          onClose={close}
        >
          {data?.enrolled_at ? t("account.enrol_other_text") : t("account.enrol_text")}
        </AskPassword>
      )}
      {asked === "codes" && (
        <AskPassword
          title={t("account.codes_new_title")}
          act={t("account.codes_new")}
          busy={replace.isPending}
          error={replace.error}
          onAct={(password) => replace.mutate({ password })}
          onClose={close}
        >
          {t("account.codes_new_text")}
        </AskPassword>
      )}
      {asked === "remove" && (
        <AskPassword
          title={t("account.factor_remove_title")}
          act={t("account.factor_remove")}
          kind="danger"
          busy={remove.isPending}
          error={remove.error}
          onAct={(password) => remove.mutate({ password })}
          onClose={close}
        >
          {t("account.factor_remove_text")}
        </AskPassword>
      )}
      {enrolment && (
        <Dialog title={t("account.enrol_title")} opened onClose={() => setEnrolment(null)}>
          <EnrolFactor
            enrolment={enrolment}
            onDone={() => {
              setEnrolment(null);
              refresh();
            }}
          />
        </Dialog>
      )}
      {codes && (
        <Dialog
          title={t("account.recovery_codes")}
          opened
          onClose={() => setCodes(null)}
          safe={t("account.recovery_kept")}
        >
          <div className={classes.stack}>
            <p>{t("account.recovery_text")}</p>
            <RecoveryCodes codes={codes} />
          </div>
        </Dialog>
      )}
    </section>
  );
}
