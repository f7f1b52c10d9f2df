//! The members of a clinic, the invitations to it, and the clinics of a user.

use axum::{Json, extract::State};
use http::StatusCode;
use maneiro_api::{
    InvitationId, UserId,
    account::LoginResponse,
    member::{
        AcceptInvitation, CreateInvitation, HandOver, Invitation, Member, OfferedMembership, OwnClinic,
        SwitchClinic, UpdateMember, ViewInvitation,
    },
    record::List,
};

use super::{
    caller::{Caller, Origin},
    error_response::ErrorResponse,
    extract::{JsonBody, PathParams},
};
use crate::{
    app::{clinics, invitations, members},
    state::App,
};

/// List the members of the clinic, by name
///
/// Only an admin sees when they were last seen, whether they have a second factor, and how many records are theirs.
#[utoipa::path(get, path = "", tag = "members", operation_id = "list_members",
    responses((status = 200, description = "All members.", body = List<Member>)))]
pub(super) async fn list(
    State(app): State<App>,
    Caller(who): Caller,
) -> Result<Json<List<Member>>, ErrorResponse> {
    Ok(Json(members::list(&app, &who).await?))
}

/// Change a member's role, or whether they sign
///
/// Takes effect in their open sessions within a second. The last admin stays one.
#[utoipa::path(patch, path = "", tag = "members", operation_id = "update_member", request_body = UpdateMember,
    responses((status = 200, description = "The member as they are now.", body = Member)))]
pub(super) async fn update(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(user): PathParams<UserId>,
    JsonBody(input): JsonBody<UpdateMember>,
) -> Result<Json<Member>, ErrorResponse> {
    Ok(Json(members::update(&app, &who, user, &input).await?))
}

/// Remove a member
///
/// Their sessions in the clinic end within a second; their records are handed over or kept. The last admin stays.
#[utoipa::path(post, path = "", tag = "members", operation_id = "remove_member", request_body = HandOver,
    responses((status = 204, description = "They are no longer a member.")))]
pub(super) async fn remove(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(user): PathParams<UserId>,
    JsonBody(input): JsonBody<HandOver>,
) -> Result<StatusCode, ErrorResponse> {
    members::remove(&app, &who, user, &input).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Leave the clinic
#[utoipa::path(post, path = "", tag = "members", operation_id = "leave_clinic", request_body = HandOver,
    responses((status = 204, description = "The user is no longer a member; the session has ended.")))]
pub(super) async fn leave(
    State(app): State<App>,
    Caller(who): Caller,
    JsonBody(input): JsonBody<HandOver>,
) -> Result<StatusCode, ErrorResponse> {
    members::leave(&app, &who, &input).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Invite an address to the clinic
#[utoipa::path(post, path = "", tag = "members", operation_id = "create_invitation", request_body = CreateInvitation,
    responses((status = 201, description = "A mail is on its way.", body = Invitation)))]
pub(super) async fn invite(
    State(app): State<App>,
    Caller(who): Caller,
    JsonBody(input): JsonBody<CreateInvitation>,
) -> Result<(StatusCode, Json<Invitation>), ErrorResponse> {
    Ok((StatusCode::CREATED, Json(invitations::create(&app, &who, &input).await?)))
}

/// List the invitations that were neither accepted nor revoked, newest first
#[utoipa::path(get, path = "", tag = "members", operation_id = "list_invitations",
    responses((status = 200, description = "Also those whose time is over.", body = List<Invitation>)))]
pub(super) async fn list_invitations(
    State(app): State<App>,
    Caller(who): Caller,
) -> Result<Json<List<Invitation>>, ErrorResponse> {
    Ok(Json(invitations::list(&app, &who).await?))
}

/// Send an invitation again, for another seven days
///
/// The secret of the earlier mail ends.
#[utoipa::path(post, path = "", tag = "members", operation_id = "resend_invitation",
    responses((status = 200, description = "A mail is on its way.", body = Invitation)))]
pub(super) async fn resend(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(invitation): PathParams<InvitationId>,
) -> Result<Json<Invitation>, ErrorResponse> {
    Ok(Json(invitations::resend(&app, &who, invitation).await?))
}

/// Revoke an invitation
#[utoipa::path(delete, path = "", tag = "members", operation_id = "revoke_invitation",
    responses((status = 204, description = "It can no longer be accepted.")))]
pub(super) async fn revoke(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(invitation): PathParams<InvitationId>,
) -> Result<StatusCode, ErrorResponse> {
    invitations::revoke(&app, &who, invitation).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// See what an invitation offers
#[utoipa::path(post, path = "", tag = "auth", operation_id = "view_invitation", request_body = ViewInvitation,
    responses((status = 200, description = "It can be accepted.", body = OfferedMembership)))]
pub(super) async fn view_invitation(
    State(app): State<App>,
    JsonBody(input): JsonBody<ViewInvitation>,
) -> Result<Json<OfferedMembership>, ErrorResponse> {
    Ok(Json(invitations::view(&app, &input).await?))
}

/// Accept an invitation
///
/// With the password of the address's account, or with the name and password of a new one. A second factor of the account or of the
/// clinic is asked for as at any sign-in.
#[utoipa::path(post, path = "", tag = "auth", operation_id = "accept_invitation", request_body = AcceptInvitation,
    responses((status = 200, description = "A member, and signed in.", body = LoginResponse)))]
pub(super) async fn accept_invitation(
    State(app): State<App>,
    Origin(origin): Origin,
    JsonBody(input): JsonBody<AcceptInvitation>,
) -> Result<Json<LoginResponse>, ErrorResponse> {
    Ok(Json(invitations::accept(&app, input, origin).await?))
}

/// List the clinics of the user, by name
#[utoipa::path(get, path = "", tag = "auth", operation_id = "list_own_clinics",
    responses((status = 200, description = "All clinics that the user is a member of.", body = List<OwnClinic>)))]
pub(super) async fn list_own_clinics(
    State(app): State<App>,
    Caller(who): Caller,
) -> Result<Json<List<OwnClinic>>, ErrorResponse> {
    Ok(Json(clinics::list(&app, &who).await?))
}

/// Act in another clinic
///
/// The session is replaced; the token that was used ends. A clinic that requires more than the session has proved has it asked
/// then.
#[utoipa::path(post, path = "", tag = "auth", operation_id = "switch_clinic", request_body = SwitchClinic,
    responses((status = 200, description = "The session in the other clinic.", body = LoginResponse)))]
pub(super) async fn switch_clinic(
    State(app): State<App>,
    Caller(who): Caller,
    JsonBody(input): JsonBody<SwitchClinic>,
) -> Result<Json<LoginResponse>, ErrorResponse> {
    Ok(Json(clinics::switch(&app, &who, &input).await?))
}
