/** Every screen: a beginning of the fake's world, a place in the window, and what is done before the picture is taken. */
export const sizes = [
  { name: "1280", width: 1280, height: 800, text: 100 },
  { name: "900", width: 900, height: 600, text: 100 },
  { name: "1280-150", width: 1280, height: 800, text: 150 },
];

const type = async (page, label, text) => page.getByLabel(label, { exact: true }).first().fill(text);
const click = (page, name) => page.getByRole("button", { name }).first().click();

const after = (first, then) => async (page) => {
  await first(page);
  await then(page);
};

const createClinic = async (page) => {
  await click(page, "Create a clinic");
  await type(page, "Name of the clinic", "Northgate Family Medicine");
  await type(page, "Your name", "Elena Brandt");
  await type(page, "E-mail", "elena.brandt@northgate.example");
  await type(page, "Password", "correct horse battery");
};

const signIn = async (page) => {
  await type(page, "E-mail", "elena.brandt@northgate.example");
  await type(page, "Password", "correct horse battery");
  await page.keyboard.press("Enter");
};

/** Brings what stands further down into sight. */
const scrollTo = (name) => (page) =>
  page
    .getByRole("heading", { name })
    .first()
    .evaluate((it) => it.scrollIntoView());

const openInvitation = async (page) => {
  await click(page, "I have an invitation");
  await type(page, "Code", "KXQT7NRM4PWD2VHC9AZB");
  await page.keyboard.press("Enter");
};

const givePassword = async (page) => {
  await page.getByRole("dialog").getByLabel("Password").first().fill("correct horse battery");
  await page.keyboard.press("Enter");
};

const holloway = (page) => page.getByRole("button", { name: /Marian T. Holloway/ }).click();

/** The list rests on the second row, as somebody at work would have it. */
const records = { scenario: "full", at: "/records", act: holloway };

import { reportScreens, reviewScreens } from "./review.mjs";

export const screens = [
  ...reviewScreens,
  ...reportScreens,
  { name: "sign-in", scenario: "signed-out" },
  {
    name: "sign-in-refused",
    scenario: "signed-out",
    act: async (page) => {
      await type(page, "E-mail", "elena.brandt@northgate.example");
      await type(page, "Password", "something else");
      await page.keyboard.press("Enter");
    },
  },
  { name: "create-clinic", scenario: "signed-out", act: createClinic },
  {
    name: "create-code",
    scenario: "signed-out",
    act: async (page) => {
      await createClinic(page);
      await page.keyboard.press("Enter");
    },
  },
  {
    name: "server",
    scenario: "signed-out",
    act: async (page) => {
      await click(page, "Change");
      await type(page, "Address", "maneiro.clinic.example");
      await page.keyboard.press("Enter");
    },
  },
  { name: "locked", scenario: "locked" },
  {
    name: "locked-refused",
    scenario: "locked",
    act: async (page) => {
      await page.keyboard.type("not it");
      await page.keyboard.press("Enter");
    },
  },
  { name: "invitation", scenario: "signed-out", act: (page) => click(page, "I have an invitation") },
  { name: "invitation-offer", scenario: "signed-out", act: openInvitation },
  { name: "forgot", scenario: "signed-out", act: (page) => click(page, "Forgot the password?") },
  {
    name: "forgot-code",
    scenario: "signed-out",
    act: async (page) => {
      await click(page, "Forgot the password?");
      await type(page, "E-mail", "elena.brandt@northgate.example");
      await page.keyboard.press("Enter");
    },
  },
  { name: "no-keychain", scenario: "no-keychain" },
  { name: "first-start", scenario: "first-start", at: "/records" },
  { name: "records", ...records },
  { name: "records-menu", ...records, act: after(holloway, (page) => click(page, "More")) },
  { name: "records-fields", ...records, act: after(holloway, (page) => page.keyboard.press("F2")) },
  { name: "records-delete", ...records, act: after(holloway, (page) => page.keyboard.press("Delete")) },
  { name: "records-offline", scenario: "offline", at: "/records", act: holloway },
  { name: "records-read-only", scenario: "read-only", at: "/records", act: holloway },
  { name: "records-empty", scenario: "empty", at: "/records" },
  { name: "records-many", scenario: "many", at: "/records" },
  { name: "records-none-found", scenario: "full", at: "/records?search=zebra" },
  { name: "records-loading", scenario: "full", at: "/records", query: { hang: "list_records" }, wait: 700 },
  { name: "records-failing", scenario: "full", at: "/records", query: { fail: "record" }, wait: 8000 },
  {
    name: "records-drop",
    scenario: "full",
    at: "/records",
    act: (page) => page.evaluate(() => window.fake.emit({ event: "drag", count: 3, x: 320, y: 300 })),
  },
  {
    name: "records-offer",
    scenario: "full",
    at: "/records",
    act: async (page) => {
      await holloway(page);
      await page.evaluate(() =>
        window.fake.drop(
          [
            "Harbor_2024-06_outside records.pdf",
            "imaging_CD_of_the_whole_hospital_stay_with_a_long_name.tif",
            "letter.pdf",
            "notes.docx",
          ],
          { x: 320, y: 300 },
        ),
      );
    },
  },
  {
    name: "records-toast",
    scenario: "full",
    at: "/records",
    act: (page) => page.evaluate(() => window.fake.drop(["Harbor_2024-06_outside_records.pdf"], { x: 320, y: 300 })),
  },
  { name: "reading", scenario: "reading", at: "/records" },
  {
    name: "reading-password",
    scenario: "reading",
    at: "/records",
    act: async (page) => {
      await page.getByRole("textbox", { name: /Password of/ }).fill("wrong");
      await page.keyboard.press("Enter");
    },
  },
  { name: "settings-appearance", scenario: "full", at: "/settings/appearance" },
  { name: "settings-keyboard", scenario: "full", at: "/settings/keyboard" },
  {
    name: "settings-signature",
    scenario: "full",
    at: "/settings/signature",
    act: (page) => click(page, "Choose a picture"),
  },
  { name: "settings-clinic", scenario: "full", at: "/settings/clinic" },
  { name: "settings-letterhead-plain", scenario: "full", at: "/settings/letterhead" },
  { name: "settings-failing", scenario: "full", at: "/settings/people", query: { fail: "members" }, wait: 8000 },
  {
    name: "settings-letterhead",
    scenario: "full",
    at: "/settings/letterhead",
    act: (page) => click(page, "Choose a picture"),
  },
  { name: "settings-profile", scenario: "full", at: "/settings/profile" },
  { name: "settings-security", scenario: "full", at: "/settings/security" },
  { name: "settings-security-foot", scenario: "full", at: "/settings/security", act: scrollTo("Close the account") },
  {
    name: "settings-security-enrol",
    scenario: "full",
    at: "/settings/security",
    act: async (page) => {
      await click(page, "Use another authenticator");
      await givePassword(page);
    },
  },
  {
    name: "settings-security-codes",
    scenario: "full",
    at: "/settings/security",
    act: async (page) => {
      await click(page, "New recovery codes");
      await givePassword(page);
    },
  },
  { name: "settings-people", scenario: "crowded", at: "/settings/people" },
  {
    name: "settings-people-invite",
    scenario: "full",
    at: "/settings/people",
    act: (page) => page.getByRole("button", { name: "Invite", exact: true }).click(),
  },
  {
    name: "settings-people-remove",
    scenario: "full",
    at: "/settings/people",
    act: async (page) => {
      await page.getByRole("button", { name: /More about Maximiliana/ }).click();
      await page.getByRole("menuitem", { name: "Remove" }).click();
    },
  },
  { name: "settings-policy", scenario: "full", at: "/settings/policy" },
  { name: "settings-policy-foot", scenario: "full", at: "/settings/policy", act: scrollTo("Language models") },
  { name: "settings-billing", scenario: "crowded", at: "/settings/billing" },
  { name: "settings-billing-foot", scenario: "crowded", at: "/settings/billing", act: scrollTo("Seats and storage") },
  { name: "settings-billing-suspended", scenario: "suspended", at: "/settings/billing" },
  {
    name: "settings-billing-cancel",
    scenario: "crowded",
    at: "/settings/billing",
    act: (page) => click(page, "Cancel the plan"),
  },
  {
    name: "settings-billing-upgrade",
    scenario: "crowded",
    at: "/settings/billing",
    act: (page) => click(page, "Change to Enterprise"),
  },
  { name: "settings-billing-trial", scenario: "trial-ending", at: "/settings/billing" },
  { name: "settings-billing-unpaid", scenario: "unpaid", at: "/settings/billing" },
  {
    name: "settings-billing-change",
    scenario: "crowded",
    at: "/settings/billing",
    act: (page) => click(page, "Change to Starter"),
  },
  { name: "settings-usage", scenario: "crowded", at: "/settings/usage" },
  { name: "settings-usage-foot", scenario: "crowded", at: "/settings/usage", act: scrollTo(/People in/) },
  { name: "second-step", scenario: "two-clinics", act: signIn },
  {
    name: "second-step-recovery",
    scenario: "two-clinics",
    act: async (page) => {
      await signIn(page);
      await click(page, "Use a recovery code");
    },
  },
  {
    name: "choose-clinic",
    scenario: "two-clinics",
    act: async (page) => {
      await signIn(page);
      await type(page, "Code of the app", "123456");
      await page.keyboard.press("Enter");
    },
  },
  {
    name: "enrol",
    scenario: "signed-out",
    act: async (page) => {
      await page.evaluate(() => {
        window.fake.world.office.asksAtDoor = "enrol";
      });
      await signIn(page);
    },
  },
  { name: "trial-ending", scenario: "trial-ending", at: "/records" },
  { name: "es-settings-people", scenario: "full", at: "/settings/people", query: { lang: "es" } },
  { name: "es-settings-billing", scenario: "crowded", at: "/settings/billing", query: { lang: "es" } },
  { name: "es-sign-in", scenario: "signed-out", query: { lang: "es" } },
  { name: "es-settings-security", scenario: "full", at: "/settings/security", query: { lang: "es" } },
  { name: "es-settings-policy", scenario: "full", at: "/settings/policy", query: { lang: "es" } },
  { name: "settings-support", scenario: "full", at: "/settings/support" },
  { name: "settings-about", scenario: "full", at: "/settings/about" },
  {
    name: "palette",
    ...records,
    act: after(
      (page) => page.keyboard.press("Control+k"),
      (page) => page.keyboard.type("se"),
    ),
  },
  { name: "keys", scenario: "full", at: "/records", act: (page) => page.keyboard.type("?") },
  { name: "es-records", ...records, query: { lang: "es" } },
  { name: "es-reading", scenario: "reading", at: "/records", query: { lang: "es" } },
  { name: "es-first-start", scenario: "first-start", at: "/records", query: { lang: "es" } },
  { name: "es-settings-appearance", scenario: "full", at: "/settings/appearance", query: { lang: "es" } },
];
