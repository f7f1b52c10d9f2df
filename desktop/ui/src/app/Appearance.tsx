/** Scheme, text size and language of this person, from the cache to the document. */
import { MantineProvider } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { i18n } from "i18next";
import { type ReactNode, useEffect, useInsertionEffect } from "react";
import type { Preferences } from "@/backend/contract";
import { resolver, theme } from "@/theme/theme";

/** Tauri puts a nonce on the page's own style element; Mantine's need the same one. */
const nonce = () => document.querySelector("style")?.nonce ?? "";

/** The scheme in force: the person's, or the system's as it changes. */
export function useScheme(chosen: Preferences["scheme"]): "light" | "dark" {
  const systemDark = useMediaQuery("(prefers-color-scheme: dark)", false, { getInitialValueInEffect: false });
  if (chosen !== "system") return chosen;
  return systemDark ? "dark" : "light";
}

interface Props {
  preferences: Pick<Preferences, "scheme" | "text_size" | "language">;
  i18n: i18n;
  children: ReactNode;
}

export function Appearance({ preferences: { scheme, text_size, language }, i18n, children }: Props) {
  const current = useScheme(scheme);
  // Before the children's effects, which measure.
  useInsertionEffect(() => {
    document.documentElement.style.fontSize = `${text_size}%`;
  }, [text_size]);
  useEffect(() => {
    document.documentElement.lang = language;
    if (i18n.language !== language) void i18n.changeLanguage(language);
  }, [i18n, language]);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={resolver} forceColorScheme={current} getStyleNonce={nonce}>
      {children}
    </MantineProvider>
  );
}
