//! The contract in TypeScript.

use ts_rs::{Config, TS};

use super::{account, billing, common, events, pages, records, report, review, session, settings};

const HEADER: &str =
    "/** The types of `desktop/core/src/contract`, written by `target/debug/window-types write`. */

/** Ids are `rec_` and 32 hexadecimal digits. The window never looks inside one. */
export type RecordId = string;
export type DocumentId = string;
export type JobId = string;
export type AnalysisId = string;
export type UserId = string;
export type OrgId = string;
export type InvitationId = string;
export type StatementId = string;

/** RFC 3339. */
export type Timestamp = string;
/** Such as `2024-03-12`. */
export type Day = string;
";

/// The declarations of all types of the contract, as one module.
#[must_use]
pub fn declarations() -> String {
    let mut module = HEADER.to_owned();
    let config = Config::default();
    macro_rules! declare {
        ($($type:ty),* $(,)?) => {
            $(
                module.push('\n');
                if let Some(docs) = <$type>::docs() {
                    module.push_str(docs.trim_end());
                    module.push('\n');
                }
                module.push_str("export ");
                module.push_str(&<$type>::decl(&config));
                module.push('\n');
            )*
        };
    }
    declare!(
        maneiro_page::BBox,
        maneiro_page::LineRole,
        maneiro_api::account::Role,
        maneiro_api::account::SecondFactorStep,
        maneiro_api::analysis::Assertion,
        maneiro_api::analysis::Generator,
        maneiro_api::analysis::LabFlag,
        maneiro_api::analysis::ModelFailure,
        maneiro_api::analysis::ExpectedTopic,
        maneiro_api::job::JobErrorCode,
        maneiro_api::job::JobState,
        maneiro_api::member::Member,
        maneiro_api::member::InvitationState,
        maneiro_api::member::Invitation,
        maneiro_api::member::OfferedMembership,
        maneiro_api::member::OwnClinic,
        maneiro_api::policy::ClinicPolicy,
        maneiro_api::second_factor::SecondFactorStatus,
        maneiro_api::error::PlanLimit,
        maneiro_api::subscription::SubscriptionState,
        maneiro_api::subscription::BillingInterval,
        maneiro_api::subscription::PlanFeature,
        maneiro_api::subscription::LimitUse,
        maneiro_api::subscription::PlanOffer,
        maneiro_api::subscription::AddOnOffer,
        maneiro_api::subscription::PlanOffers,
        maneiro_api::subscription::ScheduledPlan,
        maneiro_api::subscription::SubscriptionStatus,
        maneiro_api::subscription::SubscriptionOrder,
        maneiro_api::subscription::ChangeTime,
        maneiro_api::subscription::ChangePreview,
        maneiro_api::subscription::InvoiceStatus,
        maneiro_api::subscription::MonthUse,
        maneiro_api::subscription::PersonUse,
        maneiro_api::subscription::UsageReport,
        common::CommandErrorCode,
        common::CommandError,
        session::PlanUsage,
        session::SignedInMember,
        session::KeychainFaultReason,
        session::KeychainFault,
        session::LockReason,
        session::SessionState,
        account::Enrolment,
        account::AccountSession,
        billing::ListedInvoice,
        billing::InvoiceForm,
        session::ServerChoice,
        session::ColorScheme,
        session::WindowLanguage,
        session::PreferredReportLanguage,
        session::Preferences,
        session::Platform,
        session::StartState,
        records::RecordState,
        records::RecordFields,
        records::ReadingState,
        records::RecordReading,
        records::RecordOwner,
        records::LockedFile,
        records::RecordSummary,
        records::OwnerCount,
        records::RecordCounts,
        records::RecordList,
        records::FileState,
        records::FileFault,
        records::RecordFile,
        records::PageFault,
        records::UnreadPage,
        records::EncounterRow,
        records::StatementCounts,
        records::FirstPage,
        records::RecordDetail,
        records::OfferedFile,
        records::OutboxWork,
        records::OutboxItem,
        records::OutboxContent,
        records::IntakeShape,
        pages::PageState,
        pages::PageInfo,
        pages::ShownWord,
        pages::NotUnderstood,
        pages::ShownLine,
        pages::ShownPage,
        pages::WordPosition,
        pages::WordRange,
        pages::SearchHit,
        pages::SearchHits,
        review::StatementSection,
        review::QuotePlace,
        review::ReviewCitation,
        review::StatementDetails,
        review::ReviewState,
        review::StatementVersion,
        review::EditConflict,
        review::WeakWord,
        review::LastChange,
        review::ReviewStatement,
        review::UnusedPageReason,
        review::UnusedPage,
        review::UnusedLine,
        review::AnalysisRun,
        review::AnalysisWindow,
        review::UndoState,
        review::Review,
        review::ChangedPages,
        review::ReviewRecord,
        review::ReviewChange,
        review::ChangeKind,
        review::ChangeOutcome,
        review::HistoryKind,
        review::HistoryEntry,
        report::ReportForm,
        report::ReportLanguage,
        report::ReportOptions,
        report::ReportLink,
        report::ReportPage,
        report::BeforeSigning,
        report::PrintedBlock,
        report::PaperSize,
        report::FormPages,
        report::SignedVersion,
        report::SigningBar,
        report::SigningRight,
        report::ReportPreview,
        report::SavedReportFormat,
        report::PrintPath,
        report::PrintOutcome,
        report::SavedFile,
        settings::Picture,
        settings::Letterhead,
        settings::ClinicSettings,
        settings::SignatureBlock,
        settings::SignatureSettings,
        settings::Licence,
        settings::AboutServer,
        settings::AboutComponent,
        settings::About,
        settings::BundleFile,
        settings::SupportBundle,
        events::WindowPoint,
        events::OfferPath,
        events::ShellEvent,
    );
    module
}
