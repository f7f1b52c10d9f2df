//! The people of the clinic, the invitations to it, and what it requires of them.

use maneiro_api::{
    InvitationId, UserId,
    account::Role,
    member::{HandOver, Invitation, Member, UpdateMember},
    policy::ClinicPolicy,
};
use maneiro_core::desktop::Desktop;
use serde::Deserialize;
use tauri::State;

use super::CommandResult;

#[derive(Deserialize)]
pub(crate) struct MemberChange {
    user: UserId,
    role: Option<Role>,
    signs: Option<bool>,
}

#[derive(Deserialize)]
pub(crate) struct MemberRemoval {
    user: UserId,
    records_to: Option<UserId>,
}

#[derive(Deserialize)]
pub(crate) struct InvitedAddress {
    email: String,
    role: Role,
    signs: bool,
}

#[derive(Deserialize)]
pub(crate) struct NamedInvitation {
    invitation: InvitationId,
}

#[tauri::command]
pub(crate) async fn members(desktop: State<'_, Desktop>) -> CommandResult<Vec<Member>> {
    desktop.members().await
}

#[tauri::command]
pub(crate) async fn update_member(desktop: State<'_, Desktop>, input: MemberChange) -> CommandResult<Member> {
    let update = UpdateMember { role: input.role, signs: input.signs };
    desktop.update_member(input.user, &update).await
}

#[tauri::command]
pub(crate) async fn remove_member(desktop: State<'_, Desktop>, input: MemberRemoval) -> CommandResult<()> {
    desktop.remove_member(input.user, &HandOver { records_to: input.records_to }).await
}

#[tauri::command]
pub(crate) async fn leave_clinic(desktop: State<'_, Desktop>, input: HandOver) -> CommandResult<()> {
    desktop.leave_clinic(&input).await
}

#[tauri::command]
pub(crate) async fn invitations(desktop: State<'_, Desktop>) -> CommandResult<Vec<Invitation>> {
    desktop.invitations().await
}

#[tauri::command]
pub(crate) async fn create_invitation(
    desktop: State<'_, Desktop>,
    input: InvitedAddress,
) -> CommandResult<Invitation> {
    desktop.create_invitation(input.email, input.role, input.signs).await
}

#[tauri::command]
pub(crate) async fn resend_invitation(
    desktop: State<'_, Desktop>,
    input: NamedInvitation,
) -> CommandResult<Invitation> {
    desktop.resend_invitation(input.invitation).await
}

#[tauri::command]
pub(crate) async fn revoke_invitation(
    desktop: State<'_, Desktop>,
    input: NamedInvitation,
) -> CommandResult<()> {
    desktop.revoke_invitation(input.invitation).await
}

#[tauri::command]
pub(crate) async fn policy(desktop: State<'_, Desktop>) -> CommandResult<ClinicPolicy> {
    desktop.policy().await
}

#[tauri::command]
pub(crate) async fn save_policy(
    desktop: State<'_, Desktop>,
    input: ClinicPolicy,
) -> CommandResult<ClinicPolicy> {
    desktop.save_policy(&input).await
}
