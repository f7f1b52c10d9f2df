//! What only all pages of a file together show: near-duplicates, and the headers and footers that repeat from page to
//! page. Works on the stored pages in their order, so the result does not depend on which worker finished first.

use std::collections::HashMap;

use maneiro_engine::{HeaderFooterDetector, NearDuplicateDetector};
use maneiro_page::{LineRole, NearDuplicate};

use crate::{
    Error,
    store::{FileId, Store, StoreError},
};

/// Marks near-duplicates, headers and footers on the stored pages of a file. Keeps a sketch of each page in memory, not
/// the pages.
///
/// # Errors
/// `Store` if a page cannot be loaded or saved. The annotation is then to be repeated.
pub(super) async fn annotate_duplicates_and_headers(
    store: &Store,
    file: FileId,
    pages: u32,
) -> Result<(), Error> {
    let numbers = store.finished_pages(file, &(1..=pages), true).await?;
    let mut duplicates = NearDuplicateDetector::default();
    let mut headers_footers = HeaderFooterDetector::default();
    let mut near_duplicates: HashMap<u32, NearDuplicate> = HashMap::new();
    let mut distinct = Vec::new();
    for &number in &numbers {
        let page = store.page(file, number).await?.ok_or(StoreError::Damaged)?;
        if page.lines.is_empty() {
            continue;
        }
        for duplicate_of in duplicates.add(&page) {
            let earlier = store.page(file, duplicate_of).await?.ok_or(StoreError::Damaged)?;
            if let Some(similarity) = NearDuplicateDetector::similarity(&earlier, &page) {
                near_duplicates.insert(number, NearDuplicate { duplicate_of, similarity });
                break;
            }
        }
        // Two scans of one sheet share all their lines, which does not make those headers or footers.
        if !near_duplicates.contains_key(&number) {
            headers_footers.add(&page);
            distinct.push(number);
        }
    }
    let mut roles: HashMap<u32, _> = distinct.into_iter().zip(headers_footers.detect()).collect();
    for number in numbers {
        let mut page = store.page(file, number).await?.ok_or(StoreError::Damaged)?;
        let before = page.clone();
        page.near_duplicate = near_duplicates.get(&number).copied();
        if let Some(duplicate) = page.near_duplicate {
            // Of several copies, each may be most similar to the one before it.
            let first = std::iter::successors(Some(duplicate.duplicate_of), |number| {
                Some(near_duplicates.get(number)?.duplicate_of)
            })
            .last();
            let marks = headers_footers.detect_in_duplicate(&page, first.unwrap_or(duplicate.duplicate_of));
            roles.insert(number, marks);
        }
        for line in &mut page.lines {
            if matches!(line.role, LineRole::Header | LineRole::Footer) {
                line.role = LineRole::Body;
            }
        }
        for (line, role) in roles.get(&number).into_iter().flatten() {
            page.lines[*line].role = *role;
        }
        if page != before {
            store.update_page(file, &page).await?;
        }
    }
    store.set_cross_page_done(file, true).await?;
    Ok(())
}
