/** Screens of Review and Report. */
const record = "rec_0197a6b2c3d47e8f9a0b1c2d3e6f0002";
export const at = (search = "") => `/records/${record}/review${search}`;

/** The statement whose words begin so, as one would choose it. */
const choose = (words) => (page) =>
  page
    .locator("[data-statement]")
    .filter({ hasText: words })
    .first()
    .click({ position: { x: 60, y: 12 } });
const ibuprofen = choose("Ibuprofen stopped");

const steps =
  (...acts) =>
  async (page) => {
    for (const act of acts) {
      await (typeof act === "string" ? page.keyboard.press(act) : act(page));
      await page.waitForTimeout(120);
    }
  };

/** Drags over words of a page: shares of its width and height. */
const drag =
  (number, [x0, y0], [x1, y1]) =>
  async (page) => {
    const box = await page.locator(`[data-page="${number}"]`).boundingBox();
    const point = (x, y) => [box.x + x * box.width, box.y + y * box.height];
    await page.mouse.move(...point(x0, y0));
    await page.mouse.down();
    await page.mouse.move(...point((x0 + x1) / 2, y1), { steps: 3 });
    await page.mouse.move(...point(x1, y1), { steps: 3 });
    await page.mouse.up();
  };

const find = (words) => async (page) => {
  await page.keyboard.press("Control+f");
  await page.waitForTimeout(100);
  await page.keyboard.type(words);
};

const review = { scenario: "review", at: at("?page=6"), wait: 500 };

export const reviewScreens = [
  { name: "review", ...review, act: ibuprofen },
  { name: "review-edit", ...review, act: steps(ibuprofen, "e", (page) => page.keyboard.type(", from 20 May 2024 on")) },
  { name: "review-two-edits", scenario: "two-edits", at: at("?page=14"), wait: 500, act: choose("Two edits of one") },
  { name: "review-words", ...review, act: steps(ibuprofen, drag(6, [0.14, 0.508], [0.5, 0.508])) },
  {
    name: "review-draft",
    ...review,
    act: steps(drag(6, [0.14, 0.508], [0.5, 0.508]), "a"),
  },
  { name: "review-find", ...review, act: steps(find("shoulder"), "Enter", "Enter") },
  {
    name: "review-find-statements",
    ...review,
    act: steps(find("shoulder"), (page) => page.locator("label", { hasText: "Statements" }).click()),
  },
  { name: "review-find-none", ...review, act: find("warfarin") },
  { name: "review-across", scenario: "review", at: at("?page=13"), wait: 500, act: choose("No active elevation") },
  { name: "review-labs", scenario: "review", at: at("?page=18"), wait: 500, act: choose("Potassium") },
  { name: "review-to-check", ...review, act: steps("c") },
  { name: "review-left-out", ...review, act: steps("l") },
  { name: "review-documents", ...review, act: steps("d") },
  { name: "review-history", ...review, act: steps(ibuprofen, "Enter", "ArrowUp", "x", "h") },
  {
    name: "review-history-all",
    ...review,
    act: steps(ibuprofen, "Enter", "ArrowUp", "x", "h", (page) =>
      page.locator("label", { hasText: "The whole analysis" }).click(),
    ),
  },
  { name: "review-model", scenario: "model", at: at("?page=1"), wait: 500, act: choose("Chronic kidney disease") },
  { name: "review-model-marks", scenario: "model", at: at("?page=17"), wait: 500, act: choose("Atorvastatin") },
  { name: "review-model-left-out", scenario: "model", at: at("?page=1"), wait: 500, act: steps("l") },
  {
    name: "review-model-failed",
    scenario: "two-edits",
    at: at("?page=1"),
    wait: 500,
    act: (page) =>
      page.evaluate((id) => {
        const { review } = window.fake.world.records.find((it) => it.id === id).review;
        review.model_failure = "unusable_answers";
        review.statements = review.statements.map((it) => ({ ...it, versions: null }));
        window.fake.emit({ event: "review_changed", record: id });
      }, record),
  },
  { name: "review-focus", ...review, act: steps("f") },
  { name: "review-rejected", ...review, act: steps(ibuprofen, "x") },
  { name: "review-turned", ...review, act: steps(ibuprofen, "r") },
  { name: "review-zoomed", scenario: "review", at: at("?page=6&zoom=200"), wait: 500, act: ibuprofen },
  { name: "review-offline", scenario: "offline", at: at("?page=1"), wait: 500 },
  { name: "review-read-only", scenario: "read-only", at: at("?page=6"), wait: 500, act: ibuprofen },
  { name: "review-no-result", scenario: "no-result", at: at(), wait: 500 },
  { name: "review-loading", scenario: "review", query: { hang: "review" }, at: at(), wait: 700 },
  { name: "review-failed", scenario: "review", query: { fail: "pages" }, at: at(), wait: 8000 },
  { name: "review-es", scenario: "review", query: { lang: "es" }, at: at("?page=6"), wait: 500, act: ibuprofen },
  { name: "review-keys", ...review, act: steps("?") },
  { name: "review-long", scenario: "long", at: at("?page=1500"), wait: 700 },
];

const reportAt = (search = "") => `/records/${record}/report${search}`;
const report = { scenario: "review", at: reportAt(), wait: 500 };
const to = async (page) => {
  await page.getByRole("textbox", { name: "To" }).fill("Dr. Helen Okafor\nHarbor Orthopaedics and Sports Medicine");
  await page.keyboard.press("Tab");
};
const sign = async (page) => {
  await page.keyboard.press("Control+Enter");
  await page.waitForTimeout(250);
};
const button = (name) => (page) => page.getByRole("button", { name }).click();

export const reportScreens = [
  { name: "report", ...report, act: steps(to, (page) => page.locator("[data-sheet='1'] button").nth(3).hover()) },
  { name: "report-full", scenario: "review", at: reportAt("?form=full_review&page=2"), wait: 500 },
  { name: "report-sections", scenario: "review", at: reportAt("?form=full_review"), wait: 500, act: button("Choose") },
  { name: "report-sign", scenario: "review", at: reportAt("?form=full_review"), wait: 500, act: sign },
  {
    name: "report-password",
    ...report,
    act: steps(sign, button(/Sign as/), (page) => page.keyboard.type("not it"), "Enter"),
  },
  {
    name: "report-signed",
    ...report,
    act: steps(sign, button(/Sign as/), (page) => page.keyboard.type("correct horse battery"), "Enter"),
  },
  { name: "report-save", ...report, act: button("Save in another form") },
  { name: "report-copy", ...report, act: steps("Control+Shift+c") },
  { name: "report-read-only", scenario: "read-only", at: reportAt(), wait: 500 },
  { name: "report-nothing", scenario: "no-result", at: reportAt(), wait: 500 },
  { name: "report-no-printer", ...report, query: { fail: "print_report" }, act: steps("Control+p") },
  { name: "report-es", scenario: "review", query: { lang: "es" }, at: reportAt(), wait: 500 },
];
