/** Review with its record loaded: what is chosen, shown and done. The parts below only draw. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useDeferredValue, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { useCommands } from "@/app/commands";
import { ToastRegion, useToast } from "@/app/toast";
import { usePreferences } from "@/app/useSession";
import { useBackend, useBackendQueries } from "@/backend/context";
import type {
  BBox,
  Changed,
  Line,
  PageInfo,
  ReviewRecord,
  Section,
  Statement,
  UnusedLine,
  WordRange,
} from "@/backend/contract";
import { Act } from "@/components/Act";
import { Empty } from "@/components/States";
import { Analysis, type Draft, FilterBar } from "./analysis/Analysis";
import { ActsContext, type ReviewActs } from "./analysis/acts";
import { RunStrip } from "./analysis/RunStrip";
import { Divider, usualShare } from "./Divider";
import { Hits } from "./find/Hits";
import { firstFrom, hitsByPage, matching } from "./find/hits";
import { boxKey, isWithin } from "./model/geometry";
import { byPage, inOrder, likelySection, marksByPage, needsCheck, placesOf, restingOn } from "./model/statements";
import { Documents } from "./page/Documents";
import { PageBar } from "./page/PageBar";
import { PageList, type Target } from "./page/PageList";
import { SelectionPopover } from "./page/SelectionPopover";
import { nextZoom, turnOf } from "./page/scale";
import { Thumbs } from "./page/Thumbs";
import { FocusPanel } from "./panels/FocusPanel";
import { HistoryPanel } from "./panels/HistoryPanel";
import classes from "./Review.module.css";
import { ReviewBar } from "./ReviewBar";
import { ReviewHints } from "./ReviewHints";
import type { Turn } from "./search";
import { useChanges } from "./useChanges";
import { useLatest } from "./useLatest";
import { useReviewPlace } from "./useReviewPlace";
import { useWords } from "./useWords";

type Panel = "history" | "focus" | "documents";

interface DraftWords extends Draft {
  words: WordRange;
}

interface Props {
  record: string;
  data: ReviewRecord;
  pages: PageInfo[];
}

const noStatements: Statement[] = [];
const noHits: never[] = [];

export function ReviewBoard({ record, data, pages }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const backend = useBackend();
  const queries = useBackendQueries();
  const cache = useQueryClient();
  const toast = useToast();
  const changes = useChanges(record);
  const { place, go } = useReviewPlace();
  const [preferences, setPreferences] = usePreferences();
  const [dragged, setDragged] = useState<number | null>(null);
  const [panel, setPanel] = useState<Panel | null>(null);
  const [editing, setEditing] = useState<string | null>(null);
  const [draft, setDraft] = useState<DraftWords | null>(null);
  const [finding, setFinding] = useState(place.find !== undefined);
  const [percent, setPercent] = useState(100);
  const findField = useRef<HTMLInputElement>(null);
  const pageField = useRef<HTMLInputElement>(null);

  const { review, may_edit: mayEdit } = data;
  const page = Math.max(1, Math.min(pages.length, place.page ?? 1));
  const statements = review?.statements ?? noStatements;
  const ordered = useMemo(() => inOrder(statements), [statements]);
  const chosen = statements.find((it) => it.id === place.statement) ?? null;
  const listed = useMemo(
    // A statement that was just looked at stays in its row until another one is chosen.
    () => (place.show === "to_check" ? ordered.filter((it) => needsCheck(it) || it.id === place.statement) : ordered),
    [ordered, place.show, place.statement],
  );
  const marks = useMemo(() => marksByPage(statements.filter((it) => it.state !== "rejected")), [statements]);
  const unused = useMemo(() => byPage(review?.unused_lines ?? []), [review?.unused_lines]);
  const bare = useMemo(() => new Set((review?.unused_pages ?? []).map((it) => it.page)), [review?.unused_pages]);
  const encounter = data.encounters.find((it) => page >= it.first_page && page <= it.last_page) ?? null;

  // What is lit: the chosen statement's words, or the hits of the search.
  const query = useDeferredValue(place.find ?? "");
  const { data: found } = useQuery(queries.search(record, query));
  const searching = finding && query.trim() !== "";
  const hits = searching ? (found?.hits ?? noHits) : noHits;
  const hitsShown = searching && place.among !== "statements";
  const currentHit = place.hit !== undefined && place.hit <= hits.length ? place.hit - 1 : null;
  const hitMap = useMemo(() => hitsByPage(hits, currentHit), [hits, currentHit]);
  const found_statements = useMemo(
    () => (searching ? matching(ordered, query) : noStatements),
    [searching, ordered, query],
  );
  const places = useMemo(() => (chosen ? placesOf(chosen) : []), [chosen]);
  const litIndex = Math.min(place.lit ?? 0, Math.max(0, places.length - 1));
  const litPlace = places[litIndex] ?? null;
  const lit = useMemo(() => {
    const map = new Map<number, BBox[]>();
    if (hitsShown) return map;
    for (const it of places) map.set(it.page, [...(map.get(it.page) ?? []), ...it.boxes]);
    // Two quotes may rest on the same words, which are lit once.
    for (const [number, boxes] of map) {
      const distinct = [...new Map(boxes.map((box) => [boxKey(box), box])).values()];
      map.set(
        number,
        distinct.filter((box) => !distinct.some((other) => other !== box && isWithin(box, other))),
      );
    }
    return map;
  }, [places, hitsShown]);
  /** Both pages of the quote in sight, if it goes over two. */
  const together = useMemo(() => {
    if (!litPlace || hitsShown) return [];
    const own = places.filter((it) => it.citation === litPlace.citation).map((it) => it.page);
    return own.includes(page) ? [...new Set(own)] : [];
  }, [litPlace, places, page, hitsShown]);
  const threads = useMemo(() => {
    const starts = new Set<number>();
    places.forEach((it, index) => {
      if (places[index + 1]?.citation === it.citation && places[index + 1]?.page === it.page + 1) starts.add(it.page);
    });
    return hitsShown ? new Set<number>() : starts;
  }, [places, hitsShown]);

  const words = useWords(record, page, lit.get(page) ?? noHits);
  const resting = useMemo(
    () => (words.range ? restingOn(ordered, words.range.page, words.boxes) : noStatements),
    [ordered, words.range, words.boxes],
  );

  const target: Target | null = useMemo(() => {
    const hit = currentHit === null ? null : hits[currentHit];
    if (hitsShown && hit) {
      return { key: `hit ${query} ${currentHit}`, page: hit.page, box: hit.boxes[0] ?? null };
    }
    if (chosen && litPlace && !hitsShown) {
      return { key: `statement ${chosen.id} ${litIndex}`, page: litPlace.page, box: litPlace.boxes[0] ?? null };
    }
    return null;
  }, [hitsShown, currentHit, hits, query, chosen, litPlace, litIndex]);

  const firstPage = (statement: Statement, at = 0) =>
    placesOf(statement)[at]?.page ?? statement.citations[0]?.places[0]?.page;

  const choose = (id: string, at = 0) => {
    const statement = statements.find((it) => it.id === id);
    if (!statement) return;
    setEditing(null);
    go({ statement: id, lit: at > 0 ? at : undefined, page: firstPage(statement, at) ?? page });
  };
  const chooseBy = (step: 1 | -1) => {
    if (searching) return stepHit(step);
    const at = listed.findIndex((it) => it.id === place.statement);
    const next = at < 0 ? listed[step > 0 ? 0 : listed.length - 1] : listed[at + step];
    if (next) choose(next.id);
  };
  /** The next statement that nobody has looked at, below the chosen one. */
  const goOn = (from: string) => {
    const at = listed.findIndex((it) => it.id === from);
    const next = listed.slice(at + 1).find((it) => it.state === "open") ?? listed[at + 1];
    if (next) choose(next.id);
  };

  const undo = async () => {
    const changed = await changes.undo().catch(() => null);
    showChanged(changed);
  };
  const redo = async () => {
    const changed = await changes.redo().catch(() => null);
    showChanged(changed);
  };
  const showChanged = (changed: Changed | null) => {
    const statement = changed?.statements[0];
    if (!statement) return;
    setEditing(null);
    go({ statement: statement.id, lit: undefined, page: firstPage(statement) ?? page, show: undefined });
  };
  const undoAct = { label: t("common.undo"), command: "undo", onAct: () => void undo() } as const;
  const tell = (statement: Statement, what: string) =>
    toast({
      text: (
        <>
          <span className={classes.named}>{shortened(statement.text)}</span> {what}
        </>
      ),
      act: undoAct,
    });

  const accept = async () => {
    if (!chosen || !mayEdit || chosen.versions) return;
    if (chosen.state !== "open") return goOn(chosen.id);
    if (await changes.change({ change: "accept", statement: chosen.id }).catch(() => null)) goOn(chosen.id);
  };
  const reject = async () => {
    if (!chosen || !mayEdit || chosen.versions) return;
    const back = chosen.state === "rejected";
    const done = await changes.change({ change: back ? "reopen" : "reject", statement: chosen.id }).catch(() => null);
    if (!done) return;
    tell(
      chosen,
      t(back ? "review.was_taken_back" : chosen.added_by_hand ? "review.was_removed" : "review.was_rejected"),
    );
    if (!back) goOn(chosen.id);
  };
  const edit = () => {
    if (chosen && mayEdit) setEditing(chosen.id);
  };
  const save = async (text: string, section: Section) => {
    if (draft) {
      const done = await changes
        .change({ change: "add", section, text, assertion: "present", words: [draft.words] })
        .catch(() => null);
      if (!done) return;
      setDraft(null);
      words.choose(null, true);
      const added = done.statements[0];
      if (added) go({ statement: added.id, lit: undefined, show: undefined });
      toast({ text: t("review.was_added", { section: t(`review.sections.${section}`) }), act: undoAct });
      return;
    }
    const statement = statements.find((it) => it.id === editing);
    if (!statement) return;
    const done = await changes.change({ change: "edit", statement: statement.id, text, section }).catch(() => null);
    if (!done) return;
    setEditing(null);
    tell(done.statements[0] ?? statement, t("review.was_saved"));
  };
  const keep = async (whose: "mine" | "theirs", id: string) => {
    await changes.change({ change: whose === "mine" ? "keep_mine" : "keep_theirs", statement: id }).catch(() => null);
    go({ statement: id });
  };

  const beginDraft = (range: WordRange, text: string, quote: string, section: Section) => {
    setEditing(null);
    setDraft({ text, quote, section, page: range.page, words: range });
    if (place.show) go({ show: undefined });
    if (finding) closeFind();
  };
  const add = () => {
    if (!words.range || !mayEdit || !review) return;
    const section = likelySection(statements, words.range.page, words.boxes[0]);
    beginDraft(words.range, words.text, words.text, section);
  };
  const addQuote = async () => {
    if (!words.range || !mayEdit || !chosen) return;
    const done = await changes
      .change({ change: "add_quote", statement: chosen.id, words: [words.range] })
      .catch(() => null);
    if (!done) return;
    words.choose(null, true);
    tell(chosen, t("review.got_quote"));
  };
  const write = async (line: UnusedLine) => {
    const onPage = await cache.fetchQuery(queries.pageWords(record, line.page)).catch(() => null);
    const isOfLine = ({ words }: Line) => words.length > 0 && words.every((word) => isWithin(word.bbox, line.bbox));
    const at = onPage?.lines.findIndex(isOfLine) ?? -1;
    const last = (onPage?.lines[at]?.words.length ?? 0) - 1;
    if (at < 0 || last < 0) return;
    const range = { page: line.page, first: { line: at, word: 0 }, last: { line: at, word: last } };
    go({ page: line.page });
    beginDraft(range, "", line.text, likelySection(statements, line.page, line.bbox));
  };
  const copyText = (text: string) =>
    void backend.call("copy_text", { text }).then(
      () => toast({ text: t("common.copied") }),
      () => {},
    );

  const stepHit = (step: 1 | -1) => {
    if (!searching || hits.length === 0) return;
    const next = currentHit === null ? firstFrom(hits, page) : (currentHit + step + hits.length) % hits.length;
    showHit(next);
  };
  const showHit = (index: number) => {
    const hit = hits[index];
    if (hit) go({ hit: index + 1, page: hit.page, among: undefined });
  };
  const openFind = () => {
    // At once: the next letter typed is already for the field.
    flushSync(() => setFinding(true));
    findField.current?.focus();
    findField.current?.select();
  };
  const closeFind = () => {
    setFinding(false);
    findField.current?.blur();
    go({ find: undefined, hit: undefined, among: undefined });
  };
  const leave = () => {
    if (words.chosen) return words.choose(null, true);
    if (finding) closeFind();
  };

  const zoom = (direction: 1 | -1) => go({ zoom: nextZoom(percent, direction) });
  const rotate = () => {
    const next = ((turnOf(place, page) + 90) % 360) as Turn | 0;
    const { [page]: _, ...others } = place.turn ?? {};
    const turn = next === 0 ? others : { ...others, [page]: next };
    go({ turn: Object.keys(turn).length > 0 ? turn : undefined });
  };
  const openPage = (next: number) => {
    if (next >= 1 && next <= pages.length) go({ page: next });
  };
  const nextLit = () => {
    if (searching) return stepHit(1);
    const next = places.length > 0 ? (litIndex + 1) % places.length : 0;
    if (chosen && places.length > 0) go({ lit: next > 0 ? next : undefined, page: places[next]?.page });
  };
  const toReport = () => void navigate({ to: "/records/$record/report", params: { record }, search: {} });
  const firstTwo = ordered.find((it) => it.versions);
  const isTwo = chosen?.versions !== null && chosen !== null;

  useCommands({
    statement_next: listed.length > 0 ? () => chooseBy(1) : null,
    statement_previous: listed.length > 0 ? () => chooseBy(-1) : null,
    accept: chosen && mayEdit ? () => void accept() : null,
    edit: chosen && mayEdit ? edit : null,
    reject: chosen && mayEdit ? () => void reject() : null,
    add_statement: words.range && mayEdit ? add : null,
    add_quote: words.range && chosen && mayEdit ? () => void addQuote() : null,
    next_lit: places.length > 0 || searching ? nextLit : null,
    only_to_check: review ? () => go({ show: place.show === "to_check" ? undefined : "to_check" }) : null,
    left_out: review ? () => go({ show: place.show === "left_out" ? undefined : "left_out" }) : null,
    history: review ? () => setPanel("history") : null,
    keep_mine: isTwo && mayEdit ? () => void keep("mine", chosen.id) : null,
    keep_theirs: isTwo && mayEdit ? () => void keep("theirs", chosen.id) : null,
    undo: review?.undo.undo && mayEdit ? () => void undo() : null,
    redo: review?.undo.redo && mayEdit ? () => void redo() : null,
    focus_window: () => setPanel("focus"),
    documents: () => setPanel("documents"),
    open_report: review ? toReport : null,
    search: openFind,
    next_hit: searching ? () => stepHit(1) : null,
    previous_hit: searching ? () => stepHit(-1) : null,
    page_next: page < pages.length ? () => openPage(page + 1) : null,
    page_previous: page > 1 ? () => openPage(page - 1) : null,
    go_to_page: () => pageField.current?.focus(),
    zoom_width: () => go({ zoom: undefined }),
    zoom_in: () => zoom(1),
    zoom_out: () => zoom(-1),
    rotate,
    leave: words.chosen || finding ? leave : null,
    copy_words: words.range ? () => copyText(words.text) : null,
  });

  const stable: ReviewActs = {
    choose: useLatest((id: string) => choose(id)),
    showPlace: useLatest(choose),
    showPage: useLatest(openPage),
    accept: useLatest(() => void accept()),
    reject: useLatest(() => void reject()),
    edit: useLatest(edit),
    save: useLatest((text: string, section: Section) => void save(text, section)),
    cancelEdit: useLatest(() => {
      setEditing(null);
      setDraft(null);
    }),
    keep: useLatest((whose: "mine" | "theirs", id: string) => void keep(whose, id)),
    editAnew: useLatest((id: string) => {
      choose(id);
      setEditing(id);
    }),
    history: useLatest(() => setPanel("history")),
    copy: useLatest((statement: Statement) => copyText(statement.text)),
  };
  const acts = useRef(stable).current;
  const onMark = useLatest((mark: { statements: string[] }) => {
    const at = mark.statements.indexOf(place.statement ?? "");
    const next = mark.statements[(at + 1) % mark.statements.length];
    if (next)
      choose(
        next,
        placesOf(statements.find((it) => it.id === next) as Statement).findIndex((it) => it.page === page),
      );
  });
  const onPage = useLatest((next: number) => go({ page: next }));
  const onShow = useLatest((show: typeof place.show) => go({ show }));
  const onWrite = useLatest((line: UnusedLine) => void write(line));

  const share = dragged ?? preferences.review_divider;
  const closePanel = () => setPanel(null);
  const running = data.run?.state === "processing" || data.run?.state === "waiting";
  const label = together.length > 1 ? `${together[0]}–${together.at(-1)}` : String(page);

  return (
    <ActsContext value={acts}>
      <main className={classes.review}>
        <ReviewBar
          data={data}
          pages={pages.length}
          finding={finding}
          find={place.find ?? ""}
          hit={currentHit}
          hits={hits.length}
          field={findField}
          onBack={() => void navigate({ to: "/records", search: { record } })}
          onUndo={() => void undo()}
          onRedo={() => void redo()}
          onOpenFind={openFind}
          onFind={(find) => {
            setFinding(true);
            go({ find: find === "" ? undefined : find, hit: undefined });
          }}
          onHit={stepHit}
          onCloseFind={closeFind}
          onFocus={() => setPanel("focus")}
          onReport={toReport}
        />
        <div
          className={classes.sides}
          style={{ "--share": `${(share || usualShare) * 100}cqw` } as React.CSSProperties}
        >
          <div className={classes.page}>
            <Thumbs
              pages={pages}
              current={page}
              lit={lit}
              hits={hitsShown ? hitMap : null}
              bare={bare}
              open={new Set(together)}
              onOpen={onPage}
            />
            <div className={classes.viewer}>
              <PageBar
                page={page}
                label={label}
                total={pages.length}
                encounter={encounter}
                percent={percent}
                fits={place.zoom === undefined}
                lit={
                  words.count > 0
                    ? { kind: "chosen", words: words.count }
                    : hitsShown
                      ? { kind: "hits", all: hitMap.get(page)?.length ?? 0 }
                      : together.length > 1
                        ? { kind: "lit_pages", pages: together.length }
                        : places.length > 0
                          ? { kind: "lit", now: litIndex + 1, all: places.length }
                          : null
                }
                onPage={openPage}
                onZoom={zoom}
                onWidth={() => go({ zoom: undefined })}
                onTurn={rotate}
                onNextLit={nextLit}
                onDocuments={() => setPanel(panel === "documents" ? null : "documents")}
                documents={(button) => (
                  <Documents
                    encounters={data.encounters}
                    page={page}
                    opened={panel === "documents"}
                    onClose={closePanel}
                    onOpen={openPage}
                  >
                    {button}
                  </Documents>
                )}
                field={pageField}
              />
              <PageList
                record={record}
                pages={pages}
                place={place}
                target={target}
                onPage={onPage}
                lit={lit}
                hits={hitsShown ? hitMap : emptyHits}
                marks={marks}
                unused={unused}
                statement={hitsShown ? null : (chosen?.id ?? null)}
                threads={threads}
                chosen={words.chosen}
                onChoose={words.choose}
                onMark={onMark}
                onScale={setPercent}
                popover={(anchor, side) =>
                  words.settled && words.count > 0 && !draft ? (
                    <SelectionPopover
                      anchor={anchor}
                      side={side}
                      resting={resting}
                      mayEdit={mayEdit && review !== null}
                      mayQuote={chosen !== null}
                      onAdd={add}
                      onQuote={() => void addQuote()}
                      onCopy={() => copyText(words.text)}
                      onShow={(statement) => {
                        words.choose(null, true);
                        choose(
                          statement.id,
                          Math.max(
                            0,
                            placesOf(statement).findIndex((it) => it.page === words.range?.page),
                          ),
                        );
                      }}
                    />
                  ) : null
                }
              />
              <ToastRegion inner />
            </div>
          </div>
          <Divider
            share={share}
            onShare={(next, kept) => {
              setDragged(kept ? null : next);
              if (kept) setPreferences({ review_divider: next });
            }}
          />
          <section className={classes.analysis} aria-label={t("review.analysis")}>
            {searching ? (
              <Hits
                query={query}
                hits={hits}
                more={found?.more ?? false}
                statements={statements}
                matching={found_statements}
                among={place.among ?? "pages"}
                current={currentHit}
                chosen={place.statement ?? null}
                encounters={data.encounters}
                total={pages.length}
                onAmong={(among) => go({ among: among === "statements" ? "statements" : undefined })}
                onHit={showHit}
                onStatement={(id) => choose(id)}
              />
            ) : (
              <>
                <RunStrip
                  data={data}
                  pages={pages.length}
                  failure={changes.error}
                  onForgetFailure={changes.forget}
                  onRun={() => setPanel("focus")}
                  onShowTwo={() => firstTwo && choose(firstTwo.id)}
                />
                {review ? (
                  <>
                    <FilterBar review={review} show={place.show} onShow={onShow} />
                    <Analysis
                      review={review}
                      pages={pages}
                      statements={listed}
                      show={place.show}
                      chosen={place.statement ?? null}
                      editing={editing}
                      draft={draft}
                      mayEdit={mayEdit}
                      page={page}
                      onWrite={onWrite}
                    />
                  </>
                ) : (
                  <div className={classes.noResult}>
                    {running ? (
                      <Empty title={t("review.first_runs")}>{t("review.first_runs_text")}</Empty>
                    ) : (
                      <Empty
                        title={t("review.no_analysis")}
                        acts={
                          mayEdit && !data.waits_for_network ? (
                            <Act kind="primary" onClick={() => setPanel("focus")}>
                              {t("review.run")}
                            </Act>
                          ) : undefined
                        }
                      >
                        {t("review.no_analysis_text")}
                      </Empty>
                    )}
                  </div>
                )}
              </>
            )}
            <ReviewHints searching={searching} editing={editing !== null || draft !== null} words={words.chosen} />
          </section>
        </div>
        <HistoryPanel record={record} statement={chosen} opened={panel === "history"} onClose={closePanel} />
        <FocusPanel
          record={record}
          focus={review?.focus ?? null}
          window={review?.window ?? null}
          again={review !== null}
          running={running}
          mayEdit={mayEdit}
          opened={panel === "focus"}
          onClose={closePanel}
        />
      </main>
    </ActsContext>
  );
}

const mostNamed = 48;

/** A toast is one line: it names the statement, it need not repeat it. */
const shortened = (text: string) =>
  text.length > mostNamed ? `${text.slice(0, text.lastIndexOf(" ", mostNamed))}…` : text;

const emptyHits = new Map<number, never[]>();
