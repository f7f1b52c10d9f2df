import {
  IconBuilding,
  IconChevronLeft,
  IconFileText,
  IconInfoCircle,
  IconKeyboard,
  IconLifebuoy,
  IconSun,
  IconWritingSign,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import layout from "@/app/layout.module.css";
import { SideBar, SideHead, SideLink } from "@/app/SideBar";
import { useMe, useStart } from "@/app/useSession";
import { useBackendQueries } from "@/backend/context";
import { icon } from "@/components/icon";
import classes from "./Settings.module.css";

export function SettingsLayout() {
  const { t } = useTranslation();
  const { me } = useMe();
  const { version } = useStart();
  // Who does not sign has no block to write.
  const { data: signature } = useQuery(useBackendQueries().signature());
  return (
    <div className={layout.row}>
      <SideBar
        label={t("settings.title")}
        foot={
          <div>
            <SideLink to="/settings/support" icon={<IconLifebuoy {...icon} />} label={t("settings.support")} />
            <SideLink
              to="/settings/about"
              icon={<IconInfoCircle {...icon} />}
              label={t("settings.about")}
              count={version}
            />
          </div>
        }
      >
        <SideLink
          to="/records"
          search={{}}
          active={false}
          quiet
          icon={<IconChevronLeft {...icon} />}
          label={t("settings.back")}
        />
        <SideHead>{t("settings.you")}</SideHead>
        {signature?.signs !== false && (
          <SideLink to="/settings/signature" icon={<IconWritingSign {...icon} />} label={t("settings.signature")} />
        )}
        <SideLink to="/settings/appearance" icon={<IconSun {...icon} />} label={t("settings.appearance")} />
        <SideLink to="/settings/keyboard" icon={<IconKeyboard {...icon} />} label={t("settings.keyboard")} />
        <SideHead>{me.clinic}</SideHead>
        <SideLink to="/settings/clinic" icon={<IconBuilding {...icon} />} label={t("settings.clinic")} />
        <SideLink to="/settings/letterhead" icon={<IconFileText {...icon} />} label={t("settings.letterhead")} />
      </SideBar>
      <main className={classes.page} data-drop="new">
        <Outlet />
      </main>
    </div>
  );
}
