/** At the top of the analysis: what one reads, what goes on, and the one thing that asks for a decision. */
import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useErrorText } from "@/app/useErrorText";
import type { BackendError } from "@/backend/backend";
import { useBackendQueries, useCommand } from "@/backend/context";
import type { DateWindow, ReviewRecord } from "@/backend/contract";
import { Banner, type BannerKind } from "@/components/Banner";
import { Ribbon } from "@/components/Ribbon";
import { type Format, useFormat } from "@/i18n/format";
import classes from "./Analysis.module.css";

interface Notice {
  kind: BannerKind;
  text: ReactNode;
  act?: { label: string; onAct: () => void };
}

/** `2024`, or both days. */
export function windowText(window: DateWindow | null, format: Format): string | null {
  if (!window || (!window.from && !window.to)) return null;
  const { from, to } = window;
  if (from && to && from.endsWith("-01-01") && to.endsWith("-12-31") && from.slice(0, 4) === to.slice(0, 4)) {
    return from.slice(0, 4);
  }
  return [from ? format.day(from) : "…", to ? format.day(to) : "…"].join(" – ");
}

interface Props {
  data: ReviewRecord;
  pages: number;
  failure: BackendError | null;
  onForgetFailure: () => void;
  onRun: () => void;
  /** Shows the first statement that was edited twice. */
  onShowTwo: () => void;
}

export function RunStrip({ data, pages, failure, onForgetFailure, onRun, onShowTwo }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const { data: outbox } = useQuery(useBackendQueries().outbox());
  const cancel = useCommand("cancel_analysis");
  const showNewer = useCommand("show_newer");
  const { review, run, files_changed, record, may_edit } = data;
  const running = run?.state === "waiting" || run?.state === "processing" ? run : null;
  const time = review ? format.time(review.generated_at) : "";
  const offline = outbox && !outbox.online;

  const notices: Notice[] = [];
  if (failure) {
    notices.push({
      kind: "danger",
      text: errorText(failure),
      act: { label: t("common.close"), onAct: onForgetFailure },
    });
  }
  const two = review?.statements.filter((it) => it.versions).length ?? 0;
  if (two > 0) {
    notices.push({
      kind: "warning",
      text: t("review.needs_choice", { count: two }),
      act: { label: t("common.show"), onAct: onShowTwo },
    });
  }
  if (run?.state === "error" && run.error) {
    notices.push({
      kind: "danger",
      text: t(`review.run_errors.${run.error}`),
      ...(may_edit && { act: { label: t("common.try_again"), onAct: onRun } }),
    });
  }
  if (review?.model_failure) {
    notices.push({ kind: "warning", text: t(`review.model_failures.${review.model_failure}`) });
  }
  if (review?.newer) {
    notices.push({
      kind: "news",
      text: t("review.newer"),
      act: { label: t("review.show_newer"), onAct: () => showNewer.mutate({ record }) },
    });
  }
  if (offline) {
    notices.push({
      kind: "warning",
      text: outbox.offline_since
        ? t("review.offline_since", { time: format.time(outbox.offline_since) })
        : t("review.offline"),
    });
  }
  if (data.waits_for_network && !running) notices.push({ kind: "news", text: t("review.analysis_waits") });
  const added = files_changed.pages_added;
  const gone = files_changed.pages_removed;
  const changed = [
    added > 0 ? t("review.pages_added", { count: added }) : null,
    gone > 0 ? t("review.pages_removed", { count: gone }) : null,
  ].filter(Boolean);
  if (review && changed.length > 0 && !running) {
    notices.push({
      kind: "news",
      text: (
        <>
          <b className={classes.strong}>{changed.join(" ")}</b> {t("review.reading_old", { time })}
        </>
      ),
      ...(may_edit && !data.waits_for_network && { act: { label: t("review.run_again"), onAct: onRun } }),
    });
  }

  const [first, ...others] = notices;
  return (
    <>
      {running && (
        <div className={classes.run}>
          <div className={classes.runLine}>
            <span className={classes.runText}>
              <b className={classes.strong}>{changed.length > 0 ? changed.join(" ") : t("review.analysing")}</b>{" "}
              {review && <span className={classes.said}>{t("review.reading_old", { time })}</span>}
            </span>
            <span className={classes.count}>
              {running.state === "waiting"
                ? t("review.run_waiting")
                : [
                    t("review.run_pages", {
                      done: format.number(running.pages_done),
                      total: format.number(running.pages_total),
                    }),
                    running.seconds_left === null ? null : format.duration(running.seconds_left),
                  ]
                    .filter(Boolean)
                    .join(" · ")}
            </span>
            <Anchor component="button" type="button" onClick={() => cancel.mutate({ record })}>
              {t("review.stop")}
            </Anchor>
          </div>
          <Ribbon done={running.pages_done} total={running.pages_total} label={t("review.analysing")} />
        </div>
      )}
      {first && (
        <div className={classes.notice}>
          <Banner kind={first.kind} square act={first.act}>
            {first.text}
            {others.length > 0 && (
              <span className={classes.others}> {t("review.and_more", { count: others.length })}</span>
            )}
          </Banner>
        </div>
      )}
      {!running && !first && review && (
        <div className={classes.slim}>
          <span className={classes.runText}>
            <b className={classes.strong}>{t("review.analysis_of", { time })}</b>{" "}
            <span className={classes.said}>
              {[
                t("common.pages", { count: pages }),
                review.focus,
                windowText(review.window, format),
                review.generator.kind === "model" ? review.generator.name : null,
              ]
                .filter(Boolean)
                .join(", ")}
            </span>
          </span>
          {may_edit && (
            <Anchor component="button" type="button" onClick={onRun}>
              {t("review.run_again")}
            </Anchor>
          )}
        </div>
      )}
    </>
  );
}
