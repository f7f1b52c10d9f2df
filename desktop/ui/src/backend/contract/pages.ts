/** Pages of a record: the commands. Images come by the page protocol, never through a command. */
import type { PageInfo, PageWords, RecordId, SearchHits } from "../generated/types";

export interface PagesCommands {
  pages: { in: { record: RecordId }; out: PageInfo[] };
  page_words: { in: { record: RecordId; page: number }; out: PageWords };
  /** Hits in page order, at most 2,000; `more` says that there are others. */
  search_pages: { in: { record: RecordId; query: string }; out: SearchHits };
}
