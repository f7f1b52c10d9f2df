import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMe } from "@/app/useSession";
import { Act } from "@/components/Act";
import { Empty } from "@/components/States";
import { useIntake } from "./intake/Intake";
import classes from "./RecordsScreen.module.css";

/** An empty list: the first one, or one that a search or a state left empty. */
export function NoRecords({ all, search }: { all: number; search: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { readOnly } = useMe();
  const intake = useIntake();

  if (all === 0) {
    return (
      <div className={classes.middle}>
        <Empty
          title={t("records.empty_title")}
          acts={
            readOnly ? undefined : (
              <>
                <Act command="choose_files" onClick={() => void intake.choose(null)}>
                  {t("records.choose_files")}
                </Act>
                <span className={classes.kinds}>{t("records.empty_kinds")}</span>
              </>
            )
          }
        >
          {t("records.empty_text")}
        </Empty>
      </div>
    );
  }
  const showAll = <Act onClick={() => void navigate({ to: "/records", search: {} })}>{t("records.show_all")}</Act>;
  return search ? (
    <Empty title={t("records.none_found", { search })} acts={showAll}>
      {t("records.none_found_text")}
    </Empty>
  ) : (
    <Empty title={t("records.none_in_state")} acts={showAll}>
      {t("records.none_in_state_text")}
    </Empty>
  );
}
