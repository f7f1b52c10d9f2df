import { Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useToast } from "@/app/toast";
import { useCommand } from "@/backend/context";
import { queryKeys } from "@/backend/queryKeys";
import { Dialog } from "@/components/Dialog";
import account from "@/features/account/Account.module.css";
import { Fault } from "@/features/session/Fault";

/** Characters of a reason that the cloud takes. */
const longestReason = 500;

/** Says what is kept and until when; asks why in one field that may stay empty. */
export function CancelDialog({ day, onClose }: { day: string; onClose: () => void }) {
  const { t } = useTranslation();
  const toast = useToast();
  const cache = useQueryClient();
  const [reason, setReason] = useState("");
  const cancel = useCommand("cancel_subscription", {
    onSuccess: (subscription) => {
      cache.setQueryData(queryKeys.subscription, subscription);
      toast({ text: t("billing.cancelled", { day }) });
      onClose();
    },
  });
  return (
    <Dialog
      title={t("billing.cancel_title")}
      opened
      onClose={onClose}
      safe={t("billing.cancel_keep")}
      act={{
        label: t("billing.cancel_plan"),
        kind: "danger",
        busy: cancel.isPending,
        onAct: () => cancel.mutate({ reason: reason.trim() || null }),
      }}
    >
      <div className={account.stack}>
        <p>{t("billing.cancel_text", { day })}</p>
        <Textarea
          label={t("billing.cancel_reason")}
          autosize
          minRows={2}
          maxLength={longestReason}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Fault error={cancel.error} />
      </div>
    </Dialog>
  );
}
