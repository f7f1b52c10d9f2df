import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { findNetwork, loseNetwork } from "@/backend/fake/elsewhere";
import { recordOf } from "@/backend/fake/world";
import { describeStates } from "@/testing/states";
import { choose, holloway, openReview, reviewAt, row } from "./testing";

const runAgain = () => screen.findByRole("button", { name: "Run again" });

describe("an analysis that runs", () => {
  it("shows its pages while the old result stays readable", async () => {
    const opened = await openReview();
    expect(await screen.findByText("14 of 19 · 12 s")).toBeVisible();
    expect(screen.getByText("2 pages added.")).toBeVisible();
    expect(screen.getByText(/You are reading the result of/)).toBeVisible();
    await choose(opened, "Ibuprofen stopped");
    opened.backend.advance(2000);
    expect(await screen.findByText(/^16 of 19/)).toBeVisible();
  });

  it("can be stopped, and then says that files changed", async () => {
    const opened = await openReview();
    await opened.user.click(await screen.findByRole("button", { name: "Stop" }));
    expect(await runAgain()).toBeVisible();
    expect(recordOf(opened.backend.world, holloway).run?.state).toBe("cancelled");
  });

  it("offers the newer result and carries over what was decided", async () => {
    const opened = await openReview();
    opened.backend.advance(60_000);
    await opened.user.click(await screen.findByRole("button", { name: "Show it" }));
    await waitFor(() => expect(screen.queryByText(/newer result/)).toBeNull());
    expect((await row("held since 20 May")).textContent).toContain("Ruth Abara");
    expect(screen.getByText("6 of 60 reviewed")).toBeVisible();
  });

  it("says why it failed, and the result stays", async () => {
    await openReview({
      prepare: ({ world }) => {
        const record = recordOf(world, holloway);
        record.run = record.run && { ...record.run, state: "error", error: "model_unavailable" };
      },
    });
    expect(await screen.findByText(/the model does not answer. The result you have stays/)).toBeVisible();
    expect(await row("Ibuprofen stopped")).toBeVisible();
  });
});

describe("focus and dates", () => {
  it("start a run with what was typed", async () => {
    const opened = await openReview({ scenario: "two-edits" });
    await opened.user.keyboard("f");
    const panel = within(await screen.findByRole("dialog", { name: "Focus and dates" }));
    await opened.user.type(panel.getByRole("textbox", { name: "Focus" }), "ability to work");
    await opened.user.type(panel.getByRole("textbox", { name: "From" }), "5/11/2024");
    expect(panel.getByText("= 11 May 2024")).toBeVisible();
    await opened.user.click(panel.getByRole("button", { name: "Run again" }));
    await waitFor(() =>
      expect(recordOf(opened.backend.world, holloway).asked).toEqual({
        focus: "ability to work",
        window: { from: "2024-05-11", to: null },
      }),
    );
    expect(await screen.findByRole("button", { name: "Stop" })).toBeVisible();
  });

  it("refuse a day that is none, and an end before the start", async () => {
    const opened = await openReview({ scenario: "two-edits" });
    await opened.user.keyboard("f");
    const panel = within(await screen.findByRole("dialog", { name: "Focus and dates" }));
    await opened.user.type(panel.getByRole("textbox", { name: "From" }), "31 Feb 2024");
    await opened.user.tab();
    expect(await panel.findByText(/Give a day, such as/)).toBeVisible();
    await opened.user.clear(panel.getByRole("textbox", { name: "From" }));
    await opened.user.type(panel.getByRole("textbox", { name: "From" }), "2024-05-11");
    await opened.user.type(panel.getByRole("textbox", { name: "To" }), "2024-05-10");
    await opened.user.click(panel.getByRole("button", { name: "Run again" }));
    expect(await panel.findByText(/not before the first one/)).toBeVisible();
    expect(recordOf(opened.backend.world, holloway).asked).toBeNull();
  });

  it("close with Esc and give the focus back", async () => {
    const opened = await openReview({ scenario: "two-edits" });
    await choose(opened, "Drop arm test");
    await opened.user.keyboard("f");
    await screen.findByRole("dialog", { name: "Focus and dates" });
    await opened.user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog", { name: "Focus and dates" })).toBeNull());
    await waitFor(async () => expect(await row("Drop arm test")).toHaveFocus());
  });
});

describe("without network", () => {
  it("says since when, and work goes on", async () => {
    const opened = await openReview({ scenario: "offline", at: reviewAt() });
    expect(await screen.findByText(/No network since \d\d:20/)).toBeVisible();
    await choose(opened, "Ibuprofen stopped");
    await opened.user.keyboard("{Enter}");
    await waitFor(() => expect(opened.statement("Ibuprofen")?.state).toBe("accepted"));
  });

  it("goes away when the network is back", async () => {
    const opened = await openReview({ scenario: "two-edits" });
    loseNetwork(opened.backend.world);
    expect(await screen.findByText(/and 1 more/)).toBeVisible();
    findNetwork(opened.backend.world);
    await waitFor(() => expect(screen.queryByText(/and 1 more/)).toBeNull());
  });

  it("keeps an analysis waiting", async () => {
    const opened = await openReview({
      scenario: "no-result",
      at: reviewAt(),
      prepare: ({ world }) => loseNetwork(world),
    });
    await opened.user.click(await screen.findByRole("button", { name: "Run the analysis" }));
    const panel = within(await screen.findByRole("dialog", { name: "Focus and dates" }));
    await opened.user.click(panel.getByRole("button", { name: "Run the analysis" }));
    await waitFor(() => expect(recordOf(opened.backend.world, holloway).waits_for_network).toBe(true));
  });
});

describe("a record without a result", () => {
  it("is read already and analysed by a key", async () => {
    const opened = await openReview({ scenario: "no-result", at: reviewAt() });
    expect(await screen.findByRole("heading", { name: "No analysis yet" })).toBeVisible();
    expect(screen.getByRole("button", { name: "Report" })).toBeDisabled();
    await opened.user.keyboard("f");
    const panel = within(await screen.findByRole("dialog", { name: "Focus and dates" }));
    await opened.user.click(panel.getByRole("button", { name: "Run the analysis" }));
    expect(await screen.findByText("The analysis is being made")).toBeVisible();
    opened.backend.advance(60_000);
    expect(await row("Ibuprofen stopped")).toBeVisible();
  });
});

describe("a record that does not open", () => {
  it("says why, and is tried again", async () => {
    const opened = await openReview({ prepare: ({ world }) => world.failing.set("review", "not_found") }).catch(
      () => null,
    );
    expect(opened).toBeNull();
    expect(screen.getByText("The record cannot be opened")).toBeVisible();
    expect(screen.getByText(/To quote: req_/)).toBeVisible();
  });
});

const longTitle = "Ottoline Fairweather-Castellanos y de la Vega Montenegro Hartmann-Quiroga, second opinion";

describeStates("Runs and notices are accessible", [
  { name: "running", scenario: "review", at: reviewAt(), reach: () => screen.findByText(/14 of 19/) },
  { name: "offline", scenario: "offline", at: reviewAt(), reach: () => screen.findByText(/No network since/) },
  { name: "no result", scenario: "no-result", at: reviewAt(), reach: () => screen.findByText("No analysis yet") },
  {
    name: "loading",
    scenario: "review",
    at: reviewAt(),
    prepare: ({ world }) => world.hanging.add("review"),
    reach: () => screen.findByRole("status", { name: "Loading" }),
  },
  {
    name: "failing",
    scenario: "review",
    at: reviewAt(),
    prepare: ({ world }) => world.failing.set("pages", "not_found"),
    reach: () => screen.findByText("The record cannot be opened"),
  },
  {
    name: "with a long name",
    scenario: "review",
    at: reviewAt(),
    prepare: ({ world }) => {
      recordOf(world, holloway).title = longTitle;
    },
    reach: () => screen.findByRole("heading", { level: 1, name: longTitle }),
  },
  {
    name: "with focus and dates",
    scenario: "review",
    at: reviewAt(),
    reach: async ({ user }) => {
      await row("Ibuprofen");
      await user.keyboard("f");
      await screen.findByRole("dialog", { name: "Focus and dates" });
    },
  },
]);
