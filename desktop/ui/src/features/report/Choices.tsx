/** What can be chosen about a report: form, to whom or sections, letterhead, signer; and what the signer should know. */
import { Anchor, Checkbox, Popover, Switch, Textarea } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import clsx from "clsx";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type ReportForm,
  type ReportOptions,
  type ReportPreview,
  type ReviewRecord,
  type Section,
  sections,
} from "@/backend/contract";
import { Dot, type DotKind } from "@/components/Dot";
import { Segments } from "@/components/Segments";
import { useFormat } from "@/i18n/format";
import classes from "./Choices.module.css";

export interface Fact {
  key: string;
  dot: DotKind;
  text: string;
  act?: { label: string; onAct: () => void };
}

type ToReview = (search: { page?: number; show?: "to_check"; statement?: string }) => void;

/** What is not looked at, in conflict or left out: facts, never a bar. */
export function useFacts(preview: ReportPreview, review: ReviewRecord | null, onReview: ToReview): Fact[] {
  const { t } = useTranslation();
  const { statements, not_looked_at, conflicts, left_out } = preview.before_signing;
  const all = review?.review?.statements ?? [];
  const open = all.find((it) => it.state === "open");
  const conflict = all.find((it) => it.section === "conflicts" && it.state !== "rejected");
  const missing = all.find((it) => !it.verified);
  const show = (statement: string | undefined, label: string) =>
    statement ? { act: { label, onAct: () => onReview({ statement }) } } : {};
  return [
    not_looked_at > 0
      ? {
          key: "open",
          dot: "partly" as const,
          text: t("report.not_looked_at", { left: String(not_looked_at), count: statements }),
          ...show(open?.id, t("report.review")),
        }
      : { key: "open", dot: "done" as const, text: t("report.all_looked_at") },
    ...(conflicts > 0
      ? [
          {
            key: "conflicts",
            dot: "partly" as const,
            text: t("report.conflicts", { count: conflicts }),
            ...show(conflict?.id, t("common.show")),
          },
        ]
      : []),
    ...(left_out > 0
      ? [
          {
            key: "left_out",
            dot: "waiting" as const,
            text: t("report.not_found", { count: left_out }),
            ...show(missing?.id, t("common.show")),
          },
        ]
      : []),
  ];
}

export function Facts({ facts }: { facts: Fact[] }) {
  return (
    <ul>
      {facts.map((fact) => (
        <li key={fact.key} className={classes.fact}>
          <Dot kind={fact.dot} />
          <span className={classes.grow}>{fact.text}</span>
          {fact.act && (
            <Anchor component="button" type="button" onClick={fact.act.onAct}>
              {fact.act.label}
            </Anchor>
          )}
        </li>
      ))}
    </ul>
  );
}

function FormRow({
  form,
  chosen,
  pages,
  onChoose,
}: {
  form: ReportForm;
  chosen: boolean;
  pages: number;
  onChoose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <label className={clsx(classes.form, chosen && classes.chosen)}>
      <input type="radio" name="form" className={classes.radio} checked={chosen} onChange={onChoose} />
      <span className={clsx(classes.sheet, form === "full_review" && classes.several)} aria-hidden="true" />
      <span className={classes.grow}>
        <b>{t(`report.forms.${form}`)}</b>
        <span className={classes.muted}>{t(`report.forms_text.${form}`)}</span>
      </span>
      <span className={classes.muted}>{t("common.pages", { count: pages })}</span>
    </label>
  );
}

/** Four lines print; more is not taken. */
const mostLines = 4;

function Recipient({ value, onSave }: { value: string; onSave: (value: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState(value);
  const lines = text.split("\n").length;
  return (
    <Textarea
      aria-label={t("report.to")}
      placeholder={t("report.to_hint")}
      autosize
      minRows={2}
      maxRows={mostLines}
      value={text}
      error={lines > mostLines ? t("report.to_too_long") : null}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => lines <= mostLines && text.trim() !== value && onSave(text.trim())}
    />
  );
}

const choosable = sections.filter((section) => section !== "summary");

function Sections({
  chosen,
  present,
  onChoose,
}: {
  chosen: Section[] | null;
  present: Section[];
  onChoose: (next: Section[] | null) => void;
}) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  const on = (section: Section) => chosen === null || chosen.includes(section);
  const toggle = (section: Section) => {
    const next = present.filter((it) => (it === section ? !on(it) : on(it)));
    onChoose(next.length === present.length ? null : next);
  };
  const count = present.filter(on).length;
  return (
    <div className={classes.pair}>
      <span>
        {chosen === null
          ? t("report.all_sections", { count: present.length })
          : t("report.some_sections", { chosen: String(count), count: present.length })}
      </span>
      <Popover
        opened={opened}
        onChange={setOpened}
        position="bottom-end"
        middlewares={{ flip: true, shift: true, size: true }}
        trapFocus
        returnFocus
      >
        <Popover.Target>
          <Anchor component="button" type="button" onClick={() => setOpened(!opened)}>
            {t("report.choose")}
          </Anchor>
        </Popover.Target>
        <Popover.Dropdown className={classes.dropdown ?? ""}>
          {/* biome-ignore lint/a11y/noStaticElementInteractions: Esc closes this list, and only this list */}
          <div
            className={classes.sections}
            onKeyDown={(event) => {
              if (event.key !== "Escape") return;
              event.stopPropagation();
              setOpened(false);
            }}
          >
            {present.map((section) => (
              <Checkbox
                key={section}
                size="xs"
                label={t(`review.sections.${section}`)}
                checked={on(section)}
                // One section at least: a report of nothing says nothing.
                disabled={count === 1 && on(section)}
                onChange={() => toggle(section)}
              />
            ))}
          </div>
        </Popover.Dropdown>
      </Popover>
    </div>
  );
}

interface Props {
  review: ReviewRecord;
  preview: ReportPreview;
  whySign: string | null;
  onChoose: (options: Partial<ReportOptions>) => void;
  onReview: ToReview;
  onVersion: (version: number | null) => void;
}

export function Choices({ review, preview, whySign, onChoose, onReview, onVersion }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const { options, form_pages, block, clinic, signed, version } = preview;
  const facts = useFacts(preview, review, onReview);
  const statements = review.review?.statements ?? [];
  const present = choosable.filter((section) => statements.some((it) => it.section === section));
  const settings = (to: "/settings/letterhead" | "/settings/signature") => (
    <Anchor component="button" type="button" onClick={() => void navigate({ to })}>
      {t("common.settings")}
    </Anchor>
  );
  return (
    <aside className={classes.choices} aria-label={t("report.title")}>
      {version === null && (
        <>
          <fieldset className={classes.forms}>
            <legend>{t("report.form")}</legend>
            {(["short_letter", "full_review"] as const).map((form) => (
              <FormRow
                key={form}
                form={form}
                chosen={options.form === form}
                pages={form_pages[form]}
                onChoose={() => onChoose({ form })}
              />
            ))}
          </fieldset>
          <section>
            <h2 className={classes.head}>{t("report.to")}</h2>
            <Recipient
              key={options.recipient}
              value={options.recipient}
              onSave={(recipient) => onChoose({ recipient })}
            />
          </section>
          {options.form === "full_review" && (
            <section>
              <h2 className={classes.head}>{t("report.sections")}</h2>
              <Sections chosen={options.sections} present={present} onChoose={(next) => onChoose({ sections: next })} />
            </section>
          )}
          <section>
            <div className={classes.pair}>
              <span>{t("report.language")}</span>
              <Segments
                label={t("report.language")}
                value={options.language}
                segments={(["en", "es"] as const).map((value) => ({ value, label: t(`settings.languages.${value}`) }))}
                onChange={(language) => onChoose({ language })}
              />
            </div>
            <div className={classes.pair}>
              <span>{t("report.paper")}</span>
              <Segments
                label={t("report.paper")}
                value={options.paper}
                segments={(["letter", "a4"] as const).map((value) => ({ value, label: t(`report.papers.${value}`) }))}
                onChange={(paper) => onChoose({ paper })}
              />
            </div>
          </section>
          <section>
            <h2 className={classes.head}>{t("report.letterhead")}</h2>
            <div className={classes.pair}>
              <Switch
                size="xs"
                label={clinic}
                checked={options.letterhead}
                onChange={(event) => onChoose({ letterhead: event.currentTarget.checked })}
              />
              {settings("/settings/letterhead")}
            </div>
          </section>
        </>
      )}
      <section>
        <h2 className={classes.head}>{t("report.signed_by")}</h2>
        {block ? (
          <>
            <p className={classes.block}>
              <b>{block.name}</b>
              <br />
              {block.line}
              {block.line && block.licence && " · "}
              <span className={classes.whole}>{block.licence}</span>
            </p>
            <div className={classes.pair}>
              <span className={classes.muted}>
                {t(block.has_picture ? "report.picture_set" : "report.picture_none")}
              </span>
              {settings("/settings/signature")}
            </div>
          </>
        ) : (
          <div className={classes.pair}>
            <span className={classes.muted}>{t("report.no_block")}</span>
            {settings("/settings/signature")}
          </div>
        )}
      </section>
      {version === null && (
        <section>
          <h2 className={classes.head}>{t("report.before_signing")}</h2>
          <Facts facts={facts} />
          {whySign && (
            <p id="why-not-sign" className={classes.why}>
              {whySign}
            </p>
          )}
        </section>
      )}
      {signed.length > 0 && (
        <section>
          <h2 className={classes.head}>{t("report.versions")}</h2>
          <ul>
            {signed.map((it) => (
              <li key={it.version} className={classes.pair}>
                <span className={classes.version}>
                  {t("report.version", { version: String(it.version) })}
                  <span className={classes.muted}>
                    {it.signer}, {format.dayOf(it.signed_at)}, {format.time(it.signed_at)}
                  </span>
                </span>
                {it.version === version ? (
                  <span className={classes.muted}>{t("report.shown")}</span>
                ) : (
                  <Anchor component="button" type="button" onClick={() => onVersion(it.version)}>
                    {t("common.show")}
                  </Anchor>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      <span className={classes.grow} />
      <p className={classes.foot}>{t("report.foot")}</p>
    </aside>
  );
}
