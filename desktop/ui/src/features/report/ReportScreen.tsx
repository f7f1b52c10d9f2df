/** Report: the pages as they will print, and what can be chosen about them. */
import { IconChevronLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import layout from "@/app/layout.module.css";
import type { BackendError } from "@/backend/backend";
import { useBackendQueries } from "@/backend/context";
import { Act, IconAct } from "@/components/Act";
import { ToolBar, ToolTitle } from "@/components/Bars";
import { iconLarge } from "@/components/icon";
import { Empty, Failed, Loading } from "@/components/States";
import { ReportBoard } from "./ReportBoard";
import { useReportPlace } from "./useReportPlace";

export function ReportScreen() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { record } = useParams({ from: "/records/$record/report" });
  const { place } = useReportPlace();
  const queries = useBackendQueries();
  const review = useQuery(queries.review(record));
  const report = useQuery(queries.report(record, place.form ?? null, place.version ?? null));
  const back = () => void navigate({ to: "/records/$record/review", params: { record }, search: {} });
  if (review.data && report.data) {
    return (
      <ReportBoard
        key={record}
        record={record}
        review={review.data}
        preview={report.data}
        stale={report.isPlaceholderData}
      />
    );
  }
  const error = (report.error ?? review.error) as BackendError | null;
  return (
    <main className={layout.alone}>
      <ToolBar>
        <IconAct label={t("report.back")} onClick={back}>
          <IconChevronLeft {...iconLarge} />
        </IconAct>
        <ToolTitle>{review.data?.title ?? t("report.title")}</ToolTitle>
      </ToolBar>
      {error?.code === "no_analysis" && (
        <Empty title={t("report.nothing")} acts={<Act onClick={back}>{t("report.back")}</Act>}>
          {t("report.nothing_text")}
        </Empty>
      )}
      {error && error.code !== "no_analysis" && (
        <Failed
          error={error}
          title={t("report.not_drawn")}
          onRetry={() => {
            void review.refetch();
            void report.refetch();
          }}
        />
      )}
      {!error && <Loading rows={6} />}
    </main>
  );
}
