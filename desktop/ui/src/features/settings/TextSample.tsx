import { IconBan, IconCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Dot } from "@/components/Dot";
import classes from "./TextSample.module.css";

/** A piece of Review at another size: everything in it is in em of the box. */
export function TextSample({ scale }: { scale: number }) {
  const { t } = useTranslation();
  return (
    <div className={classes.sample} style={{ fontSize: `${scale}rem` }}>
      <div className={classes.head}>
        <b>{t("review.sections.medications")}</b>
        <span>11</span>
      </div>
      <div className={classes.row}>
        <span className={classes.state}>
          <IconCheck size="0.875em" stroke={2} aria-hidden />
        </span>
        <span className={classes.text}>{t("settings.sample_1")}</span>
        <span className={classes.pages}>
          <span>2</span>
          <span>13</span>
        </span>
      </div>
      <div className={classes.chosen}>
        <div className={classes.row}>
          <span className={classes.state}>
            <Dot kind="waiting" />
          </span>
          <span className={classes.text}>{t("session.first_statement")}</span>
          <span className={classes.pages}>
            <span className={classes.lit}>6</span>
          </span>
        </div>
        <q className={classes.quote}>Stop ibuprofen today.</q>
      </div>
      <div className={classes.row}>
        <span className={classes.state}>
          <Dot kind="waiting" />
        </span>
        <span className={classes.text}>
          <span className={classes.chip}>
            <IconBan size="0.6875em" stroke={2} aria-hidden />
            {t("settings.sample_negated")}
          </span>
          {t("settings.sample_2")}
        </span>
        <span className={classes.pages}>
          <span>8</span>
        </span>
      </div>
    </div>
  );
}
