/** The report in the fake: pages with the right numbers and links; the drawing is a plain sheet. */
import type { ReportCommands, ReportForm, ReportPreview } from "../../contract";
import { pageHeight, pageWidth } from "../sample/layout";
import { fail, fakePassword, mustWrite, nowOf, recordOf, type World } from "../world";
import type { Handlers } from "./handlers";

const formPages: Record<ReportForm, number> = { short_letter: 2, full_review: 9 };

function signOf(world: World): ReportPreview["sign"] {
  const signers = ["Elena Brandt", "Ruth Abara"];
  const readOnly = world.session.state === "open" && world.session.read_only;
  if (!world.me.signs) return { allowed: false, reason: "not_a_signer", signers };
  if (readOnly) return { allowed: false, reason: "read_only", signers };
  if (!world.signature.block) return { allowed: false, reason: "no_block", signers };
  return { allowed: true, reason: null, signers };
}

export const reportHandlers: Handlers<ReportCommands> = {
  preview_report: (world, { record, options, version }) => {
    const it = recordOf(world, record);
    const statements = it.review?.review.statements ?? fail("no_analysis");
    const block = world.signature.block;
    return {
      preview: `rpt-${options.form}-${version ?? "draft"}`,
      options,
      paper: "letter",
      drawn_at: nowOf(world),
      pages: Array.from({ length: formPages[options.form] }, (_, index) => ({
        width: pageWidth,
        height: pageHeight,
        links: [{ bbox: { x0: 540, y0: 300, x1: 556, y1: 312 }, page: index + 6 }],
      })),
      form_pages: formPages,
      before_signing: {
        statements: statements.length,
        not_looked_at: statements.filter((statement) => statement.state === "open").length,
        conflicts: statements.filter((statement) => statement.section === "conflicts").length,
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
  report_text: (world, { record, section }) => {
    const statements = recordOf(world, record).review?.review.statements ?? fail("no_analysis");
    return statements
      .filter((statement) => section === null || statement.section === section)
      .map((statement) => statement.text)
      .join("\n");
  },
  sign_report: (world, { record, password, preview }) => {
    mustWrite(world);
    const it = recordOf(world, record);
    if (!signOf(world).allowed) fail("permission_denied");
    if (password === null) fail("password_required");
    if (password !== fakePassword) fail("wrong_password");
    const form: ReportForm = preview.includes("full_review") ? "full_review" : "short_letter";
    const signed = { version: it.signed.length + 1, signed_at: nowOf(world), signer: world.me.name, form };
    it.signed.unshift(signed);
    it.state = "signed";
    world.emit({ event: "review_changed", record });
    return signed;
  },
};
