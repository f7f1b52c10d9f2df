/** What rows and panels can do. One object for the whole screen that never changes, so that rows are drawn only for their own sake. */
import { createContext, useContext } from "react";
import type { Section, Statement } from "@/backend/contract";

export interface ReviewActs {
  choose: (statement: string) => void;
  /** Chooses a statement and shows one of its places. */
  showPlace: (statement: string, place: number) => void;
  showPage: (page: number) => void;
  accept: () => void;
  reject: () => void;
  edit: () => void;
  save: (text: string, section: Section) => void;
  cancelEdit: () => void;
  keep: (whose: "mine" | "theirs", statement: string) => void;
  editAnew: (statement: string) => void;
  history: () => void;
  copy: (statement: Statement) => void;
}

export const ActsContext = createContext<ReviewActs | null>(null);

export function useActs(): ReviewActs {
  const acts = useContext(ActsContext);
  if (!acts) throw new Error("outside of Review");
  return acts;
}
