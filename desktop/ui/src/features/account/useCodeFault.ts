import { useTranslation } from "react-i18next";
import { useErrorText } from "@/app/useErrorText";
import type { BackendError } from "@/backend/backend";

/** The sentence for a refused code of the authenticator; other faults keep theirs. */
export function useCodeFault(error: BackendError | null): string | undefined {
  const { t } = useTranslation();
  const text = useErrorText();
  if (!error) return undefined;
  return error.code === "invalid_input" ? t("account.code_refused") : text(error);
}

/** The sentence for a refused password; other faults keep theirs. */
export function usePasswordFault(error: BackendError | null): string | undefined {
  const { t } = useTranslation();
  const text = useErrorText();
  if (!error) return undefined;
  return error.code === "invalid_input" ? t("errors.wrong_password") : text(error);
}
