/** Review in Chromium: lit pixels where the words are, 2,000 pages, everything by keyboard. */
import assert from "node:assert/strict";
import { count } from "./pixels.mjs";

const record = "rec_0197a6b2c3d47e8f9a0b1c2d3e6f0002";
const at = (search = "") => `/records/${record}/review${search}`;

const place = async (page) =>
  Object.fromEntries(new URLSearchParams((await page.evaluate(() => location.hash)).split("?")[1] ?? ""));
const row = (page, words) => page.locator("[data-statement]").filter({ hasText: words }).first();

/** Waits until a condition in the window holds; never for a time. */
const until = (page, condition, argument) => page.waitForFunction(condition, argument, { polling: "raf" });

const statements = (page) =>
  page.evaluate((id) => window.fake.world.records.find((it) => it.id === id).review.review.statements, record);

/** Where the words of a quote are in the window, from the words of the backend and the place of the paper alone. */
async function wordBoxes(page, number, quote) {
  return page.evaluate(
    async ([id, pageNumber, words]) => {
      const { lines, width, height } = await window.fake.call("page_words", { record: id, page: pageNumber });
      const paper = document.querySelector(`[data-page="${pageNumber}"]`).getBoundingClientRect();
      const wanted = words.split(" ");
      const all = lines.flatMap((line) => line.words);
      const start = all.findIndex((_, index) => wanted.every((text, offset) => all[index + offset]?.text === text));
      return all.slice(start, start + wanted.length).map(({ bbox }) => ({
        x: paper.left + (bbox.x0 / width) * paper.width,
        y: paper.top + (bbox.y0 / height) * paper.height,
        width: ((bbox.x1 - bbox.x0) / width) * paper.width,
        height: ((bbox.y1 - bbox.y0) / height) * paper.height,
      }));
    },
    [record, number, quote],
  );
}

/** Every word lies in the light, and the lines above and below do not. */
async function checkLit(page, number, quote) {
  await until(page, (n) => document.querySelector(`[data-page="${n}"] [data-lit]`) !== null, number);
  await until(page, (n) => document.querySelector(`[data-page-image="${n}"]`)?.complete, number);
  const boxes = await wordBoxes(page, number, quote);
  assert.equal(boxes.length, quote.split(" ").length, `${quote} is on page ${number}`);
  const desk = await page.locator("[data-desk]").boundingBox();
  for (const box of boxes) {
    const clip = { x: box.x + 1, y: box.y + 1, width: box.width - 2, height: box.height - 2 };
    if (clip.x < desk.x || clip.x + clip.width > desk.x + desk.width || clip.y + clip.height > desk.y + desk.height)
      continue;
    const lit = await count(page, clip, "lit");
    const ink = await count(page, clip, "ink");
    const white = await count(page, clip, "white");
    assert.ok(lit.hits / lit.all > 0.12, `lit ${lit.hits} of ${lit.all} at ${JSON.stringify(box)}`);
    assert.ok(white.hits / white.all < 0.04, `nothing of the word is left white: ${white.hits} of ${white.all}`);
    assert.ok(ink.hits > 1, "the word itself is there");
  }
  const first = boxes[0];
  const far = {
    x: first.x,
    y: first.y - first.height * 1.9,
    width: Math.max(4, first.width),
    height: first.height * 0.7,
  };
  const outside = await count(page, far, "lit");
  assert.ok(outside.hits / outside.all < 0.02, `the line above stays white: ${outside.hits} of ${outside.all}`);
}

/** Which page images are in the document. */
const mounted = (page) => page.evaluate(() => document.querySelectorAll("[data-page-image]").length);

async function litPixels(open) {
  for (const [zoom, turn] of [
    ["", ""],
    ["&zoom=200", ""],
    ["&zoom=67", ""],
  ]) {
    const page = await open({ scenario: "review", at: at(`?page=6${zoom}${turn}`) });
    await row(page, "Ibuprofen stopped").click({ position: { x: 60, y: 12 } });
    await checkLit(page, 6, "CKD stage 3a on losartan: NSAIDs are to be avoided.");
    await checkLit(page, 6, "Stop ibuprofen today.");
  }
  // The most tilted page of all, and a quote over two pages.
  const page = await open({ scenario: "review", at: at("?page=17") });
  await row(page, "Influenza vaccine given").click({ position: { x: 60, y: 12 } });
  await checkLit(page, 17, "Influenza vaccine given today,");
  await row(page, "No active elevation").click({ position: { x: 60, y: 12 } });
  await checkLit(page, 13, "No active elevation of the left arm before 08/29/2024,");
  await checkLit(page, 14, "passive motion to 90 degrees only.");
  assert.equal(await page.locator("[data-thread]").count(), 2);
}

async function chooseWithPointer(open) {
  const page = await open({ scenario: "review", at: at("?page=6") });
  await until(page, () => document.querySelector('[data-page-image="6"]')?.complete);
  const quote = "Stop ibuprofen today.";
  await until(page, () => document.querySelector('[data-page="6"] [data-paper], [data-paper="6"]') !== null);
  const boxes = await wordBoxes(page, 6, quote);
  const [from, to] = [boxes[0], boxes.at(-1)];
  await page.mouse.move(from.x + 4, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 6 });
  await page.mouse.up();
  const popover = page.getByRole("group", { name: "Chosen words" });
  await popover.waitFor();
  assert.match(await popover.textContent(), /Ibuprofen stopped/);
  const chosen = await count(
    page,
    { x: from.x + 1, y: from.y + 1, width: from.width - 2, height: from.height - 2 },
    "chosen",
  );
  assert.ok(chosen.hits / chosen.all > 0.3, "chosen words are teal");
  const [box, desk] = [await popover.boundingBox(), await page.locator("[data-desk]").boundingBox()];
  assert.ok(box.x >= desk.x && box.x + box.width <= desk.x + desk.width, "the popover stays in the page side");
  assert.ok(box.y >= to.y + to.height || box.y + box.height <= from.y, "the popover hides no chosen word");
  await popover.getByRole("button", { name: "Show" }).first().click();
  await until(page, () => document.querySelector('[data-statement][aria-current="true"]') !== null);
  await checkLit(page, 6, quote);
  // Back from the page's own tick.
  await page
    .locator('[data-page="6"]')
    .getByRole("button", { name: /rests? on this line/ })
    .first()
    .click();
  assert.notEqual((await place(page)).statement, undefined);
}

async function scrollLong(open) {
  const page = await open({ scenario: "long", at: at("?page=1") });
  await until(page, () => document.querySelector('[data-page-image="1"]')?.complete);
  const client = await page.context().newCDPSession(page);
  await client.send("Performance.enable");
  const memory = async () => {
    await client.send("HeapProfiler.collectGarbage");
    const { metrics } = await client.send("Performance.getMetrics");
    return metrics.find((it) => it.name === "JSHeapUsedSize").value / 1e6;
  };
  const before = await memory();
  // Watches every frame: how many images, and the longest time between two frames.
  await page.evaluate(() => {
    window.seen = { most: 0, thumbs: 0, longest: 0 };
    let last = performance.now();
    const look = (now) => {
      window.seen.most = Math.max(window.seen.most, document.querySelectorAll("[data-page-image]").length);
      window.seen.thumbs = Math.max(window.seen.thumbs, document.querySelectorAll("nav img").length);
      window.seen.longest = Math.max(window.seen.longest, now - last);
      last = now;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  const height = await page.evaluate(() => document.querySelector("[data-desk]").scrollHeight);
  assert.ok(height > 2000 * 700, `all pages have their room: ${height}`);
  for (let step = 1; step <= 120; step++) {
    await page.evaluate(
      (top) => {
        document.querySelector("[data-desk]").scrollTop = top;
      },
      (height * step) / 120,
    );
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  }
  await until(page, () => location.hash.includes("page=2000"));
  await page.mouse.move(300, 400);
  for (let step = 0; step < 60; step++) await page.mouse.wheel(0, -500);
  await until(page, () => !location.hash.includes("page=2000"));
  await until(page, () => [...document.querySelectorAll("[data-page-image]")].every((it) => it.complete));
  const seen = await page.evaluate(() => window.seen);
  assert.ok(seen.most <= 5, `at most five page images: ${seen.most}`);
  assert.ok(seen.thumbs <= 20, `few small pages: ${seen.thumbs}`);
  assert.ok((await mounted(page)) >= 1);
  const grown = (await memory()) - before;
  assert.ok(grown < 60, `memory grew by ${grown.toFixed(1)} MB`);
  await page.keyboard.press("g");
  await page.keyboard.type("1234");
  await page.keyboard.press("Enter");
  await until(page, () => document.querySelector('[data-page-image="1234"]')?.complete);
  return `${seen.most} images at most, longest frame ${Math.round(seen.longest)} ms, heap ${grown >= 0 ? "+" : ""}${grown.toFixed(1)} MB`;
}

async function smallZoom(open) {
  const page = await open({ scenario: "long", at: at("?page=700&zoom=25"), width: 1600, height: 1200 });
  await until(page, () => document.querySelectorAll("[data-page]").length > 5);
  assert.ok((await mounted(page)) <= 5, "five images at a zoom that shows more pages");
}

async function byKeyboard(open) {
  const page = await open({ scenario: "two-edits", at: "/records" });
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const named = (words) => statements(page).then((all) => all.find((it) => it.text.startsWith(words)));
  await page.getByText("Marian T. Holloway").first().waitFor();
  await press("ArrowDown", "Enter");
  await until(page, () => location.hash.includes("/review"));
  await row(page, "Allergies disagree").waitFor();

  // Accept, reject, undo, redo.
  await press("ArrowDown", "Enter");
  await until(
    page,
    (id) => window.fake.world.records.find((it) => it.id === id).review.review.statements[0].state === "accepted",
    record,
  );
  await press("x");
  await row(page, "Urine albumin").locator("svg").first().waitFor();
  await press("Control+z", "Control+Shift+z", "Control+z");
  await until(
    page,
    (id) => window.fake.world.records.find((it) => it.id === id).review.review.statements[1].state === "open",
    record,
  );

  // Down to the two edits, and a choice.
  for (
    let i = 0;
    i < 60 && (await page.locator('[aria-current="true"]', { hasText: "Two edits" }).count()) === 0;
    i++
  ) {
    await press("ArrowDown");
  }
  await press("1");
  await until(
    page,
    (id) => window.fake.world.records.find((it) => it.id === id).review.review.statements.every((it) => !it.versions),
    record,
  );
  assert.match((await named("Losartan")).text, /held since 20 May/);

  // Edit in place.
  await press("ArrowDown", "e");
  await page.keyboard.type(", with food");
  await press("Enter");
  await until(page, () => document.body.textContent.includes("edited by you"));

  // Pages: next, go to, larger, to width, turn, next lit words.
  await press("ArrowRight", "ArrowLeft", "g");
  await page.keyboard.type("6");
  await press("Enter");
  await until(page, () => document.querySelector('[data-page-image="6"]')?.complete);
  await press("+");
  await until(page, () => location.hash.includes("zoom="));
  await press("w", "r");
  await until(page, () => location.hash.includes("turn="));
  await press("r", "r", "r");
  await until(page, () => !location.hash.includes("turn="));
  await press("n");

  // Words of the page become a statement, by keys alone.
  await press("g");
  await page.keyboard.type("6");
  await press("Enter");
  await until(page, () => document.querySelector('[data-page-image="6"]')?.complete);
  await press("Shift+ArrowRight", "ArrowDown", "ArrowDown", "Shift+ArrowRight", "Shift+ArrowRight", "a");
  await page.getByRole("textbox", { name: "Words of the statement" }).waitFor();
  await page.keyboard.type(" of the patient");
  await press("Enter");
  await until(page, () => document.body.textContent.includes("added by you"));

  // Search, hits, and back.
  await press("Control+f");
  await page.keyboard.type("shoulder");
  await until(page, () => document.body.textContent.includes("25 hits on"));
  await press("Enter", "F3", "Shift+F3", "Escape");
  await until(page, () => !location.hash.includes("find="));

  // What is to check, what was left out, documents, who changed what, focus, keys, commands.
  await press("c", "c", "l");
  await page.getByText("Pages that no statement rests on").waitFor();
  await press("l", "d");
  await page.getByRole("list", { name: "Documents in the record" }).waitFor();
  await press("ArrowDown", "Enter", "h");
  await page.getByRole("dialog", { name: "Who changed what" }).waitFor();
  await press("Escape", "f");
  await page.getByRole("dialog", { name: "Focus and dates" }).waitFor();
  await page.keyboard.type("left shoulder");
  await press("Enter");
  await until(page, (id) => window.fake.world.records.find((it) => it.id === id).run !== null, record);
  await press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await press("Escape", "Control+k");
  await page.getByRole("textbox", { name: "Commands" }).waitFor();
  await press("Escape");
  await page.getByRole("textbox", { name: "Commands" }).waitFor({ state: "hidden" });

  // The report: form, sign, save, and back.
  await press("Control+Enter");
  await until(page, () => location.hash.includes("/report"));
  await page.getByRole("img", { name: "Page 1 of the report" }).waitFor();
  await press("Control+Enter");
  await page.getByRole("button", { name: "Not yet" }).waitFor();
  await until(page, () => document.activeElement?.textContent?.includes("Not yet"));
  await press("Tab", "Enter");
  await page.getByLabel("Your password").waitFor();
  await until(page, () => document.activeElement?.tagName === "INPUT");
  await page.keyboard.type("correct horse battery");
  await press("Enter");
  await page.getByText("Version 1 is signed").waitFor();
  await press("Control+s");
  await page.getByText(/is saved/).waitFor();
  await press("Escape");
  await until(page, () => location.hash.includes("/review"));
}

export const flows = {
  "lit pixels are where the words are": litPixels,
  "words chosen with the pointer": chooseWithPointer,
  "scroll 2,000 pages": scrollLong,
  "five images at a small zoom": smallZoom,
  "the whole review by keyboard": byKeyboard,
};
