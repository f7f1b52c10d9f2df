/** Pages, words and search in the fake: the made-up record has its own, every other record borrows them in a circle. */
import type { PageInfo, PagesCommands, PageWords, SearchHit } from "../../contract";
import { boxesOf, pageHeight, pageWidth } from "../sample/layout";
import { sampleDocument, samplePageCount, samplePages, sampleWords } from "../sample/record";
import { type FakeRecord, recordOf } from "../world";
import type { Handlers } from "./handlers";

const isSample = (record: FakeRecord) => record.files.some((file) => file.document === sampleDocument);

/** Which of the made-up pages stands for this one. */
export const borrowed = (page: number) => ((page - 1) % samplePageCount) + 1;

function pagesOfRecord(record: FakeRecord): PageInfo[] {
  const own = isSample(record) ? samplePages() : [];
  const others = record.files
    .filter((file) => file.document !== sampleDocument && file.password === null && file.fault === null)
    .flatMap((file) =>
      Array.from(
        { length: file.pages },
        (_, index): PageInfo => ({
          document: file.document,
          number: index + 1,
          width: pageWidth,
          height: pageHeight,
          state: index < file.read ? "read" : "waiting",
          duplicate_of: null,
          confidence: 96,
        }),
      ),
    );
  const pages = [...own, ...others];
  for (const { page } of record.unread) {
    const info = pages[page - 1];
    if (info) info.state = "failed";
  }
  return pages;
}

const wordsOfPage = (page: number): PageWords => ({ ...sampleWords(borrowed(page)), page });

const fold = (text: string) => text.toLowerCase();

function hitsOn(words: PageWords, query: string): SearchHit[] {
  return words.lines.flatMap((line, at) => {
    const text = line.words.map((word) => word.text).join(" ");
    const start = fold(text).indexOf(fold(query));
    if (start < 0) return [];
    const end = start + query.length;
    const before = text.slice(0, start).split(" ").length - 1;
    const until = text.slice(0, end).split(" ").length - 1;
    const hit = line.words.slice(before, until + 1);
    const sum = hit.reduce((total, word) => total + word.confidence, 0);
    return [
      {
        page: words.page,
        text,
        start,
        end,
        boxes: boxesOf(words, [at, before], [at, until]),
        confidence: Math.round(sum / Math.max(1, hit.length)),
      },
    ];
  });
}

export const pagesHandlers: Handlers<PagesCommands> = {
  pages: (world, { record }) => pagesOfRecord(recordOf(world, record)),
  page_words: (world, { record, page }) => {
    recordOf(world, record);
    return wordsOfPage(page);
  },
  search_pages: (world, { record, query }) => {
    const wanted = query.trim();
    const pages = pagesOfRecord(recordOf(world, record));
    const hits = wanted ? pages.flatMap((_, index) => hitsOn(wordsOfPage(index + 1), wanted)) : [];
    return { hits: hits.slice(0, 2000), more: hits.length > 2000 };
  },
};
