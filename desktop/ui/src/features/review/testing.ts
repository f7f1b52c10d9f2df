/** Review on the fake, as tests find their way in it. */
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import type { Statement } from "@/backend/contract";
import { holloway } from "@/backend/fake/stories";
import { recordOf } from "@/backend/fake/world";
import { type OpenWindow, openWindow } from "@/testing/window";

export { holloway };

type Options = NonNullable<Parameters<typeof openWindow>[0]>;

export const reviewAt = (search = "") => `/records/${holloway}/review${search}`;

export interface OpenReview extends OpenWindow {
  /** The statement as the backend knows it. */
  statement: (begins: string) => Statement | undefined;
}

export async function openReview({
  at = reviewAt("?page=6"),
  scenario = "review",
  ...rest
}: Options = {}): Promise<OpenReview> {
  const opened = openWindow({ scenario, at, ...rest });
  await screen.findByRole("region", { name: "Pages of the record" });
  return {
    ...opened,
    statement: (begins) =>
      recordOf(opened.backend.world, holloway).review?.review.statements.find((it) => it.text.startsWith(begins)),
  };
}

/** The row of a statement. */
export async function row(begins: string | RegExp): Promise<HTMLElement> {
  return waitFor(() => {
    const found = [...document.querySelectorAll<HTMLElement>("[data-statement]")].find((it) =>
      typeof begins === "string" ? it.textContent?.includes(begins) : begins.test(it.textContent ?? ""),
    );
    if (!found) throw new Error(`no statement with ${begins}`);
    return found;
  });
}

/** Chooses a statement with the pointer. */
export async function choose(opened: OpenWindow, begins: string): Promise<HTMLElement> {
  await opened.user.click(await row(begins));
  await waitFor(async () => {
    if ((await row(begins)).getAttribute("aria-current") !== "true") throw new Error("not chosen");
  });
  return row(begins);
}

/** jsdom does not tell that something scrolled. */
export function settle(): void {
  fireEvent.scroll(screen.getByRole("region", { name: "Pages of the record" }));
}

/** The page once its image and words are drawn. */
export async function page(number: number): Promise<HTMLElement> {
  await screen.findByRole("region", { name: "Pages of the record" });
  settle();
  const image = await screen.findByRole("img", { name: `Page ${number} of the record` });
  const paper = image.closest<HTMLElement>("[data-paper]");
  if (!paper) throw new Error("no paper");
  return paper;
}

export const strips = (paper: HTMLElement, kind: "lit" | "hit") => [
  ...paper.querySelectorAll<HTMLElement>(`[data-${kind}]`),
];

/** Chooses words of the open page with keys: from its first word so many to the right. */
export async function chooseWords(opened: OpenWindow, right: number): Promise<HTMLElement> {
  await opened.user.keyboard(`{Shift>}{ArrowRight}${"{ArrowRight}".repeat(right)}{/Shift}`);
  return screen.findByRole("group", { name: "Chosen words" });
}

export const analysis = () => within(screen.getByRole("region", { name: "Analysis" }));
