//! Edits of an analysis: which are valid, and which merge with those of others.

use std::collections::{HashMap, HashSet};

use maneiro_api::{
    EditId,
    analysis::Citation,
    edit::{AppendEdits, ConflictingEdit, Edit, EditChange, NewEdit},
    limits::{MAX_BOXES_PER_QUOTE, MAX_EDITS_PER_REQUEST, MAX_QUOTES_PER_EDIT, MAX_STATEMENT_CHARS},
};

use super::validation::{BoundedText, FieldErrors};

type StatementText = BoundedText<MAX_STATEMENT_CHARS>;

/// Records every invalid part of the edits.
pub fn check(errors: &mut FieldErrors, input: &AppendEdits) {
    if input.edits.is_empty() || input.edits.len() > MAX_EDITS_PER_REQUEST {
        errors.add("edits", format!("must be 1 to {MAX_EDITS_PER_REQUEST}"));
        return;
    }
    let mut ids = HashSet::new();
    for (index, edit) in input.edits.iter().enumerate() {
        let field = |name: &str| format!("edits[{index}].{name}");
        if !ids.insert(edit.id) {
            errors.add(field("id"), "is used twice");
        }
        if edit.change.statement().is_some_and(|statement| !is_statement_id(statement)) {
            errors.add(field("statement"), "must be stm_ followed by 32 hexadecimal digits");
        }
        match &edit.change {
            EditChange::Edit { text, .. } | EditChange::Add { text, .. } => {
                errors.check(&field("text"), StatementText::parse(text));
            }
            EditChange::AddQuote { citations, .. } if citations.is_empty() => {
                errors.add(field("citations"), "must not be empty");
            }
            EditChange::Accept { .. }
            | EditChange::Reject { .. }
            | EditChange::Reopen { .. }
            | EditChange::AddQuote { .. }
            | EditChange::Undo { .. }
            | EditChange::Redo { .. } => {}
        }
        let citations = edit.change.citations();
        if citations.len() > MAX_QUOTES_PER_EDIT {
            errors.add(field("citations"), format!("must be at most {MAX_QUOTES_PER_EDIT}"));
        } else if !citations.iter().all(is_valid) {
            errors.add(field("citations"), "has a quote, a page, a box or a confidence out of its range");
        }
    }
}

fn is_statement_id(id: &str) -> bool {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    id.strip_prefix("stm_").is_some_and(|hex| hex.len() == 32 && hex.bytes().all(is_hex))
}

fn is_valid(citation: &Citation) -> bool {
    (1..=maneiro_api::limits::MAX_PAGES_PER_DOCUMENT).contains(&citation.page)
        && (1..=MAX_STATEMENT_CHARS).contains(&citation.quote.chars().count())
        && citation.boxes.len() <= MAX_BOXES_PER_QUOTE
        && citation.confidence.is_none_or(|percent| percent <= 100)
}

/// What is to be done with new edits.
#[derive(Debug, Default, PartialEq)]
pub struct Merge<'a> {
    /// To be stored, in their order.
    pub accepted: Vec<&'a NewEdit>,
    pub conflicts: Vec<ConflictingEdit>,
    /// Edits that name another edit which the analysis does not have.
    pub dangling: Vec<EditId>,
}

/// Compares new edits, made after the number `seen`, with all `stored` ones. What is stored already is left out. An edit
/// merges unless others, which its author had not seen, change the same statement otherwise.
#[must_use]
pub fn merge<'a>(stored: &[Edit], input: &'a AppendEdits) -> Merge<'a> {
    let new_ids: HashSet<EditId> = input.edits.iter().map(|edit| edit.id).collect();
    let mut statements: HashMap<EditId, &str> = HashMap::new();
    for (id, change) in stored
        .iter()
        .map(|edit| (edit.id, &edit.change))
        .chain(input.edits.iter().map(|edit| (edit.id, &edit.change)))
    {
        let named = change.statement();
        if let Some(statement) = named.or_else(|| statements.get(&change.edit()?).copied()) {
            statements.insert(id, statement);
        }
    }
    let stored_ids: HashSet<EditId> = stored.iter().map(|edit| edit.id).collect();
    let unseen: Vec<&Edit> =
        stored.iter().filter(|edit| edit.number > input.seen && !new_ids.contains(&edit.id)).collect();
    let mut merge = Merge::default();
    for edit in input.edits.iter().filter(|edit| !stored_ids.contains(&edit.id)) {
        let Some(statement) = statements.get(&edit.id) else {
            merge.dangling.push(edit.id);
            continue;
        };
        let is_other =
            |other: &&&Edit| statements.get(&other.id) == Some(statement) && other.change != edit.change;
        let others: Vec<u32> = unseen.iter().filter(is_other).map(|other| other.number).collect();
        if others.is_empty() {
            merge.accepted.push(edit);
        } else {
            merge.conflicts.push(ConflictingEdit { edit: edit.id, others });
        }
    }
    merge
}

#[cfg(test)]
mod tests {
    use maneiro_api::{
        UserId,
        edit::{EditAuthor, StatementSection},
    };
    use time::OffsetDateTime;
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> EditId {
        EditId::from_uuid(Uuid::from_u128(number))
    }

    fn statement(number: u32) -> String {
        format!("stm_{number:032x}")
    }

    fn words(of: u32, text: &str) -> EditChange {
        let section = StatementSection::Problems;
        EditChange::Edit { statement: statement(of), text: text.to_owned(), section }
    }

    fn stored(number: u32, change: EditChange) -> Edit {
        let author = EditAuthor { id: UserId::from_uuid(Uuid::nil()), name: None };
        Edit { number, id: id(number.into()), author, at: OffsetDateTime::UNIX_EPOCH, change }
    }

    fn append(seen: u32, edits: &[(u128, EditChange)]) -> AppendEdits {
        let edits = edits.iter().map(|(number, change)| NewEdit { id: id(*number), change: change.clone() });
        AppendEdits { seen, edits: edits.collect() }
    }

    #[test]
    fn edits_of_other_statements_merge() {
        let list = [stored(1, words(1, "a")), stored(2, words(2, "b"))];
        let input = append(1, &[(9, words(1, "c"))]);
        assert_eq!(merge(&list, &input).accepted, [&input.edits[0]]);
    }

    #[test]
    fn unseen_edits_of_the_same_statement_conflict() {
        let list = [stored(1, words(1, "a")), stored(2, words(1, "b"))];
        let undo = EditChange::Undo { edit: id(1) };
        let input = append(1, &[(9, words(1, "c")), (10, words(2, "d")), (11, undo)]);
        let merged = merge(&list, &input);
        assert_eq!(merged.accepted, [&input.edits[1]]);
        let conflict = |edit| ConflictingEdit { edit: id(edit), others: vec![2] };
        assert_eq!(
            merged.conflicts,
            [conflict(9), conflict(11)],
            "an undo concerns the statement of its edit"
        );
        assert_eq!(merge(&list, &append(2, &[(9, words(1, "c"))])).conflicts, []);
    }

    #[test]
    fn what_two_people_do_alike_is_no_conflict() {
        let accept = EditChange::Accept { statement: statement(1) };
        let input = append(0, &[(9, accept.clone())]);
        assert_eq!(merge(&[stored(1, accept)], &input).conflicts, []);
    }

    #[test]
    fn edits_that_are_sent_again_are_the_same() {
        let list = [stored(1, words(1, "a")), stored(2, words(1, "b"))];
        let input = append(0, &[(1, words(1, "a")), (2, words(1, "b")), (3, words(1, "c"))]);
        let merged = merge(&list, &input);
        assert_eq!(merged.accepted, [&input.edits[2]], "own edits whose answer was lost bar nothing");
        assert_eq!(merged.conflicts, []);
    }

    #[test]
    fn undo_of_an_unknown_edit_is_told_apart() {
        let input = append(0, &[(9, EditChange::Undo { edit: id(7) })]);
        assert_eq!(merge(&[], &input).dangling, [id(9)]);
    }

    #[test]
    fn every_invalid_edit_is_reported() {
        let odd = EditChange::Accept { statement: "stm_X".to_owned() };
        let input = append(0, &[(1, odd), (1, words(1, " ")), (2, words(1, &"x".repeat(4001)))]);
        let mut errors = FieldErrors::default();
        check(&mut errors, &input);
        let error = format!("{:?}", errors.into_error());
        for field in ["edits[0].statement", "edits[1].id", "edits[1].text", "edits[2].text"] {
            assert!(error.contains(field), "{error}");
        }
    }
}
