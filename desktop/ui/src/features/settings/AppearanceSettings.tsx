import { Select, Slider } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconDeviceDesktop, IconMoon, IconSun } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useScheme } from "@/app/Appearance";
import { largestText, smallestText, textSizes } from "@/app/textSize";
import { usePreferences } from "@/app/useSession";
import type { Language, Preferences } from "@/backend/contract";
import { Act } from "@/components/Act";
import { icon } from "@/components/icon";
import { KeyCaps } from "@/components/KeyCaps";
import { Segments } from "@/components/Segments";
import { formatOf, useFormat } from "@/i18n/format";
import classes from "./Settings.module.css";
import { SettingsHead } from "./SettingsHead";
import { TextSample } from "./TextSample";

const small = { ...icon, size: "0.9375rem" };

function Scheme() {
  const { t } = useTranslation();
  const [{ scheme }, setPreferences] = usePreferences();
  const system = useScheme("system");
  const hint = { light: t("settings.scheme_is_light"), dark: t("settings.scheme_is_dark") }[system];
  return (
    <div className={classes.group}>
      <p className={classes.label}>{t("settings.scheme")}</p>
      <Segments
        size="sm"
        label={t("settings.scheme")}
        value={scheme}
        onChange={(value) => setPreferences({ scheme: value })}
        segments={[
          { value: "system", label: t("settings.scheme_system"), icon: <IconDeviceDesktop {...small} /> },
          { value: "light", label: t("settings.scheme_light"), icon: <IconSun {...small} /> },
          { value: "dark", label: t("settings.scheme_dark"), icon: <IconMoon {...small} /> },
        ]}
      />
      <p className={classes.hint}>{scheme === "system" ? hint : t("settings.scheme_fixed")}</p>
    </div>
  );
}

function TextSize({ shown, onShow }: { shown: number; onShow: (size: number) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [, setPreferences] = usePreferences();
  return (
    <div className={classes.group}>
      <p className={classes.label}>
        {t("settings.text_size")}
        <span className={classes.beside}>
          <KeyCaps of="text_larger" /> <KeyCaps of="text_smaller" />
        </span>
      </p>
      <Slider
        className={classes.slider ?? ""}
        thumbLabel={t("settings.text_size")}
        thumbProps={{ "aria-valuetext": format.percent(shown) }}
        min={smallestText}
        max={largestText}
        step={5}
        label={null}
        size={4}
        thumbSize={18}
        value={shown}
        onChange={onShow}
        onChangeEnd={(size) => setPreferences({ text_size: size })}
        marks={textSizes.map((size) => ({ value: size, label: format.percent(size) }))}
      />
      <p className={classes.hint}>{t("settings.text_size_hint")}</p>
    </div>
  );
}

function Languages() {
  const { t } = useTranslation();
  const [{ language, report_language }, setPreferences] = usePreferences();
  const format = formatOf(language);
  const names: { value: Language; label: string }[] = [
    { value: "en", label: t("settings.languages.en") },
    { value: "es", label: t("settings.languages.es") },
  ];
  const sample = `${format.day("1966-03-14")} · ${format.number(1234.5, 1)} · ${format.percent(68)}.`;
  return (
    <>
      <div className={classes.group}>
        <Select
          className={classes.half ?? ""}
          label={t("settings.language")}
          value={language}
          data={names}
          onChange={(value) => setPreferences({ language: value as Language })}
        />
        <p className={classes.hint}>{t("settings.language_hint", { sample })}</p>
      </div>
      <div className={classes.group}>
        <Select
          className={classes.half ?? ""}
          label={t("settings.report_language")}
          value={report_language}
          data={[{ value: "app", label: t("settings.report_language_app") }, ...names]}
          onChange={(value) => setPreferences({ report_language: value as Preferences["report_language"] })}
        />
      </div>
    </>
  );
}

export function AppearanceSettings() {
  const { t } = useTranslation();
  const format = useFormat();
  const [{ text_size, first_start_hidden, appearance_seen }, setPreferences] = usePreferences();
  const still = useMediaQuery("(prefers-reduced-motion: reduce)", false, { getInitialValueInEffect: false });
  // The size under the pointer moves only the sample; what is let go becomes the preference.
  const [shown, setShown] = useState(text_size);
  useEffect(() => setShown(text_size), [text_size]);
  useEffect(() => {
    if (!appearance_seen) setPreferences({ appearance_seen: true });
  });

  return (
    <>
      <SettingsHead title={t("settings.appearance")}>{t("settings.appearance_text")}</SettingsHead>
      <div className={classes.columns}>
        <div>
          <Scheme />
          <TextSize shown={shown} onShow={setShown} />
          <Languages />
          <div className={classes.group}>
            <p className={classes.label}>
              {t("settings.movement")}
              <span className={classes.beside}>{still ? t("settings.movement_off") : t("settings.movement_on")}</span>
            </p>
            <p className={classes.hint}>{t("settings.movement_hint")}</p>
          </div>
          <div className={classes.group}>
            <p className={classes.label}>
              {t("settings.first_start")}
              <span className={classes.beside}>
                {first_start_hidden ? (
                  <Act size="xs" onClick={() => setPreferences({ first_start_hidden: false })}>
                    {t("settings.first_start_show")}
                  </Act>
                ) : (
                  t("settings.first_start_shown")
                )}
              </span>
            </p>
            <p className={classes.hint}>{t("settings.first_start_hint")}</p>
          </div>
        </div>
        <div className={classes.view}>
          <h2 className="mn-label">
            {shown === text_size
              ? t("settings.text_size_now", { percent: format.percent(shown) })
              : t("settings.text_size_sample", { percent: format.percent(shown) })}
          </h2>
          <TextSample scale={shown / text_size} />
        </div>
      </div>
    </>
  );
}
