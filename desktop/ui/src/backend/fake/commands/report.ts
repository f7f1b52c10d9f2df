/** The report in the fake: sheets with the record's own statements, signing with a password after 15 minutes. */
import type { ReportCommands, ReportForm, ReportOptions, ReportPreview } from "../../contract";
import { asText, compose } from "../report/compose";
import { pageHeight, pageWidth } from "../sample/layout";
import { type FakeRecord, fail, fakePassword, mustWrite, nowOf, recordOf, type World } from "../world";
import type { Handlers } from "./handlers";

const passwordHolds = 15 * 60_000;

function signOf(world: World): ReportPreview["sign"] {
  const { signers } = world;
  const readOnly = world.session.state === "open" && world.session.read_only;
  if (!world.me.signs) return { allowed: false, reason: "not_a_signer", signers };
  if (readOnly) return { allowed: false, reason: "read_only", signers };
  if (!world.signature.block) return { allowed: false, reason: "no_block", signers };
  return { allowed: true, reason: null, signers };
}

function optionsOf(world: World, record: FakeRecord): ReportOptions {
  const { report_language, language } = world.preferences;
  return (
    record.report ?? {
      form: "short_letter",
      language: report_language === "app" ? language : report_language,
      recipient: "",
      sections: null,
      paper: "letter",
      letterhead: true,
    }
  );
}

const previewName = (record: string, form: ReportForm, version: number | null) =>
  `${record}-${form}-${version ?? "draft"}`;

export const reportHandlers: Handlers<ReportCommands> = {
  preview_report: (world, { record, options: wanted, version }) => {
    const it = recordOf(world, record);
    const statements = it.review?.review.statements ?? fail("no_analysis");
    const signed =
      version === null ? null : (it.signed.find((known) => known.version === version) ?? fail("not_found"));
    const options = { ...optionsOf(world, it), ...wanted, ...(signed ? { form: signed.form } : {}) };
    if (!signed) it.report = options;
    const sheets = compose(world, it, options, signed?.signed_at ?? null);
    const preview = previewName(record, options.form, version);
    world.previews.set(preview, sheets);
    const pagesIn = (form: ReportForm) => compose(world, it, { ...options, form }, null).length;
    const block = world.signature.block;
    return {
      preview,
      version,
      options,
      drawn_at: signed?.signed_at ?? nowOf(world),
      pages: sheets.map((sheet) => ({
        width: pageWidth,
        height: pageHeight,
        links: sheet.links.map(({ page, ...bbox }) => ({ page, bbox })),
      })),
      form_pages: { short_letter: pagesIn("short_letter"), full_review: pagesIn("full_review") },
      before_signing: {
        statements: statements.length,
        not_looked_at: statements.filter((statement) => statement.state === "open").length,
        conflicts: statements.filter((it) => it.section === "conflicts" && it.state !== "rejected").length,
        left_out: statements.filter((statement) => !statement.verified).length,
      },
      block: block && {
        name: block.name,
        line: block.line,
        licence: block.licence,
        has_picture: block.picture !== null,
      },
      clinic: world.clinic.name,
      signed: it.signed,
      sign: signOf(world),
    };
  },
  save_report: (world, { record, format }) => {
    const ending = { pdf: "pdf", markdown: "md", json: "json" }[format];
    const name = `${recordOf(world, record).title}.${ending}`;
    world.saved.push(name);
    return { name };
  },
  print_report: () => ({ how: "dialog" }),
  report_text: (world, { record, section }) => asText(recordOf(world, record), section),
  sign_report: (world, { record, password, preview }) => {
    mustWrite(world);
    const it = recordOf(world, record);
    if (!signOf(world).allowed) fail("permission_denied");
    if (password === null && world.now - world.passwordAt > passwordHolds) fail("password_required");
    if (password !== null && password !== fakePassword) fail("wrong_password");
    if (password !== null) world.passwordAt = world.now;
    const form: ReportForm = preview.includes("full_review") ? "full_review" : "short_letter";
    const signed = { version: it.signed.length + 1, signed_at: nowOf(world), signer: world.me.name, form };
    it.signed = [signed, ...it.signed];
    it.state = "signed";
    world.emit({ event: "review_changed", record });
    return signed;
  },
};
