//! Changes of this computer as edits of the cloud, and the other way round. Pure. A change and its edit have the same UUID.

use maneiro_api::{
    EditId,
    analysis::Citation,
    edit::{Edit, EditChange},
};
use uuid::Uuid;

use super::pages::PlacedFile;
use crate::{
    contract::{
        common::Timestamp,
        review::{HistoryKind, QuotePlace, ReviewChange, ReviewCitation},
    },
    store::{ChangeRow, ChangeState, StoredChange},
};

const PREFIX: &str = "chg_";

/// The id of the change that is this edit.
pub(super) fn change_id(edit: EditId) -> String {
    format!("{PREFIX}{}", edit.uuid().simple())
}

/// The id of the edit that is this change.
pub(super) fn edit_id(change: &str) -> Option<EditId> {
    Uuid::try_parse(change.strip_prefix(PREFIX)?).ok().map(EditId::from_uuid)
}

/// What the cloud is told of a change; none if it is nothing to others, or rests only on pages that are not in the cloud.
pub(super) fn to_edit(row: &ChangeRow, files: &[PlacedFile]) -> Option<EditChange> {
    let target = || edit_id(row.target.as_deref()?);
    let Some(StoredChange { change, citations }) = &row.change else {
        return match row.kind {
            HistoryKind::Undo => Some(EditChange::Undo { edit: target()? }),
            HistoryKind::Redo => Some(EditChange::Redo { edit: target()? }),
            HistoryKind::Accept
            | HistoryKind::Reject
            | HistoryKind::Reopen
            | HistoryKind::Edit
            | HistoryKind::Add
            | HistoryKind::AddQuote
            | HistoryKind::KeepMine
            | HistoryKind::KeepTheirs
            | HistoryKind::Run => None,
        };
    };
    let citations =
        || citations.iter().flat_map(|citation| to_citations(citation, files)).collect::<Vec<_>>();
    let statement = row.statement.clone()?;
    match change {
        ReviewChange::Accept { .. } => Some(EditChange::Accept { statement }),
        ReviewChange::Reject { .. } => Some(EditChange::Reject { statement }),
        ReviewChange::Reopen { .. } => Some(EditChange::Reopen { statement }),
        ReviewChange::Edit { text, section, .. } => {
            Some(EditChange::Edit { statement, text: text.clone(), section: *section })
        }
        ReviewChange::Add { section, text, assertion, .. } => Some(EditChange::Add {
            statement,
            section: *section,
            text: text.clone(),
            assertion: *assertion,
            citations: citations(),
        }),
        ReviewChange::AddQuote { .. } => Some(citations())
            .filter(|all| !all.is_empty())
            .map(|citations| EditChange::AddQuote { statement, citations }),
        ReviewChange::KeepMine { .. } | ReviewChange::KeepTheirs { .. } => None,
    }
}

/// One citation for each place whose file is in the cloud.
fn to_citations(citation: &ReviewCitation, files: &[PlacedFile]) -> Vec<Citation> {
    let cited = |place: &QuotePlace| {
        let document = files.iter().find(|file| file.row.id == place.document)?.row.cloud_id?;
        Some(Citation {
            document,
            page: place.page,
            quote: place.quote.clone(),
            boxes: place.boxes.clone(),
            confidence: citation.confidence.and_then(|percent| u8::try_from(percent).ok()),
        })
    };
    citation.places.iter().filter_map(cited).collect()
}

/// An edit as this computer keeps it, without the words before and after it.
pub(super) fn from_edit(edit: &Edit, files: &[PlacedFile]) -> ChangeRow {
    let statement = edit.change.statement().unwrap_or_default().to_owned();
    let (kind, change) = match &edit.change {
        EditChange::Accept { .. } => (HistoryKind::Accept, Some(ReviewChange::Accept { statement })),
        EditChange::Reject { .. } => (HistoryKind::Reject, Some(ReviewChange::Reject { statement })),
        EditChange::Reopen { .. } => (HistoryKind::Reopen, Some(ReviewChange::Reopen { statement })),
        EditChange::Edit { text, section, .. } => {
            let (text, section) = (text.clone(), *section);
            (HistoryKind::Edit, Some(ReviewChange::Edit { statement, text, section }))
        }
        EditChange::Add { section, text, assertion, .. } => {
            let (section, text, assertion) = (*section, text.clone(), *assertion);
            (HistoryKind::Add, Some(ReviewChange::Add { section, text, assertion, words: Vec::new() }))
        }
        EditChange::AddQuote { .. } => {
            (HistoryKind::AddQuote, Some(ReviewChange::AddQuote { statement, words: Vec::new() }))
        }
        EditChange::Undo { .. } => (HistoryKind::Undo, None),
        EditChange::Redo { .. } => (HistoryKind::Redo, None),
    };
    let citations =
        edit.change.citations().iter().filter_map(|citation| from_citation(citation, files)).collect();
    ChangeRow {
        id: change_id(edit.id),
        at: Timestamp(edit.at),
        author: edit.author.id,
        author_name: edit.author.name.clone().unwrap_or_default(),
        kind,
        statement: edit.change.statement().map(str::to_owned),
        target: edit.change.edit().map(change_id),
        change: change.map(|change| StoredChange { change, citations }),
        state: ChangeState::Done,
        sent_to: None,
        before: None,
        after: None,
    }
}

/// None if its file is not on this computer.
fn from_citation(citation: &Citation, files: &[PlacedFile]) -> Option<ReviewCitation> {
    let file = files.iter().find(|file| file.row.cloud_id == Some(citation.document))?;
    let place = QuotePlace {
        page: citation.page,
        document: file.row.id,
        quote: citation.quote.clone(),
        boxes: citation.boxes.clone(),
    };
    Some(ReviewCitation {
        quote: citation.quote.clone(),
        places: vec![place],
        confidence: citation.confidence.map(u32::from),
        chosen_by_reader: true,
    })
}
