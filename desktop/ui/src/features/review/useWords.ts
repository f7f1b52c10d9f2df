/** Words chosen on a page: with the pointer, or with Shift and the arrow keys from the first word in sight. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useBackendQueries } from "@/backend/context";
import type { BBox, PageWords, WordRange } from "@/backend/contract";
import { queryKeys } from "@/backend/queryKeys";
import { moveWord, rangeOf, textOf, type WordAt, wordsIn } from "./model/geometry";
import type { ChosenWords } from "./page/PageList";
import { useLatest } from "./useLatest";

export interface WordChoice {
  chosen: ChosenWords | null;
  /** The pointer has let go, or keys chose: the popover may show. */
  settled: boolean;
  range: WordRange | null;
  text: string;
  boxes: BBox[];
  count: number;
  choose: (words: ChosenWords | null, done: boolean) => void;
}

const directions = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" } as const;

const busy = (target: EventTarget | null) =>
  document.querySelector('[aria-modal="true"], [role="menu"]') !== null ||
  (target instanceof HTMLElement && target.closest("input, textarea, [role=dialog], [role=separator]") !== null);

/** Where the keys begin: at the first lit words of the page, else at its first word. */
function firstWord(words: PageWords, lit: readonly BBox[]): WordAt | null {
  const box = lit[0];
  if (box) {
    for (const [line, { words: own }] of words.lines.entries()) {
      const word = own.findIndex(({ bbox }) => {
        const [x, y] = [(bbox.x0 + bbox.x1) / 2, (bbox.y0 + bbox.y1) / 2];
        return x >= box.x0 && x <= box.x1 && y >= box.y0 && y <= box.y1;
      });
      if (word >= 0) return { line, word };
    }
  }
  return words.lines[0]?.words.length ? { line: 0, word: 0 } : null;
}

export function useWords(record: string, page: number, litOnPage: readonly BBox[]): WordChoice {
  const cache = useQueryClient();
  const queries = useBackendQueries();
  const [chosen, setChosen] = useState<ChosenWords | null>(null);
  const [settled, setSettled] = useState(false);
  const { data: words } = useQuery({ ...queries.pageWords(record, chosen?.page ?? page), enabled: chosen !== null });

  const choose = useCallback((next: ChosenWords | null, done: boolean) => {
    setChosen(next);
    setSettled(done);
  }, []);

  const onKey = useLatest((event: KeyboardEvent) => {
    const direction = directions[event.key as keyof typeof directions];
    if (!direction || event.ctrlKey || event.metaKey || event.altKey || busy(event.target)) return;
    if (!event.shiftKey && !chosen?.byKeys) return;
    const known = cache.getQueryData<PageWords>(queryKeys.pageWords(record, chosen?.page ?? page));
    if (!known) return;
    event.preventDefault();
    event.stopPropagation();
    if (!chosen) {
      const start = firstWord(known, litOnPage);
      if (start) choose({ page, anchor: start, focus: start, byKeys: true }, true);
      return;
    }
    const focus = moveWord(known, chosen.focus, direction);
    const anchor = event.shiftKey ? chosen.anchor : focus;
    choose({ ...chosen, anchor, focus, byKeys: true }, true);
  });
  useEffect(() => {
    // Before the commands hear it: while words are chosen, the arrows are theirs.
    window.addEventListener("keydown", onKey, true);
    return () => window.removeEventListener("keydown", onKey, true);
  }, [onKey]);

  return useMemo(() => {
    const range = chosen && rangeOf(chosen.page, chosen.anchor, chosen.focus);
    const parts = range && words?.page === range.page ? wordsIn(range, words) : [];
    const boxes = parts.flatMap((part) => part.words.map((word) => word.bbox));
    return {
      chosen,
      settled,
      range,
      text: range && words ? textOf(range, words) : "",
      boxes,
      count: boxes.length,
      choose,
    };
  }, [chosen, settled, words, choose]);
}
