/** The real window through WebKitWebDriver (W3C WebDriver), which starts the app itself. */
import { spawn } from "node:child_process";
import { createServer } from "node:net";

const elementKey = "element-6066-11e4-a52e-4f735466cecf";

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Asks again, every so many milliseconds, until the answer is not false, null or undefined. */
export async function until(what, ask, { seconds = 120, every = 100 } = {}) {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

export async function openWindow({ app, args = [], env, log }) {
  const port = await freePort();
  const driver = spawn("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], {
    // The web view takes part only where this says so.
    env: { ...process.env, ...env, TAURI_WEBVIEW_AUTOMATION: "true" },
    stdio: ["ignore", log, log],
  });
  const base = `http://127.0.0.1:${port}`;
  const send = async (method, path, body) => {
    // Without a limit a driver that does not answer would hang the test for ever.
    const signal = AbortSignal.timeout(60_000);
    const response = await fetch(`${base}${path}`, { method, body: body && JSON.stringify(body), signal });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
    return value;
  };
  await until("WebKitWebDriver answers", () => send("GET", "/status").catch(() => null), { seconds: 20 });
  const capabilities = { alwaysMatch: { pageLoadStrategy: "none", "webkitgtk:browserOptions": { binary: app, args } } };
  const { sessionId } = await send("POST", "/session", { capabilities });
  const session = `/session/${sessionId}`;

  const run = (script, ...args) =>
    send("POST", `${session}/execute/sync`, { script: `return (${script})(...arguments)`, args });
  const window = {
    run,
    /** Calls a command of the shell as the window does. */
    invoke: async (name, input) => {
      // Asked in steps: an asynchronous script of WebKitWebDriver sometimes never answers.
      const ask = await run(
        `(name, input) => {
          const answers = (window.answers ??= []);
          const at = answers.push(null) - 1;
          window.__TAURI_INTERNALS__.invoke(name, input === null ? {} : { input }).then(
            (value) => { answers[at] = { ok: true, value }; },
            (value) => { answers[at] = { ok: false, value }; },
          );
          return at;
        }`,
        name,
        input ?? null,
      );
      const { ok, value } = await until(`${name} answers`, () => run(`(at) => window.answers[at]`, ask), { every: 10 });
      if (!ok) throw new Error(`${name}: ${JSON.stringify(value)}`);
      return value;
    },
    /** Answers when the page has drawn what is in it now. */
    frame: async () => {
      await run(`() => {
        window.drawn = false;
        requestAnimationFrame(() => requestAnimationFrame(() => { window.drawn = true; }));
      }`);
      await until("a frame is drawn", () => run("() => window.drawn"), { every: 5 });
    },
    screenshot: async () => Buffer.from(await send("GET", `${session}/screenshot`), "base64"),
    /** The first visible element that a function of the window finds. */
    find: (what, script, ...args) =>
      until(what, () => run(script, ...args).catch(() => null)).then((element) => ({
        // What fades in or out may still lie over it.
        click: () =>
          until(`${what} can be clicked`, () =>
            send("POST", `${session}/element/${element[elementKey]}/click`, {}).then(
              () => true,
              (error) => {
                if (!error.message.includes("element click intercepted")) throw error;
              },
            ),
          ),
        type: (text) => send("POST", `${session}/element/${element[elementKey]}/value`, { text }),
        replace: async (text) => {
          await send("POST", `${session}/element/${element[elementKey]}/clear`, {});
          await send("POST", `${session}/element/${element[elementKey]}/value`, { text });
        },
      })),
    button: (name) =>
      window.find(
        `the button ${name}`,
        `(name) => [...document.querySelectorAll("button, a")].find((it) => it.offsetParent && !it.disabled &&
          ((it.getAttribute("aria-label") ?? it.textContent).trim().startsWith(name)))`,
        name,
      ),
    /** What a selector finds and is not hidden. */
    element: (selector) =>
      window.find(
        selector,
        `(selector) => [...document.querySelectorAll(selector)].find((it) => it.offsetParent && !it.disabled)`,
        selector,
      ),
    field: (label) =>
      window.find(
        `the field ${label}`,
        `(label) => { const found = [...document.querySelectorAll("label")].find((it) => it.textContent.trim() === label);
          return found && document.getElementById(found.htmlFor); }`,
        label,
      ),
    shows: (text) =>
      until(`the window shows «${text}»`, () => run(`(text) => document.body.innerText.includes(text)`, text)),
    /** Holds all of these down, the last one last, and lets them go. */
    chord: (...keys) =>
      send("POST", `${session}/actions`, {
        actions: [
          {
            type: "key",
            id: "keyboard",
            actions: [
              ...keys.map((value) => ({ type: "keyDown", value })),
              ...keys.toReversed().map((value) => ({ type: "keyUp", value })),
            ],
          },
        ],
      }),
    keys: (...keys) =>
      send("POST", `${session}/actions`, {
        actions: [
          {
            type: "key",
            id: "keyboard",
            actions: keys.flatMap((value) => [
              { type: "keyDown", value },
              { type: "keyUp", value },
            ]),
          },
        ],
      }),
    close: async () => {
      await send("DELETE", session).catch(() => {});
      driver.kill();
      await new Promise((resolve) => driver.once("exit", resolve));
    },
  };
  return window;
}
