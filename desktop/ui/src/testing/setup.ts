/** What jsdom lacks and the window needs. */
import "@testing-library/jest-dom/vitest";
import { cleanup } from "@testing-library/react";
import { afterEach, vi } from "vitest";

process.env.TZ = "UTC";

class ResizeObserverStub implements ResizeObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}

vi.stubGlobal("ResizeObserver", ResizeObserverStub);
Object.defineProperty(document, "fonts", {
  value: { addEventListener() {}, removeEventListener() {}, ready: Promise.resolve() },
});
Element.prototype.scrollIntoView = () => {};
Element.prototype.scrollTo = () => {};
window.scrollTo = () => {};
// jsdom lays nothing out: a virtual list would have no room and no rows.
Object.defineProperty(HTMLElement.prototype, "offsetHeight", { configurable: true, get: () => 640 });
Object.defineProperty(HTMLElement.prototype, "offsetWidth", { configurable: true, get: () => 456 });

/** Whether the system is dark, as tests want it. */
export const system = { dark: false };
window.matchMedia = (query) =>
  ({
    matches: query.includes("prefers-color-scheme: dark") ? system.dark : query.includes("reduced-motion"),
    media: query,
    addEventListener() {},
    removeEventListener() {},
    addListener() {},
    removeListener() {},
    onchange: null,
    dispatchEvent: () => false,
  }) as MediaQueryList;

afterEach(() => {
  cleanup();
  system.dark = false;
});
