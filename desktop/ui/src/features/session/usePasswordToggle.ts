import { useTranslation } from "react-i18next";

/** Names the eye of a password field, which Mantine leaves without one. */
export function usePasswordToggle() {
  const { t } = useTranslation();
  return {
    visibilityToggleButtonProps: { "aria-label": t("session.show_password"), tabIndex: 0, "aria-hidden": false },
  } as const;
}
