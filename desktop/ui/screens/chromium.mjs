/** Serves the build with the fake backend under the window's policy, and opens Chromium on it. */
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { chromium } from "playwright-core";

const root = new URL("../dist-fake/", import.meta.url).pathname;
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

/** Answers the address and how to stop. */
export async function serve() {
  const server = createServer(async (request, response) => {
    const path = join(root, new URL(request.url ?? "/", "http://localhost").pathname);
    if (!path.startsWith(root) || !(await stat(path).catch(() => null))?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader("content-type", types[extname(path)] ?? "application/octet-stream");
    response.setHeader("content-security-policy", policy);
    if (extname(path) === ".html") {
      response.end((await readFile(path, "utf8")).replace("<style", `<style nonce="${nonce}"`));
      return;
    }
    createReadStream(path).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/fake.html`, stop: () => server.close() };
}

export const launch = () =>
  chromium.launch({
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
