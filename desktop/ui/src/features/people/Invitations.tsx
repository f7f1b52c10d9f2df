import { useQueryClient } from "@tanstack/react-query";
import clsx from "clsx";
import { useTranslation } from "react-i18next";
import { useToast } from "@/app/toast";
import { useErrorText } from "@/app/useErrorText";
import { useNow } from "@/app/useNow";
import { useCommand } from "@/backend/context";
import type { Invitation } from "@/backend/contract";
import { queryKeys } from "@/backend/queryKeys";
import { Act } from "@/components/Act";
import { Banner } from "@/components/Banner";
import { SectionHead } from "@/components/SectionHead";
import table from "@/components/Table.module.css";
import { daysUntil } from "@/i18n/days";
import { useFormat } from "@/i18n/format";
import classes from "./People.module.css";

/** Days left below which the end is said in colour. */
const soonDays = 2;

function State({ invitation }: { invitation: Invitation }) {
  const { t } = useTranslation();
  const now = useNow();
  if (invitation.state === "undeliverable") return <span className={classes.bad}>{t("people.undeliverable")}</span>;
  const days = daysUntil(invitation.expires_at, now.getTime());
  if (invitation.state === "expired" || days <= 0) return <span className={classes.soon}>{t("people.expired")}</span>;
  return <span className={days < soonDays ? classes.soon : undefined}>{t("people.days_left", { count: days })}</span>;
}

export function Invitations({ invitations }: { invitations: Invitation[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const text = useErrorText();
  const toast = useToast();
  const cache = useQueryClient();
  const refresh = () => void cache.invalidateQueries({ queryKey: queryKeys.invitations });
  const resend = useCommand("resend_invitation", {
    onSuccess: ({ email }) => {
      refresh();
      toast({ text: t("people.invited", { email }) });
    },
  });
  const revoke = useCommand("revoke_invitation", {
    onSuccess: () => {
      refresh();
      toast({ text: t("people.revoked") });
    },
  });
  const error = resend.error ?? revoke.error;
  return (
    <section className={classes.block}>
      <SectionHead note={format.number(invitations.length)}>{t("people.invitations")}</SectionHead>
      {error && <Banner kind="danger">{text(error)}</Banner>}
      <table className={table.table}>
        <thead>
          <tr>
            <th>{t("session.email")}</th>
            <th>{t("people.role")}</th>
            <th>{t("people.state")}</th>
            <th>
              <span className={classes.unseen}>{t("common.more")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {invitations.map((invitation) => (
            <tr key={invitation.id}>
              <td className={table.name} title={invitation.email}>
                <b>{invitation.email}</b>
              </td>
              <td className={table.still}>{t(`people.roles.${invitation.role}`)}</td>
              <td className={table.still}>
                <State invitation={invitation} />
              </td>
              <td className={clsx(table.right, classes.acts)}>
                <Act
                  kind="quiet"
                  size="xs"
                  busy={resend.isPending && resend.variables?.invitation === invitation.id}
                  aria-label={t("people.resend_to", { email: invitation.email })}
                  onClick={() => resend.mutate({ invitation: invitation.id })}
                >
                  {t("people.resend")}
                </Act>
                <Act
                  kind="quiet"
                  size="xs"
                  aria-label={t("people.revoke_of", { email: invitation.email })}
                  onClick={() => revoke.mutate({ invitation: invitation.id })}
                >
                  {t("people.revoke")}
                </Act>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
