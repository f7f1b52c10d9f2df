/** Whether the window is narrow: the one break, as `@container window (max-width: 62.5rem)` knows it in style sheets. */
import { createContext, type ReactNode, type RefObject, useContext, useLayoutEffect, useRef, useState } from "react";
import classes from "./Gate.module.css";

const breakRem = 62.5;

const NarrowContext = createContext(false);

/** For what lies outside of the window's box, such as tooltips. */
export const useNarrow = (): boolean => useContext(NarrowContext);

function measure(box: HTMLElement): boolean {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  return box.clientWidth > 0 && box.clientWidth <= breakRem * rem;
}

/** Engines do not look at a container query in rem again when only the root's size changes: this makes them. */
function lookAgain(box: HTMLElement): void {
  box.style.containerType = "normal";
  void box.offsetWidth;
  box.style.containerType = "";
}

/** The box of the window. `textSize` moves the break with it. */
export function WindowBox({ textSize, children }: { textSize: number; children: ReactNode }) {
  const box: RefObject<HTMLDivElement | null> = useRef(null);
  const [narrow, setNarrow] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new text size moves the break
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    lookAgain(element);
    const update = () => setNarrow(measure(element));
    update();
    const observer = new ResizeObserver(update);
    observer.observe(element);
    return () => observer.disconnect();
  }, [textSize]);
  return (
    <NarrowContext value={narrow}>
      <div ref={box} className={classes.window}>
        {children}
      </div>
    </NarrowContext>
  );
}
