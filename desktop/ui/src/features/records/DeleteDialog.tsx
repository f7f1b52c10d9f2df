import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useToast } from "@/app/toast";
import { useErrorText } from "@/app/useErrorText";
import { useCommand } from "@/backend/context";
import type { RecordSummary } from "@/backend/contract";
import { Banner } from "@/components/Banner";
import { Dialog } from "@/components/Dialog";

interface Props {
  summary: RecordSummary;
  opened: boolean;
  onClose: () => void;
}

export function DeleteDialog({ summary, opened, onClose }: Props) {
  const { t } = useTranslation();
  const text = useErrorText();
  const toast = useToast();
  const navigate = useNavigate();
  const remove = useCommand("delete_record", {
    onSuccess: () => {
      onClose();
      toast({ text: t("records.deleted", { title: summary.title }) });
      void navigate({ to: "/records", replace: true, search: ({ record: _, ...rest }) => rest });
    },
  });
  return (
    <Dialog
      title={t("records.delete_title", { title: summary.title })}
      opened={opened}
      onClose={onClose}
      act={{
        kind: "danger",
        label: t("records.delete_act"),
        busy: remove.isPending,
        onAct: () => remove.mutate({ record: summary.id }),
      }}
    >
      {remove.error && <Banner kind="danger">{text(remove.error)}</Banner>}
      <p>{t("records.delete_text", { pages: t("common.pages", { count: summary.pages }) })}</p>
    </Dialog>
  );
}
