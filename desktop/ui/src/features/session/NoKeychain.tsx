import { Anchor } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { usePlatform } from "@/app/platform";
import { useErrorText } from "@/app/useErrorText";
import { useCommand } from "@/backend/context";
import type { KeychainFault } from "@/backend/contract";
import { Act } from "@/components/Act";
import { Banner } from "@/components/Banner";
import { KeyCap } from "@/components/KeyCaps";
import { Mark } from "@/components/Mark";
import { useFormat } from "@/i18n/format";
import classes from "./NoKeychain.module.css";

/** The refusal: what is so and what is safe, what to do, and the lesser way beside it. */
export function NoKeychain({ fault }: { fault: KeychainFault }) {
  const { t } = useTranslation();
  const format = useFormat();
  const text = useErrorText();
  const platform = usePlatform();
  const look = useCommand("look_for_keychain");
  const inMemory = useCommand("work_in_memory");
  const signOut = useCommand("sign_out");
  const copy = useCommand("copy_text");
  const error = look.error ?? inMemory.error;
  const quote = `${fault.number}, ${t(`session.keychain_reasons.${fault.reason}`, { seconds: format.number(fault.seconds) })}`;

  return (
    <div className={classes.page}>
      <main className={classes.main}>
        <Mark size="2rem" />
        <h1 className={classes.title}>{t("session.keychain_title")}</h1>
        <p className={classes.text}>{t("session.keychain_text")}</p>
        <ol className={classes.steps}>
          <li>
            <b>1</b>
            <div>
              {t("session.keychain_step_1")}
              <p className={classes.how}>{t(`session.keychain_step_1_${platform}`)}</p>
            </div>
          </li>
          <li>
            <b>2</b>
            <div>
              {t("session.keychain_step_2")}
              <p className={classes.how}>{t("session.keychain_step_2_text")}</p>
            </div>
          </li>
        </ol>
        {error && <Banner kind="danger">{text(error)}</Banner>}
        <div className={classes.acts}>
          <Act kind="primary" size="md" autoFocus busy={look.isPending} onClick={() => look.mutate(undefined)}>
            <span className={classes.act}>
              {t("session.keychain_look")}
              <KeyCap binding="Enter" />
            </span>
          </Act>
          <Act size="md" busy={inMemory.isPending} onClick={() => inMemory.mutate(undefined)}>
            {t("session.keychain_memory")}
          </Act>
        </div>
        <p className={classes.memo}>{t("session.keychain_memory_text")}</p>
      </main>
      <p className={classes.quote}>
        {quote}
        <span aria-hidden="true">·</span>
        <Anchor component="button" type="button" onClick={() => copy.mutate({ text: quote })}>
          {copy.isSuccess ? t("common.copied") : t("common.copy")}
        </Anchor>
        <span aria-hidden="true">·</span>
        <Anchor component="button" type="button" onClick={() => signOut.mutate(undefined)}>
          {t("session.sign_out")}
        </Anchor>
      </p>
    </div>
  );
}
