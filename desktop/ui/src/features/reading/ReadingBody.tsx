/** A record while it is read: how far, how fast, how long still; its first page; what could not be read; its files. */
import { useTranslation } from "react-i18next";
import { useErrorText } from "@/app/useErrorText";
import { useBackend, useCommand } from "@/backend/context";
import type { Reading, RecordDetail } from "@/backend/contract";
import { Act } from "@/components/Act";
import { Banner } from "@/components/Banner";
import { Ribbon } from "@/components/Ribbon";
import { FileList } from "@/features/records/FileList";
import { useFormat } from "@/i18n/format";
import classes from "./ReadingBody.module.css";
import { UnreadPages } from "./UnreadPages";

/** The picture is drawn twice as fine as it is shown, for dense screens. */
const firstPagePixels = 432;

function useSpeed(reading: Reading): string {
  const { t } = useTranslation();
  const format = useFormat();
  const parts: string[] = [t("reading.pages_read")];
  if (reading.counting) parts.push(t("reading.counting"));
  if (reading.state === "paused") parts.push(t("reading.paused"));
  if (reading.state === "cancelled") parts.push(t("reading.cancelled"));
  if (reading.pages_per_second > 0) {
    parts.push(t("reading.speed", { speed: format.number(reading.pages_per_second, 1) }));
  }
  if (reading.seconds_left !== null) parts.push(t("reading.left", { time: format.duration(reading.seconds_left) }));
  return parts.join(" · ");
}

function Progress({ record, reading }: { record: string; reading: Reading }) {
  const { t } = useTranslation();
  const format = useFormat();
  const text = useErrorText();
  const speed = useSpeed(reading);
  const pause = useCommand("pause_reading");
  const resume = useCommand("resume_reading");
  const cancel = useCommand("cancel_reading");
  const error = pause.error ?? resume.error ?? cancel.error;
  const done = format.number(reading.pages_done);
  const total = format.number(reading.pages_total);
  return (
    <>
      <div className={classes.progress}>
        <b className={classes.figure}>{t("reading.figure", { done, total })}</b>
        <span className={classes.speed}>{speed}</span>
        <span className={classes.acts}>
          {reading.state === "running" ? (
            <Act kind="quiet" size="xs" busy={pause.isPending} onClick={() => pause.mutate({ record })}>
              {t("reading.pause")}
            </Act>
          ) : (
            <Act size="xs" busy={resume.isPending} onClick={() => resume.mutate({ record })}>
              {t("reading.resume")}
            </Act>
          )}
          {reading.state !== "cancelled" && (
            <Act kind="quiet" size="xs" busy={cancel.isPending} onClick={() => cancel.mutate({ record })}>
              {t("reading.cancel")}
            </Act>
          )}
        </span>
      </div>
      <Ribbon
        done={reading.pages_done}
        total={reading.pages_total}
        failed={reading.pages_failed}
        label={t("reading.progress", { done, total })}
      />
      {error && <Banner kind="danger">{text(error)}</Banner>}
    </>
  );
}

function FirstPage({ page }: { page: RecordDetail["first_page"] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const backend = useBackend();
  return (
    <figure className={classes.first}>
      <div className={classes.paper}>
        {page && <img src={backend.pageImage(page.document, page.page, firstPagePixels)} alt={t("reading.page_alt")} />}
      </div>
      <figcaption className={classes.caption}>
        {page
          ? t("reading.first_page_read", { percent: format.percent(page.confidence) })
          : t("reading.first_page_waits")}
      </figcaption>
    </figure>
  );
}

export function ReadingBody({ detail }: { detail: RecordDetail }) {
  const { reading, id } = detail.summary;
  const failed = new Set(reading.pages_failed);
  return (
    <>
      <Progress record={id} reading={reading} />
      <div className={classes.columns}>
        <FirstPage page={detail.first_page} />
        <div className={classes.facts}>
          <UnreadPages detail={detail} shown={detail.unread.filter((it) => failed.has(it.page))} />
          <FileList detail={detail} />
        </div>
      </div>
    </>
  );
}
