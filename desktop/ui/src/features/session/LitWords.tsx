import classes from "./LitWords.module.css";

/** The two quotes on page 6 that the shown statement rests on, where they stand on that page. */
export function LitWords() {
  return (
    <>
      <span className={`${classes.lit} ${classes.first}`} />
      <span className={`${classes.lit} ${classes.second}`} />
    </>
  );
}
