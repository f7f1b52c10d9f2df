import { IconChevronLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { BackendError } from "@/backend/backend";
import { useBackendQueries } from "@/backend/context";
import { Act, IconAct } from "@/components/Act";
import { Grow, ToolBar, ToolTitle } from "@/components/Bars";
import { iconLarge } from "@/components/icon";
import { Failed, Loading } from "@/components/States";

export function ReviewScreen() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { record } = useParams({ from: "/records/$record/review" });
  const { data, error, refetch } = useQuery(useBackendQueries().review(record));

  return (
    <>
      <ToolBar>
        <IconAct label={t("review.back")} onClick={() => void navigate({ to: "/records", search: { record } })}>
          <IconChevronLeft {...iconLarge} />
        </IconAct>
        <ToolTitle>{data?.title ?? ""}</ToolTitle>
        <Grow />
        <Act
          command="open_report"
          onClick={() => void navigate({ to: "/records/$record/report", params: { record }, search: {} })}
        >
          {t("review.report")}
        </Act>
      </ToolBar>
      {error && <Failed error={error as BackendError} onRetry={() => void refetch()} />}
      {!data && !error && <Loading rows={8} />}
    </>
  );
}
