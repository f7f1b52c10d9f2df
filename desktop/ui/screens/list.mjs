/** Every screen: a beginning of the fake's world, a place in the window, and what is done before the picture is taken. */
export const sizes = [
  { name: "1280", width: 1280, height: 800, text: 100 },
  { name: "900", width: 900, height: 600, text: 100 },
  { name: "1280-150", width: 1280, height: 800, text: 150 },
];

export const screens = [
  { name: "sign-in", scenario: "signed-out" },
  { name: "locked", scenario: "locked" },
  { name: "no-keychain", scenario: "no-keychain" },
  { name: "records", scenario: "full", at: "/records" },
  { name: "settings-appearance", scenario: "full", at: "/settings/appearance" },
  { name: "settings-keyboard", scenario: "full", at: "/settings/keyboard" },
  { name: "palette", scenario: "full", at: "/records", act: (page) => page.keyboard.press("Control+k") },
  { name: "keys", scenario: "full", at: "/records", act: (page) => page.keyboard.type("?") },
];
