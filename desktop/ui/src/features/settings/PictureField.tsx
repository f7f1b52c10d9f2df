import { useTranslation } from "react-i18next";
import { useErrorText } from "@/app/useErrorText";
import { useCommand } from "@/backend/context";
import type { Picture } from "@/backend/contract";
import { Act } from "@/components/Act";
import { Banner } from "@/components/Banner";
import classes from "./Settings.module.css";

interface Props {
  purpose: "letterhead" | "signature";
  picture: Picture | null;
  disabled?: boolean;
  onChange: (picture: Picture | null) => void;
}

/** A picture that the shell checks, cuts and stores again; nothing is kept before Save. */
export function PictureField({ purpose, picture, disabled = false, onChange }: Props) {
  const { t } = useTranslation();
  const text = useErrorText();
  const choose = useCommand("choose_picture", { onSuccess: (chosen) => chosen && onChange(chosen) });
  return (
    <>
      <div className={classes.picture}>
        {picture && (
          <span className={classes.frame}>
            <img src={picture.url} alt={t(`settings.picture_alt_${purpose}`)} />
          </span>
        )}
        <Act disabled={disabled} busy={choose.isPending} onClick={() => choose.mutate({ purpose })}>
          {picture ? t("settings.replace_picture") : t("settings.choose_picture")}
        </Act>
        {picture && (
          <Act kind="quiet" disabled={disabled} onClick={() => onChange(null)}>
            {t("settings.remove_picture")}
          </Act>
        )}
      </div>
      {choose.error && <Banner kind="danger">{text(choose.error)}</Banner>}
    </>
  );
}
