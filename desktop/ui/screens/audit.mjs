/** What is wrong with a screen that is laid out and painted: cut or covered controls, sideways scrolling, findings of axe. */
import { readFile } from "node:fs/promises";

const axe = await readFile(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

/** Runs in the window. */
function layoutFaults() {
  const faults = [];
  const { scrollWidth, scrollHeight } = document.documentElement;
  if (scrollWidth > innerWidth || scrollHeight > innerHeight) {
    faults.push(`the window scrolls: ${scrollWidth}×${scrollHeight} in ${innerWidth}×${innerHeight}`);
  }
  const nameOf = (it) =>
    `${it.tagName.toLowerCase()} «${(it.getAttribute("aria-label") ?? it.textContent ?? "").trim().slice(0, 50)}»`;
  const isSpokenOnly = (it) => getComputedStyle(it).clipPath !== "none" || it.closest("[inert], [aria-hidden=true]");

  // Something is at fault that scrolls sideways and is not meant to, or that hides part of its own text.
  for (const it of document.querySelectorAll("body *")) {
    const { overflowX, overflowY, textOverflow } = getComputedStyle(it);
    if (isSpokenOnly(it)) continue;
    if (it.scrollHeight > it.clientHeight + 1 && it.clientHeight > innerHeight / 2 && overflowY === "hidden") {
      faults.push(`can be scrolled away: ${it.tagName.toLowerCase()} of ${it.scrollHeight} in ${it.clientHeight}`);
    }
    if (it.scrollWidth <= it.clientWidth + 1 || it.clientWidth === 0) continue;
    const wide = `${nameOf(it)}: ${it.scrollWidth} in ${it.clientWidth}`;
    if ((overflowX === "auto" || overflowX === "scroll") && !it.closest("[data-desk]")) {
      faults.push(`scrolls sideways: ${wide}`);
    } else if (
      overflowX === "hidden" &&
      !it.matches("input, textarea") &&
      (it.children.length === 0 || it.closest("button, a"))
    ) {
      if (textOverflow !== "ellipsis") faults.push(`text is cut: ${wide}`);
      // An excerpt of a page is only a beginning; a name has to be found whole somewhere.
      else if (!it.closest("[title], [data-excerpt]")) faults.push(`shortened without its whole name: ${wide}`);
    }
  }

  const controls = [
    ...document.querySelectorAll(
      "button, a[href], input:not([type=hidden]), select, textarea, [role=button], [role=option], [role=menuitem], [role=slider]",
    ),
  ].filter((it) => it.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !isSpokenOnly(it));
  const boxes = [];
  for (const it of controls) {
    const box = it.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) continue;
    // What can be scrolled to is not cut in that direction.
    const [free, seen] = [
      { x: false, y: false },
      { left: box.left, top: box.top, right: box.right, bottom: box.bottom },
    ];
    const cutBy = (edge) => {
      if (!free.x)
        Object.assign(seen, { left: Math.max(seen.left, edge.left), right: Math.min(seen.right, edge.right) });
      if (!free.y)
        Object.assign(seen, { top: Math.max(seen.top, edge.top), bottom: Math.min(seen.bottom, edge.bottom) });
    };
    let above = it.parentElement;
    let position = getComputedStyle(it).position;
    for (; above && position !== "fixed"; above = above.parentElement) {
      const style = getComputedStyle(above);
      if (position !== "absolute" || style.position !== "static") {
        position = style.position === "static" && position === "absolute" ? position : style.position;
        if (style.overflowX !== "visible" || style.overflowY !== "visible") {
          if (["auto", "scroll"].includes(style.overflowX)) free.x = true;
          if (["auto", "scroll"].includes(style.overflowY)) free.y = true;
          cutBy(above.getBoundingClientRect());
        }
      }
    }
    cutBy({ left: 0, top: 0, right: innerWidth, bottom: innerHeight });
    const lost = Math.max(seen.left - box.left, box.right - seen.right, seen.top - box.top, box.bottom - seen.bottom);
    if (lost > 1) faults.push(`cut by ${Math.round(lost)} px: ${nameOf(it)}`);
    if (!free.y) boxes.push([it, box]);
  }

  // Two controls side by side may touch, and one may lie in another; neither may lie half over another.
  for (const [index, [one, a]] of boxes.entries()) {
    for (const [other, b] of boxes.slice(index + 1)) {
      // A field holds its own buttons.
      const field = one.closest("label, .mantine-Input-wrapper") ?? other.closest("label, .mantine-Input-wrapper");
      if (one.contains(other) || other.contains(one) || (field?.contains(one) && field.contains(other))) continue;
      const [width, height] = [
        Math.min(a.right, b.right) - Math.max(a.left, b.left),
        Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top),
      ];
      const isOver =
        one.closest("[role=dialog], [role=menu], [role=listbox]") !==
        other.closest("[role=dialog], [role=menu], [role=listbox]");
      if (width > 2 && height > 2 && !isOver) faults.push(`${nameOf(one)} lies over ${nameOf(other)}`);
    }
  }
  return faults;
}

/** Runs in the window. Regions are whole-page matters that dialogs break. */
async function axeFaults() {
  const { violations } = await window.axe.run(document, { rules: { region: { enabled: false } } });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, any }) => `${id}: ${html.slice(0, 140)} ${any[0]?.message.slice(0, 140) ?? ""}`),
  );
}

/** A sentence for each fault. */
export async function audit(page) {
  const layout = await page.evaluate(layoutFaults);
  await page.evaluate(axe);
  return [...layout, ...(await page.evaluate(axeFaults))];
}
