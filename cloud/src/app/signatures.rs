//! Signs reports and keeps what was signed. A signed report never changes; a correction is signed as the next version.

use maneiro_api::{
    AnalysisId, ErrorCode, RecordId,
    record::List,
    seal::associated_data,
    signature::{ReportSignature, SignReport, SignedContent, SignedReport},
};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use time::Duration;

use super::{branding, clinic_keys, own_password, plan_limits, sealing};
use crate::{
    domain::{
        actor::OrgActor,
        audit::AuditAction,
        error::{Error, Resource},
        plan::Feature,
        report_options::check_options,
        validation::{FieldErrors, Title},
    },
    state::App,
    store::{self, OrgTx, accounts, audit, sessions, signed_reports},
};

/// How long a session that was given the password may sign without it.
const PASSWORD_HOLDS: Duration = Duration::minutes(15);

/// Signs the report of an analysis as the signer was shown it. The same report signed again by the same person is the same
/// signature, and whether it is a new one is answered with it.
///
/// # Errors
/// `NotFound` if the clinic has no such analysis; `InvalidInput` with every invalid field, or of `password` if it is wrong;
/// `PasswordRequired`; `Conflict` if the member does not sign or has no block, the analysis was edited since `revision`, or the
/// clinic is suspended.
pub async fn sign(
    app: &App,
    who: &OrgActor,
    id: AnalysisId,
    input: SignReport,
) -> Result<(ReportSignature, bool), Error> {
    let (user, session) = who.require_member()?;
    let mut errors = FieldErrors::default();
    let title = errors.check("title", Title::parse(&input.title));
    check_options(&mut errors, |option| format!("options.{option}"), &input.options);
    let Some(title) = title else { return Err(errors.into_error()) };
    errors.finish()?;
    if let Some(password) = &input.password {
        let failure = AuditAction::PasswordCheckFailed;
        own_password::require(app, who, user, password, "password", failure).await?;
    }
    let key = clinic_keys::load(app, who).await?;
    let signed_at = app.now();

    let mut tx = app.db.begin_org(who).await?;
    let record = store::analyses::find_origin(&mut tx, id).await?.record;
    if input.analysis.id != id || input.analysis.record != record {
        return Err(Error::invalid_field("analysis", "is another analysis than that of the path"));
    }
    let identity = accounts::identity(&mut tx, user).await?;
    if !identity.signs {
        return Err(Error::Conflict(ErrorCode::NotASigner));
    }
    let entitlements = plan_limits::current(app, &mut tx).await?;
    if entitlements.is_suspended() {
        return Err(Error::Conflict(ErrorCode::SubscriptionConflict));
    }
    let block = branding::signature_block(&mut tx, who, &key, user).await?;
    let block = block.ok_or(Error::Conflict(ErrorCode::NoSignatureBlock))?;
    match input.password {
        Some(_) => sessions::set_password_given(&mut tx, session, signed_at).await?,
        None => {
            let given_at = sessions::password_given_at(&mut tx, session).await?;
            if given_at.is_none_or(|given_at| signed_at - given_at > PASSWORD_HOLDS) {
                return Err(Error::PasswordRequired);
            }
        }
    }
    // Also locks the record, so that no edit comes between what is compared here and what is stored, and versions take turns.
    store::records::touch(&mut tx, record, signed_at).await?;
    if store::edits::last_number(&mut tx, id).await? != input.revision {
        return Err(Error::Conflict(ErrorCode::AnalysisChanged));
    }
    let letterhead = if input.options.letterhead && entitlements.has(Feature::LetterheadReport) {
        Some(branding::current_letterhead(&mut tx, who, &key).await?)
    } else {
        None
    };
    let form = input.options.form;
    let content = SignedContent {
        title: title.as_str().to_owned(),
        options: input.options,
        letterhead,
        block,
        analysis: input.analysis,
    };
    let json = serde_json::to_string(&content).expect("wire types have string keys only");
    let sha256: [u8; 32] = Sha256::digest(&json).into();
    let earlier = signed_reports::list(&mut tx, record).await?;
    if let Some(last) = earlier.first()
        && last.signer == user
        && last.sha256 == hex::encode(sha256)
    {
        // An answer that was lost; the password may have been given with it.
        let known = last.clone();
        tx.commit().await?;
        return Ok((known, false));
    }
    let signature = ReportSignature {
        version: earlier.first().map_or(0, |last| last.version) + 1,
        analysis: id,
        revision: input.revision,
        form,
        signer: user,
        signer_name: Some(identity.name),
        signed_at,
        sha256: hex::encode(sha256),
    };
    let associated_data = associated_data::signed_report(record, signature.version);
    let sealed = sealing::seal_text(app, &key, &associated_data, &json);
    signed_reports::insert(&mut tx, record, &signature, sha256, &sealed).await?;
    let event = app.audit_event(AuditAction::ReportSigned, Some(id.uuid())).with_details(json!({
        "version": signature.version,
        "revision": signature.revision,
        "form": signature.form,
        "sha256": signature.sha256,
    }));
    audit::append(&mut tx, &event).await?;
    tx.commit().await?;
    Ok((signature, true))
}

/// The signatures of a record's reports, newest first.
///
/// # Errors
/// `NotFound` if the clinic has no such record.
pub async fn list(app: &App, who: &OrgActor, record: RecordId) -> Result<List<ReportSignature>, Error> {
    let mut tx = app.db.begin_org(who).await?;
    let items = find_all(&mut tx, record).await?;
    tx.commit().await?;
    Ok(List { items, next_cursor: None })
}

async fn find_all(tx: &mut OrgTx, record: RecordId) -> Result<Vec<ReportSignature>, Error> {
    store::records::find(tx, record).await?;
    signed_reports::list(tx, record).await
}

/// A signed report, which is audited.
///
/// # Errors
/// `NotFound` if the clinic has no such record, or it has no such version; `Damaged` if it is not what was signed.
pub async fn get(app: &App, who: &OrgActor, record: RecordId, version: u32) -> Result<SignedReport, Error> {
    let key = clinic_keys::load(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    let all = find_all(&mut tx, record).await?;
    let not_found = || Error::NotFound(Resource::SignedReport);
    let signature = all.into_iter().find(|known| known.version == version).ok_or_else(not_found)?;
    let sealed = signed_reports::content(&mut tx, record, version).await?.ok_or_else(not_found)?;
    let event = app
        .audit_event(AuditAction::SignedReportRead, Some(signature.analysis.uuid()))
        .with_details(json!({ "version": version }));
    audit::append(&mut tx, &event).await?;
    tx.commit().await?;
    let json = sealing::open_text(&key, &associated_data::signed_report(record, version), &sealed)?;
    if hex::encode(Sha256::digest(&json)) != signature.sha256 {
        return Err(Error::damaged(anyhow::anyhow!("a signed report does not have its digest")));
    }
    // The parser's message may repeat content, so it is dropped.
    let content: SignedContent = serde_json::from_str(&json)
        .map_err(|_| Error::damaged(anyhow::anyhow!("a signed report cannot be parsed")))?;
    Ok(SignedReport { signature, content })
}
