import type { ReactNode } from "react";
import classes from "./Settings.module.css";

export function SettingsHead({ title, children, right }: { title: string; children?: ReactNode; right?: ReactNode }) {
  return (
    <header className={classes.head}>
      <div className={classes.words}>
        <h1>{title}</h1>
        {children && <p className={classes.lead}>{children}</p>}
      </div>
      {right}
    </header>
  );
}
