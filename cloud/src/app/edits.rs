//! Edits of an analysis: read, append, watch.

use std::collections::HashSet;

use futures::{Stream, StreamExt as _, stream};
use maneiro_api::{
    AnalysisId, DocumentId, RecordId,
    edit::{AppendEdits, AppendedEdits, Edit, EditAuthor, EditChange},
    limits::MAX_EDITS_PER_ANALYSIS,
    seal::associated_data,
    signature::AnalysisEvent,
};
use serde_json::json;
use tracing::warn;

use super::{clinic_keys, job_watch::ChangeWatch, sealing, sessions, signatures};
use crate::{
    domain::{actor::OrgActor, audit::AuditAction, edits, error::Error, validation::FieldErrors},
    log::error_chain,
    state::{App, clinic_keys::ClinicKeys},
    store::{self, OrgTx, audit, edits::StoredEdit},
};

/// The edits of an analysis after the number `after`, which is audited.
///
/// # Errors
/// `NotFound` if the clinic has no such analysis.
pub async fn list(app: &App, who: &OrgActor, id: AnalysisId, after: u32) -> Result<Vec<Edit>, Error> {
    read(app, who, id, after, AuditAction::EditsRead).await
}

async fn read(
    app: &App,
    who: &OrgActor,
    id: AnalysisId,
    after: u32,
    action: AuditAction,
) -> Result<Vec<Edit>, Error> {
    let key = clinic_keys::load(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    store::analyses::find_origin(&mut tx, id).await?;
    let stored = store::edits::list(&mut tx, id, after).await?;
    audit::append(&mut tx, &app.audit_event(action, Some(id.uuid()))).await?;
    tx.commit().await?;
    open_all(&key, id, stored)
}

pub(super) fn open_all(
    key: &ClinicKeys,
    analysis: AnalysisId,
    stored: Vec<StoredEdit>,
) -> Result<Vec<Edit>, Error> {
    stored.into_iter().map(|edit| open(key, analysis, edit)).collect()
}

fn open(key: &ClinicKeys, analysis: AnalysisId, stored: StoredEdit) -> Result<Edit, Error> {
    let associated_data = associated_data::edit(analysis, stored.number, stored.id);
    Ok(Edit {
        number: stored.number,
        id: stored.id,
        author: stored.author,
        at: stored.created_at,
        change: sealing::open_json(key, &associated_data, &stored.change_sealed)?,
    })
}

/// Appends edits. Those of statements that others have changed otherwise since are refused as conflicts; nothing is
/// overwritten. An edit with a known id is the same edit.
///
/// # Errors
/// `InvalidInput` with every invalid edit; `NotFound` if the clinic has no such analysis.
pub async fn append(
    app: &App,
    who: &OrgActor,
    id: AnalysisId,
    input: &AppendEdits,
) -> Result<AppendedEdits, Error> {
    let mut errors = FieldErrors::default();
    edits::check(&mut errors, input);
    errors.finish()?;
    let mut errors = FieldErrors::default();
    let (user, _) = who.require_member()?;
    let key = clinic_keys::load(app, who).await?;
    let at = app.now();

    let mut tx = app.db.begin_org(who).await?;
    let record = store::analyses::find_origin(&mut tx, id).await?.record;
    // Also locks the record, so that edits get their numbers one after the other.
    store::records::touch(&mut tx, record, at).await?;
    let stored = open_all(&key, id, store::edits::list(&mut tx, id, 0).await?)?;
    let merge = edits::merge(&stored, input);
    let position = |edit| input.edits.iter().position(|other| other.id == edit).unwrap_or_default();
    for edit in &merge.dangling {
        errors.add(format!("edits[{}].edit", position(*edit)), "is no edit of this analysis");
    }
    let last = stored.last().map_or(0, |edit| edit.number);
    let count = u32::try_from(merge.accepted.len()).map_err(Error::internal)?;
    if last + count > MAX_EDITS_PER_ANALYSIS {
        errors.add(
            "edits",
            format!("would be more than the {MAX_EDITS_PER_ANALYSIS} that an analysis may have"),
        );
    }
    let changes: Vec<&EditChange> = merge.accepted.iter().map(|edit| &edit.change).collect();
    check_documents(&mut tx, &mut errors, record, &changes).await?;
    errors.finish()?;

    let author = EditAuthor { id: user, name: Some(store::accounts::identity(&mut tx, user).await?.name) };
    let mut all = stored;
    for (number, edit) in (last + 1..).zip(&merge.accepted) {
        let associated_data = associated_data::edit(id, number, edit.id);
        let change_sealed = sealing::seal_json(&key, app.random_bytes(), &associated_data, &edit.change);
        let row = StoredEdit { number, id: edit.id, author: author.clone(), change_sealed, created_at: at };
        store::edits::insert(&mut tx, id, &row).await?;
        all.push(Edit { number, id: edit.id, author: author.clone(), at, change: edit.change.clone() });
    }
    // The answer has what others changed, also where nothing is stored.
    let event = if count > 0 {
        app.audit_event(AuditAction::AnalysisEdited, Some(id.uuid()))
            .with_details(json!({ "edits": count, "first": last + 1, "conflicts": merge.conflicts.len() }))
    } else {
        app.audit_event(AuditAction::EditsRead, Some(id.uuid()))
    };
    audit::append(&mut tx, &event).await?;
    tx.commit().await?;
    all.retain(|edit| edit.number > input.seen);
    Ok(AppendedEdits { edits: all, conflicts: merge.conflicts })
}

/// What readers chose stands on pages of the record's own documents.
async fn check_documents(
    tx: &mut OrgTx,
    errors: &mut FieldErrors,
    record: RecordId,
    changes: &[&EditChange],
) -> Result<(), Error> {
    let cited: HashSet<DocumentId> =
        changes.iter().flat_map(|change| change.citations()).map(|citation| citation.document).collect();
    if cited.is_empty() {
        return Ok(());
    }
    let documents = store::documents::list_by_records(tx, &[record]).await?;
    if !cited.iter().all(|id| documents.iter().any(|document| document.id == *id)) {
        errors.add("edits", "cite a document that is not of this record");
    }
    Ok(())
}

/// The edits of an analysis after the number `after`, and each later one, which is audited once; and each signature from now
/// on.
///
/// # Errors
/// `NotFound` if the clinic has no such analysis; `TooManyRequests` if the session, `Unavailable` if the process watches as
/// many jobs as it may.
pub async fn watch(
    app: &App,
    who: &OrgActor,
    id: AnalysisId,
    after: u32,
) -> Result<impl Stream<Item = AnalysisEvent> + use<>, Error> {
    let mut tx = app.db.begin_org(who).await?;
    let origin = store::analyses::find_origin(&mut tx, id).await?;
    tx.commit().await?;
    let watch = ChangeWatch::open(app, who, origin.job)?;
    let signed = signatures::list(app, who, origin.record).await?.items;
    let first = read(app, who, id, after, AuditAction::EditsWatched).await?;
    let watch = EditWatch {
        app: app.clone(),
        who: who.clone(),
        id,
        record: origin.record,
        watch,
        after: first.last().map_or(after, |edit| edit.number),
        last_version: signed.first().map_or(0, |signature| signature.version),
    };
    let first = first.into_iter().map(AnalysisEvent::Edit);
    let later = stream::unfold(watch, |mut watch| async move { Some((watch.next().await?, watch)) });
    Ok(stream::iter(first).chain(later.flat_map(stream::iter)))
}

struct EditWatch {
    app: App,
    who: OrgActor,
    id: AnalysisId,
    record: RecordId,
    watch: ChangeWatch,
    after: u32,
    last_version: u32,
}

impl EditWatch {
    /// New edits and signatures, once there are some; `None` at the end of the watch.
    async fn next(&mut self) -> Option<Vec<AnalysisEvent>> {
        loop {
            self.watch.changed().await?;
            match self.read().await {
                Ok(new) if new.is_empty() => {}
                Ok(new) => return Some(new),
                Err(error) => {
                    if !matches!(error, Error::Unauthenticated | Error::NotFound(_)) {
                        warn!(analysis.id = %self.id, error = %error_chain(&error), "watched edits cannot be read");
                    }
                    return None;
                }
            }
        }
    }

    async fn read(&mut self) -> Result<Vec<AnalysisEvent>, Error> {
        let (_, session) = self.who.require_member()?;
        sessions::check(&self.app, session).await?;
        let key = clinic_keys::load(&self.app, &self.who).await?;
        let mut tx = self.app.db.begin_org(&self.who).await?;
        store::analyses::find_origin(&mut tx, self.id).await?;
        let stored = store::edits::list(&mut tx, self.id, self.after).await?;
        let mut signed = store::signed_reports::list(&mut tx, self.record).await?;
        tx.commit().await?;
        signed.retain(|signature| signature.version > self.last_version);
        self.last_version = signed.first().map_or(self.last_version, |signature| signature.version);
        self.after = stored.last().map_or(self.after, |edit| edit.number);
        let edits = open_all(&key, self.id, stored)?.into_iter().map(AnalysisEvent::Edit);
        Ok(edits.chain(signed.into_iter().rev().map(AnalysisEvent::Signature)).collect())
    }
}
