import { fireEvent, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { describeStates } from "@/testing/states";
import { openWindow, screen } from "@/testing/window";

/** The shell has no profile of the clinic yet: its name alone is shown. */
const nameOnly = ({ world }: ReturnType<typeof openWindow>["backend"]) => world.missing.add("clinic_profile");

const open = (page: string) => openWindow({ at: `/settings/${page}` });

describe("appearance", () => {
  it("light and dark work at once", async () => {
    const { user } = open("appearance");
    await user.click(await screen.findByRole("radio", { name: "Dark" }));
    await waitFor(() => expect(document.documentElement).toHaveAttribute("data-mantine-color-scheme", "dark"));
  });

  it("the text size moves the whole window when it is let go", async () => {
    const { backend } = open("appearance");
    const slider = await screen.findByRole("slider", { name: "Text size" });
    fireEvent.keyDown(slider, { key: "ArrowRight" });
    fireEvent.keyUp(slider, { key: "ArrowRight" });
    await waitFor(() => expect(document.documentElement.style.fontSize).toBe("105%"));
    expect(backend.world.preferences.text_size).toBe(105);
  });

  it("Ctrl + and Ctrl − step through the sizes", async () => {
    const { user } = open("keyboard");
    await screen.findByRole("heading", { name: "Keyboard" });
    await user.keyboard("{Control>}+{/Control}");
    await waitFor(() => expect(document.documentElement.style.fontSize).toBe("110%"));
    await user.keyboard("{Control>}0{/Control}");
    await waitFor(() => expect(document.documentElement.style.fontSize).toBe("100%"));
  });

  it("another language is spoken at once", async () => {
    const { user } = open("appearance");
    await user.click(await screen.findByRole("combobox", { name: "Language" }));
    await user.click(await screen.findByRole("option", { name: "Español" }));
    expect(await screen.findByRole("heading", { name: "Apariencia" })).toBeVisible();
    expect(screen.getByText(/14 mar 1966/)).toBeVisible();
  });
});

describe("keyboard", () => {
  it("finds a key by act and by cap", async () => {
    const { user } = open("keyboard");
    await user.type(await screen.findByRole("searchbox", { name: "Act or key" }), "f3");
    expect(screen.getByText("Next hit")).toBeVisible();
    expect(screen.queryByText("Lock")).toBeNull();
  });
});

describe("the clinic", () => {
  it("gets a new name, which the window shows", async () => {
    const { user } = openWindow({ at: "/settings/clinic", prepare: nameOnly });
    const name = await screen.findByLabelText("Name of the clinic");
    await user.clear(name);
    await user.type(name, "Linden Falls Medicine{Enter}");
    expect(await screen.findByText("Saved")).toBeVisible();
    expect(screen.getByRole("heading", { name: "Linden Falls Medicine" })).toBeVisible();
  });

  it("is only shown to who may not change it", async () => {
    openWindow({
      at: "/settings/clinic",
      prepare: (backend) => {
        nameOnly(backend);
        backend.world.clinic.may_edit = false;
      },
    });
    expect(await screen.findByText("Only admins of the clinic can change this.")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Save" })).toBeNull();
  });
});

describe("the letterhead", () => {
  it("is shown as it will print before it is saved", async () => {
    const { user, backend } = open("letterhead");
    await user.click(await screen.findByRole("button", { name: "Choose a picture" }));
    expect(await screen.findByRole("img", { name: "Picture of the letterhead" })).toBeVisible();
    expect(backend.world.clinic.letterhead.picture).toBeNull();
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(backend.world.clinic.letterhead.picture).not.toBeNull());
  });

  it("takes four lines at most", async () => {
    const { user } = open("letterhead");
    await user.type(await screen.findByLabelText("Lines beside it"), "{Enter}four{Enter}five");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Give at most four lines.")).toBeVisible();
  });

  it("says why a picture is refused", async () => {
    const { user } = openWindow({
      at: "/settings/letterhead",
      prepare: ({ world }) => world.failing.set("choose_picture", "picture_too_large"),
    });
    await user.click(await screen.findByRole("button", { name: "Choose a picture" }));
    expect(await screen.findByText("Give a picture of at most 2 MB.")).toBeVisible();
  });
});

describe("the signature block", () => {
  it("prints what is typed, and is saved", async () => {
    const { user, backend } = open("signature");
    const line = await screen.findByLabelText("Line below");
    await user.clear(line);
    await user.type(line, "Occupational medicine");
    expect(screen.getAllByText("Occupational medicine").length).toBeGreaterThan(0);
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(backend.world.signature.block?.line).toBe("Occupational medicine"));
  });

  it("can be put back as it was", async () => {
    const { user } = open("signature");
    const name = await screen.findByLabelText("Name as printed");
    await user.type(name, ", PhD");
    await user.click(screen.getByRole("button", { name: "Discard changes" }));
    expect(name).toHaveValue("Elena Brandt, MD");
  });
});

describe("the support bundle", () => {
  it("is read before it is saved and names no patient", async () => {
    const { user, backend } = open("support");
    expect(await screen.findByText(/reading started/)).toBeVisible();
    expect(document.body.textContent).not.toContain("Holloway");
    await user.click(screen.getByRole("button", { name: "Save the bundle" }));
    await waitFor(() => expect(backend.world.saved).toEqual(["maneiro-support-2026-11-27.zip"]));
  });
});

const pages = [
  ["appearance", "Appearance"],
  ["keyboard", "Keyboard"],
  ["signature", "Signature block"],
  ["clinic", "Clinic"],
  ["letterhead", "Letterhead"],
  ["support", "Support bundle"],
  ["about", "Maneiro"],
] as const;

describeStates("states of Settings", [
  ...pages.map(([page, title]) => ({
    name: page,
    at: `/settings/${page}`,
    reach: async () => screen.findByRole("heading", { level: 1, name: title }),
  })),
  {
    name: "failing",
    at: "/settings/clinic",
    prepare: (backend) => {
      nameOnly(backend);
      backend.world.failing.set("clinic", "offline");
    },
    reach: async () => screen.findByText(/There is no network/),
  },
]);
