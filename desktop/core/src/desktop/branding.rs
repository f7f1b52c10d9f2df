//! The clinic's letterhead and the member's own signature block. The cloud keeps them; this computer remembers what it last
//! said, so that reports are drawn without network too.

use std::{sync::Arc, time::Duration};

use maneiro_api::{
    account::Role,
    branding::{ClinicLetterhead, OwnSignature, ReportPicture, SignerBlock},
    client::ClientError,
};
use serde::Deserialize;

use super::state::{Desktop, OpenSession, lock};
use crate::contract::{
    common::{CommandError, CommandErrorCode},
    events::ShellEvent,
    settings::{ClinicSettings, Letterhead, Picture, SignatureBlock, SignatureSettings},
};

/// How long a report waits for what the cloud says, before it is drawn with what it last said.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(4);

/// A letterhead as the window saves it.
#[derive(Debug, Clone, Deserialize)]
pub struct LetterheadInput {
    pub lines: Vec<String>,
    /// The handle of a picture.
    pub picture: Option<String>,
}

/// A signature block as the window saves it.
#[derive(Debug, Clone, Deserialize)]
pub struct SignatureBlockInput {
    pub name: String,
    pub line: String,
    pub licence: String,
    pub phone: String,
    /// The handle of a picture.
    pub picture: Option<String>,
}

impl Desktop {
    /// The clinic's name and letterhead.
    ///
    /// # Errors
    /// `Locked` or `Unauthenticated`; those of the call and of the store.
    pub async fn clinic(&self) -> Result<ClinicSettings, CommandError> {
        let session = self.session()?;
        let letterhead = self.letterhead(&session).await?;
        self.clinic_settings(&session, letterhead)
    }

    /// Changes the clinic's name and letterhead.
    ///
    /// # Errors
    /// `ReadOnly`; `NotFound` if the picture is kept no more; `InvalidInput`, `PermissionDenied`; those of the call.
    pub async fn save_clinic(
        &self,
        name: String,
        letterhead: LetterheadInput,
    ) -> Result<ClinicSettings, CommandError> {
        let session = self.writable_session()?;
        let picture = chosen_picture(&session, letterhead.picture.as_deref())?;
        let wanted = ClinicLetterhead { name, lines: letterhead.lines, picture };
        let saved = session.client.set_letterhead(&wanted).await?;
        session.store.save_letterhead(&saved).await?;
        lock(&session.me).clinic.clone_from(&saved.name);
        if self.is_current(&session) {
            self.emit(ShellEvent::Session { session: self.session_state() });
        }
        self.clinic_settings(&session, saved)
    }

    /// The member's signature block, and whether they sign.
    ///
    /// # Errors
    /// As [`Self::clinic`].
    pub async fn signature(&self) -> Result<SignatureSettings, CommandError> {
        let session = self.session()?;
        let own = self.own_signature(&session).await?;
        self.signature_settings(&session, own)
    }

    /// Changes the member's signature block. What was signed keeps what stood there.
    ///
    /// # Errors
    /// As [`Self::save_clinic`].
    pub async fn save_signature(
        &self,
        block: SignatureBlockInput,
    ) -> Result<SignatureSettings, CommandError> {
        let session = self.writable_session()?;
        let picture = chosen_picture(&session, block.picture.as_deref())?;
        let wanted = SignerBlock {
            name: block.name,
            line: block.line,
            licence: block.licence,
            phone: block.phone,
            picture,
        };
        let saved = session.client.set_signature_block(&wanted).await?;
        session.store.save_own_signature(&saved).await?;
        self.signature_settings(&session, saved)
    }

    /// The clinic's letterhead, as the cloud says or, if it does not answer, as it last said.
    pub(super) async fn letterhead(
        &self,
        session: &Arc<OpenSession>,
    ) -> Result<ClinicLetterhead, CommandError> {
        if let Some(letterhead) = ask(session, session.client.letterhead()).await? {
            session.store.save_letterhead(&letterhead).await?;
            return Ok(letterhead);
        }
        let name = session.member().clinic;
        let kept = session.store.letterhead().await?;
        Ok(kept.unwrap_or(ClinicLetterhead { name, lines: Vec::new(), picture: None }))
    }

    /// The member's own signature, as [`Self::letterhead`].
    pub(super) async fn own_signature(
        &self,
        session: &Arc<OpenSession>,
    ) -> Result<OwnSignature, CommandError> {
        if let Some(own) = ask(session, session.client.signature_block()).await? {
            session.store.save_own_signature(&own).await?;
            return Ok(own);
        }
        let signs = session.member().signs;
        let kept = session.store.own_signature().await?;
        Ok(kept.unwrap_or(OwnSignature { signs, block: None }))
    }

    fn clinic_settings(
        &self,
        session: &OpenSession,
        letterhead: ClinicLetterhead,
    ) -> Result<ClinicSettings, CommandError> {
        let ClinicLetterhead { name, lines, picture } = letterhead;
        let letterhead = Letterhead { lines, picture: self.shown_picture(session, picture)? };
        let may_edit = session.member().role == Role::Admin && !session.read_only;
        Ok(ClinicSettings { name, letterhead, may_edit })
    }

    fn signature_settings(
        &self,
        session: &OpenSession,
        own: OwnSignature,
    ) -> Result<SignatureSettings, CommandError> {
        let block = match own.block {
            Some(SignerBlock { name, line, licence, phone, picture }) => {
                let picture = self.shown_picture(session, picture)?;
                Some(SignatureBlock { name, line, licence, phone, picture })
            }
            None => None,
        };
        Ok(SignatureSettings { block, signs: own.signs, signs_since: None })
    }

    fn shown_picture(
        &self,
        session: &OpenSession,
        picture: Option<ReportPicture>,
    ) -> Result<Option<Picture>, CommandError> {
        picture.map(|picture| self.keep_picture(session, picture.file)).transpose()
    }
}

fn chosen_picture(
    session: &OpenSession,
    handle: Option<&str>,
) -> Result<Option<ReportPicture>, CommandError> {
    handle.map(|handle| Ok(ReportPicture { file: session.picture(handle)?.0 })).transpose()
}

/// What the cloud answers; `None` if it does not in time. Not asked while it is known not to answer.
pub(super) async fn ask<T>(
    session: &OpenSession,
    call: impl Future<Output = Result<T, ClientError>>,
) -> Result<Option<T>, CommandError> {
    if session.is_offline() {
        return Ok(None);
    }
    let Ok(answer) = tokio::time::timeout(ANSWER_TIMEOUT, call).await else { return Ok(None) };
    match answer.map_err(CommandError::from) {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if matches!(error.code, CommandErrorCode::Offline | CommandErrorCode::Unavailable) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
