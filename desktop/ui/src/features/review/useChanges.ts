/** Changes of statements. The shell says what is different now, and that is put into the cache: nothing is guessed. */
import { useQueryClient } from "@tanstack/react-query";
import { useCommand } from "@/backend/context";
import type { Change, Changed, ReviewRecord } from "@/backend/contract";
import { queryKeys } from "@/backend/queryKeys";

export function applyChanged(known: ReviewRecord, changed: Changed): ReviewRecord {
  if (!known.review) return known;
  const next = new Map(changed.statements.map((it) => [it.id, it]));
  const removed = new Set(changed.removed);
  const kept = known.review.statements.filter((it) => !removed.has(it.id)).map((it) => next.get(it.id) ?? it);
  const ids = new Set(kept.map((it) => it.id));
  const added = changed.statements.filter((it) => !ids.has(it.id));
  return { ...known, review: { ...known.review, statements: [...kept, ...added], undo: changed.undo } };
}

export function useChanges(record: string) {
  const cache = useQueryClient();
  const apply = (changed: Changed) => {
    cache.setQueryData<ReviewRecord>(queryKeys.review(record), (known) => known && applyChanged(known, changed));
    void cache.invalidateQueries({ queryKey: ["record", record, "history"] });
    void cache.invalidateQueries({ queryKey: ["record", record, "report"] });
  };
  const change = useCommand("change", { onSuccess: apply });
  const undo = useCommand("undo", { onSuccess: apply });
  const redo = useCommand("redo", { onSuccess: apply });
  return {
    change: (wanted: Change) => change.mutateAsync({ record, change: wanted }),
    undo: () => undo.mutateAsync({ record }),
    redo: () => redo.mutateAsync({ record }),
    error: change.error ?? undo.error ?? redo.error,
    forget: () => {
      change.reset();
      undo.reset();
      redo.reset();
    },
  };
}
