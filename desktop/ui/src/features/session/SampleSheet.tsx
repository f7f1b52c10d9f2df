/** A page of the made-up record with two quotes lit: what the product does, shown by itself. Decoration only. */

import classes from "./Door.module.css";
import { LitWords } from "./LitWords";
import page from "./sample-page-6.webp";

export function SampleSheet() {
  return (
    <aside className={classes.desk} aria-hidden="true">
      <div className={classes.sheet}>
        <img className={classes.page} src={page} alt="" />
        <LitWords />
      </div>
    </aside>
  );
}
