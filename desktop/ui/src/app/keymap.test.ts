import { describe, expect, it } from "vitest";
import { commandIds, entryOf, keyCap, matchesKey } from "./keymap";

const press = (key: string, held: Partial<Record<"ctrlKey" | "metaKey" | "shiftKey" | "altKey", boolean>> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...held,
});

describe("keys", () => {
  it("mod is Ctrl here and ⌘ on macOS", () => {
    expect(matchesKey(press("k", { ctrlKey: true }), "mod+K", false)).toBe(true);
    expect(matchesKey(press("k", { metaKey: true }), "mod+K", true)).toBe(true);
    expect(matchesKey(press("k", { ctrlKey: true }), "mod+K", true)).toBe(false);
    expect(keyCap("mod+shift+Z", false)).toBe("Ctrl Shift Z");
    expect(keyCap("mod+shift+Z", true)).toBe("⌘⇧Z");
  });

  it("a sign counts with and without Shift", () => {
    expect(matchesKey(press("?", { shiftKey: true }), "?", false)).toBe(true);
    expect(matchesKey(press("=", { ctrlKey: true }), "mod++", false)).toBe(true);
    expect(matchesKey(press("+", { ctrlKey: true, shiftKey: true }), "mod++", false)).toBe(true);
  });

  it("Shift tells two letters apart", () => {
    expect(matchesKey(press("A", { shiftKey: true }), "A", false)).toBe(false);
    expect(matchesKey(press("A", { shiftKey: true }), "shift+A", false)).toBe(true);
  });

  it("no two commands of one place share a key", () => {
    const taken = new Map<string, string>();
    for (const id of commandIds) {
      const { place, keys } = entryOf(id);
      // Review and page are seen together, and everywhere is with each.
      const together = place === "page" ? "review" : place;
      for (const key of keys) {
        for (const other of [together, "everywhere"]) {
          expect(taken.get(`${other} ${key}`), `${id} and another have ${key}`).toBeUndefined();
        }
        taken.set(`${together} ${key}`, id);
      }
    }
  });
});
