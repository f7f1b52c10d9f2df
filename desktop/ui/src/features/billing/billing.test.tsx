import { waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { describeStates } from "@/testing/states";
import { openWindow, screen } from "@/testing/window";

const paid = { scenario: "crowded" as const, at: "/settings/billing" };

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-11-27T11:42:00Z"), toFake: ["Date"] });
  localStorage.clear();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("billing", () => {
  it("says what the plan is, what comes next and when", async () => {
    openWindow(paid);
    expect(await screen.findByText("Professional, paid yearly. Renews on 14 Mar 2027.")).toBeVisible();
    expect(screen.getByRole("progressbar", { name: "Analyses this period" })).toHaveAttribute("aria-valuenow", "81");
  });

  it("buys in the browser and shows what was bought when asked again", async () => {
    const { user, backend } = openWindow({ at: "/settings/billing" });
    await user.click(await screen.findByRole("button", { name: "Buy Starter" }));
    expect(await screen.findByText(/The payment page is open in the browser/)).toBeVisible();
    expect(backend.world.office.opened).toEqual(["checkout"]);
    await user.click(screen.getByRole("button", { name: "Look again" }));
    expect(await screen.findByText(/Starter, paid yearly/)).toBeVisible();
  });

  it("shows what stands in the way of a lower plan and offers no way around it", async () => {
    const { user } = openWindow(paid);
    await user.click(await screen.findByRole("button", { name: "Change to Starter" }));
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText(/12 seats are used, the plan has 5/)).toBeVisible();
    expect(within(dialog).queryByRole("button", { name: "Change to Starter" })).toBeNull();
  });

  it("tells what a change costs before it is made", async () => {
    const { user, backend } = openWindow(paid);
    await user.click(await screen.findByRole("button", { name: "Change to Enterprise" }));
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText(/2,143.10 USD is billed now/)).toBeVisible();
    expect(backend.world.office.subscription.plan).toBe("professional");
    await user.click(within(dialog).getByRole("button", { name: "Change to Enterprise" }));
    await waitFor(() => expect(backend.world.office.subscription.plan).toBe("enterprise"));
  });

  it("cancels without a reason, and takes it back", async () => {
    const { user } = openWindow(paid);
    await user.click(await screen.findByRole("button", { name: "Cancel the plan" }));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByText(/records stay readable and exportable/)).toBeVisible();
    await user.click(within(dialog).getByRole("button", { name: "Cancel the plan" }));
    await user.click(await screen.findByRole("button", { name: "Keep the plan after all" }));
    expect(await screen.findByText(/Renews on/)).toBeVisible();
  });

  it("is for admins alone", async () => {
    openWindow({
      ...paid,
      prepare: ({ world }) => {
        world.me = { ...world.me, role: "doctor" };
        world.session = { state: "open", me: world.me, read_only: false };
      },
    });
    expect(await screen.findByText("Only admins of the clinic can change this.")).toBeVisible();
    expect(screen.queryByRole("link", { name: "Billing" })).toBeNull();
  });
});

describe("a limit that is reached", () => {
  it("is named with its figures and leads to Billing", async () => {
    const { user } = openWindow({
      at: "/settings/people",
      prepare: ({ world }) => {
        world.office.subscription.limits = world.office.subscription.limits.map((it) =>
          it.limit === "seats" ? { ...it, used: 3, maximum: -100 } : it,
        );
      },
    });
    await user.click(await screen.findByRole("button", { name: "Invite" }));
    const dialog = await screen.findByRole("dialog");
    await user.type(within(dialog).getByLabelText("E-mail"), "ida@northgate.example");
    await user.click(within(dialog).getByRole("button", { name: "Send the invitation" }));
    await user.click(await within(dialog).findByRole("link", { name: "Open Billing" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Billing" })).toBeVisible();
  });
});

describe("the trial", () => {
  const ending = (trial_ends_at: string) => ({
    prepare: ({ world }: ReturnType<typeof openWindow>["backend"]) => {
      world.me = { ...world.me, usage: { ...world.me.usage, trial_ends_at } };
      world.session = { state: "open", me: world.me, read_only: false };
    },
  });

  it("is quiet until seven days are left", async () => {
    openWindow(ending("2026-12-10T09:00:00Z"));
    expect(await screen.findByText("Trial, 13 days left")).toBeInTheDocument();
    expect(screen.queryByText(/The trial ends/)).toBeNull();
  });

  it("warns in the last week, and can be put away for the day", async () => {
    const { user } = openWindow(ending("2026-12-02T09:00:00Z"));
    expect(await screen.findByText(/The trial ends in 5 days/)).toBeVisible();
    expect(screen.queryByRole("alert")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Not today" }));
    expect(screen.queryByText(/The trial ends/)).toBeNull();
    expect(localStorage.getItem("trial-put-away")).toBe("2026-11-27");
  });

  it("is red in the last three days", async () => {
    openWindow(ending("2026-11-29T09:00:00Z"));
    expect(await screen.findByRole("alert")).toHaveTextContent("The trial ends in 2 days");
  });
});

describe("usage", () => {
  it("shows months and people, and saves them as CSV", async () => {
    const { user, backend } = openWindow({ scenario: "crowded", at: "/settings/usage" });
    expect(await screen.findByRole("img", { name: /Analyses a month/ })).toBeVisible();
    expect(screen.getByRole("cell", { name: "Ruth Abara" })).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Save as CSV" }));
    await waitFor(() => expect(backend.world.saved).toEqual(["maneiro-usage-2026-11.csv"]));
  });
});

describeStates("states of billing", [
  { name: "trial", at: "/settings/billing", reach: async () => screen.findByText("No invoices yet.") },
  { name: "paid", ...paid, reach: async () => screen.findAllByText("Paid") },
  {
    name: "unpaid",
    scenario: "unpaid",
    at: "/settings/billing",
    reach: async () => screen.findByText(/2 payments in a row failed/),
  },
  { name: "usage", scenario: "crowded", at: "/settings/usage", reach: async () => screen.findByText("Ruth Abara") },
]);
