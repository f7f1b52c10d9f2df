//! What was on the pages of a record and is in no statement: lines that the analyser did not understand, and regions that
//! could not be read.

use std::{collections::HashMap, sync::Arc};

use maneiro_api::analysis::Analysis;
use maneiro_page::{BBox, Line, Page, UnreadReason};

use super::{
    pages::{PlacedFile, load_page},
    state::{FoundLines, OpenSession, lock},
};
use crate::{
    contract::{
        pages::NotUnderstood,
        review::{ReviewState, ReviewStatement, UnusedLine},
    },
    store::StoreError,
};

/// More lines than this are counted, and not listed: nobody reads them.
const MAX_LISTED_LINES: usize = 1000;

/// The lines that no statement rests on, at most [`MAX_LISTED_LINES`], and how many there are.
pub(super) async fn unused_lines(
    session: &OpenSession,
    analysis: &Analysis,
    files: &[PlacedFile],
    statements: &[ReviewStatement],
) -> Result<(Vec<UnusedLine>, u32), StoreError> {
    let found = found_lines(session, analysis, files).await?;
    let mut quoted: HashMap<u32, Vec<BBox>> = HashMap::new();
    let standing = statements.iter().filter(|statement| statement.state != ReviewState::Rejected);
    for place in standing.flat_map(|statement| &statement.citations).flat_map(|citation| &citation.places) {
        quoted.entry(place.page).or_default().extend(&place.boxes);
    }
    let is_quoted = |line: &UnusedLine| {
        let boxes = quoted.get(&line.page).map(Vec::as_slice).unwrap_or_default();
        boxes.iter().any(|quote| line.bbox.contains_center(quote) || quote.contains_center(&line.bbox))
    };
    let mut unused: Vec<UnusedLine> = found.iter().filter(|line| !is_quoted(line)).cloned().collect();
    let all = u32::try_from(unused.len()).unwrap_or(u32::MAX);
    unused.truncate(MAX_LISTED_LINES);
    Ok((unused, all))
}

async fn found_lines(
    session: &OpenSession,
    analysis: &Analysis,
    files: &[PlacedFile],
) -> Result<Arc<[UnusedLine]>, StoreError> {
    let places = files.iter().map(|file| (file.row.id, file.first_page, file.outlines.len()));
    let key = (analysis.id, places.collect::<Vec<_>>());
    let known =
        lock(&session.found_lines).as_ref().filter(|known| known.key == key).map(|it| it.lines.clone());
    if let Some(known) = known {
        return Ok(known);
    }
    let mut lines = Vec::new();
    for file in files {
        let Some(document) = file.row.cloud_id else { continue };
        let understood: HashMap<u32, &[u32]> = analysis
            .findings
            .understanding
            .iter()
            .filter(|page| page.document == document)
            .map(|page| (page.page, &*page.lines_not_understood))
            .collect();
        let source = analysis.sources.iter().find(|source| source.document == document);
        let partly_read = source.map(|source| &*source.partly_read).unwrap_or_default();
        for outline in &file.outlines {
            let rows = understood.get(&outline.number).copied().unwrap_or_default();
            if rows.is_empty() && !partly_read.iter().any(|page| page.page == outline.number) {
                continue;
            }
            let Some(page) = load_page(session, file, outline.number).await? else { continue };
            lines.extend(lines_of_page(&page, file.page_in_record(outline.number), rows));
        }
        // Other work of the window goes on between files.
        tokio::task::yield_now().await;
    }
    let lines: Arc<[UnusedLine]> = lines.into();
    *lock(&session.found_lines) = Some(FoundLines { key, lines: Arc::clone(&lines) });
    Ok(lines)
}

/// The unused lines of a page from top to bottom; `rows` are the places of those that were not understood.
fn lines_of_page(page: &Page, number: u32, rows: &[u32]) -> Vec<UnusedLine> {
    let row = |row: &u32| page.lines.get(*row as usize).and_then(|line| unused_line(line, number));
    let regions = page.unread.iter().map(|region| UnusedLine {
        page: number,
        bbox: region.bbox,
        text: String::new(),
        confidence: 0,
        reason: match region.reason {
            UnreadReason::Handwriting => NotUnderstood::Handwriting,
            UnreadReason::DamagedImage => NotUnderstood::DamagedPicture,
        },
    });
    let mut lines: Vec<UnusedLine> = rows.iter().filter_map(row).chain(regions).collect();
    lines.sort_by(|a, b| a.bbox.y0.total_cmp(&b.bbox.y0));
    lines
}

/// None for a line without words.
fn unused_line(line: &Line, page: u32) -> Option<UnusedLine> {
    let bbox = line.words.iter().map(|word| word.bbox).reduce(|all, next| all.union(&next))?;
    let sum: u32 = line.words.iter().map(|word| u32::from(word.confidence)).sum();
    let words = u32::try_from(line.words.len()).unwrap_or(u32::MAX);
    Some(UnusedLine {
        page,
        bbox,
        text: line.text(),
        confidence: sum / words,
        reason: NotUnderstood::NoSense,
    })
}

#[cfg(test)]
mod tests {
    use maneiro_page::{TextSource, UnreadRegion, Word};

    use super::*;

    fn line(text: &str, y0: f32) -> Line {
        let bbox = BBox { x0: 10.0, y0, x1: 90.0, y1: y0 + 9.0 };
        Line::body(vec![Word { text: text.to_owned(), bbox, confidence: 91 }])
    }

    #[test]
    fn lines_and_regions_of_a_page_stand_in_their_order() {
        let lines = vec![line("Gout", 20.0), line("qwertyuiop", 40.0), line("zxcvbnm", 80.0)];
        let mut page = Page::new(3, 612.0, 792.0, TextSource::TextLayer, lines);
        let bbox = BBox { x0: 10.0, y0: 60.0, x1: 90.0, y1: 70.0 };
        page.unread = vec![UnreadRegion { bbox, reason: UnreadReason::Handwriting }];
        let found = lines_of_page(&page, 12, &[1, 2, 9]);
        let shown: Vec<_> = found.iter().map(|line| (line.page, &*line.text, line.reason)).collect();
        assert_eq!(
            shown,
            [
                (12, "qwertyuiop", NotUnderstood::NoSense),
                (12, "", NotUnderstood::Handwriting),
                (12, "zxcvbnm", NotUnderstood::NoSense),
            ]
        );
    }
}
