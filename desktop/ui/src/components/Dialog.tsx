import { Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Act, type ActProps } from "./Act";
import classes from "./Dialog.module.css";

interface Props {
  title: string;
  opened: boolean;
  onClose: () => void;
  children?: ReactNode;
  /** Names the act; without it the dialog only tells. */
  act?: Pick<ActProps, "kind" | "busy" | "disabled" | "form"> & {
    label: string;
    onAct?: () => void;
    type?: "submit" | "button";
  };
  /** The safe way, which has the focus. */
  safe?: string;
  size?: string;
}

/** Only for what cannot be undone or needs a choice. The focus is on the safe way. */
export function Dialog({ title, opened, onClose, children, act, safe, size }: Props) {
  const { t } = useTranslation();
  return (
    <Modal opened={opened} onClose={onClose} title={title} {...(size ? { size } : {})}>
      {children}
      <div className={classes.acts}>
        <Act kind="quiet" onClick={onClose} data-autofocus>
          {safe ?? t("common.cancel")}
        </Act>
        {act && (
          <Act
            kind={act.kind ?? "primary"}
            busy={act.busy ?? false}
            disabled={act.disabled}
            type={act.type ?? "button"}
            form={act.form}
            onClick={act.onAct}
          >
            {act.label}
          </Act>
        )}
      </div>
    </Modal>
  );
}
