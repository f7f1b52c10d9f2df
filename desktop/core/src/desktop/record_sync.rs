//! Titles, fields and deletions of records on their way to the cloud: by themselves, also what was done without network. What
//! somebody else changed meanwhile is merged field by field.

use std::sync::Arc;

use maneiro_api::{
    ErrorCode, RecordId,
    client::ClientError,
    record::{CaseFields, Record, UpdateRecord},
};

use super::state::{Desktop, OpenSession};
use crate::{
    contract::{
        common::{CalendarDay, CommandError},
        events::ShellEvent,
        records::RecordFields,
    },
    store::{CloudCopy, LocalRecord},
};

impl Desktop {
    /// Brings the title and the fields of a record to the cloud, if they are others there.
    ///
    /// # Errors
    /// Those of the call and of the store.
    pub(super) async fn send_fields(
        &self,
        session: &Arc<OpenSession>,
        record: RecordId,
    ) -> Result<(), CommandError> {
        loop {
            let Some(row) = session.store.record(record).await? else { return Ok(()) };
            let Some(cloud_id) = row.cloud_id else { return Ok(()) };
            let known = match row.cloud_copy.clone() {
                Some(known) => known,
                None => {
                    let known = cloud_copy(session.client.record(cloud_id).await?);
                    session.store.save_cloud_copy(record, &known).await?;
                    known
                }
            };
            if !differs(&row, &known) {
                return Ok(());
            }
            let update = UpdateRecord {
                revision: known.revision,
                title: Some(row.title.clone()).filter(|title| *title != known.title),
                fields: Some(&row.fields).filter(|fields| **fields != known.fields).map(case_fields),
            };
            match session.client.update_record(cloud_id, &update).await {
                Ok(stored) => {
                    // Only what the cloud has is noted: the row may have been changed again meanwhile.
                    session.store.save_cloud_copy(record, &cloud_copy(stored)).await?;
                }
                Err(ClientError::Api(body))
                    if body.code == ErrorCode::RecordChanged && body.record.is_some() =>
                {
                    let theirs = body.record.map(|record| cloud_copy(*record));
                    self.merge_fields(session, record, &known, &theirs.unwrap_or(known.clone())).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// What was changed here stays, what was changed elsewhere comes.
    async fn merge_fields(
        &self,
        session: &OpenSession,
        record: RecordId,
        base: &CloudCopy,
        theirs: &CloudCopy,
    ) -> Result<(), CommandError> {
        fn take<T: PartialEq + Clone>(mine: &mut T, base: &T, theirs: &T) {
            if mine == base {
                mine.clone_from(theirs);
            }
        }
        // As it is now: it may have been changed while the cloud was asked.
        let Some(mut row) = session.store.record(record).await? else { return Ok(()) };
        take(&mut row.title, &base.title, &theirs.title);
        take(&mut row.fields.number, &base.fields.number, &theirs.fields.number);
        take(&mut row.fields.birth_date, &base.fields.birth_date, &theirs.fields.birth_date);
        take(&mut row.fields.injury_date, &base.fields.injury_date, &theirs.fields.injury_date);
        take(&mut row.fields.examiner, &base.fields.examiner, &theirs.fields.examiner);
        take(&mut row.fields.kind, &base.fields.kind, &theirs.fields.kind);
        session.store.save_record(&row).await?;
        session.store.save_cloud_copy(record, theirs).await?;
        self.emit(ShellEvent::RecordChanged { record });
        self.emit(ShellEvent::RecordsChanged);
        Ok(())
    }

    /// Deletes in the cloud what was deleted here. One that is gone there is deleted too.
    ///
    /// # Errors
    /// Those of the call and of the store.
    pub(super) async fn send_deletions(&self, session: &OpenSession) -> Result<(), CommandError> {
        for record in session.store.deleted_records().await? {
            match session.client.delete_record(record).await {
                Ok(()) => {}
                Err(ClientError::Api(body)) if body.code == ErrorCode::NotFound => {}
                Err(error) => return Err(error.into()),
            }
            session.store.forget_deleted_record(record).await?;
        }
        Ok(())
    }
}

/// Whether the title or the fields of a record are others than the cloud last had.
pub(super) fn has_unsent_fields(row: &LocalRecord) -> bool {
    row.cloud_copy.as_ref().is_some_and(|known| differs(row, known))
}

fn differs(row: &LocalRecord, known: &CloudCopy) -> bool {
    row.title != known.title || row.fields != known.fields
}

fn case_fields(fields: &RecordFields) -> CaseFields {
    CaseFields {
        number: fields.number.clone(),
        birth_date: fields.birth_date.map(|day| day.0),
        injury_date: fields.injury_date.map(|day| day.0),
        examiner: fields.examiner.clone(),
        kind: fields.kind.clone(),
    }
}

fn cloud_copy(record: Record) -> CloudCopy {
    let CaseFields { number, birth_date, injury_date, examiner, kind } = record.fields;
    let (birth_date, injury_date) = (birth_date.map(CalendarDay), injury_date.map(CalendarDay));
    CloudCopy {
        revision: record.revision,
        title: record.title.unwrap_or_default(),
        fields: RecordFields { number, birth_date, injury_date, examiner, kind },
    }
}
