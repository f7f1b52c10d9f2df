/** The check of screens finds what it is there for: each fault made up, one by one. */
import assert from "node:assert/strict";
import { audit } from "../screens/audit.mjs";

const made = [
  [
    "cut by",
    `<div data-style="position:fixed;left:0;top:0;width:40px;height:20px;overflow:hidden"><button data-style="width:90px">Sign</button></div>`,
  ],
  ["cut by", `<button data-style="position:fixed;left:-30px;top:0;width:60px">Sign</button>`],
  [
    "text is cut",
    `<button data-style="position:fixed;left:0;top:0"><span data-style="display:block;width:20px;overflow:hidden;white-space:nowrap">Sign this letter</span></button>`,
  ],
  [
    "shortened without its whole name",
    `<p data-style="position:fixed;left:0;top:0;width:40px;overflow:hidden;white-space:nowrap;text-overflow:ellipsis">Ottoline Fairweather</p>`,
  ],
  [
    "scrolls sideways",
    `<div data-style="position:fixed;left:0;top:0;width:40px;overflow:auto"><p data-style="width:90px">Sign</p></div>`,
  ],
  [
    "lies over",
    `<button data-style="position:fixed;left:0;top:0;width:60px">Sign</button><button data-style="position:fixed;left:30px;top:0;width:60px">Print</button>`,
  ],
  [
    "can be scrolled away",
    `<div data-style="position:fixed;inset:0;overflow:hidden"><p data-style="height:200vh">Sign</p></div>`,
  ],
  ["the window scrolls", `<p data-style="position:absolute;left:0;top:0;width:200vw;height:1px">Sign</p>`],
  ["color-contrast", `<p data-style="position:fixed;left:0;top:0;background:white;color:silver">Sign</p>`],
  ["button-name", `<button data-style="position:fixed;left:0;top:0"></button>`],
];

async function findsEach(open) {
  const page = await open({ scenario: "locked", at: "/" });
  await page.getByRole("heading", { name: "Locked" }).waitFor();
  assert.deepEqual(await audit(page), [], "the screen itself has none");
  for (const [fault, markup] of made) {
    await page.evaluate((html) => {
      const box = document.createElement("section");
      box.id = "made";
      box.innerHTML = html;
      // By script: the window's policy refuses styles in markup.
      for (const it of box.querySelectorAll("[data-style]")) it.style.cssText = it.dataset.style;
      document.body.append(box);
    }, markup);
    const found = await audit(page);
    assert.ok(
      found.some((it) => it.startsWith(fault) || it.includes(fault)),
      `${fault} in ${JSON.stringify(found)}`,
    );
    await page.evaluate(() => document.querySelector("#made").remove());
  }
}

export const flows = { "the check of screens finds each kind of fault": findsEach };
