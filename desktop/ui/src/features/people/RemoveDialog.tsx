import { Radio, Select } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useToast } from "@/app/toast";
import { useMe } from "@/app/useSession";
import { useCommand } from "@/backend/context";
import type { Member } from "@/backend/contract";
import { queryKeys } from "@/backend/queryKeys";
import { Dialog } from "@/components/Dialog";
import account from "@/features/account/Account.module.css";
import { Fault } from "@/features/session/Fault";
import { useFormat } from "@/i18n/format";

/** Removes a member, or leaves oneself; what becomes of the records is chosen here. */
export function RemoveDialog({ member, members, onClose }: { member: Member; members: Member[]; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const toast = useToast();
  const cache = useQueryClient();
  const { me } = useMe();
  const isMe = member.user === me.user;
  const heirs = members.filter((it) => it.user !== member.user && it.role !== "assistant");
  const [work, setWork] = useState<"keep" | "hand_over">("keep");
  const [heir, setHeir] = useState<string | null>(heirs[0]?.user ?? null);
  const remove = useCommand("remove_member", {
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: queryKeys.members });
      void cache.invalidateQueries({ queryKey: queryKeys.records });
      toast({ text: t("people.removed", { name: member.name }) });
      onClose();
    },
  });
  const leave = useCommand("leave_clinic");
  const acting = isMe ? leave : remove;
  const recordsTo = work === "hand_over" ? heir : null;
  const act = () =>
    isMe ? leave.mutate({ records_to: recordsTo }) : remove.mutate({ user: member.user, records_to: recordsTo });

  return (
    <Dialog
      title={isMe ? t("people.leave_title", { clinic: me.clinic }) : t("people.remove_title", { name: member.name })}
      opened
      onClose={onClose}
      act={{
        label: isMe ? t("people.leave") : t("people.remove"),
        kind: "danger",
        busy: acting.isPending,
        onAct: act,
      }}
    >
      <div className={account.stack}>
        <p>{isMe ? t("people.leave_text") : t("people.remove_text")}</p>
        {(member.records ?? 0) > 0 && (
          <>
            <Radio.Group
              label={t("people.their_records", {
                count: member.records ?? 0,
                number: format.number(member.records ?? 0),
              })}
              value={work}
              onChange={(value) => setWork(value as typeof work)}
            >
              <div className={account.radios}>
                <Radio value="keep" label={t("people.records_keep")} />
                <Radio value="hand_over" label={t("people.records_hand_over")} disabled={heirs.length === 0} />
              </div>
            </Radio.Group>
            {work === "hand_over" && (
              <Select
                label={t("people.records_to")}
                searchable
                data={heirs.map((it) => ({ value: it.user, label: it.name }))}
                value={heir}
                onChange={setHeir}
              />
            )}
          </>
        )}
        <Fault error={acting.error} {...(acting.error?.code === "invalid_input" && { text: t("people.last_admin") })} />
      </div>
    </Dialog>
  );
}
