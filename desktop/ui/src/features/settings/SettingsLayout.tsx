import {
  IconBuilding,
  IconChartBar,
  IconChevronLeft,
  IconCreditCard,
  IconFileText,
  IconInfoCircle,
  IconKey,
  IconKeyboard,
  IconLifebuoy,
  IconShieldLock,
  IconSun,
  IconUser,
  IconUsers,
  IconWritingSign,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import layout from "@/app/layout.module.css";
import { SideBar, SideHead, SideLink } from "@/app/SideBar";
import { useMe, useStart } from "@/app/useSession";
import { useBackend, useBackendQueries } from "@/backend/context";
import { icon } from "@/components/icon";
import classes from "./Settings.module.css";

export function SettingsLayout() {
  const { t } = useTranslation();
  const { me } = useMe();
  const backend = useBackend();
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
        {backend.offers("change_email") && (
          <SideLink to="/settings/profile" icon={<IconUser {...icon} />} label={t("account.profile")} />
        )}
        {backend.offers("sessions") && (
          <SideLink to="/settings/security" icon={<IconKey {...icon} />} label={t("account.security")} />
        )}
        {signature?.signs !== false && (
          <SideLink to="/settings/signature" icon={<IconWritingSign {...icon} />} label={t("settings.signature")} />
        )}
        <SideLink to="/settings/appearance" icon={<IconSun {...icon} />} label={t("settings.appearance")} />
        <SideLink to="/settings/keyboard" icon={<IconKeyboard {...icon} />} label={t("settings.keyboard")} />
        <SideHead>{me.clinic}</SideHead>
        <SideLink to="/settings/clinic" icon={<IconBuilding {...icon} />} label={t("settings.clinic")} />
        {backend.offers("members") && (
          <SideLink to="/settings/people" icon={<IconUsers {...icon} />} label={t("people.people")} />
        )}
        {backend.offers("policy") && (
          <SideLink to="/settings/policy" icon={<IconShieldLock {...icon} />} label={t("people.policy")} />
        )}
        {me.role === "admin" && backend.offers("subscription") && (
          <SideLink to="/settings/billing" icon={<IconCreditCard {...icon} />} label={t("billing.billing")} />
        )}
        {me.role === "admin" && backend.offers("usage") && (
          <SideLink to="/settings/usage" icon={<IconChartBar {...icon} />} label={t("billing.usage")} />
        )}
        <SideLink to="/settings/letterhead" icon={<IconFileText {...icon} />} label={t("settings.letterhead")} />
      </SideBar>
      <main className={classes.page} data-drop="new">
        <Outlet />
      </main>
    </div>
  );
}
