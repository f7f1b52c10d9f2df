/**
 * The window's figures beside their aims: start, memory, first text, and how long the web view's thread is busy at a time.
 * Run by `scripts/bench-window`, under a display and a session bus of its own. Says nothing about right or wrong.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { gzipSync } from "node:zlib";
import { createClinic, createEnvironment, listRecords, openFiles } from "./environment.mjs";
import { until } from "./webdriver.mjs";

const profile = process.env.MANEIRO_PROFILE ?? "debug";
const sample = resolve("../cli/sample/record.pdf");
const dist = resolve("dist/assets");
/** Pages of the sample with a text layer, and without. */
const born = [1, 7, 13, 18, 19];
const scanned = [2, 3, 4, 5, 6];

const say = (what, value, aim) => console.log(`${what.padEnd(66)}${value.padStart(10)}${aim ? `   aim ${aim}` : ""}`);
const megabytes = (kilobytes) => `${Math.round(kilobytes / 1024)} MB`;

/** Writes a PDF that repeats some of the sample's pages. */
function writeLongFile(folder, name, pages, times) {
  const parts = pages.map((page) => {
    const part = join(folder, `page-${page}.pdf`);
    execFileSync("pdfseparate", ["-f", String(page), "-l", String(page), sample, part]);
    return part;
  });
  const target = join(folder, name);
  execFileSync("pdfunite", [...Array(times).fill(parts).flat(), target]);
  return target;
}

/** All processes whose program has this name and that descend from one of ours. */
function processes(program) {
  const parents = new Map();
  const found = [];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      parents.set(Number(pid), Number(status.match(/^PPid:\s*(\d+)/m)[1]));
      // The kernel keeps 15 characters of a name.
      if (status.match(/^Name:\s*(.+)$/m)[1] === program.slice(0, 15)) found.push(Number(pid));
    } catch {
      // It ended meanwhile.
    }
  }
  const isOurs = (pid) => pid === process.pid || (parents.has(pid) && isOurs(parents.get(pid)));
  return found.filter(isOurs);
}

/** Resident memory in kB without what is shared with others twice (PSS), of the app without its page workers, or of the web view. */
function memoryOf(program) {
  const read = (pid) => Number(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8").match(/^Pss:\s*(\d+)/m)[1]);
  const isWorker = (pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[1] === "page-worker";
  return processes(program)
    .filter((pid) => !isWorker(pid))
    .map(read)
    .reduce((sum, it) => sum + it, 0);
}

/** Milliseconds from the start of the process to the window on the screen, which its page asks for after its first frame. */
async function timeStart(environment) {
  const begun = performance.now();
  const app = environment.spawn();
  const ended = new Promise((done) => app.once("exit", done));
  await until(
    "the window is on the screen",
    () => {
      try {
        return execFileSync("xdotool", ["search", "--onlyvisible", "--name", "^Maneiro$"], { encoding: "utf8" }) !== "";
      } catch {
        return false;
      }
    },
    { every: 5 },
  );
  const took = performance.now() - begun;
  app.kill();
  await ended;
  return took;
}

/** Begins to note the longest time in which the page's thread did not come back to its queue. */
const watchThread = (window) =>
  window.run(`() => {
    window.longestBlock = 0;
    let last = performance.now();
    const look = () => {
      const now = performance.now();
      window.longestBlock = Math.max(window.longestBlock, now - last);
      last = now;
      setTimeout(look, 0);
    };
    look();
  }`);

/** Opens a file as the file manager does; its reading begins at once. Answers when the second process was started. */
async function read(window, environment, path) {
  const known = new Set((await listRecords(window)).map((it) => it.id));
  const begun = performance.now();
  await openFiles(environment, path);
  const isNew = async () => (await listRecords(window)).find((it) => !known.has(it.id));
  const record = await until("the record is made", isNew, { every: 10 });
  return { begun, record: record.id };
}

async function untilFirstText(window, { begun, record }) {
  await until(
    "the first page has words",
    async () => {
      const words = await window.invoke("page_words", { record, page: 1 }).catch(() => null);
      return words?.lines.length > 0;
    },
    { every: 10 },
  );
  return performance.now() - begun;
}

const untilRead = (window, record) =>
  until(
    "all pages are read",
    async () => {
      const { reading } = (await listRecords(window)).find((it) => it.id === record);
      return reading.state === "done";
    },
    { seconds: 3600 },
  );

const open = (window, record, search = "") =>
  window.run(`(record, search) => { location.hash = "/records/" + record + "/review" + search; }`, record, search);

const firstPageDrawn = (window) =>
  until("the first page is drawn", () => window.run(`() => document.querySelector("[data-page-image]")?.complete`));

/** Scrolls through all pages, waiting at each stop until what is in sight is drawn. */
async function scrollThrough(window, pages, stops) {
  for (let stop = 0; stop <= stops; stop++) {
    const page = Math.max(1, Math.round((pages * stop) / stops));
    await window.run(
      `(share) => { const desk = document.querySelector("[data-desk]"); desk.scrollTop = desk.scrollHeight * share; }`,
      (page - 1) / pages,
    );
    await until(
      `page ${page} is drawn`,
      () =>
        window.run(`() => {
          const images = [...document.querySelectorAll("[data-page-image]")];
          return images.length > 0 && images.every((it) => it.complete && it.naturalWidth > 0);
        }`),
      { every: 10 },
    );
  }
}

const first = readdirSync(dist).find((name) => /^index-.*\.js$/.test(name));
const kilobytes = Math.round(gzipSync(readFileSync(join(dist, first))).length / 1000);
say("first chunk of script, compressed", `${kilobytes} kB`, "450 kB");

const environment = await createEnvironment();
let window;
try {
  const starts = [];
  for (let time = 0; time < 5; time++) starts.push(await timeStart(environment));
  const median = starts.toSorted((a, b) => a - b)[2];
  say(`start to the window on the screen, median of 5 (${profile} build)`, `${Math.round(median)} ms`, "1500 ms");

  window = await environment.start();
  await createClinic(window);
  say("idle memory of the app", megabytes(memoryOf("maneiro-app")), "150 MB");
  say("idle memory of the web view", megabytes(memoryOf("WebKitWebProcess")));

  const scans = writeLongFile(environment.home, "scans.pdf", scanned, 100);
  const ofScans = await read(window, environment, scans);
  say("first text of 500 scanned pages", `${Math.round(await untilFirstText(window, ofScans))} ms`, "3000 ms");
  await window.invoke("cancel_reading", { record: ofScans.record });

  const long = await read(window, environment, writeLongFile(environment.home, "long.pdf", born, 400));
  say("first text of 2,000 pages with text", `${Math.round(await untilFirstText(window, long))} ms`, "3000 ms");
  await untilRead(window, long.record);
  await open(window, long.record);
  await until("the first page is drawn", () =>
    window.run(`() => document.querySelector("[data-page-image]")?.complete`),
  );
  const [app, view] = [memoryOf("maneiro-app"), memoryOf("WebKitWebProcess")];
  await scrollThrough(window, 2000, 200);
  const [appAfter, viewAfter] = [memoryOf("maneiro-app"), memoryOf("WebKitWebProcess")];
  say("memory of the app after scrolling 2,000 pages", megabytes(appAfter));
  say("  and before", megabytes(app));
  say("memory of the web view after scrolling 2,000 pages", megabytes(viewAfter));
  say("  and before", megabytes(view));

  const twoHundred = writeLongFile(environment.home, "two-hundred.pdf", born, 40);
  await window.run(`() => { location.hash = "/records"; }`);
  const { record } = await read(window, environment, twoHundred);
  await watchThread(window);
  await open(window, record);
  await firstPageDrawn(window);
  const opening = await window.run("() => window.longestBlock");
  // The peer: a thread of this program, which does nothing, on the same machine at the same time.
  const peer = monitorEventLoopDelay({ resolution: 4 });
  peer.enable();
  await window.run("() => { window.longestBlock = 0; }");
  await untilRead(window, record);
  peer.disable();
  const longest = await window.run("() => window.longestBlock");
  say("longest block of the page's thread while 200 pages are read", `${Math.round(longest)} ms`, "50 ms");
  say("  of an idle thread on this machine meanwhile", `${Math.round(peer.max / 1e6)} ms`);
  say("  of the page's thread while Review opens", `${Math.round(opening)} ms`);
} catch (error) {
  console.error(error, `\n${environment.readLog().slice(-4000)}`);
  process.exitCode = 1;
} finally {
  await window?.close();
  await environment.close();
}
