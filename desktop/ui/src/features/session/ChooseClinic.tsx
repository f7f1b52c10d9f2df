import { useTranslation } from "react-i18next";
import { useCommand } from "@/backend/context";
import type { SessionState } from "@/backend/contract";
import account from "@/features/account/Account.module.css";
import classes from "./Door.module.css";
import { Fault } from "./Fault";

/** Who belongs to several clinics says in which to work. */
export function ChooseClinic({ session }: { session: Extract<SessionState, { state: "choose_clinic" }> }) {
  const { t } = useTranslation();
  const choose = useCommand("choose_clinic");
  return (
    <>
      <h1 className={classes.title}>{t("account.choose_clinic")}</h1>
      <p className={classes.text}>{t("account.choose_clinic_text")}</p>
      <ul className={account.clinics}>
        {session.clinics.map((clinic) => (
          <li key={clinic.organization}>
            <button
              type="button"
              className={account.clinic}
              disabled={choose.isPending}
              onClick={() => choose.mutate({ organization: clinic.organization })}
            >
              <b>{clinic.name}</b>
              <span className={account.quiet}>{t(`people.roles.${clinic.role}`)}</span>
            </button>
          </li>
        ))}
      </ul>
      <Fault error={choose.error} />
    </>
  );
}
