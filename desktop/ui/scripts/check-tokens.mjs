/** Colours and sizes belong to src/theme: a hex or rgb colour, or a font size in px, anywhere else is an error. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const root = new URL("../src", import.meta.url).pathname;
/** Pictures that the fake draws are not the window's. */
const exempt = [join(root, "theme"), join(root, "backend/fake")];
const rules = [
  [/#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b/i, "a colour"],
  [/\brgba?\(/, "a colour"],
  [/font(?:-size)?:[^;]*\b\d+px/, "a font size in px"],
  [/fontSize:?=?\{?\s*["'{]?\d+(?:px)?\b/, "a font size in px"],
  [/!important/, "!important"],
];

const files = (folder) =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (exempt.includes(path)) return [];
    return statSync(path).isDirectory() ? files(path) : /\.(css|tsx?)$/.test(name) ? [path] : [];
  });

let faults = 0;
for (const path of files(root)) {
  readFileSync(path, "utf8")
    .split("\n")
    .forEach((line, index) => {
      for (const [pattern, what] of rules) {
        if (!pattern.test(line)) continue;
        faults += 1;
        console.error(`${path.slice(root.length - 3)}:${index + 1}: ${what} outside of the theme: ${line.trim()}`);
      }
    });
}
process.exit(faults ? 1 : 0);
