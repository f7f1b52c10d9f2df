/**
 * The main path in the real window, against a cloud on this machine: create a clinic, open the sample, watch its pages come,
 * run the analysis, choose a statement and find its words lit, edit, undo, sign, save the signed report and read it back,
 * follow a reference. Run by `scripts/test-app`, under a display and a session bus of its own. Pictures go to
 * `target/app-screens`.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createClinic, createEnvironment, founder, keyOf, listRecords, saveAs } from "./environment.mjs";
import { decode, share } from "./png.mjs";
import { until } from "./webdriver.mjs";

const screens = resolve(process.env.MANEIRO_SCREENS ?? "../../target/app-screens");
mkdirSync(screens, { recursive: true });

/** The light over white paper: #ffdc5e, apart from the edges of letters. */
const isLit = (red, green, blue) => red > 225 && green > 190 && green < 235 && blue > 60 && blue < 130;

/** Of a word's box; the rest is the ink of its letters, and the paper between them where the light has a soft edge. */
const minLitShare = 0.12;

const edited = "Edited in the window";
const signer = "Dr. Elena Brandt";

let window;

const pictures = [];
/** The screen as it is after the next frame, kept by name: taken again, the picture takes the place of the earlier one. */
async function picture(name) {
  if (!pictures.includes(name)) pictures.push(name);
  const number = String(pictures.indexOf(name) + 1).padStart(2, "0");
  const path = join(screens, `${number}-${name}.png`);
  await window.frame();
  // The screen's own picture: the driver's sometimes never comes. The window has no frame and begins at the corner.
  execFileSync("import", ["-silent", "-window", "root", "-define", "png:color-type=2", "-depth", "8", path]);
  return decode(readFileSync(path));
}

/** Every word of a quote lies in the light. */
async function checkLit(record, { page, quote }) {
  await until("the quote is lit", () =>
    window.run(`(page) => document.querySelector(\`[data-page="\${page}"] [data-lit]\`) !== null`, page),
  );
  await until("the page is drawn", () =>
    window.run(
      `(page) => { const image = document.querySelector(\`[data-page-image="\${page}"]\`); return image?.complete && image.naturalWidth > 0; }`,
      page,
    ),
  );
  const words = await window.invoke("page_words", { record, page });
  const all = words.lines.flatMap((line) => line.words);
  const wanted = quote.split(/\s+/);
  const start = all.findIndex((_, at) => wanted.every((text, offset) => all[at + offset]?.text === text));
  assert.ok(start >= 0, `${quote} is on page ${page}`);
  const quoted = all.slice(start, start + wanted.length);
  // Asked again: the page may still turn, and the screen may be some frames behind it.
  await until(
    "every word of the quote in sight is lit",
    async () => {
      const { paper, desk } = await window.run(
        `(page) => {
          const rectangle = (selector) => document.querySelector(selector).getBoundingClientRect().toJSON();
          return { paper: rectangle(\`[data-page="\${page}"]\`), desk: rectangle("[data-desk]") };
        }`,
        page,
      );
      const boxes = quoted
        .map(({ bbox }) => ({
          x: paper.left + (bbox.x0 / words.width) * paper.width,
          y: paper.top + (bbox.y0 / words.height) * paper.height,
          width: ((bbox.x1 - bbox.x0) / words.width) * paper.width,
          height: ((bbox.y1 - bbox.y0) / words.height) * paper.height,
        }))
        .filter(
          ({ x, y, width, height }) =>
            x >= desk.left && y >= desk.top && x + width <= desk.right && y + height <= desk.bottom,
        );
      const image = await picture("lit");
      return boxes.length > 0 && boxes.every((box) => share(image, box, isLit) > minLitShare);
    },
    { seconds: 20 },
  );
}

/** The founder may sign from now on, and writes the block that is printed below what is signed. */
async function allowSigning() {
  await window.chord(keyOf.control, ",");
  await (await window.button("People")).click();
  await (await window.button(`More about ${founder.name}`)).click();
  await (await window.button("Let sign reports")).click();
  await (await window.button("Signature block")).click();
  await window.shows("You may sign");
  await (await window.field("Name as printed")).replace(signer);
  await (await window.field("Line below")).type("Family medicine");
  await (await window.field("Licence")).type("NM 12345");
  await picture("signature-block");
  await (await window.button("Save")).click();
  await window.shows("Saved");
  await (await window.button("Back to records")).click();
}

async function sign() {
  await (await window.button("Sign")).click();
  await window.shows("Sign this");
  await picture("sign");
  await (await window.button(`Sign as ${signer}`)).click();
  await window.shows("Version 1 is signed");
  await window.shows(`Signed by ${founder.name}`);
}

async function mainPath(home) {
  await createClinic(window, picture);
  await allowSigning();

  await (await window.button("Open the sample record")).click();
  await until("pages are read", async () => {
    const [record] = await listRecords(window);
    return record?.reading.pages_done > 0;
  });
  await picture("reading");
  const sample = await until(
    "the sample is read",
    async () => {
      const [record] = await listRecords(window);
      return record.reading.state === "done" && record;
    },
    { seconds: 600 },
  );
  assert.equal(sample.reading.pages_done, sample.pages);

  // The sample opens in Review by itself; the first button opens the panel, the second starts.
  await (await window.button("Run the analysis")).click();
  await (await window.element("form[id] ~ * button[type=submit], button[type=submit][form]")).click();
  await until("statements are shown", () =>
    window.run(`() => document.querySelectorAll("[data-statement]").length > 0`),
  );
  await picture("review");

  const statementOf = async (id) =>
    (await window.invoke("review", { record: sample.id })).review.statements.find((it) => it.id === id);
  const { review } = await window.invoke("review", { record: sample.id });
  const chosen = review.statements.find((it) => it.verified && it.citations[0]?.places[0]?.boxes.length > 0);
  const row = await window.find(
    "the statement",
    `(id) => document.querySelector(\`[data-statement="\${id}"]\`)`,
    chosen.id,
  );
  await row.click();
  await checkLit(sample.id, chosen.citations[0].places[0]);

  // Edit in place, and take it back: what the shell keeps is what the window shows.
  await window.keys("e");
  await until("the text can be edited", () =>
    window.run(`() => document.activeElement?.matches("textarea, input, [contenteditable]")`),
  );
  await window.chord(keyOf.control, "a");
  await window.keys(...edited);
  await picture("edit");
  await window.keys(keyOf.enter);
  await until("the edit is kept", async () => (await statementOf(chosen.id)).text === edited);
  await window.shows(edited);
  await picture("edited");
  await window.chord(keyOf.control, "z");
  await until("the edit is undone", async () => (await statementOf(chosen.id)).text === chosen.text);
  await window.shows(chosen.text);
  await window.chord(keyOf.control, keyOf.shift, "z");
  await until("the edit is done again", async () => (await statementOf(chosen.id)).text === edited);

  await (await window.button("Report")).click();
  await until("the report is drawn", () =>
    window.run(
      `() => [...document.querySelectorAll("img")].some((it) => it.src.includes("/report/") && it.complete && it.naturalWidth > 0)`,
    ),
  );
  await picture("report");
  await sign();
  await picture("signed");
  await (await window.button("Save as PDF")).click();
  const saved = join(home, "report.pdf");
  await saveAs(saved);
  await until("the report is saved", () => existsSync(saved));
  const text = execFileSync("pdftotext", [saved, "-"], { encoding: "utf8" });
  assert.ok(text.includes(founder.clinic), "the report is on the clinic's letterhead");
  assert.match(
    text.replace(/\s+/g, " "),
    new RegExp(`${signer}.*Family medicine.*NM 12345.*Signed`),
    "it names its signer",
  );
  assert.ok(text.replace(/\s+/g, " ").includes(edited), "the report says what was edited");
  const addresses = execFileSync("pdfinfo", ["-url", saved], { encoding: "utf8" });
  assert.match(addresses, /Sample%20record\.pdf#page=\d+/, "its references are links");

  // A reference of the drawn report leads to the page of the record.
  const page = await window.run(
    `() => { const link = document.querySelector("button[class*=link][aria-label]"); link.scrollIntoView({ block: "center" });
      link.dataset.followed = ""; return Number(link.getAttribute("aria-label").match(/\\d+/)[0]); }`,
  );
  await (await window.element("[data-followed]")).click();
  await until("the page of the reference is shown", () =>
    window.run(
      `(page) => location.hash.includes("/review") && document.querySelector(\`[data-page-image="\${page}"]\`)?.naturalWidth > 0`,
      page,
    ),
  );
  await picture("followed");
}

const started = performance.now();
const environment = await createEnvironment();
try {
  window = await environment.start();
  await mainPath(environment.home);
  console.log(`ok main path in the real window (${Math.round(performance.now() - started)} ms)`);
} catch (error) {
  if (window) {
    await picture("failed").catch(() => {});
    console.error(
      await window.run(`() => [location.hash, document.body.innerText].join("\\n")`).catch(() => "no page"),
    );
  }
  console.error(error, `\n${environment.readLog().slice(-4000)}`);
  process.exitCode = 1;
} finally {
  await window?.close();
  await environment.close();
}
