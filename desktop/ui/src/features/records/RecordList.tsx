/** The list of records: virtual, so that thousands scroll; days above their records; arrows choose. */
import { useVirtualizer } from "@tanstack/react-virtual";
import clsx from "clsx";
import { useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useCommands } from "@/app/commands";
import { useNow } from "@/app/useNow";
import type { RecordSummary } from "@/backend/contract";
import { useFormat } from "@/i18n/format";
import { withDays } from "./groups";
import classes from "./RecordList.module.css";
import { RecordRow, type RowHandle } from "./RecordRow";

interface Props {
  records: RecordSummary[];
  chosen: string | null;
  onChoose: (id: string) => void;
  onOpen: (id: string) => void;
  /** Called when the end comes near. */
  onEnd: () => void;
}

export function RecordList({ records, chosen, onChoose, onOpen, onEnd }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const scroll = useRef<HTMLDivElement>(null);
  const rows = useRef(new Map<string, RowHandle>());
  const items = useMemo(
    () => withDays(records, now, { today: t("records.today"), yesterday: t("records.yesterday"), day: format.dayOf }),
    [records, now, t, format],
  );
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroll.current,
    estimateSize: (index) => (items[index]?.kind === "day" ? 30 : 59),
    getItemKey: (index) => {
      const item = items[index];
      if (!item) return index;
      return item.kind === "day" ? item.day : item.record.id;
    },
    overscan: 6,
  });

  const choose = (at: number) => {
    const record = records[Math.max(0, Math.min(records.length - 1, at))];
    if (!record) return;
    onChoose(record.id);
    virtualizer.scrollToIndex(items.findIndex((item) => item.kind === "record" && item.record.id === record.id));
    requestAnimationFrame(() => rows.current.get(record.id)?.focus());
  };
  const current = records.findIndex((record) => record.id === chosen);
  useCommands({
    record_next: () => choose(current + 1),
    record_previous: () => choose(current < 0 ? 0 : current - 1),
  });

  const visible = virtualizer.getVirtualItems();
  const last = visible.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= items.length - 20) onEnd();
  }, [last, items.length, onEnd]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hears the keys of the buttons in it
    <div
      ref={scroll}
      className={classes.rows}
      onKeyDown={(event) => {
        if (event.target instanceof HTMLInputElement) return;
        const to = { Home: 0, End: records.length - 1, PageDown: current + 8, PageUp: current - 8 }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        choose(to);
      }}
    >
      <ul aria-label={t("records.list_label")} className={classes.list} style={{ height: virtualizer.getTotalSize() }}>
        {visible.map(({ index, key, start }) => {
          const item = items[index];
          if (!item) return null;
          return (
            <li
              key={key}
              data-index={index}
              ref={virtualizer.measureElement}
              className={classes.item}
              style={{ transform: `translateY(${start}px)` }}
            >
              {item.kind === "day" ? (
                <h2 className={clsx("mn-label", classes.day)}>{item.day}</h2>
              ) : (
                <RecordRow
                  ref={(handle) => {
                    if (handle) rows.current.set(item.record.id, handle);
                    else rows.current.delete(item.record.id);
                  }}
                  record={item.record}
                  chosen={item.record.id === chosen}
                  onChoose={() => onChoose(item.record.id)}
                  onOpen={() => onOpen(item.record.id)}
                />
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
