import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { BackendError } from "@/backend/backend";
import { useBackendQueries } from "@/backend/context";
import { ListRow } from "@/components/ListRow";
import { Failed, Loading } from "@/components/States";
import { useFormat } from "@/i18n/format";

export function RecordsScreen() {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const { record, search = "", state = null, owner = null } = useSearch({ from: "/main/records" });
  const { data, error, refetch } = useInfiniteQuery(useBackendQueries().recordList({ search, state, owner }));
  if (error) return <Failed error={error as BackendError} onRetry={() => void refetch()} />;
  if (!data) return <Loading rows={8} />;
  return (
    <ul aria-label={t("records.list_label")}>
      {data.pages
        .flatMap((page) => page.items)
        .map((item) => (
          <li key={item.id}>
            <button
              type="button"
              onClick={() => void navigate({ to: "/records/$record/review", params: { record: item.id }, search: {} })}
            >
              <ListRow
                name={item.title}
                time={format.time(item.changed_at)}
                what={item.kind}
                state={t(`records.states.${item.state}`)}
                chosen={item.id === record}
              />
            </button>
          </li>
        ))}
    </ul>
  );
}
