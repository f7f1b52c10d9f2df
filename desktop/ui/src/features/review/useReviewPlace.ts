import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import type { ReviewSearch } from "./search";

const route = "/records/$record/review";

export type Go = (next: Partial<ReviewSearch>) => void;

/** What the address says, and how to change a part of it; `undefined` takes a part away. */
export function useReviewPlace(): { place: ReviewSearch; go: Go } {
  const navigate = useNavigate({ from: route });
  const place = useSearch({ from: route });
  const go = useCallback<Go>(
    (next) => {
      void navigate({
        to: ".",
        search: (known) =>
          Object.fromEntries(Object.entries({ ...known, ...next }).filter(([, value]) => value !== undefined)),
        replace: true,
      });
    },
    [navigate],
  );
  return { place, go };
}
