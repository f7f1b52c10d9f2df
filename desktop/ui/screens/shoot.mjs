/**
 * Takes a picture of every screen in light and dark at three sizes, from the build with the fake backend.
 * `npm run screens -- records` takes those whose name holds the word; `-- records 1280 light` narrows further.
 */
import { createReadStream } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { chromium } from "playwright-core";
import { screens, sizes } from "./list.mjs";

const root = new URL("../dist-fake/", import.meta.url).pathname;
const out = new URL("./out/", import.meta.url).pathname;
const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".woff2": "font/woff2",
  ".webp": "image/webp",
};

// The policy of the window, with the data images of the fake beside it: what breaks it shows here.
const nonce = "screens";
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' 'nonce-${nonce}'`,
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
].join("; ");

const server = createServer(async (request, response) => {
  const path = join(root, new URL(request.url ?? "/", "http://localhost").pathname);
  if (!path.startsWith(root) || !(await stat(path).catch(() => null))?.isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader("content-type", types[extname(path)] ?? "application/octet-stream");
  response.setHeader("content-security-policy", policy);
  if (extname(path) === ".html") {
    const { readFile } = await import("node:fs/promises");
    response.end((await readFile(path, "utf8")).replace("<style", `<style nonce="${nonce}"`));
    return;
  }
  createReadStream(path).pipe(response);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address();

const words = process.argv.slice(2);
const schemes = ["light", "dark"].filter(
  (it) => !words.some((word) => word === "light" || word === "dark") || words.includes(it),
);
const wantedSizes = sizes.filter(
  (it) => !words.some((word) => sizes.some((size) => size.name === word)) || words.includes(it.name),
);
const names = words.filter((word) => !["light", "dark"].includes(word) && !sizes.some((size) => size.name === word));
const wanted = screens.filter((it) => names.length === 0 || names.some((name) => it.name.includes(name)));

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
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
      await page.goto(`http://127.0.0.1:${port}/fake.html?${query}#${screen.at ?? "/"}`);
      await page.evaluate(() => document.fonts.ready);
      await page.waitForTimeout(screen.wait ?? 250);
      if (screen.act) {
        await screen.act(page);
        await page.waitForTimeout(250);
      }
      await page.screenshot({ path: join(out, `${name}.png`) });
      await page.close();
    }
  }
}
await browser.close();
server.close();
console.log(`${wanted.length * wantedSizes.length * schemes.length} pictures in screens/out, ${faults} faults`);
process.exit(faults ? 1 : 0);
