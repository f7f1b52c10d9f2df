//! Records: the list, one record, and what can be done with its files and fields.

use std::collections::BTreeMap;
use std::sync::Arc;

use maneiro_api::{
    DocumentId, RecordId, UserId,
    account::Role,
    limits::{MAX_RECORD_FIELD_CHARS, MAX_TITLE_CHARS},
};

use super::{
    intake::kilobytes,
    pages::{PlacedFile, place_files},
    reading::record_reading,
    state::{Desktop, Offer, OpenSession, blocking},
};
use crate::{
    contract::{
        common::{CalendarDay, CommandError, CommandErrorCode},
        events::ShellEvent,
        records::{
            FileState, FirstPage, IntakeShape, LockedFile, OwnerCount, PageFault, ReadingState, RecordCounts,
            RecordDetail, RecordFieldChanges, RecordFile, RecordList, RecordOwner, RecordState,
            RecordSummary, StatementCounts, UnreadPage,
        },
        review::StatementSection,
    },
    files::write_atomically,
    store::{FileRow, LocalRecord, StoreError},
};

/// Rows of the list that are answered at once.
const MAX_LISTED: usize = 200;

const SAMPLE_FILE: &str = "sample-record.pdf";
const SAMPLE_TITLE: &str = "Sample record (synthetic)";

/// What the list shows.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct RecordFilter {
    pub search: String,
    pub state: Option<RecordState>,
    pub owner: Option<UserId>,
    pub cursor: Option<String>,
}

impl Desktop {
    /// The list, newest change first. Counts are those of all records.
    ///
    /// # Errors
    /// Those of the store; `InvalidInput` if the cursor is none of ours.
    pub async fn list_records(&self, filter: &RecordFilter) -> Result<RecordList, CommandError> {
        let session = self.session()?;
        let rows = session.store.records().await?;
        let counts = record_counts(&rows);
        let search = filter.search.trim().to_lowercase();
        let is_wanted = |row: &LocalRecord| {
            filter.state.is_none_or(|state| row.state == state)
                && filter.owner.is_none_or(|owner| row.owner == owner)
                && (search.is_empty() || search_text(row).contains(&search))
        };
        let skipped: usize = match &filter.cursor {
            Some(cursor) => cursor.parse().map_err(|_| CommandErrorCode::InvalidInput)?,
            None => 0,
        };
        let wanted: Vec<LocalRecord> = rows.into_iter().filter(is_wanted).collect();
        let total = wanted.len();
        let mut items = Vec::new();
        for row in wanted.into_iter().skip(skipped).take(MAX_LISTED) {
            let files = place_files(&session, row.id).await?;
            items.push(self.summary(&session, &row, &files).await?);
        }
        let end = skipped + items.len();
        let next_cursor = (end < total).then(|| end.to_string());
        Ok(RecordList { items, counts, next_cursor })
    }

    /// # Errors
    /// `NotFound`; those of the store.
    pub async fn record(&self, record: RecordId) -> Result<RecordDetail, CommandError> {
        let session = self.session()?;
        let row = session.store.record(record).await?.ok_or(CommandErrorCode::NotFound)?;
        let files = place_files(&session, record).await?;
        let summary = self.summary(&session, &row, &files).await?;
        let mut unread = Vec::new();
        for file in &files {
            let Some(id) = file.row.file else { continue };
            let range = 1..=file.pages();
            for (number, reason) in session.store.unreadable_pages(id, &range).await? {
                let fault = page_fault(&reason);
                let detail = (fault == PageFault::Other).then_some(reason);
                let page = file.page_in_record(number);
                unread.push(UnreadPage { page, document: file.row.id, fault, detail });
            }
        }
        let statements = self.review_statements(&session, record, &files).await?;
        let most_important = statements
            .iter()
            .flatten()
            .filter(|statement| statement.section == StatementSection::Summary)
            .take(3)
            .map(|statement| statement.text.clone())
            .collect();
        let is_running = summary.reading.state == ReadingState::Running;
        let current = is_running.then(|| files.iter().position(is_waiting)).flatten();
        let record_files =
            files.iter().enumerate().map(|(at, file)| record_file(file, current == Some(at))).collect();
        Ok(RecordDetail {
            statements: row.statements.clone(),
            fields: row.fields.clone(),
            files: record_files,
            unread,
            encounters: self.encounters(&session, record, &files).await?,
            most_important,
            kept_until: None,
            first_page: first_page(&files),
            summary,
        })
    }

    async fn summary(
        &self,
        session: &Arc<OpenSession>,
        row: &LocalRecord,
        files: &[PlacedFile],
    ) -> Result<RecordSummary, StoreError> {
        let reading = record_reading(session, row, files);
        let locked = files.iter().filter(|file| file.row.is_locked);
        let has_newer = session.store.analyses(row.id).await?.iter().any(|analysis| !analysis.is_shown);
        Ok(RecordSummary {
            id: row.id,
            title: row.title.clone(),
            kind: row.fields.kind.clone(),
            state: row.state,
            owner: RecordOwner { id: row.owner, name: row.owner_name.clone() },
            changed_at: row.changed_at,
            files: u32::try_from(files.len()).unwrap_or(u32::MAX),
            pages: reading.pages_total,
            pages_not_read: u32::try_from(reading.pages_failed.len()).unwrap_or(u32::MAX),
            conflicts: row.conflicts,
            new_result: has_newer,
            analysing: session.run(row.id).is_some_and(|run| !run.state.is_final()),
            waits_for_network: row.request.is_some() && session.is_offline(),
            sample: row.is_sample,
            locked_files: locked
                .map(|file| LockedFile { document: file.row.id, name: file.row.name.clone() })
                .collect(),
            reading,
        })
    }

    /// Makes one record of the files, or one of each, and starts reading.
    ///
    /// # Errors
    /// `ReadOnly` is none: what is read in memory is gone at the end. `FileMissing`, `FileKind`, `FileEmpty`.
    pub async fn create_records(
        &self,
        handles: &[String],
        shape: IntakeShape,
    ) -> Result<Vec<RecordId>, CommandError> {
        let session = self.session()?;
        let offers = self.take_offers(handles)?;
        let groups: Vec<Vec<Offer>> = match shape {
            IntakeShape::One => vec![offers],
            IntakeShape::Several => offers.into_iter().map(|offer| vec![offer]).collect(),
        };
        let mut made = Vec::new();
        for group in groups.into_iter().filter(|group| !group.is_empty()) {
            let title = group.first().map(|offer| title_of(&offer.name)).unwrap_or_default();
            made.push(self.make_record(&session, title, group, false).await?);
        }
        Ok(made)
    }

    async fn make_record(
        &self,
        session: &Arc<OpenSession>,
        title: String,
        offers: Vec<Offer>,
        is_sample: bool,
    ) -> Result<RecordId, CommandError> {
        let me = session.member();
        let id = RecordId::from_uuid(self.new_uuid());
        // Paused until its files are in: another task that goes on with what is read must not find it without them.
        let row = LocalRecord {
            id,
            cloud_id: None,
            cloud_copy: None,
            title,
            fields: crate::contract::records::RecordFields::default(),
            state: RecordState::Reading,
            owner: me.user,
            owner_name: me.name,
            changed_at: self.now(),
            is_sample,
            reading: ReadingState::Paused,
            request: None,
            requested_at: None,
            conflicts: 0,
            statements: StatementCounts { total: 0, reviewed: 0, not_found: 0 },
        };
        session.store.save_record(&row).await?;
        self.append_files(session, id, offers, 0).await?;
        session.store.save_record(&LocalRecord { reading: ReadingState::Running, ..row }).await?;
        self.start_reading(session, id);
        self.emit(ShellEvent::RecordsChanged);
        Ok(id)
    }

    async fn append_files(
        &self,
        session: &OpenSession,
        record: RecordId,
        offers: Vec<Offer>,
        first_position: u32,
    ) -> Result<(), CommandError> {
        for (position, offer) in (first_position..).zip(offers) {
            let file = FileRow {
                id: DocumentId::from_uuid(self.new_uuid()),
                record,
                position,
                name: offer.name,
                media_type: offer.media_type.unwrap_or_default(),
                bytes: offer.bytes,
                path: offer.path.to_string_lossy().into_owned(),
                has_content: offer.content.is_some(),
                sha256: None,
                file: None,
                pages: None,
                password: None,
                fault: None,
                is_locked: false,
                cloud_id: None,
            };
            session.store.insert_file(&file, offer.content.as_deref()).await?;
        }
        Ok(())
    }

    /// Adds files to the end of a record and reads them.
    ///
    /// # Errors
    /// `NotFound`; `FileMissing`, `FileKind`, `FileEmpty`, `FileAlreadyThere`.
    pub async fn add_files(&self, record: RecordId, handles: &[String]) -> Result<(), CommandError> {
        let session = self.session()?;
        let row = session.store.record(record).await?.ok_or(CommandErrorCode::NotFound)?;
        let files = session.store.record_files(record).await?;
        let offers = self.take_offers(handles)?;
        let is_known = |offer: &Offer| {
            let path = offer.path.to_string_lossy();
            !path.is_empty() && files.iter().any(|file| file.path == path)
        };
        if let Some(known) = offers.iter().find(|offer| is_known(offer)) {
            let name = known.name.clone();
            return Err(CommandError::from(CommandErrorCode::FileAlreadyThere).with_text("name", name));
        }
        let end = files.last().map_or(0, |file| file.position + 1);
        self.append_files(&session, record, offers, end).await?;
        // A reading that is about to end would not see them.
        session.abort_reading(record).await;
        self.touch(&session, LocalRecord { reading: ReadingState::Running, ..row }).await?;
        self.start_reading(&session, record);
        Ok(())
    }

    /// Puts the files of a record into this order.
    ///
    /// # Errors
    /// `NotFound`; `InvalidInput` unless each file of the record is named once.
    pub async fn arrange_files(
        &self,
        record: RecordId,
        documents: &[DocumentId],
    ) -> Result<(), CommandError> {
        let session = self.session()?;
        let row = session.store.record(record).await?.ok_or(CommandErrorCode::NotFound)?;
        let mut files = session.store.record_files(record).await?;
        if files.len() != documents.len() || files.iter().any(|file| !documents.contains(&file.id)) {
            return Err(CommandErrorCode::InvalidInput.into());
        }
        for file in &mut files {
            let position = documents.iter().position(|document| *document == file.id).unwrap_or(0);
            file.position = u32::try_from(position).unwrap_or(0);
            session.store.update_file(file).await?;
        }
        self.touch(&session, row).await
    }

    /// # Errors
    /// `NotFound`; those of the store.
    pub async fn remove_file(&self, record: RecordId, document: DocumentId) -> Result<(), CommandError> {
        let session = self.session()?;
        let row = session.store.record(record).await?.ok_or(CommandErrorCode::NotFound)?;
        let is_running = session.reading_rate(record).is_some();
        self.stop_reading(record, row.reading).await?;
        session.store.delete_file(document).await?;
        session.renderers.lock().await.retain(|(known, _)| *known != document);
        self.touch(&session, row).await?;
        if is_running {
            self.resume_reading(record).await?;
        }
        Ok(())
    }

    /// Changes title or fields; what is absent stays.
    ///
    /// # Errors
    /// `NotFound`; `InvalidInput` if the title is empty or too long, or a field is too long.
    pub async fn update_record(
        &self,
        record: RecordId,
        title: Option<String>,
        fields: Option<RecordFieldChanges>,
    ) -> Result<(), CommandError> {
        let session = self.session()?;
        let mut row = session.store.record(record).await?.ok_or(CommandErrorCode::NotFound)?;
        if let Some(title) = title {
            let title = title.trim();
            if title.is_empty() || title.chars().count() > MAX_TITLE_CHARS {
                return Err(CommandErrorCode::InvalidInput.into());
            }
            row.title = title.to_owned();
        }
        if let Some(fields) = fields {
            row.fields.apply(fields);
            let texts = [&row.fields.number, &row.fields.examiner, &row.fields.kind];
            if texts.into_iter().flatten().any(|text| text.chars().count() > MAX_RECORD_FIELD_CHARS) {
                return Err(CommandErrorCode::InvalidInput.into());
            }
        }
        self.touch(&session, row).await?;
        session.outbox.notify_one();
        Ok(())
    }

    /// Deletes a record on this computer, and in the cloud as soon as it answers.
    ///
    /// # Errors
    /// `NotFound`; `PermissionDenied` for assistants once it is in the cloud; those of the store.
    pub async fn delete_record(&self, record: RecordId) -> Result<(), CommandError> {
        let session = self.session()?;
        let row = session.store.record(record).await?.ok_or(CommandErrorCode::NotFound)?;
        if row.cloud_id.is_some() && session.member().role == Role::Assistant {
            return Err(CommandErrorCode::PermissionDenied.into());
        }
        session.stop_record(record);
        for file in session.store.record_files(record).await? {
            session.renderers.lock().await.retain(|(known, _)| *known != file.id);
        }
        session.store.delete_record(record).await?;
        session.outbox.notify_one();
        self.emit(ShellEvent::RecordsChanged);
        self.emit(ShellEvent::OutboxChanged);
        Ok(())
    }

    /// Makes the sample record if there is none, and answers it.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn open_sample(&self) -> Result<RecordId, CommandError> {
        let session = self.session()?;
        if let Some(known) = session.store.records().await?.iter().find(|row| row.is_sample) {
            return Ok(known.id);
        }
        // It describes no real patient, so it may lie on the disk.
        let (folder, bytes) = (self.shared.config.folder.clone(), self.shared.config.sample_record);
        let path = folder.join(SAMPLE_FILE);
        let target = path.clone();
        blocking(move || folder.create().and_then(|()| write_atomically(&target, bytes)))
            .await
            .map_err(|_| CommandErrorCode::DiskFull)?;
        let offer = Offer {
            name: "Sample record.pdf".to_owned(),
            media_type: Some("application/pdf".to_owned()),
            bytes: bytes.len() as u64,
            path,
            content: None,
        };
        self.make_record(&session, SAMPLE_TITLE.to_owned(), vec![offer], true).await
    }

    /// Saves a record as changed now, and tells the window.
    pub(super) async fn touch(
        &self,
        session: &OpenSession,
        mut row: LocalRecord,
    ) -> Result<(), CommandError> {
        row.changed_at = self.now();
        session.store.save_record(&row).await?;
        self.emit(ShellEvent::RecordChanged { record: row.id });
        self.emit(ShellEvent::RecordsChanged);
        Ok(())
    }
}

fn record_counts(rows: &[LocalRecord]) -> RecordCounts {
    let mut by_state: BTreeMap<RecordState, u32> =
        RecordState::ALL.into_iter().map(|state| (state, 0)).collect();
    let mut owners: BTreeMap<(String, UserId), u32> = BTreeMap::new();
    for row in rows {
        *by_state.entry(row.state).or_default() += 1;
        *owners.entry((row.owner_name.clone(), row.owner)).or_default() += 1;
    }
    let owners = owners.into_iter().map(|((name, id), records)| OwnerCount { id, name, records }).collect();
    RecordCounts { all: u32::try_from(rows.len()).unwrap_or(u32::MAX), by_state, owners }
}

/// What the list's search looks in.
fn search_text(row: &LocalRecord) -> String {
    let fields = &row.fields;
    let days = [fields.birth_date, fields.injury_date].into_iter().flatten().map(CalendarDay::text);
    let texts = [&fields.number, &fields.examiner, &fields.kind].into_iter().flatten().cloned();
    let all: Vec<String> = std::iter::once(row.title.clone()).chain(texts).chain(days).collect();
    all.join("\n").to_lowercase()
}

/// A record is first called as its first file, without the ending.
fn title_of(name: &str) -> String {
    let stem = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.len() <= 4 => stem,
        Some(_) | None => name,
    };
    stem.chars().take(MAX_TITLE_CHARS).collect()
}

fn is_waiting(file: &PlacedFile) -> bool {
    let is_read = file.row.file.is_some() && file.outlines.len() >= file.pages() as usize;
    !is_read && file.row.fault.is_none() && !file.row.is_locked
}

fn record_file(file: &PlacedFile, is_reading: bool) -> RecordFile {
    let failed = file.failed_pages().count();
    let state = if file.row.is_locked {
        FileState::AsksPassword
    } else if file.row.fault.is_some() {
        FileState::Failed
    } else if is_waiting(file) {
        if is_reading { FileState::Reading } else { FileState::Waiting }
    } else if failed == file.pages() as usize && failed > 0 {
        FileState::Failed
    } else if failed > 0 {
        FileState::Partly
    } else {
        FileState::Done
    };
    RecordFile {
        document: file.row.id,
        name: file.row.name.clone(),
        media_type: file.row.media_type.clone(),
        kilobytes: kilobytes(file.row.bytes),
        state,
        first_page: file.first_page,
        pages: file.pages(),
        pages_read: u32::try_from(file.outlines.len() - failed).unwrap_or(0),
        fault: file.row.fault,
    }
}

/// The first page that shows something.
fn first_page(files: &[PlacedFile]) -> Option<FirstPage> {
    files.iter().find_map(|file| {
        let shown =
            file.outlines.iter().find(|page| !matches!(&*page.text_source, "unreadable" | "blank"))?;
        Some(FirstPage { document: file.row.id, page: shown.number, confidence: shown.confidence_percent })
    })
}

/// The reader's sentence as a code; see `engine::PageError` and `worker::process`.
fn page_fault(reason: &str) -> PageFault {
    let faults = [
        ("takes longer", PageFault::TookTooLong),
        ("of memory", PageFault::OutOfMemory),
        ("crashed", PageFault::ReaderStopped),
        ("more than the limit", PageFault::PictureTooLarge),
        ("in a way that cannot be decoded", PageFault::PictureFormat),
        ("missing from the file", PageFault::FileEnds),
        ("breaks off", PageFault::PictureDamaged),
        ("header cannot be read", PageFault::PictureDamaged),
    ];
    faults.into_iter().find(|(part, _)| reason.contains(part)).map_or(PageFault::Other, |(_, fault)| fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_called_as_its_first_file() {
        assert_eq!(title_of("Rivera, intake 2024.pdf"), "Rivera, intake 2024");
        assert_eq!(title_of("scan"), "scan");
        assert_eq!(title_of(".pdf"), ".pdf");
        assert_eq!(title_of("Dr. Brandt and others"), "Dr. Brandt and others");
    }

    #[test]
    fn a_readers_sentence_has_a_code() {
        assert_eq!(page_fault("reading it takes longer than 60 s"), PageFault::TookTooLong);
        assert_eq!(
            page_fault("an image on the page has 9 × 9 pixels, more than the limit of 4"),
            PageFault::PictureTooLarge
        );
        assert_eq!(page_fault("the page could not be recognised"), PageFault::Other);
    }
}
