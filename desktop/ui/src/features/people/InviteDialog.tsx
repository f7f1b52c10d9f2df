import { Checkbox, Select, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { useToast } from "@/app/toast";
import { useCommand } from "@/backend/context";
import type { Role } from "@/backend/contract";
import { queryKeys } from "@/backend/queryKeys";
import { Dialog } from "@/components/Dialog";
import account from "@/features/account/Account.module.css";
import { LimitReached } from "@/features/billing/LimitReached";
import { Fault } from "@/features/session/Fault";
import { isEmail } from "@/features/session/isEmail";
import { roles } from "./roles";

export function InviteDialog({ domains, onClose }: { domains: string[]; onClose: () => void }) {
  const { t } = useTranslation();
  const toast = useToast();
  const cache = useQueryClient();
  const id = useId();
  const invite = useCommand("create_invitation", {
    onSuccess: ({ email }) => {
      void cache.invalidateQueries({ queryKey: queryKeys.invitations });
      toast({ text: t("people.invited", { email }) });
      onClose();
    },
  });
  const form = useForm<{ email: string; role: Role; signs: boolean }>({
    initialValues: { email: "", role: "doctor", signs: true },
    validate: {
      email: (value) => {
        if (!isEmail(value)) return t("session.email_needed");
        const domain = value.split("@")[1]?.toLowerCase() ?? "";
        return domains.length > 0 && !domains.includes(domain)
          ? t("people.domain_not_allowed", { domain, domains: domains.join(", ") })
          : null;
      },
    },
    onValuesChange: () => invite.reset(),
  });
  return (
    <Dialog
      title={t("people.invite_title")}
      opened
      onClose={onClose}
      act={{ label: t("people.invite_send"), busy: invite.isPending, type: "submit", form: id }}
    >
      <form id={id} className={account.stack} noValidate onSubmit={form.onSubmit((values) => invite.mutate(values))}>
        <p>{t("people.invite_text")}</p>
        <TextInput label={t("session.email")} type="email" data-autofocus {...form.getInputProps("email")} />
        <Select
          label={t("people.role")}
          description={t(`people.role_texts.${form.values.role}`)}
          inputWrapperOrder={["label", "input", "description", "error"]}
          data={roles.map((role) => ({ value: role, label: t(`people.roles.${role}`) }))}
          {...form.getInputProps("role")}
          onChange={(role) => {
            form.setFieldValue("role", (role ?? "doctor") as Role);
            form.setFieldValue("signs", role === "doctor");
          }}
        />
        {form.values.role !== "assistant" && (
          <Checkbox label={t("people.signs")} {...form.getInputProps("signs", { type: "checkbox" })} />
        )}
        {invite.error?.code === "limit_reached" ? (
          <LimitReached error={invite.error} />
        ) : (
          <Fault
            error={invite.error}
            {...(invite.error?.code === "invalid_input" && { text: t("people.invite_known") })}
          />
        )}
      </form>
    </Dialog>
  );
}
