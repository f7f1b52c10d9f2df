import { useTranslation } from "react-i18next";
import { Act } from "@/components/Act";
import classes from "./Settings.module.css";

/** The foot of a form with words. */
export function SaveActs({ busy, dirty, onDiscard }: { busy: boolean; dirty: boolean; onDiscard: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={classes.acts}>
      <Act kind="primary" type="submit" busy={busy}>
        {t("common.save")}
      </Act>
      {dirty && (
        <Act kind="quiet" onClick={onDiscard}>
          {t("common.discard")}
        </Act>
      )}
    </div>
  );
}
