/** What the analysis does not rest on: lines that were not understood, pages without a statement. */
import { Anchor } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useBackend } from "@/backend/context";
import type { PageInfo, Review, UnusedLine } from "@/backend/contract";
import { SectionHead } from "@/components/SectionHead";
import { useFormat } from "@/i18n/format";
import { useActs } from "./acts";
import classes from "./LeftOut.module.css";

const shownAtFirst = 3;

interface Props {
  review: Review;
  pages: PageInfo[];
  /** All of it, not only the beginning. */
  whole: boolean;
  mayEdit: boolean;
  onWrite: (line: UnusedLine) => void;
}

export function LeftOut({ review, pages, whole, mayEdit, onWrite }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const backend = useBackend();
  const acts = useActs();
  const [all, setAll] = useState(false);
  const { unused_lines, unused_line_count, unused_pages, not_stated } = review;
  const count = unused_line_count + unused_pages.length + not_stated.length;
  if (count === 0) {
    if (!whole) return null;
    return <p className={classes.nothing}>{t("review.nothing_left_out")}</p>;
  }
  const lines = whole || all ? unused_lines : unused_lines.slice(0, shownAtFirst);
  const hidden = unused_lines.length - lines.length;
  const ratio = Math.min(2, Math.max(1, window.devicePixelRatio));
  return (
    <section aria-labelledby="left-out">
      <div className={classes.head}>
        <SectionHead quiet id="left-out" note={format.number(count)}>
          {t("review.left_out")}
        </SectionHead>
      </div>
      {not_stated.length > 0 && (
        <p className={classes.notStated}>
          <b>{t("review.not_stated")}</b> {not_stated.map((topic) => t(`review.topics.${topic}`)).join(", ")}
        </p>
      )}
      {unused_lines.length > 0 && (
        <h3 className={`mn-label ${classes.sub}`}>{t("review.lines_left", { count: unused_line_count })}</h3>
      )}
      <ul>
        {lines.map((line) => {
          const page = pages[line.page - 1];
          return (
            <li key={`${line.page} ${line.bbox.x0} ${line.bbox.y0}`} className={classes.row}>
              {page && (
                <button
                  type="button"
                  className={classes.piece}
                  aria-label={t("review.line_image", { page: String(line.page) })}
                  onClick={() => acts.showPage(line.page)}
                >
                  <img
                    src={backend.pageStrip(page.document, page.number, line.bbox, Math.round(220 * ratio))}
                    alt=""
                    decoding="async"
                  />
                </button>
              )}
              <span className={classes.what}>{t(`review.unused.${line.reason}`)}</span>
              {mayEdit && line.text !== "" && (
                <Anchor component="button" type="button" onClick={() => onWrite(line)}>
                  {t("review.write_what")}
                </Anchor>
              )}
              <button
                type="button"
                className={classes.page}
                aria-label={t("review.page_number", { page: String(line.page) })}
                onClick={() => acts.showPage(line.page)}
              >
                {line.page}
              </button>
            </li>
          );
        })}
      </ul>
      {hidden > 0 && (
        <Anchor component="button" type="button" className={classes.more} onClick={() => setAll(true)}>
          {t("review.more", { count: hidden })}
        </Anchor>
      )}
      {unused_pages.length > 0 && (
        <h3 className={`mn-label ${classes.sub}`}>{t("review.pages_left", { count: unused_pages.length })}</h3>
      )}
      <ul>
        {unused_pages.map((it) => (
          <li key={it.page} className={classes.row}>
            <span>{it.kind ?? t(`review.unused_pages.${it.reason}`)}</span>
            {it.kind && <span className={classes.what}>{t(`review.unused_pages.${it.reason}`)}</span>}
            <button
              type="button"
              className={classes.page}
              aria-label={t("review.page_number", { page: String(it.page) })}
              onClick={() => acts.showPage(it.page)}
            >
              {it.page}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
