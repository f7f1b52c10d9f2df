import { useEffect, useState } from "react";

/** True once the component was there for `ms`: what is quick never flickers. */
export function useDelayed(ms: number): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return late;
}
