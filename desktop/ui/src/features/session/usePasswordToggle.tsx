import { IconEye, IconEyeOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { icon } from "@/components/icon";

const Eye = ({ reveal }: { reveal: boolean }) => (reveal ? <IconEyeOff {...icon} /> : <IconEye {...icon} />);

/** Draws and names the eye of a password field, which Mantine leaves without a name. */
export function usePasswordToggle() {
  const { t } = useTranslation();
  return {
    visibilityToggleIcon: Eye,
    visibilityToggleButtonProps: { "aria-label": t("session.show_password"), tabIndex: 0, "aria-hidden": false },
  } as const;
}
