/** What stands above every place of the open window: commands of everywhere, palette, keys, the banner of read only. */
import { Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useBackend } from "@/backend/context";
import { Banner } from "@/components/Banner";
import { TrialBanner } from "@/features/billing/TrialCountdown";
import { IntakeProvider } from "@/features/records/intake/Intake";
import { useCommands } from "./commands";
import { ErrorBoundary } from "./ErrorBoundary";
import { KeySheet } from "./KeySheet";
import { openPalette, Palette } from "./Palette";
import classes from "./Root.module.css";
import { largestText, nextTextSize, smallestText } from "./textSize";
import { useMe, usePreferences } from "./useSession";

export function Root() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const place = useLocation({ select: (location) => location.pathname });
  const backend = useBackend();
  const { readOnly } = useMe();
  const [preferences, setPreferences] = usePreferences();
  const [keysShown, setKeysShown] = useState(false);
  const { text_size } = preferences;

  useCommands({
    commands: openPalette,
    keys: () => setKeysShown(true),
    // In memory nothing could be opened again.
    lock: readOnly ? undefined : () => void backend.call("lock").catch(() => {}),
    go_records: () => void navigate({ to: "/records", search: {} }),
    settings: () => void navigate({ to: "/settings/appearance" }),
    text_larger: text_size < largestText ? () => setPreferences({ text_size: nextTextSize(text_size, 1) }) : null,
    text_smaller: text_size > smallestText ? () => setPreferences({ text_size: nextTextSize(text_size, -1) }) : null,
    text_normal: () => setPreferences({ text_size: 100 }),
    scheme_light: () => setPreferences({ scheme: "light" }),
    scheme_dark: () => setPreferences({ scheme: "dark" }),
    scheme_system: () => setPreferences({ scheme: "system" }),
    sign_out: () => void backend.call("sign_out").catch(() => {}),
  });

  return (
    <div className={classes.root}>
      {readOnly && (
        <Banner kind="warning" square>
          {t("common.read_only")}
        </Banner>
      )}
      <TrialBanner />
      <div className={classes.place}>
        <ErrorBoundary resetOn={place}>
          <IntakeProvider>
            <Outlet />
          </IntakeProvider>
        </ErrorBoundary>
      </div>
      <Palette />
      <KeySheet opened={keysShown} onClose={() => setKeysShown(false)} />
    </div>
  );
}
