/** What is shipped: the first chunk of script stays below 450 kB compressed, and nothing of the fake is in it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const folder = new URL("../dist/assets/", import.meta.url).pathname;
const limit = 450 * 1000;
/** Words of the fake's world alone. */
const fakes = ["NRTH4821", "correct horse battery", "usr_0197a6b2c3d47e8f9a0b1c2d3e4f00e1"];

const scripts = readdirSync(folder).filter((name) => name.endsWith(".js"));
let faults = 0;
for (const name of scripts) {
  const text = readFileSync(join(folder, name), "utf8");
  const size = gzipSync(text).length;
  console.log(`${name}: ${Math.round(size / 1000)} kB compressed`);
  if (size > limit) {
    faults += 1;
    console.error(`${name} is larger than ${limit / 1000} kB`);
  }
  for (const word of fakes.filter((it) => text.includes(it))) {
    faults += 1;
    console.error(`${name} holds a part of the fake: ${word}`);
  }
}
process.exit(faults ? 1 : 0);
