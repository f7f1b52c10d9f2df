import { useState } from "react";
import { useTranslation } from "react-i18next";
import { KeyTable } from "@/app/KeySheet";
import { commandIds, entryOf, keyCap } from "@/app/keymap";
import { usePlatform } from "@/app/platform";
import { KeyCap } from "@/components/KeyCaps";
import { SearchField } from "@/components/SearchField";
import classes from "./Settings.module.css";
import { SettingsHead } from "./SettingsHead";

export function KeyboardSettings() {
  const { t } = useTranslation();
  const mac = usePlatform() === "macos";
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const ids = commandIds.filter(
    (id) =>
      t(`keys.commands.${id}`).toLowerCase().includes(wanted) ||
      entryOf(id).keys.some((key) => keyCap(key, mac).toLowerCase().includes(wanted)),
  );
  const found = ids.some((id) => entryOf(id).keys.length > 0);
  return (
    <>
      <SettingsHead
        title={t("settings.keyboard")}
        right={<SearchField label={t("settings.keyboard_search")} value={search} onChange={setSearch} />}
      >
        {t("settings.keyboard_lead")} <KeyCap binding="?" /> {t("settings.keyboard_text")}
      </SettingsHead>
      <div className={classes.wide}>{found ? <KeyTable ids={ids} /> : <p>{t("settings.keyboard_none")}</p>}</div>
    </>
  );
}
