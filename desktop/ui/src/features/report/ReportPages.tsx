/** The pages of the report as they will print, with small ones beside them. Page numbers lead to the page of the record. */
import { Tooltip } from "@mantine/core";
import {
  IconArrowAutofitWidth,
  IconChevronLeft,
  IconChevronRight,
  IconExternalLink,
  IconMinus,
  IconPlus,
} from "@tabler/icons-react";
import clsx from "clsx";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useBackend } from "@/backend/context";
import type { Encounter, ReportPage, ReportPreview } from "@/backend/contract";
import { IconAct } from "@/components/Act";
import { icon, iconSmall } from "@/components/icon";
import { imagePixels, nextZoom } from "@/features/review/page/scale";
import { useSize } from "@/features/review/useSize";
import { useFormat } from "@/i18n/format";
import classes from "./Report.module.css";
import type { ReportSearch } from "./search";

/** As wide as it is drawn best, in points of the sheet. */
const bestWidth = 720;
const gap = 16;

interface Props {
  preview: ReportPreview;
  encounters: Encounter[];
  recordPages: number;
  place: ReportSearch;
  stale: boolean;
  onPage: (page: number) => void;
  onZoom: (zoom: number | undefined) => void;
  onLink: (page: number) => void;
}

function Links({
  page,
  encounters,
  onLink,
}: {
  page: ReportPage;
  encounters: Encounter[];
  onLink: (page: number) => void;
}) {
  const { t } = useTranslation();
  const name = (number: number) => {
    const it = encounters.find((encounter) => number >= encounter.first_page && number <= encounter.last_page);
    return it
      ? t("report.link_named", { page: String(number), document: it.kind })
      : t("review.page_number", { page: String(number) });
  };
  return page.links.map((link) => {
    const { x0, y0, x1, y1 } = link.bbox;
    return (
      <Tooltip
        key={`${x0} ${y0}`}
        position="left"
        label={
          <>
            <IconExternalLink {...iconSmall} />
            {name(link.page)}
          </>
        }
      >
        <button
          type="button"
          className={classes.link}
          aria-label={name(link.page)}
          style={{
            left: `${(x0 / page.width) * 100}%`,
            top: `${(y0 / page.height) * 100}%`,
            width: `${((x1 - x0) / page.width) * 100}%`,
            height: `${((y1 - y0) / page.height) * 100}%`,
          }}
          onClick={() => onLink(link.page)}
        />
      </Tooltip>
    );
  });
}

export function ReportPages(props: Props) {
  const { preview, encounters, place, stale, onPage, onZoom, onLink } = props;
  const { t } = useTranslation();
  const format = useFormat();
  const backend = useBackend();
  const desk = useRef<HTMLElement>(null);
  const room = useSize(desk);
  const { pages } = preview;
  const total = pages.length;
  const current = Math.min(total, place.page ?? 1);
  const first = pages[0];
  const fit = Math.max(240, Math.min(bestWidth, room.width - 40));
  const scale = place.zoom === undefined ? (first ? fit / first.width : 1) : place.zoom / 100;
  const percent = Math.round(scale * 100);
  const ratio = window.devicePixelRatio;

  // The address leads, and follows once the hand rests.
  const reported = useRef(0);
  const { preview: name } = preview;
  const shown = useRef(name);
  useLayoutEffect(() => {
    const element = desk.current;
    if (!element || room.width === 0 || (reported.current === current && shown.current === name)) return;
    reported.current = current;
    shown.current = name;
    const sheet = element.querySelector<HTMLElement>(`[data-sheet="${current}"]`);
    element.scrollTop = Math.max(0, (sheet?.offsetTop ?? 0) - gap);
  }, [current, room.width, name]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  // Long reports: images far away are not mounted.
  const [near, setNear] = useState(1);
  const onScroll = () => {
    const element = desk.current;
    if (!element) return;
    const line = element.scrollTop + element.clientHeight / 3;
    const sheets = [...element.querySelectorAll<HTMLElement>("[data-sheet]")];
    const at = sheets.findLastIndex((sheet) => sheet.offsetTop <= line) + 1;
    setNear(Math.max(1, at));
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      if (at < 1 || at === reported.current) return;
      reported.current = at;
      onPage(at);
    }, 90);
  };

  return (
    <div className={classes.preview}>
      <nav className={classes.thumbs} aria-label={t("report.pages")}>
        {pages.map((page, index) => (
          <button
            // biome-ignore lint/suspicious/noArrayIndexKey: pages have no other name than their number
            key={index}
            type="button"
            className={clsx(classes.thumb, index + 1 === current && classes.open)}
            aria-label={t("review.page_number", { page: String(index + 1) })}
            aria-current={index + 1 === current ? "page" : undefined}
            tabIndex={index + 1 === current ? 0 : -1}
            onClick={() => onPage(index + 1)}
          >
            <img
              src={backend.reportImage(name, index + 1, Math.round(64 * Math.min(2, Math.max(1, ratio))))}
              alt=""
              loading="lazy"
              style={{ aspectRatio: `${page.width} / ${page.height}` }}
            />
            {index + 1}
          </button>
        ))}
      </nav>
      <div className={classes.viewer}>
        <div className={classes.bar}>
          <IconAct
            label={t("keys.commands.report_page_previous")}
            command="report_page_previous"
            size="sm"
            disabled={current <= 1}
            onClick={() => onPage(current - 1)}
          >
            <IconChevronLeft {...icon} />
          </IconAct>
          <b className={classes.now}>{current}</b>
          <span>{t("review.of_pages", { total: format.number(total) })}</span>
          <IconAct
            label={t("keys.commands.report_page_next")}
            command="report_page_next"
            size="sm"
            disabled={current >= total}
            onClick={() => onPage(current + 1)}
          >
            <IconChevronRight {...icon} />
          </IconAct>
          <span className={classes.as}>
            {t("report.as_printed", { paper: t(`report.papers.${preview.options.paper}`) })}
          </span>
          <IconAct label={t("keys.commands.zoom_out")} size="sm" onClick={() => onZoom(nextZoom(percent, -1))}>
            <IconMinus {...icon} />
          </IconAct>
          <span className={classes.zoom}>{format.percent(percent)}</span>
          <IconAct label={t("keys.commands.zoom_in")} size="sm" onClick={() => onZoom(nextZoom(percent, 1))}>
            <IconPlus {...icon} />
          </IconAct>
          <IconAct label={t("keys.commands.zoom_width")} size="sm" onClick={() => onZoom(undefined)}>
            <IconArrowAutofitWidth {...icon} />
          </IconAct>
        </div>
        <section
          ref={desk}
          className={classes.desk}
          aria-label={t("report.pages")}
          aria-busy={stale}
          onScroll={onScroll}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box must be reachable without a mouse
          tabIndex={0}
        >
          {pages.map((page, index) => (
            <div
              // biome-ignore lint/suspicious/noArrayIndexKey: pages have no other name than their number
              key={index}
              className={classes.sheet}
              data-sheet={index + 1}
              style={{ width: page.width * scale, height: page.height * scale }}
            >
              {Math.abs(index + 1 - near) <= 2 && (
                <>
                  <img
                    src={`${backend.reportImage(name, index + 1, imagePixels(page.width * scale, ratio))}`}
                    alt={t("report.page_image", { page: String(index + 1) })}
                    draggable={false}
                  />
                  <Links page={page} encounters={encounters} onLink={onLink} />
                </>
              )}
            </div>
          ))}
        </section>
      </div>
    </div>
  );
}
