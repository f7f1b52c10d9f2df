import { waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { fakeCode } from "@/backend/fake/commands/session";
import { fakePassword } from "@/backend/fake/world";
import { describeStates } from "@/testing/states";
import { openWindow, screen } from "@/testing/window";

const email = "elena.brandt@northgate.example";

async function fillClinic({ user }: ReturnType<typeof openWindow>) {
  await user.click(await screen.findByRole("button", { name: "Create a clinic" }));
  await user.type(screen.getByLabelText("Name of the clinic"), "Larkspur Clinic");
  await user.type(screen.getByLabelText("Your name"), "Ida Wells");
  await user.type(screen.getByLabelText("E-mail"), "ida@larkspur.example");
  await user.type(screen.getByLabelText("Password"), fakePassword);
  await user.click(screen.getByRole("button", { name: "Send the code" }));
}

describe("sign-in", () => {
  it("opens the records of the clinic", async () => {
    const { user } = openWindow({ scenario: "signed-out" });
    await user.type(await screen.findByLabelText("E-mail"), email);
    await user.type(screen.getByLabelText("Password"), `${fakePassword}{Enter}`);
    expect(await screen.findByRole("heading", { name: "Records" })).toBeVisible();
  });

  it("says what does not match and keeps what was typed", async () => {
    const { user } = openWindow({ scenario: "signed-out" });
    await user.type(await screen.findByLabelText("E-mail"), email);
    await user.type(screen.getByLabelText("Password"), "wrong{Enter}");
    expect(await screen.findByText("E-mail and password do not match.")).toBeVisible();
    expect(screen.getByLabelText("Password")).toHaveValue("wrong");
  });

  it("asks for an address before it asks the server", async () => {
    const { user } = openWindow({ scenario: "signed-out" });
    await user.click(await screen.findByRole("button", { name: "Sign in" }));
    expect(await screen.findByText(/Give an e-mail address/)).toBeVisible();
  });

  it("shows and hides the password", async () => {
    const { user } = openWindow({ scenario: "signed-out" });
    const field = await screen.findByLabelText("Password");
    await user.click(screen.getByRole("button", { name: "Show or hide the password" }));
    expect(field).toHaveAttribute("type", "text");
  });
});

describe("a new clinic", () => {
  it("is made by the mailed code, in whatever form it is typed", async () => {
    const opened = openWindow({ scenario: "signed-out" });
    await fillClinic(opened);
    await opened.user.type(await screen.findByLabelText("Code"), "nrth-4821{Enter}");
    expect(await screen.findByRole("heading", { name: "Your clinic is ready, Ida" })).toBeVisible();
  });

  it("is not made by another code", async () => {
    const opened = openWindow({ scenario: "signed-out" });
    await fillClinic(opened);
    await opened.user.type(await screen.findByLabelText("Code"), "AAAA1111{Enter}");
    expect(await screen.findByText("That is not the code in the mail.")).toBeVisible();
  });

  it("takes the code by itself from a server on this computer", async () => {
    const prepare = ({ world }: ReturnType<typeof openWindow>["backend"]) => {
      world.server.url = "http://localhost:8080";
    };
    const opened = openWindow({ scenario: "signed-out", prepare });
    await fillClinic(opened);
    await waitFor(() => expect(screen.getByLabelText("Code")).toHaveValue(fakeCode));
  });

  it("wants a password of twelve characters", async () => {
    const { user } = openWindow({ scenario: "signed-out" });
    await user.click(await screen.findByRole("button", { name: "Create a clinic" }));
    await user.type(screen.getByLabelText("Password"), "short");
    await user.click(screen.getByRole("button", { name: "Send the code" }));
    expect(await screen.findByText("Give at least 12 characters.")).toBeVisible();
  });
});

describe("the server", () => {
  async function check(address: string) {
    const opened = openWindow({ scenario: "signed-out" });
    await opened.user.click(await screen.findByRole("button", { name: "Change" }));
    await opened.user.clear(screen.getByLabelText("Address"));
    await opened.user.type(screen.getByLabelText("Address"), `${address}{Enter}`);
    return opened;
  }

  it("is used only after it answered", async () => {
    const { user, backend } = await check("maneiro.clinic.example");
    expect(await screen.findByText("maneiro.clinic.example answers, version 1.4.2.")).toBeVisible();
    expect(backend.world.server.url).toBe("https://cloud.maneiro.example");
    await user.click(screen.getByRole("button", { name: "Use this server" }));
    expect(await screen.findByText("maneiro.clinic.example, version 1.4.2")).toBeVisible();
  });

  it.each([
    ["nowhere.example", /does not answer/],
    ["other.example", /not a Maneiro server/],
    ["old.example", /too old/],
  ])("%s is refused with its reason", async (address, reason) => {
    await check(address);
    expect(await screen.findByText(reason)).toBeVisible();
    expect(screen.queryByRole("button", { name: "Use this server" })).toBeNull();
  });
});

describe("the lock", () => {
  it("opens with the password alone", async () => {
    const { user } = openWindow({ scenario: "locked" });
    await user.type(await screen.findByLabelText("Password"), `${fakePassword}{Enter}`);
    expect(await screen.findByRole("heading", { name: "Records" })).toBeVisible();
  });

  it("stays shut with another", async () => {
    const { user } = openWindow({ scenario: "locked" });
    await user.type(await screen.findByLabelText("Password"), "guess{Enter}");
    expect(await screen.findByText("That is not the password.")).toBeVisible();
  });

  it("asks for a full sign-in when the session has ended", async () => {
    openWindow({
      scenario: "locked",
      prepare: ({ world }) => {
        if (world.session.state === "locked") world.session.needs_sign_in = true;
      },
    });
    expect(await screen.findByText(/Your session has ended/)).toBeVisible();
    expect(screen.getByLabelText("E-mail")).toHaveValue(email);
  });
});

describe("without a keychain", () => {
  it("looks again and opens when it answers", async () => {
    const { user, backend } = openWindow({ scenario: "no-keychain" });
    backend.world.keychainWorks = true;
    await user.click(await screen.findByRole("button", { name: "Look again" }));
    expect(await screen.findByRole("heading", { name: "Records" })).toBeVisible();
  });

  it("goes on in memory, where nothing can be changed", async () => {
    const { user } = openWindow({ scenario: "no-keychain" });
    await user.click(await screen.findByRole("button", { name: "Read only, in memory" }));
    expect(await screen.findByText(/^Read only: nothing is kept/)).toBeVisible();
    expect(screen.getByRole("button", { name: "New" })).toBeDisabled();
    expect(screen.queryByRole("button", { name: "Lock" })).toBeNull();
  });

  it("copies the number to quote", async () => {
    const { user, backend } = openWindow({ scenario: "no-keychain" });
    await user.click(await screen.findByRole("button", { name: "Copy" }));
    await waitFor(() => expect(backend.world.clipboard).toMatch(/^KEYCHAIN-02, /));
  });
});

describe("the first start", () => {
  it("opens the sample with Enter", async () => {
    const { user, at } = openWindow({ scenario: "first-start" });
    await screen.findByRole("heading", { name: "Your clinic is ready, Elena" });
    await user.keyboard("{Enter}");
    await waitFor(() => expect(at()).toMatch(/^\/records\/rec_\w+\/review/));
  });

  it("ticks what is done", async () => {
    const { user } = openWindow({ scenario: "first-start" });
    await user.click(await screen.findByRole("link", { name: "Choose" }));
    await screen.findByRole("heading", { name: "Appearance" });
    await user.click(screen.getByRole("link", { name: "Back to records" }));
    expect(await screen.findByText("3 of 5 done")).toBeVisible();
  });

  it("goes when it is hidden and comes back from Settings", async () => {
    const { user } = openWindow({ scenario: "first-start" });
    await user.click(await screen.findByRole("button", { name: "Hide this" }));
    expect(screen.queryByText("Before the first report")).toBeNull();
    await user.keyboard("{Control>},{/Control}");
    await user.click(await screen.findByRole("button", { name: "Show it again" }));
    await user.click(screen.getByRole("link", { name: "Back to records" }));
    expect(await screen.findByText("Before the first report")).toBeVisible();
  });
});

const reachable = (name: string) => async () => screen.findByRole("heading", { name });

describeStates("states of the door", [
  { name: "sign in", scenario: "signed-out", reach: reachable("Sign in") },
  {
    name: "refused",
    scenario: "signed-out",
    reach: async ({ user }) => {
      await user.type(await screen.findByLabelText("E-mail"), email);
      await user.type(screen.getByLabelText("Password"), "wrong{Enter}");
      await screen.findByText("E-mail and password do not match.");
    },
  },
  {
    name: "form with faults",
    scenario: "signed-out",
    reach: async ({ user }) => {
      await user.click(await screen.findByRole("button", { name: "Create a clinic" }));
      await user.click(screen.getByRole("button", { name: "Send the code" }));
      await screen.findByText("Give at least 12 characters.");
    },
  },
  {
    name: "code",
    scenario: "signed-out",
    reach: async (opened) => {
      await fillClinic(opened);
      await screen.findByLabelText("Code");
    },
  },
  { name: "locked", scenario: "locked", reach: reachable("Locked") },
  { name: "no keychain", scenario: "no-keychain", reach: reachable("The keychain of this computer does not answer") },
  { name: "first start", scenario: "first-start", reach: reachable("Your clinic is ready, Elena") },
  {
    name: "the shell does not answer",
    prepare: ({ world }) => world.failing.set("start", "store_damaged"),
    reach: async () => within(await screen.findByRole("alert")).findByText(/store on this computer is damaged/),
  },
]);
