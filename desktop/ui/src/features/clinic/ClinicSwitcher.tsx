/** The clinic's name at the head of the side bar; a menu where one belongs to several. */
import { Menu } from "@mantine/core";
import { IconCheck, IconSelector } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import layout from "@/app/layout.module.css";
import { useToast } from "@/app/toast";
import { useErrorText } from "@/app/useErrorText";
import { useMe } from "@/app/useSession";
import type { BackendError } from "@/backend/backend";
import { useBackend, useBackendQueries } from "@/backend/context";
import type { OrgId } from "@/backend/contract";
import { icon } from "@/components/icon";
import { Mark } from "@/components/Mark";
import classes from "./ClinicSwitcher.module.css";

export function ClinicSwitcher() {
  const { t } = useTranslation();
  const text = useErrorText();
  const toast = useToast();
  const backend = useBackend();
  const navigate = useNavigate();
  const { me, readOnly } = useMe();
  const { data: clinics = [] } = useQuery({
    ...useBackendQueries().ownClinics(),
    enabled: backend.offers("own_clinics") && !readOnly,
  });
  const changeTo = async (organization: OrgId) => {
    // What is chosen and searched here means nothing there.
    await navigate({ to: "/records", search: {} });
    try {
      await backend.call("switch_clinic", { organization });
    } catch (error) {
      toast({ text: text(error as BackendError) });
    }
  };
  const name = (
    <>
      <Mark />
      <span className={layout.clinic} title={me.clinic}>
        {me.clinic}
      </span>
    </>
  );
  if (clinics.length < 2) return <div className={layout.brand}>{name}</div>;
  return (
    <Menu position="bottom-start" width="20rem">
      <Menu.Target>
        <button type="button" className={classes.button} aria-label={t("people.switch_from", { clinic: me.clinic })}>
          {name}
          <IconSelector {...icon} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("people.switch_clinic")}</Menu.Label>
        {clinics.map((clinic) => (
          <Menu.Item
            key={clinic.organization}
            leftSection={clinic.is_current ? <IconCheck {...icon} /> : <span className={classes.room} />}
            disabled={clinic.is_current}
            onClick={() => void changeTo(clinic.organization)}
          >
            <span className={classes.clinic}>{clinic.name}</span>
            <span className={classes.role}>
              {t(`people.roles.${clinic.role}`)}
              {clinic.requires_second_factor && ` · ${t("people.asks_factor")}`}
            </span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
