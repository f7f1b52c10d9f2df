/**
 * Takes a picture of every screen in light and dark at three sizes, from the build with the fake backend.
 * What is cut, covered, too pale or nameless on one of them is a fault.
 * `npm run screens -- records` takes those whose name holds the word; `-- records 1280 light` narrows further.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { audit } from "./audit.mjs";
import { launch, serve } from "./chromium.mjs";
import { screens, sizes } from "./list.mjs";

const out = new URL("./out/", import.meta.url).pathname;
const { url, stop } = await serve();

const words = process.argv.slice(2);
const schemes = ["light", "dark"].filter(
  (it) => !words.some((word) => word === "light" || word === "dark") || words.includes(it),
);
const wantedSizes = sizes.filter(
  (it) => !words.some((word) => sizes.some((size) => size.name === word)) || words.includes(it.name),
);
const names = words.filter((word) => !["light", "dark"].includes(word) && !sizes.some((size) => size.name === word));
const wanted = screens.filter((it) => names.length === 0 || names.some((name) => it.name.includes(name)));

const browser = await launch();
await mkdir(out, { recursive: true });
let faults = 0;
for (const screen of wanted) {
  for (const size of wantedSizes) {
    for (const scheme of schemes) {
      const name = `${screen.name}-${size.name}-${scheme}`;
      const page = await browser.newPage({
        viewport: { width: size.width, height: size.height },
        colorScheme: scheme,
        timezoneId: "UTC",
        locale: "en-US",
        reducedMotion: "reduce",
      });
      // Today is the day of the story.
      await page.clock.setFixedTime(new Date("2026-11-27T11:42:00Z"));
      const complain = (what) => {
        faults += 1;
        console.error(`${name}: ${what}`);
      };
      page.on("pageerror", (error) => complain(error.message));
      page.on("console", (message) => ["error", "warning"].includes(message.type()) && complain(message.text()));
      const query = new URLSearchParams({
        scenario: screen.scenario,
        scheme,
        text: String(size.text),
        frozen: "",
        ...screen.query,
      });
      await page.goto(`${url}?${query}#${screen.at ?? "/"}`);
      await page.evaluate(() => document.fonts.ready);
      await page.waitForTimeout(screen.wait ?? 250);
      if (screen.act) {
        page.setDefaultTimeout(5000);
        await screen.act(page).catch((error) => complain(error.message));
        await page.waitForTimeout(250);
      }
      await page.screenshot({ path: join(out, `${name}.png`) });
      for (const fault of await audit(page)) complain(fault);
      await page.close();
    }
  }
}
await browser.close();
stop();
console.log(`${wanted.length * wantedSizes.length * schemes.length} pictures in screens/out, ${faults} faults`);
process.exit(faults ? 1 : 0);
