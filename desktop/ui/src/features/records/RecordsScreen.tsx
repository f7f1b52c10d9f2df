/** Records: the list at the left, the chosen record (or the first start) at the right. */

import { IconPlus, IconX } from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommands } from "@/app/commands";
import { useMe, usePreferences } from "@/app/useSession";
import type { BackendError } from "@/backend/backend";
import { useBackendQueries, useCommand, useShellEvents } from "@/backend/context";
import type { RecordDetail } from "@/backend/contract";
import { queryKeys } from "@/backend/queryKeys";
import { Act, IconAct } from "@/components/Act";
import { ToolBar, ToolTitle } from "@/components/Bars";
import { icon, iconSmall } from "@/components/icon";
import { SearchField } from "@/components/SearchField";
import { Empty, Failed, Loading } from "@/components/States";
import { FirstStart } from "@/features/session/FirstStart";
import { useIntake } from "./intake/Intake";
import { NoRecords } from "./NoRecords";
import { Outbox } from "./Outbox";
import { Preview } from "./Preview";
import { RecordList } from "./RecordList";
import classes from "./RecordsScreen.module.css";
import { useRecordChoice } from "./useRecordChoice";

/** The words being typed are the field's own; the address follows them, and leads only while nobody types. */
function useSearchText(field: RefObject<HTMLInputElement | null>): [string, (text: string) => void] {
  const navigate = useNavigate();
  const { search = "" } = useSearch({ from: "/main/records" });
  const [text, setText] = useState(search);
  useEffect(() => {
    if (document.activeElement !== field.current) setText(search);
  }, [search, field]);
  return [
    text,
    (next) => {
      setText(next);
      const wanted = next.trim();
      void navigate({
        to: "/records",
        replace: true,
        search: ({ search: _, record: __, ...rest }) => (wanted ? { ...rest, search: wanted } : rest),
      });
    },
  ];
}

/** Says aloud that a record is read, wherever the eye is. */
function Announcer() {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const [said, say] = useState("");
  useShellEvents((event) => {
    if (event.event !== "reading" || event.reading.state !== "done") return;
    const detail = cache.getQueryData<RecordDetail>(queryKeys.recordDetail(event.record));
    if (detail) say(t("reading.finished", { title: detail.summary.title }));
  });
  return (
    <p className={classes.spoken} role="status">
      {said}
    </p>
  );
}

export function RecordsScreen() {
  const { t } = useTranslation();
  const { readOnly } = useMe();
  const [{ first_start_hidden }] = usePreferences();
  const { state = null, owner = null, search = "" } = useSearch({ from: "/main/records" });
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useSearchText(field);
  const { named, choose, open } = useRecordChoice();
  const intake = useIntake();

  const list = useInfiniteQuery(useBackendQueries().recordList({ search, state, owner }));
  const records = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const all = list.data?.pages[0]?.counts.all ?? 0;
  const showFirstStart = !first_start_hidden && named === null && !readOnly;
  const chosen = named ?? (showFirstStart ? null : (records[0]?.id ?? null));

  // Named at once: the list may get another first row while one reads.
  const unnamed = named === null && !list.isPlaceholderData ? chosen : null;
  const name = useRef(choose);
  useEffect(() => {
    name.current = choose;
  });
  useEffect(() => {
    if (unnamed) name.current(unnamed);
  }, [unnamed]);

  const openSample = useCommand("open_sample", { onSuccess: ({ record }) => open(record) });
  useCommands({
    records_search: () => {
      field.current?.focus();
      field.current?.select();
    },
    choose_files: readOnly ? null : () => void intake.choose(null),
    open_sample: readOnly ? null : () => openSample.mutate(undefined),
    record_open: chosen ? () => open(chosen) : showFirstStart ? () => openSample.mutate(undefined) : null,
  });

  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  // What was just made is what one wants to see.
  useEffect(() => intake.onMade((ids) => ids[0] && choose(ids[0])));

  return (
    <main className={classes.screen}>
      <section className={classes.list} aria-label={t("records.title")} data-drop="new">
        <ToolBar edge={false}>
          <ToolTitle>{t("records.title")}</ToolTitle>
          <div className={classes.search}>
            <SearchField
              ref={field}
              label={t("common.search")}
              command="records_search"
              value={text}
              onChange={setText}
              onKeyDown={(event) => {
                if (event.key === "Escape") {
                  setText("");
                  event.currentTarget.blur();
                }
                if (event.key === "ArrowDown" && records[0]) choose(records[0].id);
              }}
              right={
                text === "" ? undefined : (
                  <IconAct size="sm" label={t("records.clear_search")} onClick={() => setText("")}>
                    <IconX {...iconSmall} />
                  </IconAct>
                )
              }
            />
          </div>
          <Act
            kind={
              showFirstStart || records.some((record) => record.reading.state === "running") || all === 0
                ? "line"
                : "primary"
            }
            icon={<IconPlus {...icon} size="0.9375rem" />}
            disabled={readOnly}
            onClick={() => void intake.choose(null)}
          >
            {t("records.new")}
          </Act>
        </ToolBar>
        {list.error && !list.data && <Failed error={list.error as BackendError} onRetry={() => void list.refetch()} />}
        {!list.data && !list.error && <Loading rows={8} />}
        {list.data && records.length > 0 && (
          <RecordList records={records} chosen={chosen} onChoose={choose} onOpen={open} onEnd={more} />
        )}
        {list.data && records.length === 0 && <NoRecords all={all} search={search} />}
        <Outbox />
      </section>
      <section className={classes.preview} aria-label={t("records.preview_label")} data-drop={chosen ? "add" : "new"}>
        {chosen && <Preview key={chosen} record={chosen} />}
        {!chosen && showFirstStart && (
          <FirstStart onOpenSample={() => openSample.mutate(undefined)} busy={openSample.isPending} />
        )}
        {!chosen && !showFirstStart && records.length > 0 && (
          <div className={classes.middle}>
            <Empty title={t("records.nothing_chosen")}>{t("records.nothing_chosen_text")}</Empty>
          </div>
        )}
      </section>
      <Announcer />
    </main>
  );
}
