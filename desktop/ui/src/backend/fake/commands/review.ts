/** Review in the fake: changes with an author, undo and redo without end. */
import type {
  Change,
  Changed,
  Citation,
  Review,
  ReviewCommands,
  ReviewRecord,
  Statement,
  WordRange,
} from "../../contract";
import { boxesOf } from "../sample/layout";
import { sampleDocument, sampleWords } from "../sample/record";
import {
  type FakeRecord,
  type FakeReview,
  fail,
  mustWrite,
  nextId,
  nowOf,
  recordOf,
  type Step,
  touch,
  type World,
} from "../world";
import type { Handlers } from "./handlers";
import { borrowed } from "./pages";

const reviewOf = (record: FakeRecord): FakeReview => record.review ?? fail("no_analysis");

const undoState = (review: FakeReview): Changed["undo"] => ({
  undo: changeKind(review.past.at(-1)),
  redo: changeKind(review.future.at(-1)),
});

function changeKind(step: Step | undefined): Change["change"] | null {
  if (!step || step.kind === "undo" || step.kind === "redo" || step.kind === "run") return null;
  return step.kind;
}

function citationOf(range: WordRange): Citation {
  const words = sampleWords(borrowed(range.page));
  const from: [number, number] = [range.first.line, range.first.word];
  const to: [number, number] = [range.last.line, range.last.word];
  const chosen = words.lines.flatMap((line, at) =>
    line.words.filter(
      (_, word) => at >= from[0] && at <= to[0] && (at > from[0] || word >= from[1]) && (at < to[0] || word <= to[1]),
    ),
  );
  const sum = chosen.reduce((total, word) => total + word.confidence, 0);
  const quote = chosen.map((word) => word.text).join(" ");
  return {
    quote,
    places: [{ page: range.page, document: sampleDocument, quote, boxes: boxesOf(words, from, to) }],
    confidence: Math.round(sum / Math.max(1, chosen.length)),
    chosen_by_reader: true,
  };
}

function changedStatement(world: World, review: FakeReview, change: Change): Statement {
  const changed = { author: world.me.name, mine: true, at: nowOf(world) };
  if (change.change === "add") {
    return {
      id: nextId(world, "stm"),
      section: change.section,
      text: change.text,
      text_before: null,
      assertion: change.assertion,
      citations: change.words.map(citationOf),
      verified: true,
      checked: true,
      in_conflict: false,
      also_in_record: false,
      weak_words: [],
      details: {
        name: null,
        value: null,
        unit: null,
        reference_range: null,
        flag: null,
        date: null,
        relation: null,
        code: null,
      },
      state: "accepted",
      added_by_hand: true,
      changed,
      versions: null,
      is_new: false,
    };
  }
  const statement = review.review.statements.find((it) => it.id === change.statement) ?? fail("not_found");
  switch (change.change) {
    case "accept":
      return { ...statement, state: "accepted", changed };
    case "reject":
      return { ...statement, state: "rejected", changed };
    case "reopen":
      return { ...statement, state: "open", changed };
    case "edit":
      return {
        ...statement,
        text: change.text,
        section: change.section,
        text_before: statement.text_before ?? statement.text,
        weak_words: [],
        state: "accepted",
        versions: null,
        changed,
      };
    case "add_quote":
      return { ...statement, citations: [...statement.citations, ...change.words.map(citationOf)], changed };
    case "keep_mine":
      return { ...statement, text: statement.versions?.mine.text ?? statement.text, versions: null, changed };
    case "keep_theirs":
      return { ...statement, text: statement.versions?.theirs.text ?? statement.text, versions: null, changed };
  }
}

/** Puts statements as they are in `to` where those of `from` were; one that comes back stands where it stood. */
function replace(review: FakeReview, from: Statement[], to: Statement[]): { removed: string[] } {
  const next = new Map(to.map((it) => [it.id, it]));
  const removed = from.filter((it) => !next.has(it.id)).map((it) => it.id);
  const kept = review.review.statements.filter((it) => !removed.includes(it.id)).map((it) => next.get(it.id) ?? it);
  const known = new Set(kept.map((it) => it.id));
  review.review.statements = [...kept, ...to.filter((it) => !known.has(it.id))];
  return { removed };
}

function note(world: World, review: FakeReview, kind: Step["kind"], step: Step): void {
  const before = step.before[0] ?? null;
  const after = step.after[0] ?? null;
  review.history.unshift({
    id: nextId(world, "chg"),
    at: nowOf(world),
    author: world.me.name,
    mine: true,
    change: kind,
    statement: after?.id ?? before?.id ?? null,
    before: before?.text ?? null,
    after: after?.text ?? null,
  });
}

function settle(world: World, record: FakeRecord): void {
  const statements = reviewOf(record).review.statements;
  if (record.state === "to_review" && statements.every((it) => it.state !== "open")) record.state = "to_sign";
  touch(world, record);
}

/** The new result, with what was decided about statements that are still in it. */
function carryOver(old: Omit<Review, "undo">, next: Omit<Review, "undo">): Omit<Review, "undo"> {
  const known = new Map(old.statements.map((it) => [it.id, it]));
  const byHand = old.statements.filter((it) => it.added_by_hand);
  return {
    ...next,
    statements: [...next.statements.map((it) => known.get(it.id) ?? { ...it, is_new: true }), ...byHand],
  };
}

export const reviewHandlers: Handlers<ReviewCommands> = {
  review: (world, { record }): ReviewRecord => {
    const it = recordOf(world, record);
    return {
      record,
      title: it.title,
      fields: it.fields,
      encounters: it.encounters,
      review: it.review && { ...it.review.review, undo: undoState(it.review) },
      run: it.run,
      files_changed: it.files_changed,
      waits_for_network: it.waits_for_network,
      may_edit: world.session.state === "open" && !world.session.read_only,
    };
  },
  show_newer: (world, { record }) => {
    const it = recordOf(world, record);
    const review = reviewOf(it);
    if (review.next) review.review = carryOver(review.review, review.next);
    review.next = null;
    review.review.newer = null;
    it.new_result = false;
    it.files_changed = { pages_added: 0, pages_removed: 0 };
    note(world, review, "run", { kind: "run", before: [], after: [] });
    world.emit({ event: "review_changed", record });
    return null;
  },
  change: (world, { record, change }) => {
    mustWrite(world);
    const it = recordOf(world, record);
    const review = reviewOf(it);
    const next = changedStatement(world, review, change);
    const before = review.review.statements.filter((known) => known.id === next.id);
    const after = change.change === "reject" && next.added_by_hand ? [] : [next];
    const step: Step = { kind: change.change, before, after };
    const { removed } = replace(review, before, after);
    review.past.push(step);
    review.future = [];
    note(world, review, change.change, step);
    settle(world, it);
    return { statements: after, removed, undo: undoState(review) };
  },
  undo: (world, { record }) => {
    const it = recordOf(world, record);
    const review = reviewOf(it);
    const step = review.past.pop() ?? fail("nothing_to_undo");
    review.future.push(step);
    const { removed } = replace(review, step.after, step.before);
    note(world, review, "undo", { ...step, before: step.after, after: step.before });
    settle(world, it);
    return { statements: step.before, removed, undo: undoState(review) };
  },
  redo: (world, { record }) => {
    const it = recordOf(world, record);
    const review = reviewOf(it);
    const step = review.future.pop() ?? fail("nothing_to_redo");
    review.past.push(step);
    const { removed } = replace(review, step.before, step.after);
    note(world, review, "redo", step);
    settle(world, it);
    return { statements: step.after, removed, undo: undoState(review) };
  },
  history: (world, { record, statement }) =>
    reviewOf(recordOf(world, record)).history.filter((entry) => statement === null || entry.statement === statement),
  run_analysis: (world, { record, focus, window }) => {
    mustWrite(world);
    const it = recordOf(world, record);
    if (!world.online) {
      it.waits_for_network = true;
      world.emit({ event: "outbox_changed" });
      return null;
    }
    const pages_total = it.files.reduce((sum, file) => sum + file.pages, 0);
    it.run = {
      job: nextId(world, "job"),
      state: "processing",
      pages_done: 0,
      pages_total,
      seconds_left: null,
      error: null,
    };
    it.asked = { focus, window };
    world.emit({ event: "run", record, run: it.run });
    return null;
  },
  cancel_analysis: (world, { record }) => {
    const it = recordOf(world, record);
    it.run = it.run && { ...it.run, state: "cancelled" };
    if (it.run) world.emit({ event: "run", record, run: it.run });
    return null;
  },
};
