//! The pages of a record: numbered across its files, with their words, and search.

use maneiro_api::RecordId;
use maneiro_page::{BBox, Line, Page, TextSource};

use super::state::{Desktop, OpenSession};
use crate::{
    contract::{
        common::{CommandError, CommandErrorCode},
        pages::{PageInfo, PageState, SearchHit, SearchHits, ShownLine, ShownPage, ShownWord},
    },
    store::{FileRow, PageOutline, StoreError},
};

/// More hits than this help nobody.
const MAX_SEARCH_HITS: usize = 2000;

/// The size of a page that was not read yet, in points: US Letter.
const UNREAD_PAGE_PT: (f32, f32) = (612.0, 792.0);

/// A file with its place in the record.
pub(super) struct PlacedFile {
    pub(super) row: FileRow,
    /// Number of its first page in the record, from 1.
    pub(super) first_page: u32,
    /// Its finished pages, in their order.
    pub(super) outlines: Vec<PageOutline>,
}

impl PlacedFile {
    pub(super) fn pages(&self) -> u32 {
        self.row.pages.unwrap_or(0)
    }

    /// The numbers in the record of the pages that could not be read.
    pub(super) fn failed_pages(&self) -> impl Iterator<Item = u32> {
        let failed = self.outlines.iter().filter(|page| page.text_source == "unreadable");
        failed.map(|page| self.page_in_record(page.number))
    }

    pub(super) fn page_in_record(&self, number: u32) -> u32 {
        self.first_page + number - 1
    }

    pub(super) fn outline(&self, number: u32) -> Option<&PageOutline> {
        let at = self.outlines.binary_search_by_key(&number, |page| page.number).ok()?;
        self.outlines.get(at)
    }
}

/// The files of a record in their order, with their places.
pub(super) async fn place_files(
    session: &OpenSession,
    record: RecordId,
) -> Result<Vec<PlacedFile>, StoreError> {
    let mut placed = Vec::new();
    let mut first_page = 1;
    for row in session.store.record_files(record).await? {
        let outlines = match row.file {
            Some(file) => session.store.page_outlines(file).await?,
            None => Vec::new(),
        };
        let pages = row.pages.unwrap_or(0);
        placed.push(PlacedFile { row, first_page, outlines });
        first_page += pages;
    }
    Ok(placed)
}

/// The file that a page of the record is in, with the page's number in it.
pub(super) fn find_page(files: &[PlacedFile], page: u32) -> Option<(&PlacedFile, u32)> {
    let file = files.iter().find(|file| (file.first_page..file.first_page + file.pages()).contains(&page))?;
    Some((file, page - file.first_page + 1))
}

/// The content of a page; that of the page it repeats, if it repeats one. None if it was not read yet.
pub(super) async fn load_page(
    session: &OpenSession,
    file: &PlacedFile,
    number: u32,
) -> Result<Option<Page>, StoreError> {
    let Some(id) = file.row.file else { return Ok(None) };
    let page = session.store.page(id, number).await?;
    match page.as_ref().map(|page| &page.text_source) {
        Some(TextSource::Duplicate { duplicate_of }) => session.store.page(id, *duplicate_of).await,
        Some(_) | None => Ok(page),
    }
}

impl Desktop {
    /// # Errors
    /// `NotFound`; those of the store.
    pub async fn pages(&self, record: RecordId) -> Result<Vec<PageInfo>, CommandError> {
        let session = self.session()?;
        let files = place_files(&session, record).await?;
        let info = |file: &PlacedFile, number: u32| page_info(file, number);
        Ok(files.iter().flat_map(|file| (1..=file.pages()).map(move |number| info(file, number))).collect())
    }

    /// The words of one page in reading order.
    ///
    /// # Errors
    /// `NotFound`; those of the store.
    pub async fn page_words(&self, record: RecordId, page: u32) -> Result<ShownPage, CommandError> {
        let session = self.session()?;
        let files = place_files(&session, record).await?;
        let (file, number) = find_page(&files, page).ok_or(CommandErrorCode::NotFound)?;
        let Some(content) = load_page(&session, file, number).await? else {
            let (width, height) = UNREAD_PAGE_PT;
            return Ok(ShownPage { page, width, height, lines: Vec::new() });
        };
        let lines = content.lines.iter().map(page_line).collect();
        Ok(ShownPage { page, width: content.width, height: content.height, lines })
    }

    /// The lines that hold a query, in page order. Case does not matter.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn search_pages(&self, record: RecordId, query: &str) -> Result<SearchHits, CommandError> {
        let session = self.session()?;
        let query = fold(query.trim());
        let mut found = SearchHits { hits: Vec::new(), more: false };
        if query.is_empty() {
            return Ok(found);
        }
        for file in place_files(&session, record).await? {
            let Some(id) = file.row.file else { continue };
            for outline in &file.outlines {
                let Some(page) = session.store.page(id, outline.number).await? else { continue };
                let number = file.page_in_record(outline.number);
                for line in &page.lines {
                    line_hits(line, number, &query, &mut found.hits);
                }
                if found.hits.len() > MAX_SEARCH_HITS {
                    found.hits.truncate(MAX_SEARCH_HITS);
                    found.more = true;
                    return Ok(found);
                }
            }
            // Other work of the window goes on between files.
            tokio::task::yield_now().await;
        }
        Ok(found)
    }
}

fn page_info(file: &PlacedFile, number: u32) -> PageInfo {
    let document = file.row.id;
    let Some(outline) = file.outline(number) else {
        let (width, height) = UNREAD_PAGE_PT;
        return PageInfo {
            document,
            number,
            width,
            height,
            state: PageState::Waiting,
            duplicate_of: None,
            confidence: 100,
        };
    };
    let state = match &*outline.text_source {
        "blank" => PageState::Blank,
        "duplicate" => PageState::Duplicate,
        "unreadable" => PageState::Failed,
        _ => PageState::Read,
    };
    let is_sized = outline.width > 0.0 && outline.height > 0.0;
    let (width, height) = if is_sized { (outline.width, outline.height) } else { UNREAD_PAGE_PT };
    PageInfo {
        document,
        number,
        width,
        height,
        state,
        duplicate_of: outline.duplicate_of.map(|number| file.page_in_record(number)),
        confidence: outline.confidence_percent,
    }
}

fn page_line(line: &Line) -> ShownLine {
    let word = |word: &maneiro_page::Word| ShownWord {
        text: word.text.clone(),
        bbox: word.bbox,
        confidence: word.confidence,
    };
    ShownLine { words: line.words.iter().map(word).collect(), role: line.role }
}

/// Lower case without accents' own case rules: enough to find what was typed otherwise.
fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

fn utf16_len(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

/// Every hit of a folded query in a line.
fn line_hits(line: &Line, page: u32, query: &str, hits: &mut Vec<SearchHit>) {
    let text = line.text();
    // A folded character may be longer than the one it stands for, so places are counted in characters.
    let mut folded = String::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len());
    for (at, char) in text.char_indices() {
        for lower in char.to_lowercase() {
            places.resize(folded.len() + lower.len_utf8(), at);
            folded.push(lower);
        }
    }
    for (found, _) in folded.match_indices(query) {
        let start = places[found];
        let end = places.get(found + query.len()).copied().unwrap_or(text.len());
        let touched = words_between(line, start, end);
        let confidence: u32 = touched.iter().map(|word| u32::from(word.confidence)).sum();
        hits.push(SearchHit {
            page,
            start: utf16_len(&text[..start]),
            end: utf16_len(&text[..end]),
            boxes: touched
                .iter()
                .map(|word| word.bbox)
                .reduce(|all, next| all.union(&next))
                .into_iter()
                .collect::<Vec<BBox>>(),
            confidence: confidence / u32::try_from(touched.len().max(1)).unwrap_or(1),
            text: text.clone(),
        });
    }
}

/// The words of a line that bytes of its text overlap.
fn words_between(line: &Line, start: usize, end: usize) -> Vec<&maneiro_page::Word> {
    let mut at = 0;
    let mut touched = Vec::new();
    for word in &line.words {
        let (from, to) = (at, at + word.text.len());
        if from < end && start < to {
            touched.push(word);
        }
        at = to + 1;
    }
    touched
}

#[cfg(test)]
mod tests {
    use maneiro_page::Word;

    use super::*;

    fn line(words: &[&str]) -> Line {
        let word = |(at, text): (usize, &&str)| Word {
            text: (*text).to_owned(),
            bbox: BBox { x0: at as f32 * 10.0, y0: 0.0, x1: at as f32 * 10.0 + 8.0, y1: 5.0 },
            confidence: 90 + at as u8,
        };
        Line::body(words.iter().enumerate().map(word).collect())
    }

    #[test]
    fn a_hit_is_found_in_any_case_and_counted_in_utf16() {
        let mut hits = Vec::new();
        line_hits(&line(&["𝄞", "PÉREZ", "took", "Pérez"]), 7, &fold("pérez"), &mut hits);
        let places: Vec<_> = hits.iter().map(|hit| (hit.start, hit.end, hit.confidence)).collect();
        assert_eq!(places, [(3, 8, 91), (14, 19, 93)]);
        assert_eq!(hits[1].boxes, [BBox { x0: 30.0, y0: 0.0, x1: 38.0, y1: 5.0 }]);
    }

    #[test]
    fn a_hit_over_two_words_has_one_box_around_both() {
        let mut hits = Vec::new();
        line_hits(&line(&["left", "shoulder", "pain"]), 1, "t should", &mut hits);
        assert_eq!(hits[0].boxes, [BBox { x0: 0.0, y0: 0.0, x1: 18.0, y1: 5.0 }]);
        line_hits(&line(&["left"]), 1, "right", &mut hits);
        assert_eq!(hits.len(), 1);
    }
}
