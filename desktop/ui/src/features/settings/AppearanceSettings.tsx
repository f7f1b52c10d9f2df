import { IconDeviceDesktop, IconMoon, IconSun } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useScheme } from "@/app/Appearance";
import { usePreferences } from "@/app/useSession";
import { icon } from "@/components/icon";
import { Segments } from "@/components/Segments";
import classes from "./Settings.module.css";
import { SettingsHead } from "./SettingsHead";

export function AppearanceSettings() {
  const { t } = useTranslation();
  const [{ scheme }, setPreferences] = usePreferences();
  const system = useScheme("system");
  const hint =
    scheme === "system"
      ? system === "dark"
        ? t("settings.scheme_is_dark")
        : t("settings.scheme_is_light")
      : t("settings.scheme_fixed");
  return (
    <>
      <SettingsHead title={t("settings.appearance")}>{t("settings.appearance_text")}</SettingsHead>
      <div className={classes.columns}>
        <div>
          <div className={classes.group}>
            <p className={classes.label}>{t("settings.scheme")}</p>
            <Segments
              size="sm"
              label={t("settings.scheme")}
              value={scheme}
              onChange={(value) => setPreferences({ scheme: value })}
              segments={[
                {
                  value: "system",
                  label: t("settings.scheme_system"),
                  icon: <IconDeviceDesktop {...icon} size="0.9375rem" />,
                },
                { value: "light", label: t("settings.scheme_light"), icon: <IconSun {...icon} size="0.9375rem" /> },
                { value: "dark", label: t("settings.scheme_dark"), icon: <IconMoon {...icon} size="0.9375rem" /> },
              ]}
            />
            <p className={classes.hint}>{hint}</p>
          </div>
        </div>
      </div>
    </>
  );
}
