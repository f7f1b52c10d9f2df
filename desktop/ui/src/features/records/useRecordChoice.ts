import { useNavigate, useSearch } from "@tanstack/react-router";

/** The record named in the address, and how to name another one there. */
export function useRecordChoice() {
  const navigate = useNavigate();
  const { record } = useSearch({ from: "/main/records" });
  return {
    named: record ?? null,
    choose: (id: string) =>
      void navigate({ to: "/records", search: (before) => ({ ...before, record: id }), replace: true }),
    open: (id: string, page?: number) =>
      void navigate({ to: "/records/$record/review", params: { record: id }, search: page ? { page } : {} }),
  };
}
