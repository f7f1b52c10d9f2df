/**
 * What takes too long for each change, in the real window against a cloud on this machine: the app killed while it reads, the
 * lock without a network, files of a second process with a damaged one among them, a review without a mouse. Run by
 * `scripts/test-long`; `node e2e/long.mjs lock` runs those whose name holds the word.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { createClinic, createEnvironment, founder, keyOf, listRecords, openFiles, saveAs } from "./environment.mjs";
import { writePdf } from "./pdf.mjs";
import { until } from "./webdriver.mjs";

/** A word that stands in no other file and no program. */
const planted = "Quillfeather";
const pageOf = (number) => [
  `Patient ${planted}, visit ${number}. Blood pressure 130/80 mmHg, heart rate 72 per minute.`,
  "Assessment: essential hypertension, well controlled on lisinopril 10 mg once daily.",
  "Plan: continue lisinopril, return in three months for a check of potassium and creatinine.",
];
const pagesOf = (count) => Array.from({ length: count }, (_, index) => pageOf(index + 1));

const first = async (window) => (await listRecords(window))[0];
const isRead = (window, seconds = 600) =>
  until("all is read", async () => (await first(window))?.reading.state === "done", { seconds });

/** The processes of the app in this environment: the window's own, without the page workers it started. */
function appProcess(home) {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .find((pid) => {
      try {
        return (
          readlinkSync(`/proc/${pid}/exe`).endsWith("/maneiro-app") &&
          readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[1] !== "page-worker" &&
          readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`HOME=${home}`)
        );
      } catch {
        // It ended meanwhile.
        return false;
      }
    });
}

const pageBytes = 4096;

/** The written pages of a process, run by run; most of what a process maps was never touched. */
async function* writtenMemory(pid) {
  const [memory, pagemap] = [await open(`/proc/${pid}/mem`), await open(`/proc/${pid}/pagemap`)];
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").trim().split("\n")) {
      const [, from, to, rights] = line.match(/^([0-9a-f]+)-([0-9a-f]+) (\S+)/);
      if (!rights.startsWith("rw")) continue;
      const start = Number.parseInt(from, 16) / pageBytes;
      const count = Number.parseInt(to, 16) / pageBytes - start;
      const entries = Buffer.alloc(count * 8);
      await pagemap.read(entries, 0, entries.length, start * 8);
      // Bit 63 of an entry: the page is in memory.
      const isPresent = (page) => page < count && entries[page * 8 + 7] >= 0x80;
      for (let page = 0; page < count; page++) {
        if (!isPresent(page)) continue;
        let end = page;
        while (isPresent(end) && end - page < 16_384) end++;
        const part = Buffer.alloc((end - page) * pageBytes);
        // Memory of devices cannot be read.
        const { bytesRead } = await memory
          .read(part, 0, part.length, (start + page) * pageBytes)
          .catch(() => ({ bytesRead: 0 }));
        if (bytesRead > 0) yield part;
        page = end - 1;
      }
    }
  } finally {
    await memory.close();
    await pagemap.close();
  }
}

/** How often a word is in the memory of a process, in UTF-8 or in UTF-16. */
async function countInMemory(pid, word) {
  const forms = [Buffer.from(word, "utf8"), Buffer.from(word, "utf16le")];
  let count = 0;
  for await (const part of writtenMemory(pid)) {
    for (const form of forms) {
      for (let at = part.indexOf(form); at >= 0; at = part.indexOf(form, at + 1)) count += 1;
    }
  }
  return count;
}

/** The tokens of sessions that are in the memory of a process. */
async function tokensInMemory(pid) {
  const found = new Set();
  for await (const part of writtenMemory(pid)) {
    for (const [token] of part.toString("latin1").matchAll(/mns_[A-Za-z0-9_-]{43}/g)) found.add(token);
  }
  return [...found];
}

/** Reads files as one record. Of a single file nothing is asked. */
async function read(window, environment, ...paths) {
  await openFiles(environment, ...paths);
  if (paths.length > 1) {
    const found = `() => [...document.querySelectorAll("[role=dialog] button")].find((it) => it.textContent.trim() === "Read")`;
    await (await window.find("the button Read", found)).click();
  }
  await until("the record is made", () => first(window));
}

/**
 * The first page has the planted word. Asked within the page: what the driver carries goes through the app, as nothing does
 * without a driver.
 */
const showsPlanted = (window, record) =>
  until("the page has the planted word", () =>
    window.run(
      `(record, start, end) => {
        window.__TAURI_INTERNALS__.invoke("page_words", { input: { record, page: 1 } }).then((words) => {
          window.hasPlanted = JSON.stringify(words).includes(start + end);
        });
        return window.hasPlanted;
      }`,
      record,
      planted.slice(0, 5),
      planted.slice(5),
    ),
  );

async function signInAgain(window) {
  await window.shows("Locked");
  await (await window.find("the password", `() => document.querySelector("input[type=password]")`)).type(
    founder.password,
  );
  await (await window.button("Unlock")).click();
  await until("the records are listed", () => first(window).catch(() => null));
}

async function killedWhileReading(environment) {
  let window = await environment.start();
  await createClinic(window);
  await (await window.button("Open the sample record")).click();
  const before = await until("two pages are read", async () => {
    const record = await first(window);
    return record?.reading.pages_done >= 2 && record;
  });
  assert.ok(before.reading.pages_done < before.pages, "it is not read to its end");
  process.kill(Number(appProcess(environment.home)), "SIGKILL");
  await until("the app has ended", () => !appProcess(environment.home));
  await window.close();
  window = await environment.start();
  environment.window = window;
  await signInAgain(window);
  const after = await first(window);
  assert.ok(after.reading.pages_done >= before.reading.pages_done, "what was read is kept");
  await isRead(window);
  const { reading, pages } = await first(window);
  assert.deepEqual([reading.pages_done, reading.pages_failed], [pages, []]);
}

async function lockWithoutNetwork(environment) {
  const window = await environment.start();
  environment.window = window;
  await createClinic(window);
  await read(window, environment, writePdf(join(environment.home, "visits.pdf"), pagesOf(3)));
  await isRead(window);
  const { id: record } = await first(window);
  await showsPlanted(window, record);
  const pid = appProcess(environment.home);
  assert.equal((await tokensInMemory(pid)).length, 1, "the search finds what is there");
  await environment.stopCloud();
  await window.chord(keyOf.control, "l");
  await window.shows("Locked");
  assert.equal(await countInMemory(pid, planted), 0, "nothing of a record is in the memory of a locked app");
  assert.deepEqual(await tokensInMemory(pid), [], "nor is a token");
  await signInAgain(window);
  await showsPlanted(window, record);
}

async function damagedAmongGood(environment) {
  const window = await environment.start();
  environment.window = window;
  await createClinic(window);
  const good = ["first.pdf", "last.pdf"].map((name) => writePdf(join(environment.home, name), pagesOf(2)));
  const damaged = join(environment.home, "damaged.pdf");
  writeFileSync(damaged, Buffer.concat([Buffer.from("%PDF-1.7\n"), Buffer.alloc(4096, 0x41)]));
  await read(window, environment, good[0], damaged, good[1]);
  await isRead(window);
  const { id: record } = await first(window);
  const { files } = await window.invoke("record", { record });
  assert.deepEqual(
    files.map(({ name, fault, pages_read }) => [name, fault, pages_read]),
    [
      ["first.pdf", null, 2],
      ["damaged.pdf", "damaged", 0],
      ["last.pdf", null, 2],
    ],
  );
  await window.shows("damaged.pdf");
}

async function reviewByKeyboard(environment) {
  const window = await environment.start();
  environment.window = window;
  await createClinic(window);
  const { control, shift, enter, down, right } = keyOf;
  const command = async (name) => {
    await window.chord(control, "k");
    await window.find("the commands", `() => document.activeElement?.matches("[role=textbox], input") || null`);
    await window.keys(...name);
    await window.shows(name);
    await window.keys(enter);
  };
  await command("Open the sample record");
  await until("the record is made", () => first(window));
  await isRead(window);
  const { id: record } = await first(window);
  await window.keys("f");
  await until("the focus can be given", () => window.run(`() => document.activeElement?.form !== undefined`));
  await window.keys(enter);
  const statements = async () => (await window.invoke("review", { record })).review?.statements ?? [];
  await until("statements are shown", async () => (await statements()).length > 0);
  await window.find("a statement", `() => document.querySelector("[data-statement]")`);
  const states = async (state) => (await statements()).filter((it) => it.state === state).length;

  await window.keys(down, enter);
  await until("one is accepted", async () => (await states("accepted")) === 1);
  await window.keys("x");
  await until("one is rejected", async () => (await states("rejected")) === 1);
  await window.chord(control, "z");
  await until("the rejection is undone", async () => (await states("rejected")) === 0);
  await window.chord(control, shift, "z");
  await until("it is rejected again", async () => (await states("rejected")) === 1);
  await window.keys(down, "e");
  await until("the text can be edited", () => window.run(`() => document.activeElement?.matches("textarea")`));
  await window.keys(..." as noted", enter);
  await until("the edit is kept", async () => (await statements()).some((it) => it.text.endsWith(" as noted")));
  await window.keys(right);
  await window.chord(control, "f");
  await window.keys(..."lisinopril", enter);
  await until("hits are lit", () => window.run(`() => document.querySelector("[data-hit], mark") !== null`));
  await window.keys(keyOf.escape);
  await window.chord(control, enter);
  await until("the report is drawn", () =>
    window.run(
      `() => [...document.querySelectorAll("img")].some((it) => it.src.includes("/report/") && it.naturalWidth > 0)`,
    ),
  );
  await window.chord(control, "s");
  const saved = join(environment.home, "report.pdf");
  await saveAs(saved);
  await until("the report is saved", () => existsSync(saved));
  const text = execFileSync("pdftotext", [saved, "-"], { encoding: "utf8" });
  assert.match(text, /as\s+noted/, "the report says what was edited");
}

const flows = { killedWhileReading, lockWithoutNetwork, damagedAmongGood, reviewByKeyboard };
const wanted = process.argv[2] ?? "";
for (const [name, flow] of Object.entries(flows)) {
  if (!name.toLowerCase().includes(wanted)) continue;
  const started = performance.now();
  const environment = await createEnvironment();
  try {
    await flow(environment);
    console.log(`ok ${name} (${Math.round(performance.now() - started)} ms)`);
  } catch (error) {
    console.error(`FAILED ${name}:`, error, `\n${environment.readLog().slice(-2000)}`);
    const shown = await environment.window
      ?.run(`() => [location.hash, document.body.innerText].join("\\n")`)
      .catch(() => "");
    console.error(shown);
    process.exitCode = 1;
  } finally {
    await environment.window?.close();
    await environment.close();
  }
}
