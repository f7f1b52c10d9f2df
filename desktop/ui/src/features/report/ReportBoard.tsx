/** Report with its preview loaded: pages, choices, and the acts that leave the window. */
import { Menu } from "@mantine/core";
import {
  IconBraces,
  IconChevronDown,
  IconChevronLeft,
  IconCopy,
  IconFileText,
  IconMarkdown,
  IconPrinter,
} from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommands } from "@/app/commands";
import { ToastRegion, useToast } from "@/app/toast";
import { useErrorText } from "@/app/useErrorText";
import type { BackendError } from "@/backend/backend";
import { useBackend, useBackendQueries, useCommand } from "@/backend/context";
import {
  type ReportFormat,
  type ReportOptions,
  type ReportPreview,
  type ReviewRecord,
  type Section,
  sections,
} from "@/backend/contract";
import { queryKeys } from "@/backend/queryKeys";
import { Act, IconAct } from "@/components/Act";
import { Banner } from "@/components/Banner";
import { Grow, ToolBar, ToolTitle } from "@/components/Bars";
import { icon, iconLarge } from "@/components/icon";
import { KeyCaps } from "@/components/KeyCaps";
import { useFormat } from "@/i18n/format";
import { Choices } from "./Choices";
import classes from "./Report.module.css";
import { ReportPages } from "./ReportPages";
import { SignDialog } from "./SignDialog";
import { useReportPlace } from "./useReportPlace";

interface Props {
  record: string;
  review: ReviewRecord;
  preview: ReportPreview;
  /** The pages of what was chosen before are still shown. */
  stale: boolean;
}

export function ReportBoard({ record, review, preview, stale }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const backend = useBackend();
  const cache = useQueryClient();
  const toast = useToast();
  const errorText = useErrorText();
  const { place, go } = useReportPlace();
  const { data: pages } = useQuery(useBackendQueries().pages(record));
  const [signing, setSigning] = useState(false);
  const [failure, setFailure] = useState<BackendError | null>(null);
  const { sign, version } = preview;
  const signed = version === null ? null : preview.signed.find((it) => it.version === version);

  const draw = useCommand("preview_report", {
    onSuccess: (drawn) => {
      cache.setQueryData(queryKeys.report(record, place.form ?? null, null), drawn);
      if (drawn.options.form !== preview.options.form) go({ form: drawn.options.form, page: undefined });
    },
  });
  const choose = (options: Partial<ReportOptions>) => draw.mutate({ record, options, version: null });

  /** Runs an act of the shell; what fails is said in a banner, not in passing. */
  const run = async (act: () => Promise<string | null>) => {
    setFailure(null);
    try {
      const done = await act();
      if (done) toast({ text: done });
    } catch (error) {
      setFailure(error as BackendError);
    }
  };
  const save = (as: ReportFormat) =>
    run(async () => {
      const saved = await backend.call("save_report", { record, preview: preview.preview, format: as });
      return saved && t("report.saved", { name: saved.name });
    });
  const print = () =>
    run(async () => {
      const { how } = await backend.call("print_report", { record, preview: preview.preview });
      return how === "viewer" ? t("report.opened_in_viewer") : null;
    });
  const copy = (section: Section | null) =>
    run(async () => {
      const text = await backend.call("report_text", { record, preview: preview.preview, section });
      await backend.call("copy_text", { text });
      return section
        ? t("report.section_copied", { section: t(`review.sections.${section}`) })
        : t("report.report_copied");
    });
  const [copying, setCopying] = useState(false);
  const toReview = (search: { page?: number; show?: "to_check"; statement?: string }) =>
    void navigate({ to: "/records/$record/review", params: { record }, search });

  const maySign = sign.allowed && version === null && !stale;
  useCommands({
    sign: maySign ? () => setSigning(true) : null,
    save_pdf: () => void save("pdf"),
    save_markdown: () => void save("markdown"),
    save_json: () => void save("json"),
    print: () => void print(),
    copy_section: () => setCopying(true),
    report_page_next: (place.page ?? 1) < preview.pages.length ? () => go({ page: (place.page ?? 1) + 1 }) : null,
    report_page_previous: (place.page ?? 1) > 1 ? () => go({ page: (place.page ?? 1) - 1 }) : null,
    back_to_analysis: () => toReview({}),
  });

  const statements = review.review?.statements ?? [];
  const present = sections.filter((section) =>
    statements.some((it) => it.section === section && it.state !== "rejected"),
  );
  const whySign =
    sign.reason === "not_a_signer" && sign.signers.length === 0
      ? t("report.nobody_signs")
      : sign.reason && t(`report.cannot_sign.${sign.reason}`, { names: sign.signers.join(", ") });
  const error = failure ?? draw.error;

  return (
    <main className={classes.report}>
      <ToolBar>
        <IconAct label={t("report.back")} command="back_to_analysis" onClick={() => toReview({})}>
          <IconChevronLeft {...iconLarge} />
        </IconAct>
        <ToolTitle>{review.title}</ToolTitle>
        <span className={classes.what}>
          {signed
            ? t("report.version_of", { version: String(signed.version), time: format.dateTime(signed.signed_at) })
            : t("report.draft_of", { time: format.time(preview.drawn_at) })}
        </span>
        <Grow />
        <Menu opened={copying} onChange={setCopying} position="bottom-end">
          <Menu.Target>
            <IconAct label={t("keys.commands.copy_section")} command="copy_section">
              <IconCopy {...iconLarge} />
            </IconAct>
          </Menu.Target>
          <Menu.Dropdown className={classes.menu ?? ""}>
            <Menu.Item onClick={() => void copy(null)}>{t("report.whole")}</Menu.Item>
            <Menu.Divider />
            {present.map((section) => (
              <Menu.Item key={section} onClick={() => void copy(section)}>
                {t(`review.sections.${section}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <IconAct label={t("keys.commands.print")} command="print" onClick={() => void print()}>
          <IconPrinter {...iconLarge} />
        </IconAct>
        <span className={classes.split}>
          <Act onClick={() => void save("pdf")} aria-keyshortcuts="Control+S">
            {t("keys.commands.save_pdf")}
          </Act>
          <Menu position="bottom-end">
            <Menu.Target>
              <Act aria-label={t("report.save_as")}>
                <IconChevronDown {...icon} />
              </Act>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item
                leftSection={<IconFileText {...icon} />}
                rightSection={<KeyCaps of="save_pdf" />}
                onClick={() => void save("pdf")}
              >
                PDF
              </Menu.Item>
              <Menu.Item leftSection={<IconMarkdown {...icon} />} onClick={() => void save("markdown")}>
                Markdown
              </Menu.Item>
              <Menu.Item leftSection={<IconBraces {...icon} />} onClick={() => void save("json")}>
                JSON
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </span>
        {version === null && (
          <Act
            kind="primary"
            command="sign"
            disabled={!maySign}
            title={whySign ?? undefined}
            aria-describedby={whySign ? "why-not-sign" : undefined}
            onClick={() => setSigning(true)}
          >
            {t("report.sign")}
          </Act>
        )}
      </ToolBar>
      <div className={classes.sides}>
        <div className={classes.main}>
          {error ? (
            <Banner
              kind="danger"
              square
              act={{
                label: t("common.close"),
                onAct: () => {
                  setFailure(null);
                  draw.reset();
                },
              }}
            >
              {errorText(error)}
            </Banner>
          ) : (
            signed && (
              <Banner
                square
                act={{ label: t("report.show_draft"), onAct: () => go({ version: undefined, page: undefined }) }}
              >
                {t("report.is_signed", { signer: signed.signer, time: format.dateTime(signed.signed_at) })}
              </Banner>
            )
          )}
          <ReportPages
            preview={preview}
            encounters={review.encounters}
            recordPages={pages?.length ?? 0}
            onPage={(page) => go({ page })}
            place={place}
            onZoom={(zoom) => go({ zoom })}
            onLink={(page) => toReview({ page })}
            stale={stale || draw.isPending}
          />
          <ToastRegion inner />
        </div>
        <Choices
          review={review}
          preview={preview}
          onChoose={choose}
          onReview={toReview}
          onVersion={(next) => go({ version: next ?? undefined, page: undefined })}
          whySign={whySign}
        />
      </div>
      {signing && (
        <SignDialog
          record={record}
          preview={preview}
          onReview={toReview}
          onClose={() => setSigning(false)}
          onSigned={(done) => {
            setSigning(false);
            toast({
              text: t("report.was_signed", { version: String(done.version) }),
              act: { label: t("keys.commands.save_pdf"), onAct: () => void save("pdf"), command: "save_pdf" },
            });
            go({ version: done.version, form: done.form });
          }}
        />
      )}
    </main>
  );
}
