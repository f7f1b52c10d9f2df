//! Edits on their way: what readers change here goes to the cloud by itself, also what was changed without network, and what
//! others change comes here. An edit that others' edits contradict is offered as a conflict; nothing is lost.

use std::{collections::HashSet, sync::Arc};

use maneiro_api::{
    AnalysisId, EditId, ErrorCode, RecordId,
    client::ClientError,
    edit::{AppendEdits, AppendedEdits, Edit, EditChange, NewEdit},
    limits::MAX_EDITS_PER_REQUEST,
    signature::AnalysisEvent,
};
use tokio::sync::mpsc;

use super::{
    edit_conversion::{change_id, edit_id, from_edit, to_edit},
    pages::{PlacedFile, place_files},
    review::{apply, text_of},
    state::{AnalysisWatch, Desktop, OpenSession, RETRY_INTERVAL, lock},
};
use crate::{
    contract::{
        common::{CommandError, CommandErrorCode},
        events::ShellEvent,
        records::RecordState,
        review::{HistoryKind, ReviewChange},
    },
    store::{AnalysisRow, ChangeRow, ChangeState, LocalRecord},
};

impl Desktop {
    /// Sends what was changed and deleted as long as the session is open: at once, and again while the cloud does not answer.
    pub(super) fn start_outbox(&self, session: &Arc<OpenSession>) {
        let (desktop, own) = (self.clone(), Arc::clone(session));
        let task = tokio::spawn(async move {
            let mut was_unreachable = false;
            loop {
                let sent = desktop.send_all(&own).await;
                let is_unreachable = sent.as_ref().is_err_and(is_passing);
                if is_unreachable || was_unreachable {
                    desktop.set_online(&own, !is_unreachable);
                }
                was_unreachable = is_unreachable;
                match sent {
                    Ok(()) => own.outbox.notified().await,
                    Err(_) if is_unreachable => tokio::time::sleep(RETRY_INTERVAL).await,
                    Err(error) => {
                        tracing::warn!(code = ?error.code, "what was changed cannot be sent");
                        own.outbox.notified().await;
                    }
                }
            }
        });
        lock(&session.tasks).push(task);
    }

    async fn send_all(&self, session: &Arc<OpenSession>) -> Result<(), CommandError> {
        let mut outcome = Ok(());
        for row in session.store.records().await? {
            let edits = self.send_edits(session, row.id).await;
            let fields = match &edits {
                Err(error) if is_passing(error) => Ok(()),
                Ok(()) | Err(_) => self.send_fields(session, row.id).await,
            };
            for error in [edits, fields].into_iter().filter_map(Result::err) {
                if is_passing(&error) {
                    return Err(error);
                }
                // One record that is refused does not hold up the others.
                outcome = Err(error);
            }
        }
        self.send_deletions(session).await?;
        outcome
    }

    fn set_online(&self, session: &OpenSession, is_online: bool) {
        {
            let mut since = lock(&session.offline_since);
            *since = if is_online { None } else { since.or_else(|| Some(self.now())) };
        }
        self.emit(ShellEvent::OutboxChanged);
    }

    /// Sends the edits of a record's shown analysis that the cloud does not have, until none is left but those that wait for
    /// somebody to choose.
    ///
    /// # Errors
    /// `Offline` or `Unavailable` if the cloud does not answer; those of the call and of the store.
    pub(super) async fn send_edits(
        &self,
        session: &Arc<OpenSession>,
        record: RecordId,
    ) -> Result<(), CommandError> {
        let _one_at_a_time = session.edits.lock().await;
        let mut batch = MAX_EDITS_PER_REQUEST;
        loop {
            let Some(shown) = shown_analysis(session, record).await? else { return Ok(()) };
            let analysis = shown.analysis.id;
            let files = place_files(session, record).await?;
            let changes = session.store.changes(record).await?;
            let mut edits = unsent(session, &changes, &files, analysis);
            edits.truncate(batch);
            let Some(first) = edits.first().map(|edit| edit.id) else { return Ok(()) };
            let append = AppendEdits { seen: shown.edits_seen, edits };
            let answer = match session.client.append_edits(analysis, &append).await {
                Err(ClientError::Api(body)) if body.code == ErrorCode::InvalidInput => {
                    // One by one, what is refused stays on this computer alone and holds up nothing else.
                    if append.edits.len() == 1 {
                        tracing::warn!(edit.id = %first, "the cloud refused an edit");
                        session.store.set_change_sent(&change_id(first), analysis).await?;
                    }
                    batch = 1;
                    continue;
                }
                answer => answer?,
            };
            let is_news = self.take_edits(session, record, &shown, &answer.edits).await?;
            let has_conflict = self.settle_conflicts(session, record, analysis, &answer).await?;
            if is_news || has_conflict {
                self.update_progress(session, record).await?;
                self.emit(ShellEvent::ReviewChanged { record });
            }
        }
    }

    /// Keeps edits of the cloud in their order. Answers whether one of them was made elsewhere.
    async fn take_edits(
        &self,
        session: &Arc<OpenSession>,
        record: RecordId,
        shown: &AnalysisRow,
        edits: &[Edit],
    ) -> Result<bool, CommandError> {
        let files = place_files(session, record).await?;
        let mut changes = session.store.changes(record).await?;
        let mut statements = self.review_statements(session, record, &files).await?.unwrap_or_default();
        let mut is_news = false;
        for edit in edits.iter().filter(|edit| edit.number > shown.edits_seen) {
            let id = change_id(edit.id);
            if !changes.iter().any(|known| known.id == id) {
                let mut row = from_edit(edit, &files);
                match changes.iter().find(|known| Some(&known.id) == row.target.as_ref()) {
                    Some(target) => {
                        let state = if row.kind == HistoryKind::Redo {
                            ChangeState::Done
                        } else {
                            ChangeState::Undone
                        };
                        session.store.set_change_state(&target.id, state).await?;
                        row.statement.clone_from(&target.statement);
                    }
                    None => {
                        let statement = row.statement.clone().unwrap_or_default();
                        row.before = text_of(&statements, &statement);
                        apply(&mut statements, &row, false, &files);
                        row.after = text_of(&statements, &statement);
                    }
                }
                session.store.insert_change(record, &row).await?;
                changes.push(row);
                is_news = true;
            }
            session.store.set_change_sent(&id, shown.analysis.id).await?;
        }
        if let Some(last) = edits.last() {
            session.store.set_edits_seen(shown.analysis.id, last.number.max(shown.edits_seen)).await?;
        }
        Ok(is_news)
    }

    /// Decides what becomes of refused edits. Other words than others wrote wait for the reader's choice; a judgement of words
    /// that are no longer there is taken back; the rest is sent again, now that the others' edits are known. Answers whether
    /// something is shown otherwise.
    async fn settle_conflicts(
        &self,
        session: &OpenSession,
        record: RecordId,
        analysis: AnalysisId,
        answer: &AppendedEdits,
    ) -> Result<bool, CommandError> {
        let changes = session.store.changes(record).await?;
        let refused: HashSet<String> = answer.conflicts.iter().map(|it| change_id(it.edit)).collect();
        let mut is_shown = false;
        for conflict in &answer.conflicts {
            let id = change_id(conflict.edit);
            let Some(row) = changes.iter().find(|row| row.id == id) else { continue };
            let others = answer.edits.iter().filter(|edit| conflict.others.contains(&edit.number));
            let mut new_words = others.filter_map(|edit| {
                if let EditChange::Edit { text, .. } = &edit.change { Some(text.as_str()) } else { None }
            });
            let Some(theirs) = new_words.next_back() else { continue };
            is_shown = true;
            match row.change.as_ref().map(|stored| &stored.change) {
                Some(ReviewChange::Edit { text, .. })
                    if *text != theirs && row.state == ChangeState::Done =>
                {
                    session.store.set_change_state(&id, ChangeState::Conflict).await?;
                }
                Some(ReviewChange::Add { .. } | ReviewChange::AddQuote { .. }) => {}
                Some(_) => self.give_up(session, &id, analysis).await?,
                None => {
                    let target = row.target.clone().unwrap_or_default();
                    if !refused.contains(&target) {
                        let state = if row.kind == HistoryKind::Redo {
                            ChangeState::Undone
                        } else {
                            ChangeState::Done
                        };
                        session.store.set_change_state(&target, state).await?;
                    }
                    self.give_up(session, &id, analysis).await?;
                }
            }
        }
        Ok(is_shown)
    }

    /// A change that no longer holds and is not sent.
    async fn give_up(
        &self,
        session: &OpenSession,
        id: &str,
        analysis: AnalysisId,
    ) -> Result<(), CommandError> {
        session.store.set_change_state(id, ChangeState::Dropped).await?;
        session.store.set_change_sent(id, analysis).await?;
        Ok(())
    }

    /// A choice between two versions as a change of its own: the reader's words once more, or nothing.
    pub(super) async fn choose_version(
        &self,
        session: &OpenSession,
        record: RecordId,
        change: ReviewChange,
    ) -> Result<ReviewChange, CommandError> {
        let statement = match &change {
            ReviewChange::KeepMine { statement } | ReviewChange::KeepTheirs { statement } => {
                statement.clone()
            }
            ReviewChange::Accept { .. }
            | ReviewChange::Reject { .. }
            | ReviewChange::Reopen { .. }
            | ReviewChange::Edit { .. }
            | ReviewChange::Add { .. }
            | ReviewChange::AddQuote { .. } => return Ok(change),
        };
        let Some(shown) = shown_analysis(session, record).await? else { return Ok(change) };
        let changes = session.store.changes(record).await?;
        let is_refused = |row: &&ChangeRow| {
            row.state == ChangeState::Conflict && row.statement.as_ref() == Some(&statement)
        };
        let mut mine = None;
        for row in changes.iter().filter(is_refused) {
            self.give_up(session, &row.id, shown.analysis.id).await?;
            mine = row.change.as_ref().map(|stored| stored.change.clone());
        }
        match (change, mine) {
            (ReviewChange::KeepMine { .. }, Some(edit)) => Ok(edit),
            (change, _) => Ok(change),
        }
    }

    /// Follows what others do to the analysis that is reviewed, instead of the one before.
    pub(super) fn follow_analysis(&self, session: &Arc<OpenSession>, record: RecordId, analysis: AnalysisId) {
        let mut watch = lock(&session.watch);
        if watch.as_ref().is_some_and(|watch| watch.analysis == analysis && !watch.task.is_finished()) {
            return;
        }
        if let Some(before) = watch.take() {
            before.task.abort();
        }
        let (desktop, own) = (self.clone(), Arc::clone(session));
        let task = tokio::spawn(async move {
            loop {
                if let Err(error) = desktop.follow_once(&own, record, analysis).await
                    && !is_passing(&error)
                {
                    tracing::warn!(code = ?error.code, "the edits of others are not followed");
                    return;
                }
                tokio::time::sleep(RETRY_INTERVAL).await;
            }
        });
        *watch = Some(AnalysisWatch { analysis, task });
    }

    async fn follow_once(
        &self,
        session: &Arc<OpenSession>,
        record: RecordId,
        analysis: AnalysisId,
    ) -> Result<(), CommandError> {
        let Some(shown) = shown_analysis(session, record).await? else { return Ok(()) };
        let (sender, mut events) = mpsc::unbounded_channel();
        let on_event = move |event| {
            // Nobody listens once the watch was replaced.
            let _ = sender.send(event);
        };
        let watching = session.client.watch_edits(analysis, shown.edits_seen, on_event);
        tokio::pin!(watching);
        loop {
            tokio::select! {
                ended = &mut watching => return Ok(ended?),
                Some(event) = events.recv() => self.take_event(session, record, event).await?,
            }
        }
    }

    async fn take_event(
        &self,
        session: &Arc<OpenSession>,
        record: RecordId,
        event: AnalysisEvent,
    ) -> Result<(), CommandError> {
        let is_news = match event {
            AnalysisEvent::Edit(edit) => {
                let files = place_files(session, record).await?;
                if count_unsent(session, record, &files).await? > 0 {
                    // What was changed here before this was seen is to be compared with it.
                    return self.send_edits(session, record).await;
                }
                let _one_at_a_time = session.edits.lock().await;
                let Some(shown) = shown_analysis(session, record).await? else { return Ok(()) };
                let is_news = self.take_edits(session, record, &shown, &[edit]).await?;
                if is_news {
                    self.update_progress(session, record).await?;
                }
                is_news
            }
            AnalysisEvent::Signature(signature) => {
                if let Some(row) = session.store.record(record).await? {
                    let cloud_id = row.cloud_id.ok_or(CommandErrorCode::NotFound)?;
                    session.store.save_signatures(record, cloud_id, &[signature]).await?;
                    self.touch(session, LocalRecord { state: RecordState::Signed, ..row }).await?;
                }
                true
            }
        };
        if is_news {
            self.emit(ShellEvent::ReviewChanged { record });
        }
        Ok(())
    }
}

/// How many edits of a record wait for the cloud.
pub(super) async fn count_unsent(
    session: &OpenSession,
    record: RecordId,
    files: &[PlacedFile],
) -> Result<usize, CommandError> {
    let Some(shown) = shown_analysis(session, record).await? else { return Ok(0) };
    let changes = session.store.changes(record).await?;
    Ok(changes.iter().filter(|row| to_send(session, row, files, shown.analysis.id).is_some()).count())
}

async fn shown_analysis(
    session: &OpenSession,
    record: RecordId,
) -> Result<Option<AnalysisRow>, CommandError> {
    Ok(session.store.analyses(record).await?.into_iter().find(|analysis| analysis.is_shown))
}

/// The edits that the analysis in the cloud lacks.
fn unsent(
    session: &OpenSession,
    changes: &[ChangeRow],
    files: &[PlacedFile],
    analysis: AnalysisId,
) -> Vec<NewEdit> {
    changes
        .iter()
        .filter_map(|row| to_send(session, row, files, analysis))
        .map(|(id, change)| NewEdit { id, change })
        .collect()
}

/// A change of this member that the analysis in the cloud lacks. Those of others are theirs to bring to a newer analysis.
fn to_send(
    session: &OpenSession,
    row: &ChangeRow,
    files: &[PlacedFile],
    analysis: AnalysisId,
) -> Option<(EditId, EditChange)> {
    let is_due = row.sent_to != Some(analysis)
        && row.state != ChangeState::Conflict
        && row.author == session.member().user;
    if !is_due {
        return None;
    }
    Some((edit_id(&row.id)?, to_edit(row, files)?))
}

fn is_passing(error: &CommandError) -> bool {
    matches!(error.code, CommandErrorCode::Offline | CommandErrorCode::Unavailable)
}
