import { IconCopy, IconPrinter } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useToast } from "@/app/toast";
import { useCommand } from "@/backend/context";
import { Act } from "@/components/Act";
import { iconSmall } from "@/components/icon";
import classes from "./Account.module.css";

/** The ten codes, shown this once: to copy, to print, to write down. */
export function RecoveryCodes({ codes }: { codes: string[] }) {
  const { t } = useTranslation();
  const toast = useToast();
  const copy = useCommand("copy_text", { onSuccess: () => toast({ text: t("common.copied") }) });
  return (
    <div>
      <ol className={classes.codes} data-print aria-label={t("account.recovery_codes")}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div className={classes.row}>
        <Act icon={<IconCopy {...iconSmall} />} onClick={() => copy.mutate({ text: codes.join("\n") })}>
          {t("common.copy")}
        </Act>
        <Act icon={<IconPrinter {...iconSmall} />} onClick={() => window.print()}>
          {t("account.print")}
        </Act>
      </div>
    </div>
  );
}
