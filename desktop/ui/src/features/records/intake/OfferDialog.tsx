import { Modal, Radio } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useErrorText } from "@/app/useErrorText";
import type { BackendError } from "@/backend/backend";
import type { OfferedFile } from "@/backend/contract";
import { Act, IconAct } from "@/components/Act";
import { Banner } from "@/components/Banner";
import { iconSmall } from "@/components/icon";
import { MiddleEllipsis } from "@/components/MiddleEllipsis";
import { useFormat } from "@/i18n/format";
import type { Plan, Target } from "./Intake";
import classes from "./OfferDialog.module.css";

interface Props {
  files: OfferedFile[];
  error: BackendError | null;
  target: Target | null;
  busy: boolean;
  onClose: () => void;
  onRead: (plan: Plan) => void;
}

/** What several files shall become, and in which order. */
export function OfferDialog({ files, error, target, busy, onClose, onRead }: Props) {
  const { t } = useTranslation();
  const text = useErrorText();
  const format = useFormat();
  const skipped = files.filter((file) => file.media_type === null);
  const [order, setOrder] = useState(() => files.filter((file) => file.media_type !== null));
  const [as, setAs] = useState<Plan["as"]>("one");

  const move = (index: number, by: -1 | 1) =>
    setOrder((before) => {
      const next = [...before];
      const [file] = next.splice(index, 1);
      if (file) next.splice(index + by, 0, file);
      return next;
    });

  const choices: { value: Plan["as"]; label: string; description: string }[] = [
    { value: "one", label: t("records.offer_one_record"), description: t("records.offer_one_record_text") },
  ];
  if (order.length > 1) {
    choices.push({
      value: "several",
      label: t("records.offer_several", { count: order.length }),
      description: t("records.offer_several_text"),
    });
  }
  if (target) {
    choices.push({
      value: "add",
      label: t("records.offer_add", { title: target.title }),
      description: t("records.offer_add_text"),
    });
  }

  return (
    <Modal opened onClose={onClose} size="32rem" title={t("records.offer_title", { count: files.length || 1 })}>
      {error && <Banner kind="danger">{text(error)}</Banner>}
      {order.length === 0 && !error && <p className={classes.none}>{t("records.offer_none")}</p>}
      {order.length > 0 && (
        <>
          {choices.length > 1 && (
            <Radio.Group
              value={as}
              onChange={(value) => setAs(value as Plan["as"])}
              aria-label={t("records.offer_title", { count: files.length })}
            >
              <div className={classes.choices}>
                {choices.map((choice, index) => (
                  <Radio key={choice.value} {...choice} data-autofocus={index === 0 || undefined} />
                ))}
              </div>
            </Radio.Group>
          )}
          <ol className={classes.files}>
            {order.map((file, index) => (
              <li key={file.handle} className={classes.file}>
                <span className={classes.number}>{index + 1}</span>
                <span className={classes.name}>
                  <MiddleEllipsis lines={1}>{file.name}</MiddleEllipsis>
                </span>
                <span className={classes.size}>{format.size(file.kilobytes)}</span>
                {order.length > 1 && (
                  <span className={classes.acts}>
                    <IconAct
                      size="sm"
                      label={t("records.offer_up", { name: file.name })}
                      disabled={index === 0}
                      onClick={() => move(index, -1)}
                    >
                      <IconArrowUp {...iconSmall} />
                    </IconAct>
                    <IconAct
                      size="sm"
                      label={t("records.offer_down", { name: file.name })}
                      disabled={index === order.length - 1}
                      onClick={() => move(index, 1)}
                    >
                      <IconArrowDown {...iconSmall} />
                    </IconAct>
                    <IconAct
                      size="sm"
                      label={t("records.offer_leave_out", { name: file.name })}
                      onClick={() => setOrder((before) => before.filter((it) => it.handle !== file.handle))}
                    >
                      <IconX {...iconSmall} />
                    </IconAct>
                  </span>
                )}
              </li>
            ))}
          </ol>
        </>
      )}
      {order.length > 0 &&
        skipped.map((file) => (
          <p key={file.handle} className={classes.skipped}>
            <b>{file.name}</b> {t("records.offer_skipped")}
          </p>
        ))}
      <div className={classes.foot}>
        <Act kind="quiet" onClick={onClose}>
          {order.length > 0 ? t("common.cancel") : t("common.close")}
        </Act>
        {order.length > 0 && (
          <Act kind="primary" busy={busy} onClick={() => onRead({ handles: order.map((file) => file.handle), as })}>
            {t("records.offer_read")}
          </Act>
        )}
      </div>
    </Modal>
  );
}
