/** Opens the whole window on the fake backend, as a user would find it. */
import { createMemoryHistory } from "@tanstack/react-router";
import { render, screen } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import { App } from "@/app/App";
import { createAppRouter } from "@/app/router";
import type { Preferences } from "@/backend/contract";
import { type FakeBackend, fakeBackend } from "@/backend/fake";
import type { Scenario } from "@/backend/fake/scenarios";

interface Options {
  scenario?: Scenario;
  at?: string;
  preferences?: Partial<Preferences>;
  /** Changes the world before the window opens. */
  prepare?: (backend: FakeBackend) => unknown;
}

export interface OpenWindow {
  backend: FakeBackend;
  user: UserEvent;
  /** The address behind the hash. */
  at: () => string;
}

export function openWindow({
  scenario = "full",
  at = "/records",
  preferences = {},
  prepare,
}: Options = {}): OpenWindow {
  const backend = fakeBackend(scenario);
  Object.assign(backend.world.preferences, preferences);
  prepare?.(backend);
  const history = createMemoryHistory({ initialEntries: [at] });
  render(<App backend={backend} router={createAppRouter(history)} />);
  return { backend, user: userEvent.setup(), at: () => history.location.href };
}

export { screen };
