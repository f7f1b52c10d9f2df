import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { holloway } from "@/backend/fake/stories";
import { fakePassword, recordOf } from "@/backend/fake/world";
import { describeStates } from "@/testing/states";
import { openWindow } from "@/testing/window";

type Options = NonNullable<Parameters<typeof openWindow>[0]>;

const reportAt = (search = "") => `/records/${holloway}/report${search}`;

async function openReport({ at = reportAt(), scenario = "review", ...rest }: Options = {}) {
  const opened = openWindow({ scenario, at, ...rest });
  await screen.findByRole("region", { name: "Pages of the report" });
  return { ...opened, record: () => recordOf(opened.backend.world, holloway) };
}

const choices = () => within(screen.getByRole("complementary", { name: "Report" }));
const dialog = async () => within(await screen.findByRole("dialog"));

describe("the report", () => {
  it("shows its pages as they will print", async () => {
    await openReport();
    expect(await screen.findByRole("img", { name: "Page 1 of the report" })).toBeVisible();
    expect(screen.getByText("As it will print, US Letter")).toBeVisible();
    expect(screen.getByText(/Report, draft of \d\d:42/)).toBeVisible();
  });

  it("is a short letter or a full review", async () => {
    const opened = await openReport();
    expect(choices().getByRole("radio", { name: /Short letter/ })).toBeChecked();
    await opened.user.click(choices().getByRole("radio", { name: /Full review/ }));
    await waitFor(() => expect(opened.at()).toContain("form=full_review"));
    expect(await choices().findByText("All 14, in the order of the clinic")).toBeVisible();
    expect(opened.record().report?.form).toBe("full_review");
  });

  it("remembers to whom it goes", async () => {
    const opened = await openReport();
    await opened.user.type(
      choices().getByRole("textbox", { name: "To" }),
      "Dr. Helen Okafor{Enter}Harbor Orthopaedics",
    );
    await opened.user.tab();
    await waitFor(() => expect(opened.record().report?.recipient).toBe("Dr. Helen Okafor\nHarbor Orthopaedics"));
  });

  it("takes at most four lines of address", async () => {
    const opened = await openReport();
    await opened.user.type(choices().getByRole("textbox", { name: "To" }), "a{Enter}b{Enter}c{Enter}d{Enter}e");
    await opened.user.tab();
    expect(await choices().findByText("Give at most four lines.")).toBeVisible();
    expect(opened.record().report?.recipient).toBe("");
  });

  it("leaves out sections that are not chosen", async () => {
    const opened = await openReport({ at: reportAt("?form=full_review") });
    await opened.user.click(choices().getByRole("button", { name: "Choose" }));
    await opened.user.click(await screen.findByRole("checkbox", { name: "Vital signs" }));
    await waitFor(() => expect(opened.record().report?.sections).not.toContain("vitals"));
    expect(await choices().findByText("13 of 14")).toBeVisible();
    await opened.user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("checkbox", { name: "Vital signs" })).toBeNull());
    expect(opened.at()).toContain("/report");
  });

  it("is written in the language and on the paper that are chosen", async () => {
    const opened = await openReport();
    await opened.user.click(choices().getByRole("radio", { name: "Español" }));
    await waitFor(() => expect(opened.record().report?.language).toBe("es"));
    await opened.user.click(choices().getByRole("radio", { name: "A4" }));
    await waitFor(() => expect(opened.record().report?.paper).toBe("a4"));
    expect(await screen.findByText("As it will print, A4")).toBeVisible();
  });

  it("prints with or without letterhead", async () => {
    const opened = await openReport();
    await opened.user.click(choices().getByRole("switch", { name: "Northgate Family Medicine" }));
    await waitFor(() => expect(opened.record().report?.letterhead).toBe(false));
  });

  it("leads from a page number to the page of the record", async () => {
    const opened = await openReport();
    await opened.user.click(
      (await screen.findAllByRole("button", { name: "Page 18, Laboratory report" }))[0] as HTMLElement,
    );
    await waitFor(() => expect(opened.at()).toMatch(/review\?page=18/));
  });

  it("tells the facts before signing and leads to them", async () => {
    const opened = await openReport();
    expect(choices().getByText("54 of 60 not looked at")).toBeVisible();
    expect(choices().getByText("2 conflicts, printed as conflicts")).toBeVisible();
    expect(choices().getByText("1 not found on its page, printed apart as doubtful")).toBeVisible();
    await opened.user.click(choices().getAllByRole("button", { name: "Show" })[0] as HTMLElement);
    await waitFor(() => expect(opened.at()).toMatch(/review\?statement=stm_0004/));
  });
});

describe("what leaves the window", () => {
  it("is saved as PDF by key, as Markdown and JSON by menu", async () => {
    const opened = await openReport();
    await opened.user.keyboard("{Control>}s{/Control}");
    expect(await screen.findByText("Marian T. Holloway.pdf is saved")).toBeVisible();
    for (const name of ["Markdown", "JSON"]) {
      await opened.user.click(screen.getByRole("button", { name: "Save in another form" }));
      await opened.user.click(await screen.findByRole("menuitem", { name }));
    }
    await waitFor(() =>
      expect(opened.backend.world.saved).toEqual([
        "Marian T. Holloway.pdf",
        "Marian T. Holloway.md",
        "Marian T. Holloway.json",
      ]),
    );
  });

  it("is printed by the system, and a fault is said", async () => {
    const opened = await openReport({ prepare: ({ world }) => world.failing.set("print_report", "no_printer") });
    await opened.user.keyboard("{Control>}p{/Control}");
    expect(await screen.findByText(/The system offers no printer/)).toBeVisible();
    await opened.user.click(screen.getByRole("button", { name: "Close" }));
    expect(screen.queryByText(/The system offers no printer/)).toBeNull();
  });

  it("is copied as text, section by section", async () => {
    const opened = await openReport();
    await opened.user.keyboard("{Control>}{Shift>}c{/Shift}{/Control}");
    await opened.user.click(await screen.findByRole("menuitem", { name: "Allergies" }));
    await waitFor(() => expect(opened.backend.world.clipboard).toContain("- Penicillin: hives (p. 1, 8, 12)"));
    expect(await screen.findByText("Allergies copied as text")).toBeVisible();
  });
});

describe("signing", () => {
  const asked = async () => {
    const opened = await openReport();
    await opened.user.keyboard("{Control>}{Enter}{/Control}");
    return { ...opened, sheet: await dialog() };
  };

  it("says what is fixed, with the focus on Not yet", async () => {
    const { user, sheet, record } = await asked();
    expect(sheet.getByText(/these 2 pages cannot be changed/)).toBeVisible();
    expect(sheet.getByText("6 of 60 statements looked at")).toBeVisible();
    expect(sheet.getByText("Elena Brandt, MD")).toBeVisible();
    await waitFor(() => expect(sheet.getByRole("button", { name: "Not yet" })).toHaveFocus());
    await user.keyboard("{Enter}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(record().signed).toHaveLength(0);
  });

  it("asks for the password after 15 minutes", async () => {
    const { user, sheet, record, at } = await asked();
    await user.click(sheet.getByRole("button", { name: "Sign as Elena Brandt" }));
    const password = await sheet.findByLabelText("Your password");
    await waitFor(() => expect(password).toHaveFocus());
    await user.type(password, "not it{Enter}");
    expect(await sheet.findByText("That is not the password.")).toBeVisible();
    expect(password).toHaveValue("not it");
    await user.clear(password);
    await user.type(password, `${fakePassword}{Enter}`);
    expect(await screen.findByText("Version 1 is signed")).toBeVisible();
    expect(record().signed).toHaveLength(1);
    expect(at()).toContain("version=1");
    expect(await screen.findByText(/Signed by Elena Brandt on/)).toBeVisible();
  });

  it("does not ask again within 15 minutes", async () => {
    const opened = await openReport({
      prepare: ({ world }) => {
        world.passwordAt = world.now - 60_000;
      },
    });
    await opened.user.click(screen.getByRole("button", { name: "Sign" }));
    await opened.user.click((await dialog()).getByRole("button", { name: "Sign as Elena Brandt" }));
    expect(await screen.findByText("Version 1 is signed")).toBeVisible();
  });

  it("keeps both versions when a correction is signed", async () => {
    const opened = await openReport({
      prepare: ({ world }) => {
        world.passwordAt = world.now;
      },
    });
    for (const version of [1, 2]) {
      await opened.user.click(await screen.findByRole("button", { name: "Sign" }));
      await opened.user.click((await dialog()).getByRole("button", { name: "Sign as Elena Brandt" }));
      await screen.findByText(`Version ${version} is signed`);
      await opened.user.click(await screen.findByRole("button", { name: "Show the draft" }));
    }
    expect(await choices().findByText("Version 2")).toBeVisible();
    expect(choices().getByText("Version 1")).toBeVisible();
  });

  it("is refused with the reason and the names of who may", async () => {
    await openReport({
      prepare: ({ world }) => {
        world.me = { ...world.me, signs: false };
      },
    });
    const button = screen.getByRole("button", { name: "Sign" });
    expect(button).toBeDisabled();
    expect(button).toHaveAccessibleDescription(/Your role does not sign reports. Elena Brandt, Ruth Abara may./);
  });

  it("is refused in a sentence of its own where nobody signs", async () => {
    await openReport({
      prepare: ({ world }) => {
        world.me = { ...world.me, signs: false };
        world.signers = [];
      },
    });
    expect(screen.getByRole("button", { name: "Sign" })).toHaveAccessibleDescription(
      /^Nobody at this clinic signs reports yet\.$/,
    );
  });

  it("waits for a signature block", async () => {
    const opened = await openReport({
      prepare: ({ world }) => {
        world.signature = { ...world.signature, block: null };
      },
    });
    expect(screen.getByRole("button", { name: "Sign" })).toBeDisabled();
    expect(choices().getByText("No signature block yet")).toBeVisible();
    await opened.user.click(choices().getAllByRole("button", { name: "Settings" })[1] as HTMLElement);
    await waitFor(() => expect(opened.at()).toBe("/settings/signature"));
  });
});

describeStates("Report is accessible", [
  { name: "as letter", scenario: "review", at: reportAt(), reach: () => screen.findByText("54 of 60 not looked at") },
  {
    name: "as review",
    scenario: "review",
    at: reportAt("?form=full_review&page=2"),
    reach: () => screen.findByText("All 14, in the order of the clinic"),
  },
  {
    name: "signing",
    scenario: "review",
    at: reportAt(),
    reach: async ({ user }) => {
      await screen.findByText("54 of 60 not looked at");
      await user.click(screen.getByRole("button", { name: "Sign" }));
      await user.click((await dialog()).getByRole("button", { name: "Sign as Elena Brandt" }));
      await (await dialog()).findByLabelText("Your password");
    },
  },
  {
    name: "without an analysis",
    scenario: "no-result",
    at: reportAt(),
    reach: () => screen.findByText("Nothing to report yet"),
  },
  {
    name: "loading",
    scenario: "review",
    at: reportAt(),
    prepare: ({ world }) => world.hanging.add("preview_report"),
    reach: () => screen.findByRole("status", { name: "Loading" }),
  },
  {
    name: "failing",
    scenario: "review",
    at: reportAt(),
    prepare: ({ world }) => world.failing.set("preview_report", "internal"),
    reach: () => screen.findByText("The report cannot be drawn"),
  },
]);
