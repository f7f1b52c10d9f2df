//! The door: server, clinic, sign-in, lock, keychain. The token and the store's key never cross.

use maneiro_api::{
    OrgId, UserId,
    account::{Me, Role, SecondFactorStep},
    member::OwnClinic,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::common::Timestamp;

/// A clinic's plan and how much of it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "Usage")]
pub struct PlanUsage {
    pub plan: String,
    pub trial_ends_at: Option<Timestamp>,
    pub analyses_used: u32,
    pub analyses_limit: Option<u32>,
    pub resets_at: Timestamp,
}

/// Who is signed in, and the clinic the session acts in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "Me")]
pub struct SignedInMember {
    pub user: UserId,
    pub name: String,
    pub email: String,
    pub organization: OrgId,
    pub clinic: String,
    pub role: Role,
    /// Whether this member may sign reports.
    pub signs: bool,
    /// Minutes without a key or a pointer after which the window locks itself.
    pub idle_minutes: u32,
    pub usage: PlanUsage,
}

impl From<Me> for SignedInMember {
    fn from(me: Me) -> Self {
        let usage = PlanUsage {
            plan: me.usage.plan,
            trial_ends_at: me.usage.trial_ends_at.map(Timestamp),
            analyses_used: me.usage.analyses_used,
            analyses_limit: me.usage.analyses_limit,
            resets_at: Timestamp(me.usage.resets_at),
        };
        Self {
            user: me.user,
            name: me.name,
            email: me.email,
            organization: me.organization,
            clinic: me.clinic,
            role: me.role,
            signs: me.signs,
            idle_minutes: me.idle_minutes,
            usage,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KeychainFaultReason {
    NoService,
    NoAnswer,
    Denied,
    NotKept,
}

/// Why the keychain is refused. `number` is what a user can quote: `KEYCHAIN-02`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct KeychainFault {
    pub number: String,
    pub reason: KeychainFaultReason,
    /// How long was waited, for `no_answer`.
    pub seconds: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LockReason {
    Idle,
    Key,
    Start,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SessionState {
    SignedOut,
    /// The password was right, and more is asked for.
    SecondFactor {
        step: SecondFactorStep,
        email: String,
        clinic: String,
    },
    /// The user belongs to several clinics.
    ChooseClinic {
        email: String,
        clinics: Vec<OwnClinic>,
    },
    NoKeychain {
        fault: KeychainFault,
        email: String,
    },
    Locked {
        name: String,
        clinic: String,
        email: String,
        reason: LockReason,
        idle_minutes: u32,
        /// The session ended, or its end can no longer be checked: only a full sign-in opens.
        needs_sign_in: bool,
    },
    Open {
        me: SignedInMember,
        read_only: bool,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "Server")]
pub struct ServerChoice {
    pub url: String,
    /// Whether this is the address the app is shipped with.
    pub preset: bool,
    /// As last seen; null if it was never reached.
    pub version: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ColorScheme {
    System,
    Light,
    Dark,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "Language")]
pub enum WindowLanguage {
    En,
    Es,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "ReportLanguageChoice")]
pub enum PreferredReportLanguage {
    En,
    Es,
    /// The language of the window.
    App,
}

/// How this person likes the window on this computer. Kept outside the store, so that the first frame is already right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Preferences {
    pub scheme: ColorScheme,
    /// Percent of the normal text size, 90 to 150.
    pub text_size: u32,
    pub language: WindowLanguage,
    pub report_language: PreferredReportLanguage,
    /// Whether the first start stays hidden.
    pub first_start_hidden: bool,
    /// Whether Appearance was opened once: a row of the first start.
    pub appearance_seen: bool,
    /// Share of the window that the page side of Review takes, 0 to 1.
    pub review_divider: f32,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            scheme: ColorScheme::System,
            text_size: 100,
            language: WindowLanguage::En,
            report_language: PreferredReportLanguage::App,
            first_start_hidden: false,
            appearance_seen: false,
            review_divider: 0.5,
        }
    }
}

/// Changes of some preferences; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct PreferenceChanges {
    pub scheme: Option<ColorScheme>,
    pub text_size: Option<u32>,
    pub language: Option<WindowLanguage>,
    pub report_language: Option<PreferredReportLanguage>,
    pub first_start_hidden: Option<bool>,
    pub appearance_seen: Option<bool>,
    pub review_divider: Option<f32>,
}

impl Preferences {
    pub(crate) fn apply(&mut self, changes: PreferenceChanges) {
        fn set<T>(value: &mut T, change: Option<T>) {
            if let Some(change) = change {
                *value = change;
            }
        }
        set(&mut self.scheme, changes.scheme);
        set(&mut self.text_size, changes.text_size.map(|percent| percent.clamp(90, 150)));
        set(&mut self.language, changes.language);
        set(&mut self.report_language, changes.report_language);
        set(&mut self.first_start_hidden, changes.first_start_hidden);
        set(&mut self.appearance_seen, changes.appearance_seen);
        set(&mut self.review_divider, changes.review_divider.map(|share| share.clamp(0.0, 1.0)));
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    Linux,
    Windows,
    Macos,
}

/// All that the first frame needs. Answered from this computer, without network.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(rename = "Start")]
pub struct StartState {
    pub version: String,
    pub platform: Platform,
    pub server: ServerChoice,
    pub session: SessionState,
    pub preferences: Preferences,
    /// Where page images are fetched, with the secret of this window in its path and no slash at its end.
    pub page_base: String,
}
