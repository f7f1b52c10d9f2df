//! Signing: who may, what is signed, and the reports that were. The cloud fixes what is signed; nothing is signed without it.

use std::sync::Arc;

use maneiro_api::{
    ErrorCode, RecordId,
    account::Role,
    analysis::Analysis,
    branding::OwnSignature,
    client::ClientError,
    edit::EditChange,
    edited_analysis::edited_analysis,
    signature::{SignReport, SignedContent},
};
use secrecy::SecretString;

use super::{
    branding::ask,
    edit_conversion::to_edit,
    pages::{PlacedFile, place_files},
    state::{Desktop, OpenSession, ReportSource},
};
use crate::{
    contract::{
        common::{CommandError, CommandErrorCode, Timestamp},
        events::ShellEvent,
        records::RecordState,
        report::{SignedVersion, SigningBar, SigningRight},
    },
    store::{ChangeRow, ChangeState, KeptSignature, LocalRecord, StoreError},
};

impl Desktop {
    /// Signs what a preview shows.
    ///
    /// # Errors
    /// `ReadOnly`; `NotFound` if it is drawn no more; `ChangedElsewhere` if the analysis has been edited since, here or elsewhere;
    /// `NoSignatureBlock`; `PermissionDenied`; `PasswordRequired`; `WrongPassword`; `Offline`.
    pub async fn sign_report(
        &self,
        record: RecordId,
        preview: &str,
        password: Option<SecretString>,
    ) -> Result<SignedVersion, CommandError> {
        let session = self.writable_session()?;
        let preview = session.preview(preview)?;
        if preview.record != record || preview.source.signature.is_some() {
            return Err(CommandErrorCode::NotFound.into());
        }
        self.send_edits(&session, record).await?;
        let revision = self.require_unchanged(&session, record, &preview.source).await?;
        let row = session.store.record(record).await?.ok_or(CommandErrorCode::NotFound)?;
        let ReportSource { title, analysis, .. } = &preview.source;
        let request = SignReport {
            revision,
            options: preview.source.options.clone(),
            title: title.clone(),
            analysis: analysis.clone(),
            password,
        };
        let signature = session.client.sign_report(analysis.id, &request).await.map_err(signing_error)?;
        let cloud_id = analysis.record;
        session.store.save_signatures(record, cloud_id, std::slice::from_ref(&signature)).await?;
        self.touch(&session, LocalRecord { state: RecordState::Signed, ..row }).await?;
        self.emit(ShellEvent::ReviewChanged { record });
        let signed = signed_versions(&session.store.signatures(record).await?);
        signed.into_iter().next().ok_or_else(|| CommandErrorCode::Internal.into())
    }

    /// Checks that the analysis says what it said when a report was drawn. Answers the number of its last edit in the cloud; one
    /// that has come since is noticed there.
    async fn require_unchanged(
        &self,
        session: &Arc<OpenSession>,
        record: RecordId,
        drawn: &ReportSource,
    ) -> Result<u32, CommandError> {
        let analyses = session.store.analyses(record).await?;
        let shown = analyses.iter().find(|analysis| analysis.is_shown).ok_or(CommandErrorCode::NoAnalysis)?;
        let files = place_files(session, record).await?;
        let now = reviewed_analysis(session, record, &shown.analysis, &files).await?;
        if now == drawn.analysis {
            Ok(shown.edits_seen)
        } else {
            Err(CommandErrorCode::ChangedElsewhere.into())
        }
    }

    /// The signatures of a record's reports, oldest first, as the cloud says or, if it does not answer, as it last said.
    pub(super) async fn signatures(
        &self,
        session: &Arc<OpenSession>,
        row: &LocalRecord,
    ) -> Result<Vec<KeptSignature>, CommandError> {
        if let Some(cloud_id) = row.cloud_id
            && let Some(signatures) = ask(session, session.client.signatures(cloud_id)).await?
        {
            session.store.save_signatures(row.id, cloud_id, &signatures).await?;
        }
        Ok(session.store.signatures(row.id).await?)
    }

    /// What was signed as a version, fetched once.
    ///
    /// # Errors
    /// `NotFound` if there is no such version; `Offline` if it was not fetched yet.
    pub(super) async fn signed_source(
        &self,
        session: &Arc<OpenSession>,
        row: &LocalRecord,
        version: u32,
    ) -> Result<ReportSource, CommandError> {
        let kept = session.store.signatures(row.id).await?;
        let at = version.checked_sub(1).ok_or(CommandErrorCode::NotFound)? as usize;
        let kept = kept.into_iter().nth(at).ok_or(CommandErrorCode::NotFound)?;
        let content = match session.store.signed_content(row.id, &kept).await? {
            Some(content) => content,
            None => {
                let version = kept.signature.version;
                let content = session.client.signed_report(kept.cloud_id, version).await?.content;
                session.store.save_signed_content(row.id, &kept, &content).await?;
                content
            }
        };
        let SignedContent { title, options, letterhead, block, analysis } = content;
        Ok(ReportSource {
            date: kept.signature.signed_at.date(),
            options,
            letterhead,
            title,
            analysis,
            block: Some(block),
            signature: Some(kept.signature),
        })
    }

    /// Whether the member may sign, and who else may.
    pub(super) async fn signing_right(&self, session: &Arc<OpenSession>, own: &OwnSignature) -> SigningRight {
        let reason = if !own.signs || session.member().role == Role::Assistant {
            Some(SigningBar::NotASigner)
        } else if session.read_only {
            Some(SigningBar::ReadOnly)
        } else if own.block.is_none() {
            Some(SigningBar::NoBlock)
        } else {
            None
        };
        let signers = match reason {
            Some(_) => signers(session).await,
            None => Vec::new(),
        };
        SigningRight { allowed: reason.is_none(), reason, signers }
    }
}

/// An analysis as readers have left it here.
pub(super) async fn reviewed_analysis(
    session: &OpenSession,
    record: RecordId,
    analysis: &Analysis,
    files: &[PlacedFile],
) -> Result<Analysis, StoreError> {
    let rows = session.store.changes(record).await?;
    let is_standing = |row: &&ChangeRow| row.state == ChangeState::Done && row.change.is_some();
    let changes: Vec<EditChange> =
        rows.iter().filter(is_standing).filter_map(|row| to_edit(row, files)).collect();
    Ok(edited_analysis(analysis, &changes))
}

/// The names of those who sign reports of the clinic; none if the cloud does not say.
async fn signers(session: &OpenSession) -> Vec<String> {
    let members = ask(session, session.client.members()).await.ok().flatten().unwrap_or_default();
    let signs = |member: &maneiro_api::member::Member| member.signs && member.role != Role::Assistant;
    members.into_iter().filter(signs).map(|member| member.name).collect()
}

/// The signed reports of a record, newest first, counted from the oldest.
pub(super) fn signed_versions(kept: &[KeptSignature]) -> Vec<SignedVersion> {
    let version = |(version, kept): (u32, &KeptSignature)| SignedVersion {
        version,
        signed_at: Timestamp(kept.signature.signed_at),
        signer: kept.signature.signer_name.clone().unwrap_or_default(),
        form: kept.signature.form,
    };
    let mut versions: Vec<SignedVersion> = (1..).zip(kept).map(version).collect();
    versions.reverse();
    versions
}

/// A password that is not the member's is refused as a field of the request.
fn signing_error(error: ClientError) -> CommandError {
    match error {
        ClientError::Api(body)
            if body.code == ErrorCode::InvalidInput
                && body.fields.iter().any(|field| field.field == "password") =>
        {
            CommandErrorCode::WrongPassword.into()
        }
        error => error.into(),
    }
}
