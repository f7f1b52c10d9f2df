import { IconCloudOff, IconLock } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { RecordSummary, RecordState as State } from "@/backend/contract";
import { Chip } from "@/components/Chip";
import { Dot, type DotKind } from "@/components/Dot";
import { iconSmall } from "@/components/icon";
import { useFormat } from "@/i18n/format";

export const stateDots: Record<State, DotKind> = {
  reading: "waiting",
  to_review: "to_do",
  to_sign: "half",
  signed: "done",
};

/** What a record waits for, in the order of what matters most to its owner. */
export function RecordState({ record }: { record: RecordSummary }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { reading } = record;

  if (reading.files_locked > 0) {
    return (
      <>
        <IconLock {...iconSmall} />
        {t("records.asks_password", { count: reading.files_locked })}
      </>
    );
  }
  if (reading.state === "running") {
    const done = format.number(reading.pages_done);
    if (reading.seconds_left === null) return t("reading.figure", { done, total: format.number(reading.pages_total) });
    return t("records.read_left", { done, left: format.duration(reading.seconds_left) });
  }
  if (reading.state !== "done") {
    const values = { done: format.number(reading.pages_done), total: format.number(reading.pages_total) };
    return reading.state === "paused" ? t("records.read_paused", values) : t("records.read_cancelled", values);
  }
  if (record.waits_for_network) {
    return (
      <>
        <IconCloudOff {...iconSmall} />
        {t("records.waits")}
      </>
    );
  }
  if (record.analysing) {
    return (
      <>
        <Dot kind="waiting" />
        {t("records.analysing")}
      </>
    );
  }
  if (record.pages_not_read > 0 && record.state === "to_review") {
    return (
      <>
        <Dot kind="partly" />
        {t("records.not_read", { count: record.pages_not_read })}
      </>
    );
  }
  return (
    <>
      <Dot kind={stateDots[record.state]} />
      {t(`records.states.${record.state}`)}
      {record.conflicts > 0 && <Chip kind="conflict">{t("records.conflicts", { count: record.conflicts })}</Chip>}
      {record.new_result && <Chip>{t("records.new_result")}</Chip>}
      {record.sample && <Chip>{t("records.sample")}</Chip>}
    </>
  );
}
