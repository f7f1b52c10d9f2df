import { useCallback, useLayoutEffect, useRef } from "react";

/** A function that never changes and always does what the last render gave it: rows need not be drawn again for it. */
export function useLatest<A extends unknown[], R>(act: (...args: A) => R): (...args: A) => R {
  const latest = useRef(act);
  useLayoutEffect(() => {
    latest.current = act;
  });
  return useCallback((...args: A) => latest.current(...args), []);
}
