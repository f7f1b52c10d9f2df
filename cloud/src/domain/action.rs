//! What can be requested over HTTP, and who may. Each route names one of these.

use maneiro_api::account::Role;

/// Something that an actor does. Its name is part of the OpenAPI document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Read the own account and what is left of the clinic's plan.
    ReadCurrentUser,
    /// End the session that is used.
    EndSession,
    /// Prove the second factor, or enrol one while the clinic requires it.
    ProveSecondFactor,
    /// Replace recovery codes, remove the second factor.
    ManageSecondFactor,
    ChangePassword,
    /// Have another e-mail address.
    ChangeEmail,
    /// Close the own account.
    CloseAccount,
    /// See what became of mails to the own address.
    ReadOwnMails,
    /// Read the own sessions.
    ReadSessions,
    /// End own sessions, this one or others.
    EndSessions,
    /// Read the list of the clinic's members.
    ReadMembers,
    /// Change and remove members.
    ManageMembers,
    /// Invite, send an invitation again, revoke it, read the list of them.
    ManageInvitations,
    LeaveClinic,
    /// Read what the clinic requires and permits.
    ReadPolicy,
    ManagePolicy,
    /// Read the list of the own clinics.
    ReadOwnClinics,
    /// Act in another of the own clinics.
    SwitchClinic,
    CreateRecord,
    /// Read records and the list of their documents.
    ReadRecord,
    /// Change a record's title and fields.
    UpdateRecord,
    /// Add a document to a record, with its pages and its original.
    AddDocument,
    /// Delete a record with all that belongs to it.
    DeleteRecord,
    ReadPage,
    /// Request an analysis or retry a job.
    CreateJob,
    ReadJob,
    CancelJob,
    ReadAnalysis,
    /// Change statements of an analysis.
    EditAnalysis,
    /// Create a report, which leaves the clinic.
    CreateReport,
    /// Sign a report.
    SignReport,
    /// Read the clinic's letterhead.
    ReadLetterhead,
    /// Change the clinic's name and letterhead.
    ManageLetterhead,
    /// Read and change what stands below the own signature.
    ManageOwnSignature,
    /// See and end the sessions in which operators act as members.
    ManageSupportSessions,
    /// Read what plans there are, and what is left of the clinic's.
    ReadLimits,
    /// Read the clinic's subscription, invoices and use.
    ReadSubscription,
    /// Buy, change and cancel.
    ManageSubscription,
    /// Choose which mails one gets.
    ChooseMails,
    /// Act as a member of a clinic.
    StartSupportSession,
    /// End the operator's own session.
    EndOperatorSession,
    /// Prove the operator's second factor, or enrol one.
    ProveOperatorSecondFactor,
}

/// Who may do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    pub who: PermittedActor,
    pub level: RequiredLevel,
    pub concern: Concern,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PermittedActor {
    /// Members of a clinic with one of these roles.
    Members(&'static [Role]),
    /// Operators of the platform.
    Operators,
}

/// How the session must have begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RequiredLevel {
    /// With the password at least: for half sessions too.
    Password,
    /// With a second factor if the clinic requires one or the user has one.
    ClinicPolicy,
    /// With a second factor.
    SecondFactor,
}

/// What something is about. An operator who acts as a member does what concerns operation only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concern {
    Operation,
    PatientContent,
    Security,
    Money,
}

const ALL: PermittedActor = PermittedActor::Members(&[Role::Admin, Role::Doctor, Role::Assistant]);
/// An assistant prepares everything for a doctor and reads what comes of it, but makes nothing that is handed out. This is
/// about what leaves under the clinic's name: whoever can read can also copy.
const DOCTORS: PermittedActor = PermittedActor::Members(&[Role::Admin, Role::Doctor]);
const ADMINS: PermittedActor = PermittedActor::Members(&[Role::Admin]);
const OPERATORS: PermittedActor = PermittedActor::Operators;

impl Action {
    /// All actions, in the order of the table.
    pub const ALL: [Self; 42] = [
        Self::ReadCurrentUser,
        Self::EndSession,
        Self::ProveSecondFactor,
        Self::ManageSecondFactor,
        Self::ChangePassword,
        Self::ChangeEmail,
        Self::CloseAccount,
        Self::ReadOwnMails,
        Self::ReadSessions,
        Self::EndSessions,
        Self::ReadMembers,
        Self::ManageMembers,
        Self::ManageInvitations,
        Self::LeaveClinic,
        Self::ReadPolicy,
        Self::ManagePolicy,
        Self::ReadOwnClinics,
        Self::SwitchClinic,
        Self::CreateRecord,
        Self::ReadRecord,
        Self::UpdateRecord,
        Self::AddDocument,
        Self::DeleteRecord,
        Self::ReadPage,
        Self::CreateJob,
        Self::ReadJob,
        Self::CancelJob,
        Self::ReadAnalysis,
        Self::EditAnalysis,
        Self::CreateReport,
        Self::SignReport,
        Self::ReadLetterhead,
        Self::ManageLetterhead,
        Self::ManageOwnSignature,
        Self::ManageSupportSessions,
        Self::ReadLimits,
        Self::ReadSubscription,
        Self::ManageSubscription,
        Self::ChooseMails,
        Self::StartSupportSession,
        Self::EndOperatorSession,
        Self::ProveOperatorSecondFactor,
    ];

    /// Who may do this.
    #[must_use]
    pub const fn permission(self) -> Permission {
        use Concern::{Money, Operation, PatientContent, Security};
        use RequiredLevel::{ClinicPolicy, Password, SecondFactor};
        let (who, level, concern) = match self {
            Self::ReadCurrentUser => (ALL, ClinicPolicy, Operation),
            Self::EndSession => (ALL, Password, Operation),
            Self::ProveSecondFactor => (ALL, Password, Security),
            Self::ManageSecondFactor => (ALL, SecondFactor, Security),
            Self::ChangePassword => (ALL, ClinicPolicy, Security),
            Self::ChangeEmail => (ALL, ClinicPolicy, Security),
            Self::CloseAccount => (ALL, ClinicPolicy, Security),
            Self::ReadOwnMails => (ALL, ClinicPolicy, Security),
            Self::ReadSessions => (ALL, ClinicPolicy, Security),
            Self::EndSessions => (ALL, ClinicPolicy, Security),
            Self::ReadMembers => (ALL, ClinicPolicy, Operation),
            Self::ManageMembers => (ADMINS, ClinicPolicy, Security),
            Self::ManageInvitations => (ADMINS, ClinicPolicy, Security),
            Self::LeaveClinic => (ALL, ClinicPolicy, Security),
            Self::ReadPolicy => (ALL, ClinicPolicy, Operation),
            Self::ManagePolicy => (ADMINS, ClinicPolicy, Security),
            Self::ReadOwnClinics => (ALL, ClinicPolicy, Security),
            Self::SwitchClinic => (ALL, ClinicPolicy, Security),
            Self::CreateRecord => (ALL, ClinicPolicy, PatientContent),
            Self::ReadRecord => (ALL, ClinicPolicy, PatientContent),
            Self::UpdateRecord => (ALL, ClinicPolicy, PatientContent),
            Self::AddDocument => (ALL, ClinicPolicy, PatientContent),
            Self::DeleteRecord => (DOCTORS, ClinicPolicy, PatientContent),
            Self::ReadPage => (ALL, ClinicPolicy, PatientContent),
            Self::CreateJob => (ALL, ClinicPolicy, Operation),
            Self::ReadJob => (ALL, ClinicPolicy, Operation),
            Self::CancelJob => (ALL, ClinicPolicy, Operation),
            Self::ReadAnalysis => (ALL, ClinicPolicy, PatientContent),
            Self::EditAnalysis => (ALL, ClinicPolicy, PatientContent),
            Self::CreateReport => (DOCTORS, ClinicPolicy, PatientContent),
            // And whoever an admin has said may sign: that is asked where it is done.
            Self::SignReport => (DOCTORS, ClinicPolicy, PatientContent),
            Self::ReadLetterhead => (ALL, ClinicPolicy, Operation),
            Self::ManageLetterhead => (ADMINS, ClinicPolicy, Security),
            Self::ManageOwnSignature => (ALL, ClinicPolicy, Security),
            Self::ManageSupportSessions => (ADMINS, ClinicPolicy, Security),
            Self::ReadLimits => (ALL, ClinicPolicy, Operation),
            Self::ReadSubscription => (ADMINS, ClinicPolicy, Money),
            Self::ManageSubscription => (ADMINS, ClinicPolicy, Money),
            Self::ChooseMails => (ADMINS, ClinicPolicy, Operation),
            Self::StartSupportSession => (OPERATORS, SecondFactor, Operation),
            Self::EndOperatorSession => (OPERATORS, Password, Operation),
            Self::ProveOperatorSecondFactor => (OPERATORS, Password, Security),
        };
        Permission { who, level, concern }
    }
}
