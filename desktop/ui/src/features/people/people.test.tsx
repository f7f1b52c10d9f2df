import { waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { describeStates } from "@/testing/states";
import { openWindow, screen } from "@/testing/window";

const people = { at: "/settings/people" };

describe("people", () => {
  it("are found by a part of name or address, whatever the accent", async () => {
    const { user } = openWindow({ ...people, scenario: "crowded" });
    await user.type(await screen.findByRole("searchbox", { name: "Name or address" }), "ekstrom");
    expect(screen.getByText("Nils Ekström")).toBeVisible();
    expect(screen.queryByText("Ruth Abara")).toBeNull();
  });

  it("get another role", async () => {
    const { user, backend } = openWindow(people);
    await user.click(await screen.findByRole("combobox", { name: "Role of Joan Pettibone" }));
    await user.click(await screen.findByRole("option", { name: "Doctor" }));
    await waitFor(() =>
      expect(backend.world.office.members.find((it) => it.name === "Joan Pettibone")?.role).toBe("doctor"),
    );
  });

  it("are removed with what becomes of their records", async () => {
    const { user, backend } = openWindow(people);
    await user.click(await screen.findByRole("button", { name: "More about Tomás Keane" }));
    await user.click(await screen.findByRole("menuitem", { name: "Remove" }));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByText("96 records belong to them")).toBeVisible();
    await user.click(within(dialog).getByRole("radio", { name: "Hand them over" }));
    await user.click(within(dialog).getByRole("button", { name: "Remove" }));
    await waitFor(() => expect(screen.queryByText("Tomás Keane")).toBeNull());
    expect(backend.world.office.members.find((it) => it.name === "Elena Brandt")?.records).toBe(508);
  });

  it("cannot all leave", async () => {
    const { user } = openWindow(people);
    await user.click(await screen.findByRole("button", { name: "More about Elena Brandt" }));
    await user.click(await screen.findByRole("menuitem", { name: "Leave the clinic" }));
    await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Leave the clinic" }));
    expect(await screen.findByText(/The last admin stays/)).toBeVisible();
  });

  it("are only shown to who is no admin", async () => {
    openWindow({
      ...people,
      prepare: ({ world }) => {
        world.me = { ...world.me, role: "doctor" };
        world.session = { state: "open", me: world.me, read_only: false };
      },
    });
    expect(await screen.findByText("Ruth Abara")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Invite" })).toBeNull();
    expect(screen.queryByRole("combobox", { name: /Role of/ })).toBeNull();
  });
});

describe("a role that is changed elsewhere", () => {
  it("shows with the first refusal", async () => {
    const { user, backend } = openWindow(people);
    expect(await screen.findByRole("link", { name: "Billing" })).toBeVisible();
    backend.world.office.roleElsewhere = "doctor";
    backend.world.failing.set("update_member", "permission_denied");
    await user.click(await screen.findByRole("combobox", { name: "Role of Joan Pettibone" }));
    await user.click(await screen.findByRole("option", { name: "Doctor" }));
    await waitFor(() => expect(screen.queryByRole("link", { name: "Billing" })).toBeNull());
    expect(screen.queryByRole("button", { name: "Invite" })).toBeNull();
    expect(screen.getByText("Ruth Abara")).toBeVisible();
  });

  it("shows when one comes back to the records", async () => {
    const { user, backend } = openWindow({ at: "/settings/billing" });
    await screen.findByText("No invoices yet.");
    backend.world.office.roleElsewhere = "assistant";
    await user.click(screen.getByRole("link", { name: "Back to records" }));
    await screen.findByText("Marian T. Holloway");
    await waitFor(() => expect(backend.world.me.role).toBe("assistant"));
    await user.click(screen.getByRole("link", { name: "Settings" }));
    await waitFor(() => expect(screen.queryByRole("link", { name: "Billing" })).toBeNull());
  });
});

describe("invitations", () => {
  it("go to an address that the policy allows", async () => {
    const { user } = openWindow(people);
    await user.click(await screen.findByRole("button", { name: "Invite" }));
    const dialog = await screen.findByRole("dialog");
    await user.type(within(dialog).getByLabelText("E-mail"), "ida@elsewhere.example");
    await user.click(within(dialog).getByRole("button", { name: "Send the invitation" }));
    expect(
      await within(dialog).findByText("The policy allows northgate.example, not elsewhere.example."),
    ).toBeVisible();
    await user.clear(within(dialog).getByLabelText("E-mail"));
    await user.type(within(dialog).getByLabelText("E-mail"), "ida@northgate.example");
    await user.click(within(dialog).getByRole("button", { name: "Send the invitation" }));
    expect(await screen.findByText("ida@northgate.example")).toBeVisible();
  });

  it("say how they stand, and are revoked", async () => {
    const { user } = openWindow(people);
    expect(await screen.findByText("The mail was refused")).toBeVisible();
    expect(screen.getByText("Over")).toBeVisible();
    await user.click(screen.getByRole("button", { name: /Revoke the invitation of front.desk/ }));
    await waitFor(() => expect(screen.queryByText(/front.desk/)).toBeNull());
  });
});

describe("the policy", () => {
  it("is saved, and refuses what the cloud would refuse", async () => {
    const { user, backend } = openWindow({ at: "/settings/policy" });
    const idle = await screen.findByRole("textbox", { name: "Lock after minutes without use" });
    await user.clear(idle);
    await user.type(idle, "0");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Give a whole number from 1 to 720.")).toBeVisible();
    await user.clear(idle);
    await user.type(idle, "5");
    await user.click(screen.getByRole("checkbox", { name: "Everybody needs a second factor" }));
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() =>
      expect(backend.world.office.policy).toMatchObject({ idle_minutes: 5, requires_second_factor: true }),
    );
  });
});

describeStates("states of the clinic", [
  { name: "people", ...people, reach: async () => screen.findByText("Ruth Abara") },
  {
    name: "200 people",
    ...people,
    scenario: "crowded",
    reach: async () => screen.findByRole("button", { name: /^Show all/ }),
  },
  {
    name: "inviting",
    ...people,
    reach: async ({ user }) => {
      await user.click(await screen.findByRole("button", { name: "Invite" }));
      await screen.findByRole("dialog");
    },
  },
  { name: "policy", at: "/settings/policy", reach: async () => screen.findByText("Language models") },
]);
