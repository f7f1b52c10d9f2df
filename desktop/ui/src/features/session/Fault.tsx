import { IconAlertCircle } from "@tabler/icons-react";
import { useErrorText } from "@/app/useErrorText";
import type { BackendError } from "@/backend/backend";
import { icon } from "@/components/icon";
import classes from "./Door.module.css";

/** Why a form was refused; what was typed stays. `text` says it in the form's own words. */
export function Fault({ error, text: own }: { error: BackendError | null; text?: string | undefined }) {
  const text = useErrorText();
  return (
    <div role="alert">
      {error && (
        <p className={classes.fault}>
          <IconAlertCircle {...icon} size="0.9375rem" />
          {own ?? text(error)}
        </p>
      )}
    </div>
  );
}
