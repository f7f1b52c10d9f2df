//! The clinic's letterhead and the signature blocks of its members.

use maneiro_api::{
    UserId,
    branding::{ClinicLetterhead, OwnSignature, ReportPicture, SignerBlock},
    seal::associated_data,
};
use serde_json::json;

use super::{clinic_keys, sealing};
use crate::{
    domain::{
        actor::OrgActor,
        audit::AuditAction,
        branding::{parse_block, parse_letterhead},
        error::Error,
        picture::{PictureUse, redraw},
    },
    state::{App, clinic_keys::ClinicKeys},
    store::{OrgTx, accounts, audit, branding},
};

/// The head of the clinic's reports.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn letterhead(app: &App, who: &OrgActor) -> Result<ClinicLetterhead, Error> {
    let key = clinic_keys::load(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    let letterhead = current_letterhead(&mut tx, who, &key).await?;
    tx.commit().await?;
    Ok(letterhead)
}

pub(super) async fn current_letterhead(
    tx: &mut OrgTx,
    who: &OrgActor,
    key: &ClinicKeys,
) -> Result<ClinicLetterhead, Error> {
    let name = accounts::clinic_name(tx).await?;
    let Some(sealed) = branding::letterhead(tx).await? else {
        return Ok(ClinicLetterhead { name, lines: Vec::new(), picture: None });
    };
    let stored: ClinicLetterhead = sealing::open_json(key, &associated_data::letterhead(who.org()), &sealed)?;
    Ok(ClinicLetterhead { name, ..stored })
}

/// Changes the clinic's name and the head of its reports.
///
/// # Errors
/// `InvalidInput` with every invalid field; `Unavailable` if too many pictures are being decoded.
pub async fn set_letterhead(
    app: &App,
    who: &OrgActor,
    input: ClinicLetterhead,
) -> Result<ClinicLetterhead, Error> {
    let (name, letterhead) = parse_letterhead(&input)?;
    let picture = redraw_picture(app, input.picture, PictureUse::Letterhead).await?;
    let letterhead = ClinicLetterhead { picture, ..letterhead };
    let key = clinic_keys::load(app, who).await?;
    let associated_data = associated_data::letterhead(who.org());
    let sealed = sealing::seal_json(&key, app.random_bytes(), &associated_data, &letterhead);

    let mut tx = app.db.begin_org(who).await?;
    accounts::rename_clinic(&mut tx, &name).await?;
    branding::set_letterhead(&mut tx, &sealed, app.now()).await?;
    let event = app
        .audit_event(AuditAction::LetterheadChanged, Some(who.org().uuid()))
        .with_details(json!({ "lines": letterhead.lines.len(), "picture": letterhead.picture.is_some() }));
    audit::append(&mut tx, &event).await?;
    tx.commit().await?;
    Ok(letterhead)
}

/// What stands below the actor's signature, and whether they sign.
///
/// # Errors
/// `PermissionDenied` if a worker acts.
pub async fn own_signature(app: &App, who: &OrgActor) -> Result<OwnSignature, Error> {
    let (user, _) = who.require_member()?;
    let key = clinic_keys::load(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    let signs = accounts::identity(&mut tx, user).await?.signs;
    let block = signature_block(&mut tx, who, &key, user).await?;
    tx.commit().await?;
    Ok(OwnSignature { signs, block })
}

pub(super) async fn signature_block(
    tx: &mut OrgTx,
    who: &OrgActor,
    key: &ClinicKeys,
    user: UserId,
) -> Result<Option<SignerBlock>, Error> {
    let Some(sealed) = branding::signature_block(tx, user).await? else { return Ok(None) };
    sealing::open_json(key, &associated_data::signature_block(who.org(), user), &sealed).map(Some)
}

/// Changes what stands below the actor's signature.
///
/// # Errors
/// `InvalidInput` with every invalid field; `Unavailable` if too many pictures are being decoded.
pub async fn set_own_signature(app: &App, who: &OrgActor, input: SignerBlock) -> Result<OwnSignature, Error> {
    let (user, _) = who.require_member()?;
    let block = parse_block(&input)?;
    let picture = redraw_picture(app, input.picture, PictureUse::Signature).await?;
    let block = SignerBlock { picture, ..block };
    let key = clinic_keys::load(app, who).await?;
    let associated_data = associated_data::signature_block(who.org(), user);
    let sealed = sealing::seal_json(&key, app.random_bytes(), &associated_data, &block);

    let mut tx = app.db.begin_org(who).await?;
    let signs = accounts::identity(&mut tx, user).await?.signs;
    branding::set_signature_block(&mut tx, user, &sealed, app.now()).await?;
    let event = app
        .audit_event(AuditAction::SignatureBlockChanged, Some(user.uuid()))
        .with_details(json!({ "picture": block.picture.is_some() }));
    audit::append(&mut tx, &event).await?;
    tx.commit().await?;
    Ok(OwnSignature { signs, block: Some(block) })
}

/// The picture that is kept of a file.
async fn redraw_picture(
    app: &App,
    picture: Option<ReportPicture>,
    purpose: PictureUse,
) -> Result<Option<ReportPicture>, Error> {
    let Some(picture) = picture else { return Ok(None) };
    // Decoding a large picture takes a part of a second and a core, as typesetting a report does.
    let drawn = app.typesetting.run(move || redraw(&picture.file, purpose)).await?;
    let file = drawn.map_err(|message| Error::invalid_field("picture.file", message))?;
    Ok(Some(ReportPicture { file }))
}
