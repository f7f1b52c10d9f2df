import { fireEvent, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { storyStart } from "@/backend/fake/building";
import { describeStates } from "@/testing/states";
import { openWindow, screen } from "@/testing/window";

const row = (name: RegExp) => screen.findByRole("button", { name });
const preview = (name: string) => screen.findByRole("heading", { level: 1, name });
const holloway = /^Marian T. Holloway/;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: storyStart });
  return () => vi.useRealTimers();
});

/** jsdom knows no places: the list lies under the pointer. */
function overTheList() {
  document.elementsFromPoint = () => [screen.getByRole("region", { name: "Records" })];
  onTestFinished(() => {
    document.elementsFromPoint = () => [];
  });
}

async function chosenHolloway() {
  const opened = openWindow();
  await opened.user.click(await row(holloway));
  await preview("Marian T. Holloway");
  return opened;
}

describe("the list", () => {
  it("groups by day, newest first", async () => {
    openWindow();
    await row(holloway);
    const list = screen.getByRole("list", { name: "Records" });
    expect(
      within(list)
        .getAllByRole("heading")
        .map((it) => it.textContent),
    ).toEqual(["Today", "Yesterday"]);
  });

  it("is searched by name without accents", async () => {
    const { user, at } = openWindow();
    await row(holloway);
    await user.keyboard("/");
    await user.keyboard("lucia fer");
    await waitFor(() => expect(screen.queryByRole("button", { name: holloway })).toBeNull());
    expect(await row(/^Lucía Fernández Otero/)).toBeVisible();
    expect(at()).toContain("search=lucia+fer");
  });

  it("says when a search finds nothing and leads back", async () => {
    const { user } = openWindow({ at: "/records?search=zebra" });
    expect(await screen.findByText("No record for “zebra”")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Show all records" }));
    expect(await row(holloway)).toBeVisible();
  });

  it("is narrowed to a state, and to an owner", async () => {
    const { user } = openWindow();
    await user.click(await screen.findByRole("link", { name: /^Signed/ }));
    expect(await row(/^Samuel Brisk/)).toBeVisible();
    await waitFor(() => expect(screen.queryByRole("button", { name: holloway })).toBeNull());
    await user.click(screen.getByRole("link", { name: /^Tomás Keane/ }));
    expect(await row(/^Gerrit van der Meulen/)).toBeVisible();
    await waitFor(() => expect(screen.queryByRole("button", { name: /^Samuel Brisk/ })).toBeNull());
  });

  it("is walked with arrows and opened with Enter", async () => {
    const { user, at } = openWindow();
    await row(holloway);
    await user.keyboard("{ArrowDown}");
    expect(await preview("Marian T. Holloway")).toBeVisible();
    await waitFor(() => expect(screen.getByRole("button", { name: holloway })).toHaveFocus());
    await user.keyboard("{Enter}");
    await waitFor(() => expect(at()).toMatch(/\/review/));
  });

  it("shows hundreds by mounting a few", async () => {
    openWindow({ scenario: "many" });
    await row(/^Record 001/);
    expect(screen.getAllByRole("button", { name: /^Record \d+/ }).length).toBeLessThan(40);
  });

  it("tells what waits for the network, and that it goes by itself", async () => {
    openWindow({ scenario: "offline" });
    const outbox = await screen.findByRole("region", { name: "Outbox" });
    expect(within(outbox).getByText("3 wait, they go by themselves")).toBeVisible();
    expect(within(outbox).getByText("Marian T. Holloway: 2 edits")).toBeVisible();
    expect(within(outbox).getByText("No network since 11:20")).toBeVisible();
  });
});

describe("the preview", () => {
  it("shows fields, the three most important, and documents", async () => {
    await chosenHolloway();
    expect(screen.getByText("14 Mar 1966")).toBeVisible();
    expect(within(screen.getByRole("region", { name: "Most important" })).getAllByRole("listitem")).toHaveLength(3);
    expect(screen.getByRole("link", { name: /Progress note.*20 May 2024.*6$/ })).toBeVisible();
  });

  it("leads from a document to its page", async () => {
    const { user, at } = await chosenHolloway();
    await user.click(screen.getByRole("link", { name: /^MRI, left shoulder/ }));
    await waitFor(() => expect(at()).toMatch(/review\?page=7$/));
  });

  it("names the pages that could not be read, and why", async () => {
    const { user } = openWindow();
    await user.click(await row(/^Dorothy Anne Kessler/));
    expect(await screen.findByText("The picture is damaged: parts of it are missing.")).toBeVisible();
    expect(screen.getAllByRole("link", { name: "Show what there is" })).toHaveLength(2);
  });
});

describe("a record", () => {
  it("gets a name and fields; a typed day is said back", async () => {
    const { user } = await chosenHolloway();
    await user.keyboard("{F2}");
    const panel = await screen.findByRole("dialog", { name: "Fields of the record" });
    const name = within(panel).getByLabelText("Name of the record");
    await user.clear(name);
    await user.type(name, "Holloway, Marian");
    await user.clear(within(panel).getByLabelText("Date of injury"));
    await user.type(within(panel).getByLabelText("Date of injury"), "06/02/2024");
    expect(within(panel).getByText("= 2 Jun 2024")).toBeVisible();
    await user.click(within(panel).getByRole("button", { name: "Save" }));
    expect(await preview("Holloway, Marian")).toBeVisible();
    expect(await screen.findByText("2 Jun 2024")).toBeVisible();
  });

  it("cannot get a day that does not exist", async () => {
    const { user } = await chosenHolloway();
    await user.keyboard("{F2}");
    const birth = await screen.findByLabelText("Date of birth");
    await user.clear(birth);
    await user.type(birth, "30 Feb 1966");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Give a day, such as 14 Mar 1966.")).toBeVisible();
  });

  it("closes its panel with Esc and gives the focus back", async () => {
    const { user } = await chosenHolloway();
    const before = document.activeElement;
    await user.keyboard("{F2}");
    await screen.findByRole("dialog", { name: "Fields of the record" });
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("dialog")).toBeNull();
    await waitFor(() => expect(before).toHaveFocus());
  });

  it("is deleted only after the question", async () => {
    const { user } = await chosenHolloway();
    await user.keyboard("{Delete}");
    const dialog = await screen.findByRole("dialog", { name: "Delete Marian T. Holloway?" });
    await waitFor(() => expect(within(dialog).getByRole("button", { name: "Cancel" })).toHaveFocus());
    await user.click(within(dialog).getByRole("button", { name: "Delete record" }));
    expect(await screen.findByText("Marian T. Holloway is deleted")).toBeVisible();
    await waitFor(() => expect(screen.queryByRole("button", { name: holloway })).toBeNull());
  });

  it("has its files moved and removed", async () => {
    const { user, backend } = openWindow();
    await row(holloway);
    const names = () => backend.world.records[0]?.files.map((file) => file.name.slice(0, 2));
    await user.click(await screen.findByRole("button", { name: "What to do with 03_hospital_course.pdf" }));
    await user.click(await screen.findByRole("menuitem", { name: "Move up" }));
    await waitFor(() => expect(names()).toEqual(["01", "03", "02", "04"]));
    await user.click(screen.getByRole("button", { name: "What to do with 01_referral_and_consent.pdf" }));
    await user.click(await screen.findByRole("menuitem", { name: "Remove file" }));
    await user.click(await screen.findByRole("button", { name: "Remove file" }));
    await waitFor(() => expect(names()).toEqual(["03", "02", "04"]));
  });
});

describe("files that come in", () => {
  it("one file is read at once as a record of its own", async () => {
    const { backend } = openWindow();
    await row(holloway);
    overTheList();
    backend.drop(["Keene_outside_notes.pdf"]);
    expect(await preview("Keene outside notes")).toBeVisible();
    expect(await screen.findByText("Keene_outside_notes.pdf is being read")).toBeVisible();
  });

  it("several are one record, in the order one gives them", async () => {
    const { backend, user } = openWindow();
    await row(holloway);
    backend.drop(["b.pdf", "a.pdf", "c.tif"]);
    await user.click(await screen.findByRole("button", { name: "Move a.pdf up" }));
    await user.click(screen.getByRole("button", { name: "Leave c.tif out" }));
    await user.click(screen.getByRole("button", { name: "Read" }));
    await preview("a");
    expect(backend.world.records[0]?.files.map((file) => file.name)).toEqual(["a.pdf", "b.pdf"]);
  });

  it("several are several records", async () => {
    const { backend, user } = openWindow();
    await row(holloway);
    backend.drop(["a.pdf", "b.pdf"]);
    await user.click(await screen.findByRole("radio", { name: /2 records/ }));
    await user.click(screen.getByRole("button", { name: "Read" }));
    expect(await screen.findByText("2 records are being read")).toBeVisible();
    expect(backend.world.records).toHaveLength(11);
  });

  it("several are part of the chosen record", async () => {
    const { backend, user } = await chosenHolloway();
    backend.drop(["later.pdf", "letter.pdf"]);
    await user.click(await screen.findByRole("radio", { name: /Part of Marian T. Holloway/ }));
    await user.click(screen.getByRole("button", { name: "Read" }));
    expect(await screen.findByText("Added to Marian T. Holloway")).toBeVisible();
    expect(await screen.findByText("later.pdf")).toBeVisible();
  });

  it("a kind that cannot be read is named and left out", async () => {
    const { backend } = openWindow();
    await row(holloway);
    backend.drop(["a.pdf", "notes.docx"]);
    expect(await screen.findByText(/It is left out/)).toBeVisible();
  });

  it("nothing readable says what is read", async () => {
    const { backend, user } = openWindow();
    await row(holloway);
    backend.drop(["notes.docx"]);
    expect(await screen.findByText(/None of these files is one/)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Close" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  it("are chosen with Ctrl O", async () => {
    const { user } = openWindow();
    await row(holloway);
    await user.keyboard("{Control>}o{/Control}");
    expect(await preview("Holloway outside records")).toBeVisible();
  });

  it("an image is pasted", async () => {
    openWindow({ scenario: "empty" });
    await screen.findByText("No records yet");
    const files = [new File(["x"], "clip.png", { type: "image/png" })];
    fireEvent.paste(document.body, { clipboardData: { files } });
    expect(await preview("Pasted image")).toBeVisible();
  });

  it("come from the file manager into Settings too", async () => {
    const { backend } = openWindow({ at: "/settings/keyboard" });
    await screen.findByRole("heading", { name: "Keyboard" });
    const file = await backend.call("paste_image", { media_type: "image/png", base64: "eA==" });
    backend.emit({ event: "files_offered", files: [file], how: "opened", at: null });
    expect(await screen.findByText("Pasted image.png is being read")).toBeVisible();
  });

  it("a full disk is said where the files were offered", async () => {
    const { backend } = openWindow();
    await row(holloway);
    overTheList();
    backend.world.failing.set("create_records", "disk_full");
    backend.drop(["a.pdf"]);
    expect(await screen.findByText(/The disk is full/)).toBeVisible();
  });
});

const shown = async () => row(holloway);

describeStates("states of Records", [
  { name: "full", reach: shown },
  { name: "empty", scenario: "empty", reach: async () => screen.findByText("No records yet") },
  {
    name: "loading",
    prepare: ({ world }) => world.hanging.add("list_records"),
    reach: async () => screen.findByRole("status", { name: "Loading" }),
  },
  {
    name: "failing",
    prepare: ({ world }) => world.failing.set("list_records", "store_damaged"),
    reach: async () => screen.findByRole("button", { name: "Try again" }),
  },
  {
    name: "preview failing",
    prepare: ({ world }) => world.failing.set("record", "not_found"),
    reach: async () => screen.findByText(/This is no longer there/),
  },
  {
    name: "long names",
    prepare: ({ world }) => {
      for (const record of world.records)
        record.title = `${"Fairweather-Castellanos y de la Vega ".repeat(5)}${record.id.slice(-4)}`;
    },
    reach: async () => screen.findAllByRole("button", { name: /^Fairweather/ }),
  },
  { name: "nothing found", at: "/records?search=zebra", reach: async () => screen.findByText("No record for “zebra”") },
  { name: "offline", scenario: "offline", reach: async () => screen.findByRole("region", { name: "Outbox" }) },
  { name: "read only", scenario: "read-only", reach: shown },
  {
    name: "menu",
    reach: async ({ user }) => {
      await user.click(await row(holloway));
      await preview("Marian T. Holloway");
      await user.click(screen.getByRole("button", { name: "More" }));
      await screen.findByRole("menuitem", { name: /Rename/ });
    },
  },
  {
    name: "fields",
    reach: async ({ user }) => {
      await row(holloway);
      await user.keyboard("{F2}");
      await screen.findByRole("dialog");
    },
  },
  {
    name: "offer",
    reach: async ({ backend }) => {
      await row(holloway);
      backend.drop(["a.pdf", "b.pdf", "c.docx"]);
      await screen.findByRole("button", { name: "Read" });
    },
  },
  {
    name: "delete",
    reach: async ({ user }) => {
      await row(holloway);
      await user.keyboard("{Delete}");
      await screen.findByRole("dialog");
    },
  },
]);
