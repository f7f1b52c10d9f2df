import { IconAlertCircle } from "@tabler/icons-react";
import { useErrorText } from "@/app/useErrorText";
import type { BackendError } from "@/backend/backend";
import { icon } from "@/components/icon";
import classes from "./Door.module.css";

/** Why a form at the door was refused; what was typed stays. */
export function Fault({ error }: { error: BackendError | null }) {
  const text = useErrorText();
  return (
    <div role="alert">
      {error && (
        <p className={classes.fault}>
          <IconAlertCircle {...icon} size="0.9375rem" />
          {text(error)}
        </p>
      )}
    </div>
  );
}
