import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { describeStates } from "@/testing/states";
import { analysis, choose, openReview, page, reviewAt, row, strips } from "./testing";

const field = () => screen.findByRole("searchbox", { name: "Search in record" });

async function search(words: string) {
  const opened = await openReview();
  await opened.user.keyboard("{Control>}f{/Control}");
  await waitFor(async () => expect(await field()).toHaveFocus());
  await opened.user.keyboard(words);
  return opened;
}

describe("search in the record", () => {
  it("counts hits and groups them by page", async () => {
    await search("shoulder");
    expect(await screen.findByText("25 hits on 12 of 19 pages")).toBeVisible();
    const group = within(analysis().getByRole("region", { name: "Progress note, 20 May 2024" }));
    expect(group.getAllByRole("button")).toHaveLength(4);
    expect(group.getAllByText("1 statement").length).toBeGreaterThan(0);
  });

  it("lights the hits of the page, the current one too", async () => {
    const opened = await search("shoulder");
    await screen.findByText(/25 hits on/);
    await opened.user.keyboard("{Enter}");
    expect(strips(await page(6), "hit")).toHaveLength(4);
    expect(screen.getByText("4 on this page")).toBeVisible();
    expect(screen.getByText("8 of 25")).toBeVisible();
  });

  it("goes on with F3 and back with Shift F3", async () => {
    const opened = await search("shoulder");
    await screen.findByText(/25 hits on/);
    await opened.user.keyboard("{Enter}{F3}");
    expect(await screen.findByText("9 of 25")).toBeVisible();
    await opened.user.keyboard("{Shift>}{F3}{/Shift}{Shift>}{F3}{/Shift}");
    expect(await screen.findByText("7 of 25")).toBeVisible();
    await waitFor(() => expect(opened.at()).toContain("page=5"));
  });

  it("finds statements as well", async () => {
    const opened = await search("shoulder");
    await screen.findByText(/25 hits on/);
    await opened.user.click(screen.getByText("Statements"));
    await opened.user.click(await screen.findByRole("button", { name: /Left shoulder pain 6\/10/ }));
    await waitFor(() => expect(opened.at()).toContain("statement="));
  });

  it("says when nothing is found", async () => {
    await search("warfarin");
    expect(await screen.findByText("“warfarin” is not on these pages")).toBeVisible();
  });

  it("gives the analysis back where it was", async () => {
    const opened = await openReview();
    await choose(opened, "Ibuprofen stopped");
    await opened.user.keyboard("{Control>}f{/Control}");
    await waitFor(async () => expect(await field()).toHaveFocus());
    await opened.user.keyboard("knee");
    await waitFor(() => expect(screen.queryByText(/reviewed/)).toBeNull());
    await opened.user.keyboard("{Escape}");
    expect(await row("Ibuprofen stopped")).toHaveAttribute("aria-current", "true");
    expect(opened.at()).not.toContain("find=");
  });
});

describe("documents in the record", () => {
  it("are listed with date, kind and first line", async () => {
    const opened = await openReview();
    await opened.user.keyboard("d");
    const list = within(await screen.findByRole("list", { name: "Documents in the record" }));
    const here = list.getByRole("button", { current: true });
    expect(here.textContent).toMatch(/^6Progress note20 May 2024S: Seen 9 days after a fall/);
    await waitFor(() => expect(here).toHaveFocus());
    await opened.user.keyboard("{ArrowDown}{Enter}");
    await waitFor(() => expect(opened.at()).toContain("page=7"));
  });
});

describe("what was left out", () => {
  it("shows lines not understood and pages without a statement", async () => {
    const opened = await openReview();
    await opened.user.keyboard("l");
    expect(await screen.findByText("Lines not understood, 3")).toBeVisible();
    expect(screen.getAllByText("Handwriting")).toHaveLength(2);
    expect(screen.getByText("Pages that no statement rests on, 3")).toBeVisible();
    expect(screen.getByText("Blank page")).toBeVisible();
    await opened.user.click(screen.getByRole("button", { name: "Page 15" }));
    await waitFor(() => expect(opened.at()).toContain("page=15"));
  });
});

describe("pages", () => {
  it("are turned, zoomed and gone to by key", async () => {
    const opened = await openReview();
    await page(6);
    await opened.user.keyboard("{ArrowRight}");
    await waitFor(() => expect(opened.at()).toContain("page=7"));
    await opened.user.keyboard("g");
    expect(screen.getByRole("textbox", { name: "Page" })).toHaveFocus();
    await opened.user.keyboard("12{Enter}");
    await waitFor(() => expect(opened.at()).toContain("page=12"));
    await opened.user.keyboard("r");
    await waitFor(() => expect(decodeURIComponent(opened.at())).toContain('turn={"12":90}'));
    await opened.user.keyboard("-");
    await waitFor(() => expect(opened.at()).toContain("zoom="));
    await opened.user.keyboard("w");
    await waitFor(() => expect(opened.at()).not.toContain("zoom="));
  });

  it("stay within the record", async () => {
    const opened = await openReview({ at: reviewAt("?page=400") });
    expect(await screen.findByRole("textbox", { name: "Page" })).toHaveValue("19");
    await opened.user.keyboard("g99{Enter}");
    expect(opened.at()).not.toContain("page=99");
  });
});

describe("the divider", () => {
  it("moves with the arrow keys and is remembered", async () => {
    const opened = await openReview();
    const divider = screen.getByRole("separator", { name: "Between pages and analysis" });
    divider.focus();
    await opened.user.keyboard("{ArrowLeft}{ArrowLeft}");
    await waitFor(() => expect(opened.backend.world.preferences.review_divider).toBeCloseTo(0.51));
    expect(opened.at()).toContain("page=6");
    await opened.user.dblClick(divider);
    await waitFor(() => expect(opened.backend.world.preferences.review_divider).toBe(0.55));
  });
});

describeStates("Search and lists are accessible", [
  {
    name: "with hits",
    scenario: "review",
    at: reviewAt("?page=6&find=shoulder&hit=9"),
    reach: () => screen.findByText(/25 hits on/),
  },
  {
    name: "without hits",
    scenario: "review",
    at: reviewAt("?find=warfarin"),
    reach: () => screen.findByText(/is not on these pages/),
  },
  {
    name: "with the documents",
    scenario: "review",
    at: reviewAt(),
    reach: async ({ user }) => {
      await row("Ibuprofen");
      await user.keyboard("d");
      await screen.findByRole("list", { name: "Documents in the record" });
    },
  },
  {
    name: "with what was left out",
    scenario: "review",
    at: reviewAt("?show=left_out"),
    reach: () => screen.findByText("Blank page"),
  },
]);
