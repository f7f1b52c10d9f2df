import { Tooltip } from "@mantine/core";
import { useLayoutEffect, useRef, useState } from "react";
import classes from "./MiddleEllipsis.module.css";

/** Characters of the end that always stay: two records of one family differ there. */
const keptEnd = 18;

/** The end that stays, from the space before a word where there is one. */
function endOf(text: string): string {
  const end = text.slice(-keptEnd);
  const word = end.indexOf(" ");
  return word >= 0 && word < keptEnd - 6 ? end.slice(word) : end;
}

/** The longest text that fits: beginning, ellipsis, end. */
function shorten(text: string, fits: (text: string) => boolean): string {
  const end = endOf(text);
  let low = 1;
  let high = text.length - end.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(`${text.slice(0, middle).trimEnd()}…${end}`)) low = middle;
    else high = middle - 1;
  }
  return `${text.slice(0, low).trimEnd()}…${end}`;
}

/** A name in up to `lines` lines; what does not fit leaves the middle. The full name shows on hover and is what is read aloud. */
export function MiddleEllipsis({
  children: text,
  lines = 2,
  focused = false,
}: {
  children: string;
  lines?: number;
  focused?: boolean;
}) {
  const box = useRef<HTMLSpanElement>(null);
  const [shown, setShown] = useState(text);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => {
      const words = element.firstElementChild as HTMLElement;
      const room = Number.parseFloat(getComputedStyle(element).lineHeight) * lines + 1;
      const fits = (candidate: string) => {
        words.textContent = candidate;
        return words.scrollHeight <= room || Number.isNaN(room);
      };
      const next = fits(text) ? text : shorten(text, fits);
      words.textContent = next;
      setShown(next);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [text, lines]);

  const cut = shown !== text;
  return (
    <Tooltip label={text} disabled={!cut} {...(focused && cut ? { opened: true } : {})} multiline maw="26rem">
      <span ref={box} className={classes.box}>
        <span className={classes.words} aria-hidden={cut}>
          {shown}
        </span>
        {cut && <span className={classes.spoken}>{text}</span>}
      </span>
    </Tooltip>
  );
}
