import { IconChevronLeft, IconKeyboard, IconSun } from "@tabler/icons-react";
import { Outlet } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import layout from "@/app/layout.module.css";
import { SideBar, SideHead, SideLink } from "@/app/SideBar";
import { icon } from "@/components/icon";
import classes from "./Settings.module.css";

export function SettingsLayout() {
  const { t } = useTranslation();
  return (
    <div className={layout.row}>
      <SideBar label={t("settings.title")}>
        <SideLink
          to="/records"
          search={{}}
          active={false}
          quiet
          icon={<IconChevronLeft {...icon} />}
          label={t("settings.back")}
        />
        <SideHead>{t("settings.you")}</SideHead>
        <SideLink to="/settings/appearance" icon={<IconSun {...icon} />} label={t("settings.appearance")} />
        <SideLink to="/settings/keyboard" icon={<IconKeyboard {...icon} />} label={t("settings.keyboard")} />
      </SideBar>
      <main className={classes.page}>
        <Outlet />
      </main>
    </div>
  );
}
