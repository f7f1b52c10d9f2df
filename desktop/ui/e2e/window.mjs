/**
 * The main path in the real window, against a cloud on this machine: create a clinic, open the sample, watch its pages come,
 * run the analysis, choose a statement and find its words lit, edit, undo, save the report and read it back, follow a reference.
 * Run by `scripts/test-app`, under a display and a session bus of its own. Pictures go to `target/app-screens`.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { decode, share } from "./png.mjs";
import { openWindow, until } from "./webdriver.mjs";

const built = resolve(process.env.MANEIRO_BUILT ?? "../../target/debug");
const screens = resolve(process.env.MANEIRO_SCREENS ?? "../../target/app-screens");
mkdirSync(screens, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), "maneiro-window-"));
// PostgreSQL does not run as root; its own user must be able to reach its cluster.
chmodSync(folder, 0o711);
const home = join(folder, "home");
mkdirSync(home, { mode: 0o700 });
const log = openSync(join(folder, "log"), "w");

/** The light over white paper: #ffdc5e, apart from the edges of letters. */
const isLit = (red, green, blue) => red > 225 && green > 190 && green < 235 && blue > 60 && blue < 130;

async function startCloud() {
  const cloud = spawn(
    join(built, "maneiro-cloud"),
    ["serve", "--embedded", join(folder, "cloud"), "--until-stdin-closes"],
    {
      stdio: ["pipe", "pipe", log],
    },
  );
  for await (const line of createInterface({ input: cloud.stdout })) {
    const url = line.match(/^listening on (.+)$/)?.[1];
    if (url) return { url, stop: () => new Promise((done) => cloud.once("exit", done) && cloud.stdin.end()) };
  }
  throw new Error("the cloud did not start");
}

/** Keys of W3C WebDriver, 17.4.2. */
const keyOf = { control: "\uE009", shift: "\uE008", enter: "\uE007" };
const edited = "Edited in the window";

let shot = 0;
async function picture(_, name) {
  shot += 1;
  const path = join(screens, `${String(shot).padStart(2, "0")}-${name}.png`);
  // The screen's own picture: the driver's sometimes never comes. The window has no frame and begins at the corner.
  execFileSync("import", ["-silent", "-window", "root", "-define", "png:color-type=2", "-depth", "8", path]);
  return decode(readFileSync(path));
}

/** Every word of a quote lies in the light. */
async function checkLit(window, record, { page, quote }) {
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
  const paper = await window.run(
    `(page) => { const { left, top, width, height } = document.querySelector(\`[data-page="\${page}"]\`).getBoundingClientRect(); return { left, top, width, height }; }`,
    page,
  );
  const desk = await window.run(
    `() => { const { left, top, right, bottom } = document.querySelector("[data-desk]").getBoundingClientRect(); return { left, top, right, bottom }; }`,
  );
  const image = await picture(window, "lit");
  const all = words.lines.flatMap((line) => line.words);
  const wanted = quote.split(/\s+/);
  const start = all.findIndex((_, at) => wanted.every((text, offset) => all[at + offset]?.text === text));
  assert.ok(start >= 0, `${quote} is on page ${page}`);
  let seen = 0;
  for (const { bbox, text } of all.slice(start, start + wanted.length)) {
    const box = {
      x: paper.left + (bbox.x0 / words.width) * paper.width,
      y: paper.top + (bbox.y0 / words.height) * paper.height,
      width: ((bbox.x1 - bbox.x0) / words.width) * paper.width,
      height: ((bbox.y1 - bbox.y0) / words.height) * paper.height,
    };
    if (box.x < desk.left || box.y < desk.top || box.x + box.width > desk.right || box.y + box.height > desk.bottom)
      continue;
    seen += 1;
    const lit = share(image, box, isLit);
    assert.ok(lit > 0.12, `«${text}» is lit: ${lit}`);
  }
  assert.ok(seen > 0, "words of the quote are in sight");
}

async function mainPath(window) {
  await window.shows("Sign in");
  await picture(window, "door");
  await (await window.button("Create a clinic")).click();
  for (const [label, text] of [
    ["Name of the clinic", "Northgate Family Medicine"],
    ["Your name", "Elena Brandt"],
    ["E-mail", "elena.brandt@northgate.example"],
    ["Password", "correct horse battery"],
  ]) {
    await (await window.field(label)).type(text);
  }
  await picture(window, "create-clinic");
  await (await window.button("Send the code")).click();
  await window.shows("taken from the outbox");
  await picture(window, "code");
  await (await window.button("Create the clinic")).click();
  await window.shows("Your clinic is ready, Elena");
  await picture(window, "first-start");

  await (await window.button("Open the sample record")).click();
  await until("pages are read", async () => {
    const { items } = await window.invoke("list_records", { search: "", state: null, owner: null, cursor: null });
    return items[0]?.reading.pages_done > 0;
  });
  await picture(window, "reading");
  const { items } = await until(
    "the sample is read",
    async () => {
      const list = await window.invoke("list_records", { search: "", state: null, owner: null, cursor: null });
      return list.items[0]?.reading.state === "done" && list;
    },
    600,
  );
  const [sample] = items;
  assert.equal(sample.reading.pages_done, sample.pages);

  // The sample opens in Review by itself; the first button opens the panel, the second starts.
  await (await window.button("Run the analysis")).click();
  await (await window.element("form[id] ~ * button[type=submit], button[type=submit][form]")).click();
  await until(
    "statements are shown",
    () => window.run(`() => document.querySelectorAll("[data-statement]").length > 0`),
    120,
  );
  await picture(window, "review");

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
  await checkLit(window, sample.id, chosen.citations[0].places[0]);

  // Edit in place, and take it back: what the shell keeps is what the window shows.
  await window.keys("e");
  await until("the text can be edited", () =>
    window.run(`() => document.activeElement?.matches("textarea, input, [contenteditable]")`),
  );
  await window.chord(keyOf.control, "a");
  await window.keys(...edited);
  await picture(window, "edit");
  await window.keys(keyOf.enter);
  await until("the edit is kept", async () => (await statementOf(chosen.id)).text === edited);
  await window.shows(edited);
  await picture(window, "edited");
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
  await picture(window, "report");
  await (await window.button("Save as PDF")).click();
  const saved = join(home, "report.pdf");
  await answerDialog(saved);
  await until("the report is saved", () => existsSync(saved));
  const text = execFileSync("pdftotext", [saved, "-"], { encoding: "utf8" });
  assert.ok(text.includes("Northgate Family Medicine"), "the report is on the clinic's letterhead");
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
  await picture(window, "followed");
}

/** Writes a path into the system's dialog for files, and confirms it. */
async function answerDialog(path) {
  const dialog = await until("the dialog is there", () => {
    try {
      return execFileSync("xdotool", ["search", "--onlyvisible", "--name", "Save"], { encoding: "utf8" })
        .trim()
        .split("\n")[0];
    } catch {
      return null;
    }
  });
  execFileSync("xdotool", ["windowfocus", "--sync", dialog, "key", "ctrl+a", "type", "--delay", "5", path]);
  execFileSync("xdotool", ["key", "Return"]);
}

const started = performance.now();
const cloud = await startCloud();
let window;
try {
  window = await openWindow({
    app: join(built, "maneiro-app"),
    log,
    env: {
      HOME: home,
      XDG_DATA_HOME: join(home, "data"),
      MANEIRO_CLOUD_URL: cloud.url,
      MANEIRO_OUTBOX: join(folder, "cloud", "outbox"),
      MANEIRO_DATA_DIR: join(home, "maneiro"),
      MANEIRO_STORE_KEY: "ab".repeat(32),
      WEBKIT_DISABLE_DMABUF_RENDERER: "1",
    },
  });
  await mainPath(window);
  console.log(`ok main path in the real window (${Math.round(performance.now() - started)} ms)`);
} catch (error) {
  if (window) {
    await picture(window, "failed").catch(() => {});
    console.error(
      await window.run(`() => [location.hash, document.body.innerText].join("\\n")`).catch(() => "no page"),
    );
  }
  console.error(error, `\n${readFileSync(join(folder, "log"), "utf8").slice(-4000)}`);
  process.exitCode = 1;
} finally {
  await window?.close();
  await cloud.stop();
  rmSync(folder, { recursive: true, force: true });
}
