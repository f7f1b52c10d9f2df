import { startTransition, useEffect, useState } from "react";

const first = 120;
const step = 80;

/** How many rows are drawn by now: the first at once, the others in pieces between which the window answers. */
export function useGrowing(total: number, atLeast: number): number {
  const [drawn, setDrawn] = useState(first);
  const wanted = Math.min(total, Math.max(drawn, atLeast + step));
  useEffect(() => {
    if (wanted >= total) return;
    const timer = setTimeout(() => startTransition(() => setDrawn(wanted + step)), 16);
    return () => clearTimeout(timer);
  }, [wanted, total]);
  return wanted;
}
