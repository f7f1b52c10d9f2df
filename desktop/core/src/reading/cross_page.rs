//! What holds for a file as a whole, and is known only when its pages are: which pages say the same as an earlier one,
//! and which lines are running heads and feet. Looks at the pages that are there, in their order, so that it comes to
//! the same whichever worker finished first.

use std::collections::HashMap;

use maneiro_engine::{HeaderFooterDetector, NearDuplicateDetector};
use maneiro_page::{LineRole, NearDuplicate};

use crate::{
    Error,
    store::{FileId, Store, StoreError},
};

/// Notes on each page of a file what the others tell about it. Keeps a sketch of each page in memory, never the pages.
///
/// # Errors
/// `Store` if a page cannot be had or kept. It is to be done again then.
pub(crate) async fn relate(store: &Store, file: FileId, pages: u32) -> Result<(), Error> {
    let numbers = store.finished(file, &(1..=pages), true).await?;
    let mut repeats = NearDuplicateDetector::default();
    let mut running = HeaderFooterDetector::default();
    let mut near: HashMap<u32, NearDuplicate> = HashMap::new();
    let mut apart = Vec::new();
    for &number in &numbers {
        let page = store.page(file, number).await?.ok_or(StoreError::Damaged)?;
        if page.lines.is_empty() {
            continue;
        }
        for duplicate_of in repeats.add(&page) {
            let earlier = store.page(file, duplicate_of).await?.ok_or(StoreError::Damaged)?;
            if let Some(similarity) = NearDuplicateDetector::similarity(&earlier, &page) {
                near.insert(number, NearDuplicate { duplicate_of, similarity });
                break;
            }
        }
        // Two scans of one sheet have all their lines in common, and none of them runs for that.
        if !near.contains_key(&number) {
            running.add(&page);
            apart.push(number);
        }
    }
    let mut roles: HashMap<u32, _> = apart.into_iter().zip(running.detect()).collect();
    for number in numbers {
        let mut page = store.page(file, number).await?.ok_or(StoreError::Damaged)?;
        let before = page.clone();
        page.near_duplicate = near.get(&number).copied();
        if let Some(repeat) = page.near_duplicate {
            // Of several copies each may be likest to the one before it.
            let original = std::iter::successors(Some(repeat.duplicate_of), |number| {
                Some(near.get(number)?.duplicate_of)
            })
            .last();
            let marks = running.detect_in_duplicate(&page, original.unwrap_or(repeat.duplicate_of));
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
            store.amend_page(file, &page).await?;
        }
    }
    store.keep_related(file).await?;
    Ok(())
}
