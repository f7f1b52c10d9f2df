import { IconChevronLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useBackendQueries } from "@/backend/context";
import { IconAct } from "@/components/Act";
import { ToolBar, ToolTitle } from "@/components/Bars";
import { iconLarge } from "@/components/icon";

export function ReportScreen() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { record } = useParams({ from: "/records/$record/report" });
  const { data } = useQuery(useBackendQueries().review(record));
  return (
    <ToolBar>
      <IconAct
        label={t("report.back")}
        onClick={() => void navigate({ to: "/records/$record/review", params: { record }, search: {} })}
      >
        <IconChevronLeft {...iconLarge} />
      </IconAct>
      <ToolTitle>{data?.title ?? t("report.title")}</ToolTitle>
    </ToolBar>
  );
}
