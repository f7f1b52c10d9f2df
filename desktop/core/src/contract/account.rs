//! The account of whoever is signed in: second factor, sessions, password, address.

use maneiro_api::{OrgId, account, second_factor::SecondFactorEnrolment};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use ts_rs::TS;

use super::common::Timestamp;

/// What a new authenticator needs; shown once.
#[derive(Serialize, TS)]
pub struct Enrolment {
    /// Base32, to be typed where no picture can be taken.
    pub secret: String,
    pub uri: String,
    /// The URI as a QR code, an SVG document.
    pub qr_svg: String,
}

impl From<SecondFactorEnrolment> for Enrolment {
    fn from(enrolment: SecondFactorEnrolment) -> Self {
        Self {
            secret: enrolment.secret.expose_secret().to_owned(),
            uri: enrolment.uri.expose_secret().to_owned(),
            qr_svg: enrolment.qr_svg.expose_secret().to_owned(),
        }
    }
}

/// A session of the account that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "ActiveSession")]
pub struct AccountSession {
    pub id: String,
    pub organization: OrgId,
    pub is_current: bool,
    /// An operator of the platform acts in it as this person.
    pub is_support: bool,
    pub address: Option<String>,
    /// What the client said of itself.
    pub device: Option<String>,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    pub expires_at: Timestamp,
}

impl From<account::ActiveSession> for AccountSession {
    fn from(session: account::ActiveSession) -> Self {
        Self {
            id: session.id.to_string(),
            organization: session.organization,
            is_current: session.is_current,
            is_support: session.is_support,
            address: session.address,
            device: session.device,
            created_at: Timestamp(session.created_at),
            last_used_at: Timestamp(session.last_used_at),
            expires_at: Timestamp(session.expires_at),
        }
    }
}
