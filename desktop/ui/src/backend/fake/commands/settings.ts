/** Settings in the fake. */
import type { Picture, SettingsCommands } from "../../contract";
import { fail, mustWrite, nextId, nowOf, type World } from "../world";
import type { Handlers } from "./handlers";

const drawing = (body: string, width: number, height: number) =>
  `data:image/svg+xml,${encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" fill="none" stroke-width="2" stroke-linecap="round">${body}</svg>`,
  )}`;

const pictures: Record<"letterhead" | "signature", Omit<Picture, "handle">> = {
  letterhead: {
    url: drawing(
      '<g stroke="#17495b"><circle cx="16" cy="16" r="14"/><path d="M16 5v22M16 5l6 8M16 5l-6 8"/></g>',
      32,
      32,
    ),
    width: 320,
    height: 320,
  },
  signature: {
    url: drawing(
      '<path stroke="#1c2227" d="M6 26c10-3 16-14 10-16s-14 9-13 17c1 6 11 5 16-1 2-3 4-6 6-6s0 7 3 7 4-7 7-7 1 7 4 7 8-14 10-20m-6 9h11M70 31c4-9 9-23 12-26 9-2 14 4 7 9-4 3-8 3-11 3 9 0 13 5 8 9-4 3-10 4-14 3m23-2c1-5 3-8 5-9 2 3 4 1 6 0-3 5-3 9 0 9 3-1 4-8 7-9"/>',
      132,
      36,
    ),
    width: 660,
    height: 180,
  },
};

const chosen = new WeakMap<World, Map<string, Picture>>();
const picturesOf = (world: World) => {
  const known = chosen.get(world) ?? new Map<string, Picture>();
  chosen.set(world, known);
  return known;
};

const pictureOf = (world: World, handle: string | null): Picture | null =>
  handle === null ? null : (picturesOf(world).get(handle) ?? fail("not_found"));

export const settingsHandlers: Handlers<SettingsCommands> = {
  clinic: (world) => world.clinic,
  save_clinic: (world, { name, letterhead }) => {
    mustWrite(world);
    if (!name.trim()) fail("invalid_input");
    world.clinic = {
      ...world.clinic,
      name: name.trim(),
      letterhead: { lines: letterhead.lines, picture: pictureOf(world, letterhead.picture) },
    };
    world.me = { ...world.me, clinic: world.clinic.name };
    if (world.session.state === "open") {
      world.session = { ...world.session, me: world.me };
      world.emit({ event: "session", session: world.session });
    }
    return world.clinic;
  },
  signature: (world) => world.signature,
  save_signature: (world, { picture, ...block }) => {
    mustWrite(world);
    world.signature = { ...world.signature, block: { ...block, picture: pictureOf(world, picture) } };
    return world.signature;
  },
  choose_picture: (world, { purpose }) => {
    const picture = { ...pictures[purpose], handle: nextId(world, "pic") };
    picturesOf(world).set(picture.handle, picture);
    return picture;
  },
  about: (world) => ({
    version: "1.4.2",
    commit: "6d30379127",
    built_at: "2026-11-26T08:00:00Z",
    server: { url: world.server.url, version: world.server.version },
    components: [
      { name: "Tesseract", version: "5.3.0" },
      { name: "PDFium", version: "7543" },
      { name: "WebKitGTK", version: "2.50.6" },
    ],
    licences: [
      { name: "Libertinus Serif", version: "7.051", licence: "OFL-1.1", text: "SIL Open Font License, version 1.1\n…" },
      {
        name: "serde",
        version: "1.0.228",
        licence: "MIT OR Apache-2.0",
        text: "Permission is hereby granted, free of charge, …",
      },
      {
        name: "tauri",
        version: "2.12.5",
        licence: "MIT OR Apache-2.0",
        text: "Permission is hereby granted, free of charge, …",
      },
    ],
  }),
  support_bundle: (world) => ({
    id: "bnd_1",
    name: "maneiro-support-2026-11-27.zip",
    files: [
      {
        name: "versions.txt",
        text: "Maneiro 1.4.2 (6d30379127)\nLinux 6.1, WebKitGTK 2.50.6\nServer cloud.maneiro.example, 1.4.2",
      },
      {
        name: "counts.txt",
        text: `records ${world.records.length}\npages ${world.records.flatMap((it) => it.files).reduce((sum, file) => sum + file.pages, 0)}\noutbox 0`,
      },
      {
        name: "log.txt",
        text: `${nowOf(world)} INFO reading started: pages=412 workers=2\n${nowOf(world)} WARN page not read: page=41 reason=file_ends\n${nowOf(world)} INFO request finished: request.id=req_0197a6b2 duration_ms=84`,
      },
    ],
  }),
  save_support_bundle: (world) => {
    world.saved.push("maneiro-support-2026-11-27.zip");
    return { name: "maneiro-support-2026-11-27.zip" };
  },
  copy_text: (world, { text }) => {
    world.clipboard = text;
    return null;
  },
  open_page: () => null,
};
