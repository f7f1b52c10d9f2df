/** Enrolment of an authenticator: the picture to scan, a code of it, then the recovery codes. At the door and in Security. */
import { Anchor, Checkbox, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand } from "@/backend/context";
import type { Enrolment } from "@/backend/contract";
import { Act } from "@/components/Act";
import { Fault } from "@/features/session/Fault";
import classes from "./Account.module.css";
import { QrCode } from "./QrCode";
import { RecoveryCodes } from "./RecoveryCodes";
import { useCodeFault } from "./useCodeFault";

const codeLength = 6;
const digits = (code: string) => code.replaceAll(/\D/g, "");

export function EnrolFactor({
  enrolment,
  onDone,
  big = false,
}: {
  enrolment: Enrolment;
  onDone: () => void;
  big?: boolean;
}) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(false);
  const [codes, setCodes] = useState<string[] | null>(null);
  const [kept, setKept] = useState(false);
  const confirm = useCommand("confirm_second_factor", { onSuccess: setCodes });
  const fault = useCodeFault(confirm.error);
  const form = useForm({
    initialValues: { code: "" },
    validate: { code: (value) => (digits(value).length === codeLength ? null : t("account.six_digits_needed")) },
    onValuesChange: () => confirm.reset(),
  });
  const size = big ? "md" : "sm";

  if (codes) {
    return (
      <div className={classes.stack}>
        <p>{t("account.recovery_text")}</p>
        <RecoveryCodes codes={codes} />
        <Checkbox
          label={t("account.recovery_kept")}
          checked={kept}
          onChange={(event) => setKept(event.currentTarget.checked)}
        />
        <Act
          kind="primary"
          size={size}
          disabled={!kept}
          title={kept ? undefined : t("account.recovery_kept_first")}
          onClick={onDone}
        >
          {t("account.go_on")}
        </Act>
      </div>
    );
  }

  return (
    <form
      className={classes.stack}
      noValidate
      onSubmit={form.onSubmit(({ code }) => confirm.mutate({ code: digits(code) }))}
    >
      <p>{t("account.scan_text")}</p>
      <QrCode svg={enrolment.qr_svg} />
      {typed ? (
        <p className={classes.secret}>{enrolment.secret.match(/.{1,4}/g)?.join(" ")}</p>
      ) : (
        <p>
          <Anchor component="button" type="button" onClick={() => setTyped(true)}>
            {t("account.type_instead")}
          </Anchor>
        </p>
      )}
      <TextInput
        size={size}
        label={t("account.first_code")}
        inputMode="numeric"
        autoComplete="one-time-code"
        autoFocus
        {...form.getInputProps("code")}
      />
      <Fault error={confirm.error} text={fault} />
      <Act kind="primary" size={size} type="submit" busy={confirm.isPending} fullWidth={big}>
        {t("account.confirm_code")}
      </Act>
    </form>
  );
}
