import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { editElsewhere } from "@/backend/fake/elsewhere";
import { describeStates } from "@/testing/states";
import { analysis, choose, chooseWords, holloway, openReview, page, reviewAt, row, strips } from "./testing";

describe("choosing a statement", () => {
  it("opens it with its quotes and stands in the address", async () => {
    const opened = await openReview({ at: reviewAt() });
    const chosen = await choose(opened, "Ibuprofen stopped");
    expect(within(chosen).getByText("CKD stage 3a on losartan: NSAIDs are to be avoided.")).toBeVisible();
    expect(within(chosen).getAllByText(/p\. 6 · read 9\d/)).toHaveLength(2);
    expect(opened.at()).toContain("statement=stm_");
    expect(opened.at()).toContain("page=6");
  });

  it("lights its words on the page and counts them", async () => {
    const opened = await openReview();
    await choose(opened, "Ibuprofen stopped");
    expect(strips(await page(6), "lit")).toHaveLength(2);
    expect(screen.getByText("1 of 2 lit")).toBeVisible();
    await opened.user.keyboard("n");
    expect(await screen.findByText("2 of 2 lit")).toBeVisible();
  });

  it("turns to the page of a number", async () => {
    const opened = await openReview();
    await choose(opened, "Chronic kidney disease stage 3a");
    await opened.user.click(
      within(await row("Chronic kidney disease stage 3a")).getByRole("button", { name: "Page 8" }),
    );
    await waitFor(() => expect(opened.at()).toContain("page=8"));
    expect(strips(await page(8), "lit").length).toBeGreaterThan(0);
  });

  it("shows both pages of a quote that goes over two", async () => {
    const opened = await openReview();
    const chosen = await choose(opened, "No active elevation");
    expect(screen.getByRole("textbox", { name: "Page" })).toHaveValue("13–14");
    expect(screen.getByText("Lit on 2 pages")).toBeVisible();
    expect(within(chosen).getByText(/p\. 13, last line/)).toBeVisible();
    expect(within(chosen).getByText(/p\. 14, goes on/)).toBeVisible();
  });

  it("opens on what the address says", async () => {
    const opened = await openReview({ at: reviewAt("?page=6&statement=stm_0026") });
    expect(await row("Ibuprofen stopped")).toHaveAttribute("aria-current", "true");
    expect(opened.at()).toContain("page=6");
  });
});

describe("what a statement says of itself", () => {
  it("stands before the words, trust after them", async () => {
    await openReview();
    expect((await row("Myocardial infarction, stroke")).textContent).toMatch(/Negated.*Myocardial infarction, stroke/);
    expect((await row("Myocardial infarction at 62")).textContent).toMatch(/Family: father.*Myocardial/);
    expect((await row("Obstructive sleep apnea")).textContent).toMatch(/Possible.*Obstructive/);
    expect((await row("Oxycodone 5 mg")).textContent).toMatch(/Historical.*Oxycodone/);
    expect((await row("Penicillin: hives")).textContent).toMatch(/Penicillin: hives.*Conflict/);
    expect((await row("Aspirin 81 mg")).textContent).toMatch(/Aspirin.*Not found on its page/);
    expect((await row("650")).textContent).toMatch(/needed.*Doubtful, read 66/);
  });

  it("shows laboratory values with their range and flag", async () => {
    await openReview();
    const potassium = await row("Potassium");
    expect(potassium.textContent).toMatch(/5\.2.*mmol\/L.*3\.5 - 5\.1.*↑ High/);
    expect((await row("eGFR")).textContent).toContain("↓ Low");
  });

  it("names who edited it and when", async () => {
    await openReview();
    expect((await row("held since 20 May")).textContent).toMatch(/edited by Ruth Abara, \d\d:31/);
  });
});

describe("deciding", () => {
  it("accepts with Enter and goes on", async () => {
    const opened = await openReview();
    await choose(opened, "Ibuprofen stopped");
    await opened.user.keyboard("{Enter}");
    await waitFor(async () => expect(await row("Acetaminophen")).toHaveAttribute("aria-current", "true"));
    expect(opened.statement("Ibuprofen")).toMatchObject({ state: "accepted", changed: { mine: true } });
    expect(screen.getByText("7 of 60 reviewed")).toBeVisible();
  });

  it("rejects with X, says so, and takes back by Undo", async () => {
    const opened = await openReview();
    await choose(opened, "Ibuprofen stopped");
    await opened.user.keyboard("x");
    // Within the toast: a search of the whole window for a button may take longer than the toast stays.
    const toast = (await screen.findByText("rejected")).closest<HTMLElement>("[role=status]");
    expect(opened.statement("Ibuprofen")?.state).toBe("rejected");
    await opened.user.click(within(toast as HTMLElement).getByRole("button", { name: /Undo/ }));
    await waitFor(() => expect(opened.statement("Ibuprofen")?.state).toBe("open"));
    expect(await row("Ibuprofen stopped")).toHaveAttribute("aria-current", "true");
  });

  it("undoes and redoes without end", async () => {
    const opened = await openReview();
    await choose(opened, "Ibuprofen stopped");
    for (let i = 0; i < 3; i++) await opened.user.keyboard("{Enter}");
    await waitFor(() => expect(screen.getByText("9 of 60 reviewed")).toBeVisible());
    for (let i = 0; i < 3; i++) await opened.user.keyboard("{Control>}z{/Control}");
    await waitFor(() => expect(screen.getByText("6 of 60 reviewed")).toBeVisible());
    expect(screen.getByRole("button", { name: "Nothing to undo" })).toBeDisabled();
    for (let i = 0; i < 3; i++) await opened.user.keyboard("{Control>}{Shift>}z{/Shift}{/Control}");
    await waitFor(() => expect(screen.getByText("9 of 60 reviewed")).toBeVisible());
    expect(screen.getByRole("button", { name: "Nothing to redo" })).toBeDisabled();
  });

  it("keeps a looked-at statement in sight while checking", async () => {
    const opened = await openReview();
    await opened.user.keyboard("c");
    await waitFor(() => expect(screen.queryByText("Drop arm test positive")).toBeNull());
    expect(opened.at()).toContain("show=to_check");
    await choose(opened, "Acetaminophen");
    await opened.user.keyboard("{Enter}");
    await waitFor(() => expect(opened.statement("Acetaminophen")?.state).toBe("accepted"));
  });

  it("says who changed what and when", async () => {
    const opened = await openReview();
    await choose(opened, "Ibuprofen stopped");
    await opened.user.keyboard("e");
    await opened.user.keyboard(" today{Enter}");
    await screen.findByText("saved");
    await opened.user.keyboard("h");
    const panel = within(await screen.findByRole("dialog", { name: "Who changed what" }));
    expect(await panel.findByText("Edited")).toBeVisible();
    expect(panel.getByText("You")).toBeVisible();
    expect(panel.getByText(/27 November 2026/)).toBeVisible();
    expect(panel.getByText("Ibuprofen stopped; no NSAIDs because of kidney disease")).toBeVisible();
  });

  it("tells what could not be done and keeps the statement", async () => {
    const opened = await openReview({ prepare: ({ world }) => world.failing.set("change", "disk_full") });
    await choose(opened, "Ibuprofen stopped");
    await opened.user.keyboard("{Enter}");
    expect(await screen.findByText(/The disk is full/)).toBeVisible();
    expect(opened.statement("Ibuprofen")?.state).toBe("open");
  });
});

describe("editing in place", () => {
  it("saves with Enter and keeps what was", async () => {
    const opened = await openReview();
    await choose(opened, "Ibuprofen stopped");
    await opened.user.keyboard("e");
    const field = await screen.findByRole("textbox", { name: "Words of the statement" });
    expect(field).toHaveFocus();
    await opened.user.clear(field);
    await opened.user.type(field, "No ibuprofen");
    expect(screen.getByText("Was")).toBeVisible();
    await opened.user.keyboard("{Enter}");
    expect((await row("No ibuprofen")).textContent).toContain("edited by you");
    expect(opened.statement("No ibuprofen")).toMatchObject({
      state: "accepted",
      text_before: "Ibuprofen stopped; no NSAIDs because of kidney disease",
    });
  });

  it("gives back with Esc", async () => {
    const opened = await openReview();
    await choose(opened, "Ibuprofen stopped");
    await opened.user.keyboard("e");
    await opened.user.type(await screen.findByRole("textbox", { name: "Words of the statement" }), " never{Escape}");
    expect(await row("Ibuprofen stopped")).toBeVisible();
    expect(opened.statement("Ibuprofen")?.text).not.toContain("never");
  });

  it("saves when the row is left", async () => {
    const opened = await openReview();
    await choose(opened, "Ibuprofen stopped");
    await opened.user.keyboard("e");
    await opened.user.type(await screen.findByRole("textbox", { name: "Words of the statement" }), " now");
    await opened.user.click(screen.getByRole("button", { name: /^Focus: / }));
    await waitFor(() => expect(opened.statement("Ibuprofen")?.text).toMatch(/ now$/));
  });

  it("moves a statement to another section", async () => {
    const opened = await openReview();
    await choose(opened, "Ibuprofen stopped");
    await opened.user.keyboard("e");
    await opened.user.click(await screen.findByRole("combobox", { name: "Section" }));
    await opened.user.click(await screen.findByRole("option", { name: "Follow-up" }));
    await opened.user.click(screen.getByRole("button", { name: /^Save/ }));
    await waitFor(() => expect(opened.statement("Ibuprofen")?.section).toBe("follow_ups"));
  });

  it("does not take an Enter of somewhere else", async () => {
    const opened = await openReview();
    await choose(opened, "Ibuprofen stopped");
    await opened.user.keyboard("e");
    await opened.user.keyboard("xc");
    expect(opened.statement("Ibuprofen")?.state).toBe("open");
  });
});

describe("words chosen on the page", () => {
  it("show the statements that rest on them", async () => {
    const opened = await openReview();
    await choose(opened, "Ibuprofen stopped");
    await page(6);
    const popover = within(await chooseWords(opened, 2));
    expect(popover.getByText(/statements rest on these words/)).toBeVisible();
    expect(popover.getByText("Chronic kidney disease stage 3a")).toBeVisible();
    expect(screen.getByText("3 words chosen")).toBeVisible();
  });

  it("become a statement that is accepted by being written", async () => {
    const opened = await openReview();
    await page(6);
    await chooseWords(opened, 2);
    await opened.user.keyboard("a");
    const field = await screen.findByRole("textbox", { name: "Words of the statement" });
    expect(field).toHaveValue("NORTHGATE FAMILY MEDICINE");
    await opened.user.clear(field);
    await opened.user.type(field, "Seen at Northgate{Enter}");
    const added = await row("Seen at Northgate");
    expect(added.textContent).toMatch(/added by you, \d\d:\d\d/);
    expect(added.textContent).toContain("chosen by you");
    expect(within(added).queryByRole("button", { name: /^Accept/ })).toBeNull();
    expect(opened.statement("Seen at Northgate")?.citations[0]?.places[0]).toMatchObject({
      page: 6,
      quote: "NORTHGATE FAMILY MEDICINE",
    });
  });

  it("can be removed again and brought back", async () => {
    const opened = await openReview();
    await page(6);
    await chooseWords(opened, 2);
    await opened.user.keyboard("a");
    await screen.findByRole("textbox", { name: "Words of the statement" });
    await opened.user.keyboard("{Enter}");
    await row("added by you");
    await opened.user.keyboard("x");
    await waitFor(() => expect(opened.statement("NORTHGATE")).toBeUndefined());
    await opened.user.keyboard("{Control>}z{/Control}");
    await waitFor(() => expect(opened.statement("NORTHGATE")).toBeDefined());
  });

  it("become one more quote of the chosen statement", async () => {
    const opened = await openReview();
    await choose(opened, "Drop arm test");
    await page(4);
    await chooseWords(opened, 1);
    await opened.user.keyboard("{Shift>}a{/Shift}");
    await waitFor(() => expect(opened.statement("Drop arm")?.citations).toHaveLength(2));
    expect(await screen.findByText("has one more quote")).toBeVisible();
    // The first quote has the same words, which are not lit twice.
    expect(strips(await page(4), "lit")).toHaveLength(1);
  });

  it("are walked with the arrows and left with Esc", async () => {
    const opened = await openReview();
    await page(6);
    await chooseWords(opened, 0);
    await opened.user.keyboard("{ArrowDown}");
    await opened.user.keyboard("{Control>}c{/Control}");
    await waitFor(() => expect(opened.backend.world.clipboard).toBe("PROGRESS"));
    await opened.user.keyboard("{Escape}");
    expect(screen.queryByRole("group", { name: "Chosen words" })).toBeNull();
  });

  it("write what a line says that was not understood", async () => {
    const opened = await openReview();
    await opened.user.keyboard("l");
    const links = await screen.findAllByRole("button", { name: "Write what it says" });
    await opened.user.click(links[0] as HTMLElement);
    await opened.user.type(
      await screen.findByRole("textbox", { name: "Words of the statement" }),
      "Called back{Enter}",
    );
    await waitFor(() => expect(opened.statement("Called back")?.citations[0]?.places[0]?.page).toBe(4));
  });
});

describe("two edits of one statement", () => {
  const openTwo = () => openReview({ scenario: "two-edits", at: reviewAt() });

  it("are counted in a banner that leads to them", async () => {
    const opened = await openTwo();
    await opened.user.click(
      within((await screen.findByText(/edited twice/)).parentElement as HTMLElement).getByRole("button", {
        name: "Show",
      }),
    );
    await waitFor(async () => expect(await row("Two edits")).toHaveAttribute("aria-current", "true"));
  });

  it("keep theirs with 2, and both until then", async () => {
    const opened = await openTwo();
    const both = await choose(opened, "Two edits");
    expect(both.textContent).toMatch(/You, \d\d:31.*held since 20 May.*Ruth Abara, \d\d:40.*Losartan 25 mg/);
    await opened.user.keyboard("{Enter}x");
    expect(opened.statement("Losartan")?.versions).not.toBeNull();
    await opened.user.keyboard("2");
    await waitFor(() =>
      expect(opened.statement("Losartan")).toMatchObject({ text: "Losartan 25 mg once daily", versions: null }),
    );
  });

  it("are written anew with E", async () => {
    const opened = await openTwo();
    await choose(opened, "Two edits");
    await opened.user.keyboard("e");
    expect(await screen.findByRole("textbox", { name: "Words of the statement" })).toHaveValue(
      "Losartan 50 mg once daily",
    );
    await opened.user.keyboard(", to be discussed{Enter}");
    await waitFor(() => expect(opened.statement("Losartan")?.text).toBe("Losartan 50 mg once daily, to be discussed"));
  });

  it("arise when somebody edits the same words", async () => {
    const opened = await openReview();
    await choose(opened, "Amlodipine");
    await opened.user.keyboard("e");
    await opened.user.keyboard(", in the morning{Enter}");
    await screen.findByText("saved");
    editElsewhere(opened.backend.world, holloway, "Amlodipine", "Amlodipine 10 mg by mouth once daily");
    expect(await screen.findByText(/edited twice and needs your choice/)).toBeVisible();
  });

  it("do not arise when somebody edits other words", async () => {
    const opened = await openReview();
    await row("Amlodipine");
    editElsewhere(opened.backend.world, holloway, "Amlodipine", "Amlodipine 10 mg by mouth once daily");
    expect((await row("Amlodipine 10 mg")).textContent).toContain("edited by Ruth Abara");
  });
});

describe("reading only", () => {
  it("offers nothing that would change the analysis", async () => {
    const opened = await openReview({ scenario: "read-only" });
    const chosen = await choose(opened, "Ibuprofen stopped");
    expect(within(chosen).queryByRole("button", { name: /Accept|Edit|Reject/ })).toBeNull();
    await opened.user.keyboard("{Enter}x");
    expect(opened.statement("Ibuprofen")?.state).toBe("open");
    expect(analysis().queryByRole("button", { name: "Run again" })).toBeNull();
  });
});

describeStates("Review is accessible", [
  {
    name: "with a statement chosen",
    scenario: "review",
    at: reviewAt("?page=6&statement=stm_0026"),
    reach: () => page(6),
  },
  {
    name: "while editing",
    scenario: "review",
    at: reviewAt("?page=6&statement=stm_0026"),
    reach: async ({ user }) => {
      await row("Ibuprofen stopped");
      await user.keyboard("e");
      await screen.findByRole("textbox", { name: "Words of the statement" });
    },
  },
  { name: "with two edits", scenario: "two-edits", at: reviewAt(), reach: () => row("Two edits") },
  {
    name: "with words chosen",
    scenario: "review",
    at: reviewAt("?page=6"),
    reach: async (opened) => {
      await page(6);
      await chooseWords(opened, 3);
    },
  },
  {
    name: "with who changed what",
    scenario: "review",
    at: reviewAt("?page=6&statement=stm_0026"),
    reach: async ({ user }) => {
      await row("Ibuprofen stopped");
      await user.keyboard("xh");
      await screen.findByText("Nobody has changed anything yet.");
    },
  },
]);
