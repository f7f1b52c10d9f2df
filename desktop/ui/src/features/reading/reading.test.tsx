import { act, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { describeStates } from "@/testing/states";
import { openWindow, screen } from "@/testing/window";

const figure = (text: RegExp | string) => screen.findByText(text);

async function openReading() {
  const opened = openWindow({ scenario: "reading" });
  await figure("168 of 412");
  return opened;
}

describe("reading", () => {
  it("counts pages, speed and time left as they come", async () => {
    const { backend } = await openReading();
    expect(screen.getByText(/6\.2 a second · 40\ss left/)).toBeVisible();
    act(() => backend.advance(10_000));
    expect(await figure("230 of 412")).toBeVisible();
    expect(screen.getByText(/6\.2 a second · 30\ss left/)).toBeVisible();
  });

  it("pauses and goes on where it was", async () => {
    const { backend, user } = await openReading();
    await user.click(screen.getByRole("button", { name: "Pause" }));
    expect(await screen.findByText(/pages read · paused/)).toBeVisible();
    act(() => backend.advance(10_000));
    expect(screen.getByText("168 of 412")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Resume" }));
    expect(await screen.findByRole("button", { name: "Pause" })).toBeVisible();
  });

  it("cancels and keeps what was read", async () => {
    const { user } = await openReading();
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    expect(await screen.findByText(/pages read · cancelled/)).toBeVisible();
    expect(screen.getByRole("button", { name: "Resume" })).toBeVisible();
    expect(screen.getByText("168 of 412")).toBeVisible();
  });

  it("is paused by key", async () => {
    const { user } = await openReading();
    await user.keyboard("{Control>}.{/Control}");
    expect(await screen.findByText(/pages read · paused/)).toBeVisible();
  });

  it("shows the first page while the rest goes on", async () => {
    await openReading();
    expect(screen.getByRole("img", { name: "First page of the record" })).toHaveAttribute(
      "src",
      expect.stringMatching(/^data:image/),
    );
    expect(screen.getByRole("button", { name: "Open at page 1" })).toBeEnabled();
  });

  it("says why a page could not be read", async () => {
    await openReading();
    const section = screen.getByText("Could not be read").closest("section");
    expect(within(section as HTMLElement).getByText(/The file ends in the middle of this page/)).toBeVisible();
  });

  it("ends in what was found, and says so aloud", async () => {
    const { backend } = await openReading();
    act(() => backend.advance(60_000));
    await waitFor(() => expect(screen.queryByText("412 of 412")).toBeNull());
    expect(await screen.findByText(/Hartmann-Quiroga is read$/)).toBeInTheDocument();
  });
});

describe("a file that asks for its password", () => {
  const field = () => screen.findByLabelText("Password of imaging_CD.pdf");

  it("asks in its own row and is read when it opens", async () => {
    const { user } = await openReading();
    await user.type(await field(), "harbor{Enter}");
    await waitFor(() => expect(screen.queryByLabelText("Password of imaging_CD.pdf")).toBeNull());
  });

  it("names the file that a password does not open", async () => {
    const { user } = await openReading();
    await user.type(await field(), "guess{Enter}");
    expect(await screen.findByText("That does not open imaging_CD.pdf.")).toBeVisible();
    expect(screen.getByText("The other 2 files are being read.")).toBeVisible();
    expect(await field()).toHaveValue("guess");
  });

  it("keys of the list do not reach the field", async () => {
    const { user } = await openReading();
    await user.type(await field(), "a/b?");
    expect(await field()).toHaveValue("a/b?");
    expect(screen.queryByRole("dialog")).toBeNull();
  });
});

describeStates("states of reading", [
  { name: "running", scenario: "reading", reach: async () => figure("168 of 412") },
  {
    name: "refused password",
    scenario: "reading",
    reach: async ({ user }) => {
      await user.type(await screen.findByLabelText("Password of imaging_CD.pdf"), "guess{Enter}");
      await screen.findByText("That does not open imaging_CD.pdf.");
    },
  },
  {
    name: "nothing read yet",
    scenario: "empty",
    reach: async ({ backend }) => {
      await screen.findByText("No records yet");
      backend.drop(["damaged.pdf"]);
      await screen.findByRole("heading", { level: 1, name: "damaged" });
    },
  },
]);
