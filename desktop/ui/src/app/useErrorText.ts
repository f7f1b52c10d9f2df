import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { BackendError } from "@/backend/backend";
import type { CommandError, ErrorCode } from "@/backend/contract";

/** The sentence of an error's code in the window's language. */
export function useErrorText(): (error: BackendError) => string {
  const { t } = useTranslation();
  return useCallback(
    // The code is checked; which values its sentence wants is known by the shell alone.
    (error) =>
      (t as (key: `errors.${ErrorCode}`, values: CommandError["params"]) => string)(
        `errors.${error.code}`,
        error.params,
      ),
    [t],
  );
}
