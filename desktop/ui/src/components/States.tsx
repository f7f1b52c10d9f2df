import { Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useDelayed } from "@/app/useDelayed";
import { useErrorText } from "@/app/useErrorText";
import type { BackendError } from "@/backend/backend";
import { Act } from "./Act";
import classes from "./States.module.css";

/** Nothing there: a serif line, one sentence, one act and a quiet one. No picture. */
export function Empty({ title, children, acts }: { title: string; children?: ReactNode; acts?: ReactNode }) {
  return (
    <div className={classes.empty}>
      <h2 className={classes.title}>{title}</h2>
      {children && <p className={classes.text}>{children}</p>}
      {acts && <div className={classes.acts}>{acts}</div>}
    </div>
  );
}

/** Nothing for 300 ms, then the shape of what comes. */
export function Loading({ rows = 4, label }: { rows?: number; label?: string }) {
  const { t } = useTranslation();
  const late = useDelayed(300);
  return (
    <div className={classes.loading} role="status" aria-label={label ?? t("common.loading")}>
      {late &&
        Array.from({ length: rows }, (_, index) => index).map((index) => (
          <div key={index} className={classes.row}>
            <Skeleton height="0.5625rem" width={`${38 + ((index * 17) % 24)}%`} />
            <Skeleton height="0.4375rem" width={`${58 + ((index * 13) % 26)}%`} className={classes.second ?? ""} />
          </div>
        ))}
    </div>
  );
}

/** What failed, why, what to do, a number to quote. */
export function Failed({ error, onRetry, title }: { error: BackendError; onRetry?: () => void; title?: string }) {
  const { t } = useTranslation();
  const text = useErrorText();
  return (
    <div className={classes.empty} role="alert">
      <h2 className={classes.title}>{title ?? t("common.not_shown")}</h2>
      <p className={classes.text}>{text(error)}</p>
      {onRetry && (
        <div className={classes.acts}>
          <Act onClick={onRetry}>{t("common.try_again")}</Act>
        </div>
      )}
      {error.requestId && <p className={classes.quote}>{t("common.number_to_quote", { number: error.requestId })}</p>}
    </div>
  );
}
