/** Who belongs to the clinic, and who is invited. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useErrorText } from "@/app/useErrorText";
import { useMe } from "@/app/useSession";
import type { BackendError } from "@/backend/backend";
import { useBackend, useBackendQueries, useCommand } from "@/backend/context";
import type { Member } from "@/backend/contract";
import { queryKeys } from "@/backend/queryKeys";
import { Act } from "@/components/Act";
import { Banner } from "@/components/Banner";
import { SearchField } from "@/components/SearchField";
import { Failed, Loading } from "@/components/States";
import { SettingsHead } from "@/features/settings/SettingsHead";
import { useFormat } from "@/i18n/format";
import { Invitations } from "./Invitations";
import { InviteDialog } from "./InviteDialog";
import { MemberTable } from "./MemberTable";
import classes from "./People.module.css";
import { RemoveDialog } from "./RemoveDialog";

/** So many rows are drawn at first: a row holds a list and a menu, and the search is the quicker way to one of hundreds. */
const firstRows = 25;

const plain = (text: string) => text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();

export function PeopleSettings() {
  const { t } = useTranslation();
  const format = useFormat();
  const text = useErrorText();
  const cache = useQueryClient();
  const backend = useBackend();
  const queries = useBackendQueries();
  const { me, readOnly } = useMe();
  const admin = me.role === "admin" && !readOnly;
  const { data: members, error, refetch } = useQuery(queries.members());
  const { data: invitations = [] } = useQuery({
    ...queries.invitations(),
    enabled: admin && backend.offers("invitations"),
  });
  const { data: policy } = useQuery({ ...queries.policy(), enabled: admin && backend.offers("policy") });
  const { data: subscription } = useQuery({
    ...queries.subscription(),
    enabled: admin && backend.offers("subscription"),
  });
  const seats = subscription?.limits.find((it) => it.limit === "seats");
  const [search, setSearch] = useState("");
  const [everybody, setEverybody] = useState(false);
  const [inviting, setInviting] = useState(false);
  const [leaving, setLeaving] = useState<Member | null>(null);
  const update = useCommand("update_member", {
    onSuccess: () => void cache.invalidateQueries({ queryKey: queryKeys.members }),
  });
  const sought = plain(search.trim());
  const found = members?.filter((it) => plain(`${it.name} ${it.email}`).includes(sought)) ?? [];
  const shown = everybody ? found : found.slice(0, firstRows);

  return (
    <div className={classes.wide}>
      <SettingsHead
        title={t("people.people")}
        right={
          <div className={classes.tools}>
            <div className={classes.search}>
              <SearchField label={t("people.search")} value={search} onChange={setSearch} />
            </div>
            {admin && (
              <Act kind="primary" onClick={() => setInviting(true)}>
                {t("people.invite")}
              </Act>
            )}
          </div>
        }
      >
        {seats
          ? seats.maximum === null
            ? t("people.seats_unlimited", { used: format.number(seats.used) })
            : t("people.seats_used", { used: format.number(seats.used), maximum: format.number(seats.maximum) })
          : t("people.count", { count: members?.length ?? 0, number: format.number(members?.length ?? 0) })}{" "}
        {t("people.people_text")}
      </SettingsHead>
      {update.error && (
        <Banner kind="danger">
          {update.error.code === "invalid_input" ? t("people.last_admin") : text(update.error)}
        </Banner>
      )}
      {members && shown.length > 0 && (
        <MemberTable
          members={shown}
          admin={admin}
          onRole={(member, role) => update.mutate({ user: member.user, role })}
          onSigns={(member, signs) => update.mutate({ user: member.user, signs })}
          onRemove={setLeaving}
        />
      )}
      {shown.length < found.length && (
        <Act onClick={() => setEverybody(true)}>{t("people.show_all", { number: format.number(found.length) })}</Act>
      )}
      {members && shown.length === 0 && <p className={classes.none}>{t("people.none_found", { search })}</p>}
      {error && <Failed error={error as BackendError} onRetry={() => void refetch()} />}
      {!members && !error && <Loading rows={6} />}
      {invitations.length > 0 && <Invitations invitations={invitations} />}
      {inviting && <InviteDialog domains={policy?.mail_domains ?? []} onClose={() => setInviting(false)} />}
      {leaving && <RemoveDialog member={leaving} members={members ?? []} onClose={() => setLeaving(null)} />}
    </div>
  );
}
