/** What jsdom lacks and the window needs. */
import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";

process.env.TZ = "UTC";
// A whole window is rendered: on a busy machine the first frame may take longer than the second that is waited for.
configure({ asyncUtilTimeout: 5000 });

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
// jsdom lays nothing out: a virtual list would have no room and no rows. A box is 1280 by 640, a row 60 high.
const layout = { clientWidth: 1280, clientHeight: 640, offsetWidth: 456, offsetHeight: 60 };
for (const [name, value] of Object.entries(layout)) {
  Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => value });
}

// A menu hides while what it belongs to is out of sight: here everything is in sight.
HTMLElement.prototype.getBoundingClientRect = () => new DOMRect(100, 100, 200, 40);
document.elementsFromPoint = () => [];

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
