import { type KeyboardEvent, type Ref, useImperativeHandle, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RecordSummary } from "@/backend/contract";
import { ListRow } from "@/components/ListRow";
import { Meter } from "@/components/Meter";
import { PasswordAsk } from "@/features/reading/PasswordAsk";
import { useFormat } from "@/i18n/format";
import classes from "./RecordList.module.css";
import { RecordState } from "./RecordState";

export interface RowHandle {
  focus: () => void;
}

interface Props {
  record: RecordSummary;
  chosen: boolean;
  onChoose: () => void;
  onOpen: () => void;
  ref?: Ref<RowHandle>;
}

/** A record in the list. Its button is chosen by arrows and opened by Enter; a file that asks for its password asks below it. */
export function RecordRow({ record, chosen, onChoose, onOpen, ref }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const button = useRef<HTMLButtonElement>(null);
  const [focused, setFocused] = useState(false);
  useImperativeHandle(ref, () => ({ focus: () => button.current?.focus({ preventScroll: true }) }));

  const { reading } = record;
  const unfinished = reading.state !== "done" && reading.pages_total > 0;
  const done = format.number(reading.pages_done);
  const total = format.number(reading.pages_total);
  const pages = t("common.pages", { count: record.pages });
  const size =
    reading.files_locked > 0
      ? [t("common.files", { count: record.files }), t("records.pages_so_far", { pages })]
      : [pages];

  return (
    <div className={classes.row}>
      <button
        ref={button}
        type="button"
        className={classes.choice}
        tabIndex={chosen ? 0 : -1}
        aria-current={chosen ? "true" : undefined}
        onClick={onChoose}
        onFocus={(event) => setFocused(event.currentTarget.matches(":focus-visible"))}
        onBlur={() => setFocused(false)}
        onDoubleClick={onOpen}
        onKeyDown={(event: KeyboardEvent) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          onOpen();
        }}
      >
        <ListRow
          name={record.title}
          time={<time dateTime={record.changed_at}>{format.time(record.changed_at)}</time>}
          what={[record.kind, ...size].filter(Boolean).join(" · ")}
          state={<RecordState record={record} />}
          chosen={chosen}
          focused={focused}
        >
          {unfinished && (
            <div className={classes.meter}>
              <Meter
                done={reading.pages_done}
                total={reading.pages_total}
                failed={reading.pages_failed}
                label={t("reading.progress", { done, total })}
              />
            </div>
          )}
        </ListRow>
      </button>
      {record.locked_files.slice(0, 1).map((file) => (
        <PasswordAsk key={file.document} record={record.id} file={file} others={record.files - 1} />
      ))}
    </div>
  );
}
