/**
 * Long flows in Chromium on the fake: what jsdom cannot tell, because nothing is laid out or painted there.
 * `npm run e2e` runs all of them; `npm run e2e -- scroll` those whose name holds the word.
 */
import assert from "node:assert/strict";
import { launch, serve } from "../screens/chromium.mjs";
import { flows as auditFlows } from "./audit.mjs";
import { flows as recordsFlows } from "./records.mjs";
import { flows as reviewFlows } from "./review.mjs";

const { url, stop } = await serve();
const browser = await launch();

/** Opens the window at a place of a story; what the console complains about fails the flow. */
async function open({ scenario, at, width = 1280, height = 800, query = {} }) {
  const page = await browser.newPage({
    viewport: { width, height },
    timezoneId: "UTC",
    locale: "en-US",
    reducedMotion: "reduce",
  });
  page.setDefaultTimeout(10_000);
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  await page.goto(`${url}?${new URLSearchParams({ scenario, frozen: "", scheme: "light", ...query })}#${at}`);
  await page.evaluate(() => document.fonts.ready);
  return { page, complaints };
}

const word = process.argv[2] ?? "";
let failed = 0;
for (const [name, flow] of Object.entries({ ...auditFlows, ...recordsFlows, ...reviewFlows })) {
  if (!name.includes(word)) continue;
  const started = performance.now();
  const pages = [];
  const tracked = async (options) => {
    const opened = await open(options);
    pages.push(opened);
    return opened.page;
  };
  try {
    const figures = await flow(tracked);
    assert.deepEqual(
      pages.flatMap(({ complaints }) => complaints),
      [],
    );
    console.log(`ok ${name} (${Math.round(performance.now() - started)} ms)${figures ? `: ${figures}` : ""}`);
  } catch (error) {
    failed += 1;
    console.error(`FAILED ${name}: ${error.stack ?? error}`);
  }
  for (const { page } of pages) await page.close();
}
await browser.close();
stop();
process.exit(failed ? 1 : 0);
