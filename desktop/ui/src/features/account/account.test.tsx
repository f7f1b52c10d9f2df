import { waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { fakeMailedCode, fakeSecondCode } from "@/backend/fake/commands/account";
import { fakePassword } from "@/backend/fake/world";
import { describeStates } from "@/testing/states";
import { type OpenWindow, openWindow, screen } from "@/testing/window";

const email = "elena.brandt@northgate.example";

async function signIn({ user }: OpenWindow) {
  await user.type(await screen.findByLabelText("E-mail"), email);
  await user.type(screen.getByLabelText("Password"), `${fakePassword}{Enter}`);
}

const asking = (step: "prove" | "enrol") => ({
  scenario: "signed-out" as const,
  prepare: ({ world }: OpenWindow["backend"]) => {
    world.office.asksAtDoor = step;
  },
});

describe("the second step of the sign-in", () => {
  it("opens nothing before the code, and the records after it", async () => {
    const opened = openWindow(asking("prove"));
    await signIn(opened);
    expect(await screen.findByRole("heading", { name: "Second step" })).toBeVisible();
    expect(screen.queryByRole("heading", { name: "Records" })).toBeNull();
    await opened.user.type(screen.getByLabelText("Code of the app"), `${fakeSecondCode}{Enter}`);
    expect(await screen.findByRole("heading", { name: "Records" })).toBeVisible();
  });

  it("says that a code is not right and keeps asking", async () => {
    const opened = openWindow(asking("prove"));
    await signIn(opened);
    await opened.user.type(await screen.findByLabelText("Code of the app"), "000000{Enter}");
    expect(await screen.findByText(/This code is not right/)).toBeVisible();
  });

  it("can be left for another account", async () => {
    const opened = openWindow(asking("prove"));
    await signIn(opened);
    await opened.user.click(await screen.findByRole("button", { name: "Sign in as somebody else" }));
    expect(await screen.findByRole("button", { name: "Forgot the password?" })).toBeVisible();
  });

  it("is set up where the clinic requires it, and goes on only when the codes are kept", async () => {
    const opened = openWindow(asking("enrol"));
    await signIn(opened);
    await opened.user.type(await screen.findByLabelText("Code that the app shows"), `${fakeSecondCode}{Enter}`);
    const codes = await screen.findByRole("list", { name: "Recovery codes" });
    expect(within(codes).getAllByRole("listitem")).toHaveLength(10);
    expect(screen.getByRole("button", { name: "Go on" })).toBeDisabled();
    await opened.user.click(screen.getByRole("button", { name: "Copy" }));
    await waitFor(() => expect(opened.backend.world.clipboard.split("\n")).toHaveLength(10));
    await opened.user.click(screen.getByRole("checkbox", { name: "I have kept these codes" }));
    await opened.user.click(screen.getByRole("button", { name: "Go on" }));
    expect(await screen.findByRole("heading", { name: "Records" })).toBeVisible();
  });
});

describe("several clinics", () => {
  it("are chosen at the door", async () => {
    const opened = openWindow({ scenario: "two-clinics" });
    await signIn(opened);
    await opened.user.type(await screen.findByLabelText("Code of the app"), `${fakeSecondCode}{Enter}`);
    await opened.user.click(await screen.findByRole("button", { name: /Harbor Orthopedics/ }));
    expect(await screen.findByText(/Harbor Orthopedics/, { selector: "span" })).toBeInTheDocument();
    expect(opened.backend.world.me.organization).toBe("org_2");
  });

  it("are switched at the head of the side bar", async () => {
    const { user, backend } = openWindow({
      prepare: ({ world }) =>
        world.office.clinics.push({
          organization: "org_2",
          name: "Harbor Orthopedics",
          role: "doctor",
          is_current: false,
          requires_second_factor: true,
        }),
    });
    await user.click(await screen.findByRole("button", { name: /switch clinic/ }));
    await user.click(await screen.findByRole("menuitem", { name: /Harbor Orthopedics/ }));
    await waitFor(() => expect(backend.world.me.clinic).toBe("Harbor Orthopedics"));
  });
});

describe("a clinic that requires a second factor", () => {
  it("asks for the password first where none was just given", async () => {
    const { user, backend } = openWindow({
      prepare: ({ world }) => {
        world.office.secondFactor.enrolled_at = null;
        world.office.clinics.push({
          organization: "org_2",
          name: "Harbor Orthopedics",
          role: "doctor",
          is_current: false,
          requires_second_factor: true,
        });
      },
    });
    await user.click(await screen.findByRole("button", { name: /switch clinic/ }));
    await user.click(await screen.findByRole("menuitem", { name: /Harbor Orthopedics/ }));
    await user.type(await screen.findByLabelText("Password"), "wrong{Enter}");
    expect(await screen.findByText("That is not the password.")).toBeVisible();
    await user.clear(screen.getByLabelText("Password"));
    await user.type(screen.getByLabelText("Password"), `${fakePassword}{Enter}`);
    await user.type(await screen.findByLabelText("Code that the app shows"), `${fakeSecondCode}{Enter}`);
    await user.click(await screen.findByRole("checkbox", { name: "I have kept these codes" }));
    await user.click(screen.getByRole("button", { name: "Go on" }));
    expect(await screen.findByRole("heading", { name: "Records" })).toBeVisible();
    expect(backend.world.me.clinic).toBe("Harbor Orthopedics");
  });
});

describe("mailed codes", () => {
  it("set a forgotten password", async () => {
    const { user } = openWindow({ scenario: "signed-out" });
    await user.click(await screen.findByRole("button", { name: "Forgot the password?" }));
    await user.type(screen.getByLabelText("E-mail"), `${email}{Enter}`);
    await user.type(await screen.findByLabelText("Code"), fakeMailedCode);
    await user.type(screen.getByLabelText("New password"), "a longer sentence of mine{Enter}");
    expect(await screen.findByRole("heading", { name: "Records" })).toBeVisible();
  });

  it("accept an invitation", async () => {
    const { user, backend } = openWindow({ scenario: "signed-out" });
    await user.click(await screen.findByRole("button", { name: "I have an invitation" }));
    await user.type(await screen.findByLabelText("Code"), `${fakeMailedCode}{Enter}`);
    expect(await screen.findByRole("heading", { name: "Join Harbor Orthopedics" })).toBeVisible();
    await user.type(screen.getByLabelText("Your name"), "Ida Wells");
    await user.type(screen.getByLabelText("New password"), "a longer sentence of mine{Enter}");
    await waitFor(() => expect(backend.world.me.name).toBe("Ida Wells"));
  });
});

describe("security", () => {
  it("ends another session", async () => {
    const { user } = openWindow({ at: "/settings/security" });
    expect(await screen.findByText(/Windows/)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "End" }));
    await waitFor(() => expect(screen.queryByText(/Windows/)).toBeNull());
  });

  it("asks for the password before the second factor is removed", async () => {
    const { user, backend } = openWindow({ at: "/settings/security" });
    await user.click(await screen.findByRole("button", { name: "Remove it" }));
    const dialog = await screen.findByRole("dialog");
    await user.type(within(dialog).getByLabelText("Password"), "wrong{Enter}");
    expect(await within(dialog).findByText("That is not the password.")).toBeVisible();
    expect(backend.world.office.secondFactor.enrolled_at).not.toBeNull();
    await user.clear(within(dialog).getByLabelText("Password"));
    await user.type(within(dialog).getByLabelText("Password"), `${fakePassword}{Enter}`);
    expect(await screen.findByText(/A password alone opens this account/)).toBeVisible();
  });

  it("leaves out what the shell cannot do", async () => {
    openWindow({ at: "/settings/appearance", prepare: ({ world }) => world.missing.add("sessions") });
    expect(await screen.findByRole("link", { name: "Profile" })).toBeVisible();
    expect(screen.queryByRole("link", { name: "Security" })).toBeNull();
  });
});

describe("the profile", () => {
  it("takes a new address by the code that was mailed there", async () => {
    const { user } = openWindow({ at: "/settings/profile" });
    await user.type(await screen.findByLabelText("New e-mail address"), "elena@larkspur.example");
    await user.type(screen.getByLabelText("Password"), `${fakePassword}{Enter}`);
    await user.type(await screen.findByLabelText("Code"), `${fakeMailedCode}{Enter}`);
    expect(await screen.findByText("elena@larkspur.example")).toBeVisible();
  });
});

describeStates("states of the account", [
  {
    name: "second step",
    ...asking("prove"),
    reach: async (opened) => {
      await signIn(opened);
      await screen.findByRole("heading", { name: "Second step" });
    },
  },
  {
    name: "enrolment",
    ...asking("enrol"),
    reach: async (opened) => {
      await signIn(opened);
      await screen.findByRole("img", { name: "QR code for the authenticator app" });
    },
  },
  {
    name: "security",
    at: "/settings/security",
    reach: async () => screen.findByText(/Windows/),
  },
  { name: "profile", at: "/settings/profile", reach: async () => screen.findByLabelText("New e-mail address") },
]);
