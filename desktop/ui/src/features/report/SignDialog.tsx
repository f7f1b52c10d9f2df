/** Signing: what is fixed, what was looked at, the block as it will print. The focus is on Not yet. */
import { Modal, PasswordInput } from "@mantine/core";
import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useErrorText } from "@/app/useErrorText";
import { useCommand } from "@/backend/context";
import type { ReportPreview, SignedVersion } from "@/backend/contract";
import { Act } from "@/components/Act";
import { Banner } from "@/components/Banner";
import { usePasswordToggle } from "@/features/session/usePasswordToggle";
import { useFormat } from "@/i18n/format";
import { Facts, useFacts } from "./Choices";
import classes from "./SignDialog.module.css";

interface Props {
  record: string;
  preview: ReportPreview;
  onReview: (search: { statement?: string }) => void;
  onClose: () => void;
  onSigned: (version: SignedVersion) => void;
}

export function SignDialog({ record, preview, onReview, onClose, onSigned }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const text = useErrorText();
  const [password, setPassword] = useState("");
  /** Asked for once the shell wants it: 15 minutes after it was last given. */
  const [asked, setAsked] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const toggle = usePasswordToggle();
  const sign = useCommand("sign_report", { onSuccess: onSigned });
  const facts = useFacts(preview, null, onReview);
  const { block, options, pages, signed, clinic } = preview;
  const { statements, not_looked_at } = preview.before_signing;
  const again = signed.length + 1;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (asked && password === "") {
      field.current?.focus();
      return;
    }
    sign.mutate(
      { record, preview: preview.preview, password: asked ? password : null },
      {
        onError: (error) => {
          if (error.code === "password_required") setAsked(true);
          requestAnimationFrame(() => {
            field.current?.focus();
            field.current?.select();
          });
        },
      },
    );
  };
  const wrong = sign.error?.code === "wrong_password" ? sign.error : null;
  const other = sign.error && sign.error.code !== "password_required" && !wrong ? sign.error : null;

  return (
    <Modal
      opened
      onClose={onClose}
      title={t(options.form === "short_letter" ? "report.sign_letter" : "report.sign_review")}
      classNames={{ title: classes.title ?? "" }}
    >
      <form onSubmit={submit} noValidate>
        <p className={classes.text}>
          {t("report.sign_text", { count: pages.length })} {t("report.sign_again", { version: String(again + 1) })}
        </p>
        <div className={classes.facts}>
          <Facts
            facts={[
              {
                key: "looked_at",
                dot: not_looked_at < statements ? "done" : "waiting",
                text: t("report.looked_at", { done: format.number(statements - not_looked_at), count: statements }),
              },
              ...facts.filter((fact) => fact.dot !== "done").map((fact) => ({ ...fact, act: undefined })),
            ]}
          />
        </div>
        {block && (
          <div className={classes.paper}>
            <b>{block.name}</b>
            <span>
              {block.line}
              {block.line && block.licence && " · "}
              <span className={classes.whole}>{block.licence}</span>
            </span>
            <span className={classes.when}>
              {format.dateTime(preview.drawn_at)} · {clinic}
            </span>
          </div>
        )}
        {asked && (
          <PasswordInput
            ref={field}
            className={classes.password ?? ""}
            label={t("report.password")}
            description={t("report.password_why")}
            inputWrapperOrder={["label", "input", "description", "error"]}
            autoComplete="current-password"
            value={password}
            error={wrong && text(wrong)}
            onChange={(event) => setPassword(event.currentTarget.value)}
            {...toggle}
          />
        )}
        {other && <Banner kind="danger">{text(other)}</Banner>}
        <div className={classes.acts}>
          <Act onClick={onClose} binding="Escape" data-autofocus>
            {t("report.not_yet")}
          </Act>
          <Act kind="primary" type="submit" busy={sign.isPending}>
            {t("report.sign_as", { name: block?.name.split(",")[0] ?? "" })}
          </Act>
        </div>
      </form>
    </Modal>
  );
}
