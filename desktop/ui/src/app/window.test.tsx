import { waitFor } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { expectAccessible } from "@/testing/axe";
import { system } from "@/testing/setup";
import { openWindow, screen } from "@/testing/window";

describe("the window", () => {
  it("opens on the records", async () => {
    openWindow({ at: "/" });
    expect(await screen.findByText("Marian T. Holloway")).toBeVisible();
    await expectAccessible();
  });

  it("follows the system into dark", async () => {
    system.dark = true;
    openWindow();
    await screen.findByText("Marian T. Holloway");
    expect(document.documentElement).toHaveAttribute("data-mantine-color-scheme", "dark");
  });

  it("asks to be shown in its colours without a frame", async () => {
    // Web views draw no frame while their window is hidden.
    const frames = vi.spyOn(window, "requestAnimationFrame").mockReturnValue(0);
    const shown: unknown[] = [];
    openWindow({
      preferences: { scheme: "dark" },
      prepare: (backend) => {
        const call = backend.call.bind(backend);
        backend.call = (name, ...input) => {
          if (name === "window_ready") shown.push(document.documentElement.dataset.mantineColorScheme);
          return call(name, ...input);
        };
      },
    });
    await waitFor(() => expect(shown).toEqual(["dark"]));
    frames.mockRestore();
  });

  it("shows the keys of the place", async () => {
    const { user } = openWindow();
    await screen.findByText("Marian T. Holloway");
    await user.keyboard("?");
    expect(await screen.findByRole("dialog", { name: "Keys" })).toBeVisible();
    await expectAccessible();
  });

  it("finds a command by its name", async () => {
    const { user, at } = openWindow();
    await screen.findByText("Marian T. Holloway");
    await user.keyboard("{Control>}k{/Control}");
    await user.type(await screen.findByRole("textbox", { name: "Commands" }), "sett{Enter}");
    await waitFor(() => expect(at()).toBe("/settings/appearance"));
  });

  it("speaks Spanish", async () => {
    openWindow({ preferences: { language: "es" } });
    expect(await screen.findByRole("link", { name: /Por revisar/ })).toBeVisible();
    expect(document.documentElement.lang).toBe("es");
  });

  it("locks by key and forgets what was shown", async () => {
    const { user } = openWindow();
    await screen.findByText("Marian T. Holloway");
    await user.keyboard("{Control>}l{/Control}");
    expect(await screen.findByRole("heading", { name: "Locked" })).toBeVisible();
    expect(screen.queryByText("Marian T. Holloway")).toBeNull();
    await expectAccessible();
  });
});
