/** Review: a record's pages at the left, its analysis at the right. */

import { IconChevronLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import layout from "@/app/layout.module.css";
import type { BackendError } from "@/backend/backend";
import { useBackendQueries } from "@/backend/context";
import { IconAct } from "@/components/Act";
import { ToolBar, ToolTitle } from "@/components/Bars";
import { iconLarge } from "@/components/icon";
import { Failed, Loading } from "@/components/States";
import { ReviewBoard } from "./ReviewBoard";

export function ReviewScreen() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { record } = useParams({ from: "/records/$record/review" });
  const queries = useBackendQueries();
  const review = useQuery(queries.review(record));
  const pages = useQuery(queries.pages(record));
  if (review.data && pages.data) {
    return <ReviewBoard key={record} record={record} data={review.data} pages={pages.data} />;
  }
  const error = (review.error ?? pages.error) as BackendError | null;
  return (
    <main className={layout.alone}>
      <ToolBar>
        <IconAct label={t("review.back")} onClick={() => void navigate({ to: "/records", search: { record } })}>
          <IconChevronLeft {...iconLarge} />
        </IconAct>
        <ToolTitle>{review.data?.title ?? t("review.title")}</ToolTitle>
      </ToolBar>
      {error ? (
        <Failed
          error={error}
          title={t("review.not_opened")}
          onRetry={() => {
            void review.refetch();
            void pages.refetch();
          }}
        />
      ) : (
        <Loading rows={8} />
      )}
    </main>
  );
}
