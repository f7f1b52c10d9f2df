import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import type { ReportSearch } from "./search";

const route = "/records/$record/report";

/** What the address of Report says, and how to change a part of it. */
export function useReportPlace() {
  const navigate = useNavigate({ from: route });
  const place = useSearch({ from: route });
  const go = useCallback(
    (next: Partial<ReportSearch>) => {
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
