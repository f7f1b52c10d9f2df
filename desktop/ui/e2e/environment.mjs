/** What the programs that drive the real window share: a folder, a cloud on this machine, the app in it, a clinic. */
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { openWindow, until } from "./webdriver.mjs";

export const built = resolve(process.env.MANEIRO_BUILT ?? "../../target/debug");

export const founder = {
  clinic: "Northgate Family Medicine",
  name: "Elena Brandt",
  email: "elena.brandt@northgate.example",
  password: "correct horse battery",
};

/** Keys of W3C WebDriver, 17.4.2. */
export const keyOf = {
  control: "\uE009",
  shift: "\uE008",
  enter: "\uE007",
  escape: "\uE00C",
  right: "\uE014",
  down: "\uE015",
};

async function startCloud(folder, log) {
  const cloud = spawn(join(built, "maneiro-cloud"), ["serve", "--embedded", folder, "--until-stdin-closes"], {
    stdio: ["pipe", "pipe", log],
  });
  const stop = () =>
    new Promise((done) => {
      if (cloud.exitCode !== null) return done();
      cloud.once("exit", done);
      cloud.stdin.end();
    });
  for await (const line of createInterface({ input: cloud.stdout })) {
    const url = line.match(/^listening on (.+)$/)?.[1];
    if (url) return { url, stop };
  }
  throw new Error("the cloud did not start");
}

/** A temporary folder with a running cloud and a home for the app; `close` ends and removes all of it. */
export async function createEnvironment() {
  const folder = mkdtempSync(join(tmpdir(), "maneiro-window-"));
  // PostgreSQL does not run as root; its own user must be able to reach its cluster.
  chmodSync(folder, 0o711);
  const home = join(folder, "home");
  mkdirSync(home, { mode: 0o700 });
  const log = openSync(join(folder, "log"), "w");
  const readLog = () => readFileSync(join(folder, "log"), "utf8");
  const cloud = await startCloud(join(folder, "cloud"), log).catch((error) => {
    throw new Error(`${error.message}\n${readLog()}`);
  });
  const app = join(built, "maneiro-app");
  const variables = {
    HOME: home,
    XDG_DATA_HOME: join(home, "data"),
    MANEIRO_CLOUD_URL: cloud.url,
    MANEIRO_OUTBOX: join(folder, "cloud", "outbox"),
    MANEIRO_DATA_DIR: join(home, "maneiro"),
    MANEIRO_STORE_KEY: "ab".repeat(32),
    WEBKIT_DISABLE_DMABUF_RENDERER: "1",
  };
  return {
    home,
    /** Starts the app without a driver. */
    spawn: (...args) => spawn(app, args, { env: { ...process.env, ...variables }, stdio: ["ignore", log, log] }),
    readLog,
    start: () => openWindow({ app, log, env: variables }),
    stopCloud: cloud.stop,
    close: async () => {
      await cloud.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Opens files in the running window as the file manager does: by a second process, which hands them over and ends. */
export function openFiles(environment, ...paths) {
  const second = environment.spawn(...paths);
  return new Promise((done, fail) =>
    second.once("exit", (code) => (code === 0 ? done() : fail(new Error(`the second process ended with ${code}`)))),
  );
}

/** From the door to the first start of a new clinic; `look` is called at each step. */
export async function createClinic(window, look = () => {}) {
  await window.shows("Sign in");
  await look("door");
  await (await window.button("Create a clinic")).click();
  for (const [label, text] of [
    ["Name of the clinic", founder.clinic],
    ["Your name", founder.name],
    ["E-mail", founder.email],
    ["Password", founder.password],
  ]) {
    await (await window.field(label)).type(text);
  }
  await look("create-clinic");
  await (await window.button("Send the code")).click();
  await window.shows("taken from the outbox");
  await look("code");
  await (await window.button("Create the clinic")).click();
  await window.shows(`Your clinic is ready, ${founder.name.split(" ")[0]}`);
  await look("first-start");
}

/** The records as the list shows them first. */
export async function listRecords(window) {
  return (await window.invoke("list_records", { search: "", state: null, owner: null, cursor: null })).items;
}

/** Writes a path into the system's dialog for saving a file, and confirms it. */
export async function saveAs(path) {
  const dialog = await until("the dialog is there", () => {
    try {
      const found = execFileSync("xdotool", ["search", "--onlyvisible", "--name", "Save"], { encoding: "utf8" });
      return found.trim().split("\n")[0];
    } catch {
      return null;
    }
  });
  execFileSync("xdotool", ["windowfocus", "--sync", dialog, "key", "ctrl+a", "type", "--delay", "5", path]);
  execFileSync("xdotool", ["key", "Return"]);
}
