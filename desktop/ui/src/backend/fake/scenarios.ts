/** Beginnings of the fake's world, by name: for screens, flows and tests. */
import { at, file, record, resetIds, sampleRecord, storyStart } from "./building";
import { crowd, newOffice, paidInvoices, professional, trial } from "./office";
import { byModel, halfReviewed, longRecord, twoEdits, withoutResult } from "./stories";
import { elenaMe, type FakeRecord, tomas, type World } from "./world";

export const scenarios = [
  "full",
  "first-start",
  "reading",
  "offline",
  "signed-out",
  "locked",
  "no-keychain",
  "read-only",
  "many",
  "empty",
  "review",
  "two-edits",
  "model",
  "no-result",
  "long",
  "crowded",
  "trial-ending",
  "unpaid",
  "suspended",
  "two-clinics",
] as const;
export type Scenario = (typeof scenarios)[number];

const longName = "Ottoline Fairweather-Castellanos y de la Vega Montenegro Hartmann-Quiroga";

function independentExamination(): FakeRecord {
  return record(longName, "MVA 2023, independent examination", at(27, 11, 42), {
    state: "reading",
    reading: "running",
    files: [
      file("01_referral_and_consent.pdf", 38),
      file("02_emergency_2023-03.tif", 4),
      file("03_hospital_course.pdf", 128, { read: 126 }),
      file("04_imaging_and_billing.pdf", 242, { read: 0 }),
    ],
    unread: [
      { page: 41, document: "", fault: "file_ends", detail: null },
      { page: 88, document: "", fault: "picture_damaged", detail: null },
    ],
  });
}

function fullList(): FakeRecord[] {
  return [
    independentExamination(),
    sampleRecord(at(27, 9, 12)),
    record("Abel Nakamura-Ruiz", "Cardiology referral", at(27, 8, 50), {
      files: [file("Nakamura-Ruiz_cardiology.pdf", 64)],
      state: "reading",
      waits_for_network: true,
      owner: tomas,
    }),
    record("Dorothy Anne Kessler", "Hospital stay, March", at(27, 8, 31), {
      files: [file("Kessler_stay_2026-03.pdf", 131)],
      unread: [
        { page: 17, document: "", fault: "picture_damaged", detail: null },
        { page: 90, document: "", fault: "took_too_long", detail: null },
      ],
    }),
    record("Ife Adeyemi", "Annual visit", at(26, 17, 20), { files: [file("visit.pdf", 6)], state: "to_sign" }),
    record("Samuel Brisk", "Workers’ compensation", at(26, 15, 6), {
      files: [file("Brisk_claim.pdf", 287)],
      state: "signed",
    }),
    record("Lucía Fernández Otero", "Informe de alta", at(26, 11, 48), {
      files: [file("alta.pdf", 22)],
      state: "signed",
    }),
    record("Gerrit van der Meulen", "Second opinion, spine", at(26, 10, 15), {
      files: [file("spine.pdf", 93)],
      new_result: true,
      owner: tomas,
    }),
    record("Priscilla Okonkwo-Baptiste", "Pre-operative check", at(26, 9, 2), {
      files: [file("preop.pdf", 31)],
      state: "signed",
      owner: tomas,
    }),
  ];
}

function readingList(): FakeRecord[] {
  const first = independentExamination();
  return [
    { ...first, changed_at: at(27, 10, 14) },
    record("Harbor_2024-06_outside records.pdf", "", at(27, 10, 12), {
      state: "reading",
      reading: "running",
      fields: { number: null, birth_date: null, injury_date: null, examiner: null, kind: null },
      files: [
        file("outside_notes.pdf", 60, { read: 52 }),
        file("imaging_CD.pdf", 30, { read: 0, password: "harbor" }),
        file("letters.pdf", 28, { read: 12 }),
      ],
    }),
    record("Dorothy Anne Kessler", "Hospital stay, March", at(27, 9, 58), {
      files: [file("Kessler_stay_2026-03.pdf", 131)],
      unread: [
        { page: 17, document: "", fault: "picture_damaged", detail: null },
        { page: 90, document: "", fault: "took_too_long", detail: null },
      ],
    }),
    sampleRecord(at(27, 9, 40), { sample: true }),
  ];
}

function manyRecords(): FakeRecord[] {
  const states = ["to_review", "to_sign", "signed", "signed"] as const;
  return Array.from({ length: 600 }, (_, index) =>
    record(
      `Record ${String(index + 1).padStart(3, "0")}, Wolstenholme-Aranburu`,
      "Workers’ compensation",
      at(26, 9, 0),
      {
        changed_at: new Date(storyStart - index * 3_700_000).toISOString(),
        files: [file(`claim_${index}.pdf`, 10 + (index % 90))],
        state: states[index % states.length] ?? "signed",
      },
    ),
  );
}

function recordsOf(scenario: Scenario): FakeRecord[] {
  switch (scenario) {
    case "full":
    case "offline":
    case "locked":
    case "read-only":
    case "crowded":
    case "trial-ending":
    case "unpaid":
    case "suspended":
      return fullList();
    case "reading":
      return readingList();
    case "many":
      return manyRecords();
    case "review":
      return [halfReviewed(at(27, 9, 12))];
    case "two-edits":
      return [twoEdits(at(27, 9, 12))];
    case "model":
      return [byModel(at(27, 9, 12))];
    case "no-result":
      return [withoutResult(at(27, 9, 12))];
    case "long":
      return [longRecord(at(27, 9, 12))];
    case "first-start":
    case "empty":
    case "signed-out":
    case "two-clinics":
    case "no-keychain":
      return [];
  }
}

/** What a scenario changes of the clinic. */
function furnish(scenario: Scenario, world: World): void {
  const { office } = world;
  if (scenario === "first-start") office.members = office.members.slice(0, 1);
  if (scenario === "first-start") office.invitations = [];
  if (scenario === "crowded") {
    office.members = crowd();
    office.subscription = professional();
    office.invoices = paidInvoices();
    world.me = { ...world.me, usage: { ...world.me.usage, plan: "professional", trial_ends_at: null } };
    world.session = { state: "open", me: world.me, read_only: false };
  }
  if (scenario === "trial-ending") {
    const endsAt = "2026-11-29T09:00:00Z";
    office.subscription = trial(endsAt);
    world.me = { ...world.me, usage: { ...world.me.usage, trial_ends_at: endsAt } };
    world.session = { state: "open", me: world.me, read_only: false };
  }
  if (scenario === "unpaid" || scenario === "suspended") {
    office.subscription = {
      ...professional(),
      state: scenario === "unpaid" ? "past_due" : "suspended",
      failed_payments: scenario === "unpaid" ? 2 : 3,
      cancels_at_period_end: false,
    };
    office.invoices = paidInvoices();
    world.me = { ...world.me, usage: { ...world.me.usage, plan: "professional", trial_ends_at: null } };
    world.session = { state: "open", me: world.me, read_only: false };
  }
  if (scenario === "two-clinics") {
    office.asksAtDoor = "prove";
    office.clinics.push({
      organization: "org_2",
      name: "Harbor Orthopedics and Sports Medicine of the Lower Delaware Valley, Second Branch",
      role: "doctor",
      is_current: false,
      requires_second_factor: true,
    });
  }
}

const keychainFault = { number: "KEYCHAIN-02", reason: "no_answer", seconds: 5 } as const;

export function worldOf(scenario: Scenario, emit: World["emit"] = () => {}): World {
  resetIds();
  const settled = !["first-start", "signed-out", "two-clinics"].includes(scenario);
  const offline = scenario === "offline";
  const world: World = {
    now: storyStart,
    server: { url: "https://cloud.maneiro.example", preset: true, version: "1.4.2" },
    session: { state: "open", me: elenaMe, read_only: scenario === "read-only" },
    me: elenaMe,
    preferences: {
      scheme: "system",
      text_size: 100,
      language: "en",
      report_language: "app",
      first_start_hidden: settled,
      appearance_seen: settled,
      review_divider: 0.55,
    },
    records: recordsOf(scenario),
    online: !offline,
    offlineSince: offline ? at(27, 11, 20) : null,
    clinic: {
      name: elenaMe.clinic,
      letterhead: {
        lines: settled
          ? ["Family medicine and work injuries", "22 Mill Street, Linden Falls, DE 19947", "Tel (302) 555-0142"]
          : [],
        picture: null,
      },
      may_edit: true,
    },
    signers: ["Elena Brandt", "Ruth Abara"],
    signature: {
      block: settled
        ? {
            name: "Elena Brandt, MD",
            line: "Family medicine, independent examiner",
            licence: "DE C1-0012345",
            phone: "",
            picture: null,
          }
        : null,
      signs: true,
      signs_since: at(26, 9, 0),
    },
    offers: new Map(),
    mailed: new Map(),
    keychainWorks: scenario !== "no-keychain",
    passwordJustGiven: true,
    failing: new Map(),
    missing: new Set(),
    office: newOffice(elenaMe.clinic),
    hanging: new Set(),
    choose: async () => [{ name: "Holloway_outside_records.pdf", kilobytes: 2400 }],
    clipboard: "",
    saved: [],
    previews: new Map(),
    passwordAt: storyStart - 60 * 60_000,
    ids: 0,
    emit,
  };
  furnish(scenario, world);
  if (scenario === "signed-out" || scenario === "two-clinics") world.session = { state: "signed_out" };
  if (scenario === "no-keychain") {
    world.session = { state: "no_keychain", fault: keychainFault, email: elenaMe.email };
  }
  if (scenario === "locked") {
    world.session = {
      state: "locked",
      name: elenaMe.name,
      clinic: elenaMe.clinic,
      email: elenaMe.email,
      reason: "idle",
      idle_minutes: 15,
      needs_sign_in: false,
    };
  }
  return world;
}
