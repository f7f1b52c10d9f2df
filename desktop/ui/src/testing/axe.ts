/** axe over what is on the screen, and a look at every control for its name. */
import axe from "axe-core";
import { expect } from "vitest";

/** Colours are checked by `contrast.test.ts`: jsdom paints nothing. Regions are whole-page matters that dialogs break. */
const rules = { "color-contrast": { enabled: false }, region: { enabled: false } };

export async function expectAccessible(): Promise<void> {
  const { violations } = await axe.run(document.body, { rules });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`)).toEqual([]);
  expect(namelessControls()).toEqual([]);
}

function namelessControls(): string[] {
  const controls = document.querySelectorAll<HTMLElement>(
    "button, a[href], input:not([type=hidden]), select, textarea, [role=button], [role=option], [role=menuitem], [role=slider]",
  );
  return [...controls].filter((control) => !isNamed(control)).map((control) => control.outerHTML.slice(0, 160));
}

function isNamed(control: HTMLElement): boolean {
  if (control.closest("[aria-hidden=true]")) return true;
  const labelled = control.getAttribute("aria-labelledby");
  if (labelled) return labelled.split(" ").some((id) => document.getElementById(id)?.textContent?.trim());
  if (control.getAttribute("aria-label")?.trim()) return true;
  if (control instanceof HTMLInputElement && control.labels?.length) return true;
  return Boolean(control.textContent?.trim());
}
