import { Menu, Select } from "@mantine/core";
import { IconAlertTriangle, IconDots, IconSignature, IconUserMinus } from "@tabler/icons-react";
import clsx from "clsx";
import { useTranslation } from "react-i18next";
import { useNow } from "@/app/useNow";
import { useMe } from "@/app/useSession";
import type { Member, Role } from "@/backend/contract";
import { IconAct } from "@/components/Act";
import { Chip } from "@/components/Chip";
import { chipIcon, icon } from "@/components/icon";
import table from "@/components/Table.module.css";
import { daysAgo } from "@/i18n/days";
import { useFormat } from "@/i18n/format";
import classes from "./People.module.css";
import { roles } from "./roles";

interface Props {
  members: Member[];
  /** Only admins change anything, and see when somebody was last here. */
  admin: boolean;
  onRole: (member: Member, role: Role) => void;
  onSigns: (member: Member, signs: boolean) => void;
  onRemove: (member: Member) => void;
}

export function MemberTable({ members, admin, onRole, onSigns, onRemove }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const { me } = useMe();
  const now = useNow();
  const lastSeen = (time: string | null) => {
    if (time === null) return t("people.never");
    const ago = daysAgo(time, now);
    if (ago <= 0) return `${t("records.today")} ${format.time(time)}`;
    return ago === 1 ? t("records.yesterday") : format.dayOf(time);
  };
  return (
    <table className={clsx(table.table, table.tall)}>
      <thead>
        <tr>
          <th>{t("people.name")}</th>
          <th>{t("people.role")}</th>
          {admin && <th>{t("people.factor")}</th>}
          {admin && <th className={clsx(table.right, table.spare)}>{t("people.records")}</th>}
          {admin && <th className={table.spare}>{t("people.last_seen")}</th>}
          <th>
            <span className={classes.unseen}>{t("common.more")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {members.map((member) => (
          <tr key={member.user}>
            <td className={table.name} title={member.name}>
              <b>{member.name}</b>
              <span>{member.email}</span>
            </td>
            <td className={table.still}>
              {admin && member.user !== me.user ? (
                <Select
                  size="xs"
                  className={classes.role ?? ""}
                  aria-label={t("people.role_of", { name: member.name })}
                  data={roles.map((role) => ({ value: role, label: t(`people.roles.${role}`) }))}
                  value={member.role}
                  onChange={(role) => role && onRole(member, role as Role)}
                />
              ) : (
                t(`people.roles.${member.role}`)
              )}
            </td>
            {admin && (
              <td className={table.still}>
                {member.has_second_factor ? (
                  t("people.factor_set")
                ) : (
                  <Chip kind="doubt" icon={<IconAlertTriangle {...chipIcon} />}>
                    {t("people.no_factor")}
                  </Chip>
                )}
              </td>
            )}
            {admin && (
              <td className={clsx(table.right, table.spare)}>{member.records ? format.number(member.records) : "–"}</td>
            )}
            {admin && <td className={clsx(table.still, table.spare)}>{lastSeen(member.last_seen_at)}</td>}
            <td className={table.right}>
              {(admin || member.user === me.user) && (
                <Menu position="bottom-end">
                  <Menu.Target>
                    <IconAct size="sm" label={t("people.more_of", { name: member.name })}>
                      <IconDots {...icon} />
                    </IconAct>
                  </Menu.Target>
                  <Menu.Dropdown>
                    {admin && member.role !== "assistant" && (
                      <Menu.Item
                        leftSection={<IconSignature {...icon} />}
                        onClick={() => onSigns(member, !member.signs)}
                      >
                        {member.signs ? t("people.stop_signing") : t("people.let_sign")}
                      </Menu.Item>
                    )}
                    <Menu.Item leftSection={<IconUserMinus {...icon} />} onClick={() => onRemove(member)}>
                      {member.user === me.user ? t("people.leave") : t("people.remove")}
                    </Menu.Item>
                  </Menu.Dropdown>
                </Menu>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
