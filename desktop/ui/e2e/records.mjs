/** Records in Chromium: names that are longer than their room. */
import assert from "node:assert/strict";

/** Two names that begin alike and end otherwise, of the length that a name may have. */
const stem = "Ottoline Fairweather-Castellanos y de la Vega Montenegro ";
const filler = "of the Lower Delaware Valley Independent Medical Examinations, ";
const longName = (end) => `${stem}${filler.repeat(4)}`.slice(0, 200 - end.length) + end;
const names = [longName(", left shoulder 2023"), longName(", right shoulder 2024")];

async function longNames(open) {
  for (const width of [1280, 900]) {
    const page = await open({ scenario: "full", at: "/records", width, height: 600 });
    await page.getByText("Marian T. Holloway").first().waitFor();
    await page.evaluate((titles) => {
      const { records } = window.fake.world;
      titles.forEach((title, index) => {
        records[index].title = title;
      });
      window.fake.emit({ event: "records_changed" });
    }, names);
    const shown = async (name) => {
      const row = page.getByRole("button", { name }).first();
      const words = row.locator("[aria-hidden=true]").first();
      await words.waitFor();
      return { row, text: await words.textContent(), box: await words.boundingBox() };
    };
    const [one, other] = [await shown(names[0]), await shown(names[1])];
    assert.notEqual(one.text, other.text, "two records never look alike");
    for (const [index, { row, text, box }] of [one, other].entries()) {
      assert.match(text, /…/, "the middle is left out");
      assert.ok(text.endsWith(index === 0 ? "shoulder 2023" : "shoulder 2024"), `the end stays: ${text}`);
      assert.ok(text.startsWith("Ottoline Fairweather"), `the beginning stays: ${text}`);
      assert.ok(box.height <= 41, `two lines at most: ${box.height} px`);
      await row.hover();
      await page.getByRole("tooltip", { name: names[index] }).waitFor();
      await page.mouse.move(0, 0);
      await page.getByRole("tooltip").waitFor({ state: "hidden" });
    }
    // With keys: the row that has the focus says its whole name.
    await one.row.focus();
    await page.keyboard.press("ArrowDown");
    await page.getByRole("tooltip", { name: names[1] }).waitFor();
  }
  // A name of that length is taken.
  const page = await open({ scenario: "full", at: "/records" });
  await page.getByText("Marian T. Holloway").first().click();
  await page.keyboard.press("F2");
  const field = page.getByLabel("Name of the record");
  await field.fill(names[0]);
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForFunction((name) => window.fake.world.records.some((it) => it.title === name), names[0], {
    polling: "raf",
  });
  const [heading, room] = await page.evaluate((name) => {
    const found = [...document.querySelectorAll("h1")].find((it) => it.textContent === name);
    return [found?.scrollWidth, found?.clientWidth];
  }, names[0]);
  assert.ok(heading <= room, "its heading shows it whole");
}

export const flows = { "long names keep their end and are told whole": longNames };
