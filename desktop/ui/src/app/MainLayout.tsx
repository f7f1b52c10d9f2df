/** The window with its side bar: Records and what is chosen there. */

import { IconLock, IconSettings, IconStack2, IconUser } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Outlet, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useBackend, useBackendQueries } from "@/backend/context";
import { recordStates } from "@/backend/contract";
import { IconAct } from "@/components/Act";
import { Dot } from "@/components/Dot";
import { icon, iconSmall } from "@/components/icon";
import { WhatIsLeft } from "@/features/billing/TrialCountdown";
import { ClinicSwitcher } from "@/features/clinic/ClinicSwitcher";
import { stateDots } from "@/features/records/RecordState";
import { useFormat } from "@/i18n/format";
import classes from "./layout.module.css";
import { SideBar, SideHead, SideLink } from "./SideBar";
import { useMe } from "./useSession";

const initials = (name: string) =>
  name
    .split(/\s+/)
    .map((word) => word.charAt(0))
    .filter(Boolean)
    .filter((_, index, all) => index === 0 || index === all.length - 1)
    .join("")
    .toUpperCase();

function RecordsSideBar() {
  const { t } = useTranslation();
  const format = useFormat();
  const backend = useBackend();
  const { me, readOnly } = useMe();
  const { state = null, owner = null } = useSearch({ strict: false });
  const { data } = useInfiniteQuery(useBackendQueries().recordList({ search: "", state: null, owner: null }));
  const counts = data?.pages[0]?.counts;
  const shown = (count: number | undefined) => (count ? format.number(count) : undefined);
  const owners = counts && counts.owners.length > 1 ? counts.owners : [];

  return (
    <SideBar
      label={t("records.title")}
      foot={
        <div>
          <WhatIsLeft />
          <SideLink to="/settings/appearance" icon={<IconSettings {...icon} />} label={t("common.settings")} />
          <div className={classes.person}>
            <span className={classes.face} aria-hidden="true">
              {initials(me.name)}
            </span>
            <span className={classes.name}>{me.name}</span>
            {!readOnly && (
              <IconAct
                label={t("common.lock")}
                command="lock"
                size="sm"
                onClick={() => void backend.call("lock").catch(() => {})}
              >
                <IconLock {...iconSmall} />
              </IconAct>
            )}
          </div>
        </div>
      }
    >
      <ClinicSwitcher />
      <SideLink
        to="/records"
        search={{}}
        active={state === null && owner === null}
        icon={<IconStack2 {...icon} />}
        label={t("records.title")}
        count={shown(counts?.all)}
      />
      <SideHead>{t("records.states_title")}</SideHead>
      {recordStates.map((it) => (
        <SideLink
          key={it}
          to="/records"
          search={{ state: it }}
          active={state === it}
          icon={<Dot kind={stateDots[it]} />}
          label={t(`records.states.${it}`)}
          count={shown(counts?.by_state[it])}
        />
      ))}
      {owners.length > 0 && <SideHead>{t("records.owners_title")}</SideHead>}
      {owners.map((it) => (
        <SideLink
          key={it.id}
          to="/records"
          search={{ owner: it.id }}
          active={owner === it.id}
          icon={<IconUser {...icon} />}
          label={it.name}
          count={shown(it.records)}
        />
      ))}
    </SideBar>
  );
}

export function MainLayout() {
  return (
    <div className={classes.row}>
      <RecordsSideBar />
      <Outlet />
    </div>
  );
}
