import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { useTranslation } from "react-i18next";
import { useErrorText } from "@/app/useErrorText";
import type { BackendError } from "@/backend/backend";
import { useBackendQueries, useCommand } from "@/backend/context";
import type { Invoice } from "@/backend/contract";
import { Banner } from "@/components/Banner";
import { Dot, type DotKind } from "@/components/Dot";
import { SectionHead } from "@/components/SectionHead";
import { Failed } from "@/components/States";
import table from "@/components/Table.module.css";
import { useFormat } from "@/i18n/format";
import classes from "./Billing.module.css";

const dots: Record<Invoice["status"], DotKind> = {
  draft: "waiting",
  open: "partly",
  paid: "done",
  uncollectible: "failed",
  void: "waiting",
};

export function Invoices() {
  const { t } = useTranslation();
  const format = useFormat();
  const text = useErrorText();
  const { data, error, refetch } = useQuery(useBackendQueries().invoices());
  const open = useCommand("open_invoice");
  return (
    <section className={classes.section}>
      <SectionHead>{t("billing.invoices")}</SectionHead>
      {open.error && <Banner kind="danger">{text(open.error)}</Banner>}
      {error && <Failed error={error as BackendError} onRetry={() => void refetch()} />}
      {data?.length === 0 && <p className={classes.note}>{t("billing.invoices_none")}</p>}
      {data && data.length > 0 && (
        <table className={table.table}>
          <thead>
            <tr>
              <th>{t("billing.day")}</th>
              <th>{t("billing.number")}</th>
              <th className={table.right}>{t("billing.amount")}</th>
              <th>{t("billing.status")}</th>
              <th>
                <span className="mn-unseen">{t("billing.pdf")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.map((invoice) => (
              <tr key={invoice.id}>
                <td className={table.still}>{format.dayOf(invoice.created_at)}</td>
                <td>{invoice.number ?? "–"}</td>
                <td className={clsx(table.right, table.still)}>
                  {format.money(invoice.total_cents, invoice.currency)}
                </td>
                <td className={table.still}>
                  <Dot kind={dots[invoice.status]} /> {t(`billing.invoice_statuses.${invoice.status}`)}
                </td>
                <td className={clsx(table.right, table.still)}>
                  {invoice.has_pdf && (
                    <Anchor
                      component="button"
                      type="button"
                      aria-label={t("billing.pdf_of", { number: invoice.number ?? invoice.id })}
                      onClick={() => open.mutate({ invoice: invoice.id, form: "pdf" })}
                    >
                      {t("billing.pdf")}
                    </Anchor>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
