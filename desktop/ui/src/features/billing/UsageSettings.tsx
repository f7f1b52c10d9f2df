/** What the clinic used: by month, and by person in one month. */
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useToast } from "@/app/toast";
import { useErrorText } from "@/app/useErrorText";
import { useMe } from "@/app/useSession";
import type { BackendError } from "@/backend/backend";
import { useBackendQueries, useCommand } from "@/backend/context";
import type { PersonUse, UsageReport } from "@/backend/contract";
import { Act } from "@/components/Act";
import { Banner } from "@/components/Banner";
import { SectionHead } from "@/components/SectionHead";
import { Failed, Loading } from "@/components/States";
import table from "@/components/Table.module.css";
import { SettingsHead } from "@/features/settings/SettingsHead";
import { useFormat } from "@/i18n/format";
import classes from "./Billing.module.css";
import { UsageChart } from "./UsageChart";

function Months({ report }: { report: UsageReport }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <section className={classes.section}>
      <SectionHead>{t("billing.months")}</SectionHead>
      <UsageChart months={report.months} />
      <table className={table.table}>
        <thead>
          <tr>
            <th>{t("billing.month")}</th>
            <th className={table.right}>{t("billing.analyses")}</th>
            <th className={table.right}>{t("billing.pages")}</th>
            <th className={table.right}>{t("billing.dictation")}</th>
            <th className={table.right}>{t("billing.storage")}</th>
            <th className={table.right}>{t("billing.members")}</th>
          </tr>
        </thead>
        <tbody>
          {report.months.map((month) => (
            <tr key={month.month}>
              <td className={table.still}>{format.month(month.month)}</td>
              <td className={table.right}>{format.number(month.analyses)}</td>
              <td className={table.right}>{format.number(month.pages)}</td>
              <td className={table.right}>{format.number(month.dictation_minutes)}</td>
              <td className={clsx(table.right, table.still)}>
                {month.storage_bytes === null ? "–" : format.bytes(month.storage_bytes)}
              </td>
              <td className={table.right}>{month.members === null ? "–" : format.number(month.members)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Persons({ persons }: { persons: PersonUse[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const nameOf = (person: PersonUse) => {
    if (person.name !== null) return person.name;
    return person.user === null ? t("billing.no_person") : t("billing.somebody_gone");
  };
  if (persons.length === 0) return <p className={classes.note}>{t("billing.nobody")}</p>;
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th>{t("people.name")}</th>
          <th className={table.right}>{t("billing.analyses")}</th>
          <th className={table.right}>{t("billing.pages")}</th>
          <th className={table.right}>{t("billing.dictation")}</th>
          <th className={table.right}>{t("billing.storage")}</th>
        </tr>
      </thead>
      <tbody>
        {persons.map((person) => (
          <tr key={person.user ?? "none"}>
            <td className={table.name} title={nameOf(person)}>
              <b>{nameOf(person)}</b>
            </td>
            <td className={table.right}>{format.number(person.analyses)}</td>
            <td className={table.right}>{format.number(person.pages)}</td>
            <td className={table.right}>{format.number(person.dictation_minutes)}</td>
            <td className={clsx(table.right, table.still)}>{format.bytes(person.storage_bytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function UsageSettings() {
  const { t } = useTranslation();
  const format = useFormat();
  const text = useErrorText();
  const toast = useToast();
  const { me } = useMe();
  const admin = me.role === "admin";
  const [month, setMonth] = useState<string | null>(null);
  const { data, error, refetch } = useQuery({ ...useBackendQueries().usage(month), enabled: admin });
  const save = useCommand("save_usage", {
    onSuccess: (saved) => saved && toast({ text: t("billing.csv_saved", { name: saved.name }) }),
  });
  return (
    <>
      <SettingsHead
        title={t("billing.usage")}
        right={
          data && (
            <Act busy={save.isPending} onClick={() => save.mutate({ month })}>
              {t("billing.save_csv")}
            </Act>
          )
        }
      >
        {t("billing.usage_text")}
      </SettingsHead>
      {!admin && <Banner>{t("settings.admins_only")}</Banner>}
      {save.error && <Banner kind="danger">{text(save.error)}</Banner>}
      {data && (
        <>
          <Months report={data} />
          <section className={classes.section}>
            <SectionHead
              right={
                <Select
                  size="xs"
                  aria-label={t("billing.month")}
                  data={data.months.map((it) => ({ value: it.month, label: format.month(it.month) }))}
                  value={data.month}
                  onChange={setMonth}
                />
              }
            >
              {t("billing.persons", { month: format.month(data.month) })}
            </SectionHead>
            <Persons persons={data.persons} />
          </section>
        </>
      )}
      {error && <Failed error={error as BackendError} onRetry={() => void refetch()} />}
      {admin && !data && !error && <Loading rows={6} />}
    </>
  );
}
