import { FocusTrap } from "@mantine/core";
import { useFocusReturn } from "@mantine/hooks";
import { IconX } from "@tabler/icons-react";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { IconAct } from "./Act";
import { icon } from "./icon";
import classes from "./SidePanel.module.css";

interface Props {
  title: string;
  opened: boolean;
  onClose: () => void;
  children: ReactNode;
  foot?: ReactNode;
}

/** A panel at the right, 360 wide, without scrim. Esc closes and gives the focus back. */
export function SidePanel({ title, opened, onClose, children, foot }: Props) {
  const { t } = useTranslation();
  const id = useId();
  useFocusReturn({ opened, shouldReturnFocus: true });
  if (!opened) return null;
  return (
    <FocusTrap active>
      <section
        className={classes.panel}
        role="dialog"
        aria-labelledby={id}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          onClose();
        }}
      >
        <div className={classes.head}>
          <h2 id={id}>{title}</h2>
          <IconAct label={t("common.close")} onClick={onClose}>
            <IconX {...icon} />
          </IconAct>
        </div>
        <div className={classes.body}>{children}</div>
        {foot && <div className={classes.foot}>{foot}</div>}
      </section>
    </FocusTrap>
  );
}
