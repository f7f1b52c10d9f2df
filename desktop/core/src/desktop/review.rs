//! Review: the statements of the analysis that is shown, with every change of a reader on top. Nothing is overwritten: what
//! is shown is made of the analysis and the changes each time.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use maneiro_api::{RecordId, UserId, limits::MAX_STATEMENT_CHARS};
use maneiro_page::{BBox, LineRole, Page};

use super::{
    pages::{PlacedFile, find_page, load_page, place_files},
    state::{Desktop, OpenSession},
    statements::{DocumentPlace, DocumentPlaces, from_analysis},
    unused_lines::unused_lines,
};
use crate::{
    contract::{
        common::{CalendarDay, CommandError, CommandErrorCode, Timestamp},
        events::ShellEvent,
        pages::{WordPosition, WordRange},
        records::{EncounterRow, RecordState, StatementCounts},
        review::{
            AnalysisWindow, ChangeOutcome, ChangedPages, EditConflict, HistoryEntry, HistoryKind, LastChange,
            QuotePlace, Review, ReviewChange, ReviewCitation, ReviewRecord, ReviewState, ReviewStatement,
            StatementDetails, StatementSection, StatementVersion, UndoState, UnusedPage, UnusedPageReason,
            WeakWord,
        },
    },
    store::{AnalysisRow, ChangeRow, ChangeState, StoreError, StoredChange},
};

/// Words below this are shown as read badly.
const WEAK_CONFIDENCE_PERCENT: u8 = 80;

impl Desktop {
    /// # Errors
    /// `NotFound`; those of the store.
    pub async fn review(&self, record: RecordId) -> Result<ReviewRecord, CommandError> {
        let session = self.session()?;
        let row = session.store.record(record).await?.ok_or(CommandErrorCode::NotFound)?;
        let files = place_files(&session, record).await?;
        let analyses = session.store.analyses(record).await?;
        let statements = self.review_statements(&session, record, &files).await?;
        let shown = analyses.iter().find(|analysis| analysis.is_shown);
        if let Some(shown) = shown {
            self.follow_analysis(&session, record, shown.analysis.id);
        }
        let review = match (shown, statements) {
            (Some(shown), Some(statements)) => {
                let analysis = &shown.analysis;
                let newer = analyses.iter().rev().find(|other| !other.is_shown);
                let window = analysis.window.map(|window| AnalysisWindow {
                    from: window.from.map(CalendarDay),
                    to: window.to.map(CalendarDay),
                });
                let (unused_lines, unused_line_count) =
                    unused_lines(&session, analysis, &files, &statements).await?;
                Some(Review {
                    analysis: analysis.id,
                    generated_at: Timestamp(analysis.generated_at),
                    generator: analysis.generator.clone(),
                    focus: analysis.focus.clone(),
                    model_failure: analysis.model_failure,
                    not_stated: analysis.findings.not_stated.clone(),
                    unused_pages: unused_pages(&files, &statements, window.is_some()),
                    unused_lines,
                    unused_line_count,
                    window,
                    statements,
                    undo: undo_state(&session.store.changes(record).await?, session.member().user),
                    newer: newer.map(|newer| newer.analysis.id),
                })
            }
            _ => None,
        };
        Ok(ReviewRecord {
            record,
            title: row.title.clone(),
            fields: row.fields.clone(),
            encounters: self.encounters(&session, record, &files).await?,
            files_changed: shown.map(|shown| changed_pages(shown, &files)).unwrap_or_default(),
            review,
            run: session.run(record),
            waits_for_network: row.request.is_some() && session.is_offline(),
            may_edit: !session.read_only,
        })
    }

    /// The statements that are shown, with what readers changed; none before the first result.
    pub(super) async fn review_statements(
        &self,
        session: &Arc<OpenSession>,
        record: RecordId,
        files: &[PlacedFile],
    ) -> Result<Option<Vec<ReviewStatement>>, StoreError> {
        let analyses = session.store.analyses(record).await?;
        let Some(shown) = analyses.iter().find(|analysis| analysis.is_shown) else { return Ok(None) };
        let mut statements = from_analysis(&shown.analysis, &document_places(files));
        for statement in &mut statements {
            statement.is_new =
                !shown.known_statements.is_empty() && !shown.known_statements.contains(&statement.id);
        }
        mark_weak_words(session, files, &mut statements).await?;
        let me = session.member().user;
        let changes = session.store.changes(record).await?;
        for change in changes.iter().filter(|change| change.state == ChangeState::Done) {
            apply(&mut statements, change, change.author == me, files);
        }
        for change in changes.iter().filter(|change| change.state == ChangeState::Conflict) {
            offer_versions(&mut statements, change);
        }
        Ok(Some(statements))
    }

    /// The parts of a record with a date and kind of their own.
    pub(super) async fn encounters(
        &self,
        session: &OpenSession,
        record: RecordId,
        files: &[PlacedFile],
    ) -> Result<Vec<EncounterRow>, StoreError> {
        let analyses = session.store.analyses(record).await?;
        let Some(shown) = analyses.iter().find(|analysis| analysis.is_shown) else { return Ok(Vec::new()) };
        let mut rows = Vec::new();
        for encounter in &shown.analysis.findings.encounters {
            let Some(file) = files.iter().find(|file| file.row.cloud_id == Some(encounter.document)) else {
                continue;
            };
            let page = load_page(session, file, encounter.first_page).await?;
            rows.push(EncounterRow {
                kind: encounter.kind.clone(),
                date: encounter.date.map(CalendarDay),
                author: encounter.author.clone(),
                first_line: page.as_ref().map(|page| first_line(page, &encounter.kind)).unwrap_or_default(),
                first_page: file.page_in_record(encounter.first_page),
                last_page: file.page_in_record(encounter.last_page),
            });
        }
        Ok(rows)
    }

    /// Shows the newer result from now on; changes are carried over where the statement is the same.
    ///
    /// # Errors
    /// `NoAnalysis` if there is none.
    pub async fn show_newer(&self, record: RecordId) -> Result<(), CommandError> {
        let session = self.session()?;
        let files = place_files(&session, record).await?;
        let analyses = session.store.analyses(record).await?;
        let newer = analyses.iter().rev().find(|analysis| !analysis.is_shown);
        let newer = newer.ok_or(CommandErrorCode::NoAnalysis)?.analysis.id;
        let known = self.review_statements(&session, record, &files).await?.unwrap_or_default();
        let known: Vec<String> = known.into_iter().map(|statement| statement.id).collect();
        session.store.show_analysis(record, newer, &known).await?;
        session.outbox.notify_one();
        let row = self.history_row(&session, HistoryKind::Run, None);
        session.store.append_change(record, &row).await?;
        self.update_progress(&session, record).await?;
        self.emit(ShellEvent::ReviewChanged { record });
        Ok(())
    }

    /// # Errors
    /// `ReadOnly`; `NoAnalysis`; `NotFound` if the statement is unknown; `WordsUnreadable` if no words are chosen;
    /// `InvalidInput` for words that are none or too many.
    pub async fn change(
        &self,
        record: RecordId,
        change: ReviewChange,
    ) -> Result<ChangeOutcome, CommandError> {
        let session = self.writable_session()?;
        let files = place_files(&session, record).await?;
        let change = self.choose_version(&session, record, checked(change)?).await?;
        let before =
            self.review_statements(&session, record, &files).await?.ok_or(CommandErrorCode::NoAnalysis)?;
        if let Some(id) = change.statement()
            && !before.iter().any(|statement| statement.id == id)
        {
            return Err(CommandErrorCode::NotFound.into());
        }
        let citations = match &change {
            ReviewChange::Add { words, .. } | ReviewChange::AddQuote { words, .. } => {
                self.chosen_citations(&session, &files, words).await?
            }
            ReviewChange::Accept { .. }
            | ReviewChange::Reject { .. }
            | ReviewChange::Reopen { .. }
            | ReviewChange::Edit { .. }
            | ReviewChange::KeepMine { .. }
            | ReviewChange::KeepTheirs { .. } => Vec::new(),
        };
        let statement = match change.statement() {
            Some(statement) => statement.to_owned(),
            None => format!("stm_{}", self.new_uuid().simple()),
        };
        let kind = change.kind().into();
        let mut row = ChangeRow {
            change: Some(StoredChange { change, citations }),
            ..self.history_row(&session, kind, Some(statement.clone()))
        };
        let mut after = before.clone();
        apply(&mut after, &row, true, &files);
        row.before = text_of(&before, &statement);
        row.after = text_of(&after, &statement);
        session.store.append_change(record, &row).await?;
        session.outbox.notify_one();
        self.outcome(&session, record, &statement).await
    }

    /// # Errors
    /// `ReadOnly`; `NothingToUndo`.
    pub async fn undo(&self, record: RecordId) -> Result<ChangeOutcome, CommandError> {
        let session = self.writable_session()?;
        let changes = session.store.changes(record).await?;
        let me = session.member().user;
        let is_own =
            |row: &&ChangeRow| row.author == me && row.change.is_some() && row.state == ChangeState::Done;
        let last = changes.iter().rev().find(is_own);
        let last = last.ok_or(CommandErrorCode::NothingToUndo)?;
        self.set_done(&session, record, last, ChangeState::Undone).await
    }

    /// # Errors
    /// `ReadOnly`; `NothingToRedo`.
    pub async fn redo(&self, record: RecordId) -> Result<ChangeOutcome, CommandError> {
        let session = self.writable_session()?;
        let changes = session.store.changes(record).await?;
        let me = session.member().user;
        let next = changes.iter().find(|row| row.author == me && row.state == ChangeState::Undone);
        let next = next.ok_or(CommandErrorCode::NothingToRedo)?;
        self.set_done(&session, record, next, ChangeState::Done).await
    }

    async fn set_done(
        &self,
        session: &Arc<OpenSession>,
        record: RecordId,
        change: &ChangeRow,
        state: ChangeState,
    ) -> Result<ChangeOutcome, CommandError> {
        session.store.set_change_state(&change.id, state).await?;
        let kind = if state == ChangeState::Done { HistoryKind::Redo } else { HistoryKind::Undo };
        let (before, after) = match state {
            ChangeState::Done => (change.before.clone(), change.after.clone()),
            ChangeState::Undone | ChangeState::Dropped | ChangeState::Conflict => {
                (change.after.clone(), change.before.clone())
            }
        };
        let target = Some(change.id.clone());
        let row =
            ChangeRow { target, before, after, ..self.history_row(session, kind, change.statement.clone()) };
        session.store.append_change(record, &row).await?;
        session.outbox.notify_one();
        self.outcome(session, record, change.statement.as_deref().unwrap_or_default()).await
    }

    /// Who changed what and when, newest first; of one statement if it is named.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn history(
        &self,
        record: RecordId,
        statement: Option<&str>,
    ) -> Result<Vec<HistoryEntry>, CommandError> {
        let session = self.session()?;
        let me = session.member().user;
        let changes = session.store.changes(record).await?;
        let wanted = changes
            .into_iter()
            .rev()
            .filter(|row| statement.is_none_or(|statement| row.statement.as_deref() == Some(statement)));
        let entry = |row: ChangeRow| HistoryEntry {
            id: row.id,
            at: row.at,
            author: row.author_name,
            mine: row.author == me,
            change: row.kind,
            statement: row.statement,
            before: row.before,
            after: row.after,
        };
        Ok(wanted.map(entry).collect())
    }

    fn history_row(&self, session: &OpenSession, kind: HistoryKind, statement: Option<String>) -> ChangeRow {
        let me = session.member();
        ChangeRow {
            id: format!("chg_{}", self.new_uuid().simple()),
            at: self.now(),
            author: me.user,
            author_name: me.name,
            kind,
            statement,
            target: None,
            change: None,
            state: ChangeState::Done,
            sent_to: None,
            before: None,
            after: None,
        }
    }

    async fn outcome(
        &self,
        session: &Arc<OpenSession>,
        record: RecordId,
        statement: &str,
    ) -> Result<ChangeOutcome, CommandError> {
        let statements = self.update_progress(session, record).await?;
        let changed: Vec<ReviewStatement> =
            statements.into_iter().filter(|other| other.id == statement).collect();
        let removed = if changed.is_empty() { vec![statement.to_owned()] } else { Vec::new() };
        let undo = undo_state(&session.store.changes(record).await?, session.member().user);
        Ok(ChangeOutcome { statements: changed, removed, undo })
    }

    /// Counts the statements anew and moves the record on or back. Answers the statements.
    pub(super) async fn update_progress(
        &self,
        session: &Arc<OpenSession>,
        record: RecordId,
    ) -> Result<Vec<ReviewStatement>, CommandError> {
        let mut row = session.store.record(record).await?.ok_or(CommandErrorCode::NotFound)?;
        let files = place_files(session, record).await?;
        let statements = self.review_statements(session, record, &files).await?.unwrap_or_default();
        let count = |is_counted: &dyn Fn(&ReviewStatement) -> bool| {
            u32::try_from(statements.iter().filter(|statement| is_counted(statement)).count())
                .unwrap_or(u32::MAX)
        };
        row.statements = StatementCounts {
            total: count(&|_| true),
            reviewed: count(&|statement| statement.state != ReviewState::Open),
            not_found: count(&|statement| !statement.verified),
        };
        row.conflicts = count(&|statement| statement.section == StatementSection::Conflicts);
        row.state = if row.statements.reviewed < row.statements.total {
            RecordState::ToReview
        } else {
            RecordState::ToSign
        };
        self.touch(session, row).await?;
        Ok(statements)
    }

    /// The words that a reader chose, as citations with the pages' numbers in their files.
    async fn chosen_citations(
        &self,
        session: &OpenSession,
        files: &[PlacedFile],
        ranges: &[WordRange],
    ) -> Result<Vec<ReviewCitation>, CommandError> {
        let mut places = Vec::new();
        let mut confidences = Vec::new();
        for range in ranges {
            let (file, number) = find_page(files, range.page).ok_or(CommandErrorCode::NotFound)?;
            let page = load_page(session, file, number).await?.ok_or(CommandErrorCode::WordsUnreadable)?;
            let (quote, boxes, read) = words_of(&page, range.first, range.last);
            if quote.is_empty() {
                return Err(CommandErrorCode::WordsUnreadable.into());
            }
            confidences.extend(read);
            places.push(QuotePlace { page: number, document: file.row.id, quote, boxes });
        }
        if places.is_empty() {
            return Err(CommandErrorCode::WordsUnreadable.into());
        }
        let sum: u32 = confidences.iter().map(|confidence| u32::from(*confidence)).sum();
        let count = u32::try_from(confidences.len().max(1)).unwrap_or(1);
        let quotes: Vec<&str> = places.iter().map(|place| place.quote.as_str()).collect();
        Ok(vec![ReviewCitation {
            quote: quotes.join(" "),
            places,
            confidence: Some(sum / count),
            chosen_by_reader: true,
        }])
    }
}

/// The first line of a page's body that is not its title.
fn first_line(page: &Page, title: &str) -> String {
    let body = page.lines.iter().filter(|line| line.role == LineRole::Body).map(maneiro_page::Line::text);
    let title = title.to_lowercase();
    body.filter(|text| text.to_lowercase() != title && text.chars().any(char::is_alphabetic))
        .find(|text| text.split_whitespace().count() > 2)
        .unwrap_or_default()
}

/// Where the documents of the cloud lie in the record.
pub(super) fn document_places(files: &[PlacedFile]) -> DocumentPlaces {
    let place = |file: &PlacedFile| {
        Some((file.row.cloud_id?, DocumentPlace { document: file.row.id, first_page: file.first_page }))
    };
    files.iter().filter_map(place).collect()
}

/// What this reader can take back and make again; the changes of others are theirs.
fn undo_state(changes: &[ChangeRow], me: UserId) -> UndoState {
    let kind = |row: &ChangeRow| row.change.as_ref().map(|stored| stored.change.kind());
    let own = || changes.iter().filter(move |row| row.author == me);
    UndoState {
        undo: own().rev().filter(|row| row.state == ChangeState::Done).find_map(kind),
        redo: own().filter(|row| row.state == ChangeState::Undone).find_map(kind),
    }
}

/// A change whose words are on one line and fit into a statement.
fn checked(mut change: ReviewChange) -> Result<ReviewChange, CommandError> {
    if let ReviewChange::Edit { text, .. } | ReviewChange::Add { text, .. } = &mut change {
        *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() || text.chars().count() > MAX_STATEMENT_CHARS {
            return Err(CommandErrorCode::InvalidInput.into());
        }
    }
    Ok(change)
}

/// Shows words that the cloud refused beside those that others wrote meanwhile.
fn offer_versions(statements: &mut [ReviewStatement], refused: &ChangeRow) {
    let Some(ReviewChange::Edit { text, .. }) = refused.change.as_ref().map(|stored| &stored.change) else {
        return;
    };
    let found = statements.iter_mut().find(|statement| Some(&statement.id) == refused.statement.as_ref());
    let Some(statement) = found else { return };
    let mine = StatementVersion {
        text: text.clone(),
        author: refused.author_name.clone(),
        mine: true,
        at: refused.at,
    };
    let (author, at) = match &statement.changed {
        Some(changed) => (changed.author.clone(), changed.at),
        None => (String::new(), refused.at),
    };
    let theirs = StatementVersion { text: statement.text.clone(), author, mine: false, at };
    statement.versions =
        Some(EditConflict { mine, theirs, base: refused.before.clone().unwrap_or_default() });
}

pub(super) fn text_of(statements: &[ReviewStatement], id: &str) -> Option<String> {
    statements.iter().find(|statement| statement.id == id).map(|statement| statement.text.clone())
}

/// Applies a change. One of a statement that the shown result does not have changes nothing.
pub(super) fn apply(
    statements: &mut Vec<ReviewStatement>,
    row: &ChangeRow,
    is_mine: bool,
    files: &[PlacedFile],
) {
    let (Some(StoredChange { change, citations }), Some(id)) = (&row.change, &row.statement) else { return };
    let changed = Some(LastChange { author: row.author_name.clone(), mine: is_mine, at: row.at });
    let citations = || citations.iter().map(|citation| with_record_pages(citation, files));
    if let ReviewChange::Add { section, text, assertion, .. } = change {
        statements.push(ReviewStatement {
            id: id.clone(),
            section: *section,
            text: text.clone(),
            text_before: None,
            assertion: *assertion,
            citations: citations().collect(),
            verified: true,
            checked: true,
            in_conflict: false,
            weak_words: Vec::new(),
            details: StatementDetails::default(),
            state: ReviewState::Accepted,
            added_by_hand: true,
            changed,
            versions: None,
            also_in_record: false,
            is_new: false,
        });
        return;
    }
    let Some(at) = statements.iter().position(|statement| statement.id == *id) else { return };
    if matches!(change, ReviewChange::Reject { .. }) && statements[at].added_by_hand {
        statements.remove(at);
        return;
    }
    let statement = &mut statements[at];
    match change {
        ReviewChange::Accept { .. } => statement.state = ReviewState::Accepted,
        ReviewChange::Reject { .. } => statement.state = ReviewState::Rejected,
        ReviewChange::Reopen { .. } => statement.state = ReviewState::Open,
        ReviewChange::Edit { text, section, .. } => {
            if !statement.added_by_hand && statement.text_before.is_none() {
                statement.text_before = Some(statement.text.clone());
            }
            statement.text.clone_from(text);
            statement.section = *section;
            statement.weak_words.clear();
            // The words are the reader's now.
            statement.checked = true;
            statement.state = ReviewState::Accepted;
            statement.versions = None;
        }
        ReviewChange::AddQuote { .. } => statement.citations.extend(citations()),
        ReviewChange::KeepMine { .. } => {
            if let Some(versions) = statement.versions.take() {
                statement.text = versions.mine.text;
            }
        }
        ReviewChange::KeepTheirs { .. } => {
            if let Some(versions) = statement.versions.take() {
                statement.text = versions.theirs.text;
            }
        }
        ReviewChange::Add { .. } => unreachable!("an added statement was handled above"),
    }
    statement.changed = changed;
}

/// A kept citation names pages by their number in the file, because files may be moved.
fn with_record_pages(citation: &ReviewCitation, files: &[PlacedFile]) -> ReviewCitation {
    let place = |place: &QuotePlace| {
        let file = files.iter().find(|file| file.row.id == place.document)?;
        Some(QuotePlace { page: file.page_in_record(place.page), ..place.clone() })
    };
    ReviewCitation { places: citation.places.iter().filter_map(place).collect(), ..citation.clone() }
}

/// The words of a page from one to another, one box for each line, and how well each was read.
fn words_of(page: &Page, first: WordPosition, last: WordPosition) -> (String, Vec<BBox>, Vec<u8>) {
    let (mut texts, mut boxes, mut confidences) = (Vec::new(), Vec::new(), Vec::new());
    for (row, line) in (0..).zip(&page.lines) {
        let is_chosen = |column| {
            let at = WordPosition { line: row, word: column };
            first <= at && at <= last
        };
        let chosen: Vec<_> =
            (0..).zip(&line.words).filter(|(column, _)| is_chosen(*column)).map(|(_, word)| word).collect();
        texts.extend(chosen.iter().map(|word| word.text.as_str()));
        confidences.extend(chosen.iter().map(|word| word.confidence));
        boxes.extend(chosen.iter().map(|word| word.bbox).reduce(|all, next| all.union(&next)));
    }
    (texts.join(" "), boxes, confidences)
}

/// Finds the words of statements that were read badly, on the pages that they cite.
async fn mark_weak_words(
    session: &OpenSession,
    files: &[PlacedFile],
    statements: &mut [ReviewStatement],
) -> Result<(), StoreError> {
    let mut pages: HashMap<u32, Option<Page>> = HashMap::new();
    for statement in statements {
        for citation in &statement.citations {
            // A mean this high can still hide one bad word, but not one that matters among few.
            if citation.confidence.is_none_or(|confidence| confidence >= 95) {
                continue;
            }
            for place in &citation.places {
                let page = match pages.entry(place.page) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(unknown) => unknown.insert(match find_page(files, place.page) {
                        Some((file, number)) => load_page(session, file, number).await?,
                        None => None,
                    }),
                };
                let Some(page) = page else { continue };
                let is_quoted = |bbox: &BBox| place.boxes.iter().any(|quoted| quoted.contains_center(bbox));
                for word in page.words().filter(|word| word.confidence < WEAK_CONFIDENCE_PERCENT) {
                    if is_quoted(&word.bbox)
                        && let Some(weak) = weak_word(&statement.text, &word.text, word.confidence)
                        && !statement.weak_words.contains(&weak)
                    {
                        statement.weak_words.push(weak);
                    }
                }
            }
        }
    }
    Ok(())
}

fn weak_word(text: &str, word: &str, confidence: u8) -> Option<WeakWord> {
    let word = word.trim_matches(|char: char| !char.is_alphanumeric());
    let start = if word.is_empty() { return None } else { text.find(word)? };
    let utf16 = |text: &str| u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
    let start_utf16 = utf16(&text[..start]);
    Some(WeakWord { start: start_utf16, end: start_utf16 + utf16(word), confidence: confidence.into() })
}

/// The pages that no statement rests on.
fn unused_pages(files: &[PlacedFile], statements: &[ReviewStatement], has_window: bool) -> Vec<UnusedPage> {
    let places = statements.iter().flat_map(|statement| &statement.citations).flat_map(|it| &it.places);
    let used: std::collections::HashSet<u32> = places.map(|place| place.page).collect();
    let reason = |text_source: &str| match text_source {
        "blank" => UnusedPageReason::Blank,
        "duplicate" => UnusedPageReason::Duplicate,
        "unreadable" => UnusedPageReason::Failed,
        _ if has_window => UnusedPageReason::OutsideWindow,
        _ => UnusedPageReason::NothingClinical,
    };
    files
        .iter()
        .flat_map(|file| file.outlines.iter().map(move |page| (file.page_in_record(page.number), page)))
        .filter(|(page, _)| !used.contains(page))
        .map(|(page, outline)| UnusedPage { page, reason: reason(&outline.text_source), kind: None })
        .collect()
}

/// What came to the files, and what went, since a result was made.
fn changed_pages(shown: &AnalysisRow, files: &[PlacedFile]) -> ChangedPages {
    let sources = &shown.analysis.sources;
    let is_analysed = |file: &&PlacedFile| {
        file.row.cloud_id.is_some_and(|id| sources.iter().any(|source| source.document == id))
    };
    let is_here = |id| files.iter().any(|file| file.row.cloud_id == Some(id));
    ChangedPages {
        pages_added: files.iter().filter(|file| !is_analysed(file)).map(PlacedFile::pages).sum(),
        pages_removed: sources
            .iter()
            .filter(|source| !is_here(source.document))
            .map(|source| source.pages)
            .sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weak_word_is_placed_in_utf16_units() {
        assert_eq!(
            weak_word("𝄞 Metoprolo1 50 mg", "Metoprolo1,", 61),
            Some(WeakWord { start: 3, end: 13, confidence: 61 })
        );
        assert_eq!(weak_word("Metoprolol", "Aspirin", 61), None);
        assert_eq!(weak_word("Metoprolol", "--", 61), None);
    }
}
