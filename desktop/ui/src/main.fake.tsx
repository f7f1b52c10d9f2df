/**
 * The window over the fake backend: `fake.html?scenario=reading&scheme=dark&text=150&lang=es&frozen`.
 * For development, screens and flows; the release build has another entry and none of this.
 */
import "./styles";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { type FakeBackend, fakeBackend } from "./backend/fake";
import { installDrops } from "./backend/fake/drops";
import { type Scenario, scenarios } from "./backend/fake/scenarios";

declare global {
  interface Window {
    /** The world behind the window, for flows. */
    fake: FakeBackend;
  }
}

// The router takes a query before the hash for its own: it is read once and kept for a reload.
const remembered = "fake";
const query = window.location.search || sessionStorage.getItem(remembered) || "";
sessionStorage.setItem(remembered, query);
window.history.replaceState(null, "", window.location.pathname + window.location.hash);

const asked = new URLSearchParams(query);
const scenario = scenarios.find((name) => name === asked.get("scenario")) ?? ("full" satisfies Scenario);
const backend = fakeBackend(scenario);
const { preferences } = backend.world;
const scheme = asked.get("scheme");
if (scheme === "light" || scheme === "dark") preferences.scheme = scheme;
if (asked.get("lang") === "es") preferences.language = "es";
if (asked.has("text")) preferences.text_size = Number(asked.get("text"));
for (const name of asked.getAll("fail")) backend.world.failing.set(name, "unavailable");
for (const name of asked.getAll("hang")) backend.world.hanging.add(name);

// The router would read these as the search of the place behind the hash.
window.history.replaceState(null, "", window.location.pathname + window.location.hash);

window.fake = backend;
installDrops(window, backend);
if (!asked.has("frozen")) setInterval(() => backend.advance(250), 250);

const root = document.getElementById("root");
if (root) createRoot(root).render(<App backend={backend} />);
