//! The second factor of a user: codes of an authenticator (TOTP, RFC 6238), and recovery codes in their place.

use std::fmt;

use base32::Alphabet;
use maneiro_api::UserId;
use qrcode::{QrCode, render::svg};
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};
use totp_rs::{Builder, Secret, Totp};

use super::error::Error;

/// RFC 4226, section 4, recommends 160 bits.
pub const SECRET_BYTES: usize = 20;

/// Recovery codes that a user has.
pub const RECOVERY_CODES: usize = 10;

/// How long a session that began with a password alone may take for its second factor.
pub const HALF_SESSION_LIFETIME: Duration = Duration::minutes(10);

/// How long an enrolment waits for its first code.
pub const ENROLMENT_LIFETIME: Duration = Duration::hours(1);

/// What authenticators show as the name of the service.
const ISSUER: &str = "Maneiro";

/// Codes of the time step before and after this one are accepted too (RFC 6238, section 5.2).
const SKEW_STEPS: u16 = 1;

/// The side of a QR code's picture.
const QR_SIDE_PX: u32 = 240;

/// The secret that an authenticator shares with the service.
pub struct TotpSecret(Totp);

impl TotpSecret {
    /// The secret of these bytes, for the authenticator of an account.
    ///
    /// # Errors
    /// `Internal` if they are too few.
    pub fn new(bytes: &[u8], email: &str) -> Result<Self, Error> {
        Builder::new()
            .with_secret(Secret::new(bytes.into()))
            .with_skew(SKEW_STEPS)
            .with_issuer(Some(ISSUER))
            // The label's parts are separated by a colon.
            .with_account_name(email.replace(':', ""))
            .build()
            .map(Self)
            .map_err(|error| Error::internal(anyhow::anyhow!(error.to_string())))
    }

    #[must_use]
    pub fn to_base32(&self) -> String {
        self.0.secret().to_base32()
    }

    /// The secret as authenticators read it.
    ///
    /// # Errors
    /// `Internal` if the account has no name.
    pub fn uri(&self) -> Result<String, Error> {
        self.0.to_url().map_err(|error| Error::internal(anyhow::anyhow!(error.to_string())))
    }

    /// The time step at which an authenticator shows this code: the present one, the one before or the one after. Spaces do
    /// not matter.
    #[must_use]
    pub fn matching_step(&self, code: &str, now: OffsetDateTime) -> Option<i64> {
        let digits: String = code.chars().filter(|character| !matches!(character, ' ' | '-')).collect();
        let step = self.0.check(&digits, u64::try_from(now.unix_timestamp()).ok()?)?;
        i64::try_from(step).ok()
    }

    /// What the authenticator shows at this time.
    #[must_use]
    pub fn code_at(&self, time: OffsetDateTime) -> String {
        self.0.generate(u64::try_from(time.unix_timestamp()).unwrap_or_default()).to_string()
    }
}

/// A URI as a QR code, an SVG document that fetches nothing.
///
/// # Errors
/// `Internal` if it is too long for one.
pub fn qr_svg(uri: &str) -> Result<String, Error> {
    let code = QrCode::new(uri).map_err(Error::internal)?;
    Ok(code
        .render::<svg::Color<'_>>()
        .min_dimensions(QR_SIDE_PX, QR_SIDE_PX)
        .dark_color(svg::Color("#000000"))
        .light_color(svg::Color("#ffffff"))
        .build())
}

const RECOVERY_CODE_BYTES: usize = 10;
const RECOVERY_CODE_CHARS: usize = 16;
const RECOVERY_CODE_GROUP_CHARS: usize = 4;

/// A code of 80 random bits: too many to be found from its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode([u8; RECOVERY_CODE_BYTES]);

impl RecoveryCode {
    #[must_use]
    pub const fn new(random: [u8; RECOVERY_CODE_BYTES]) -> Self {
        Self(random)
    }

    /// Reads a code as people type it: in any case, with spaces or hyphens, with O for 0 and I or L for 1.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let chars: String = text.chars().filter(|character| !matches!(character, ' ' | '-')).collect();
        if chars.chars().count() != RECOVERY_CODE_CHARS {
            return None;
        }
        base32::decode(Alphabet::Crockford, &chars)?.try_into().ok().map(Self)
    }

    /// What is stored of it. No two users have the same, even of the same code.
    #[must_use]
    pub fn hash(&self, user: UserId) -> [u8; 32] {
        Sha256::new().chain_update(user.uuid()).chain_update(self.0).finalize().into()
    }
}

impl fmt::Display for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, character) in base32::encode(Alphabet::Crockford, &self.0).chars().enumerate() {
            if position > 0 && position % RECOVERY_CODE_GROUP_CHARS == 0 {
                f.write_str("-")?;
            }
            write!(f, "{character}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    /// RFC 6238, appendix B, with SHA-1: times and codes, of which an authenticator shows the last six digits.
    const RFC_CODES: [(i64, &str); 6] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(seconds).unwrap()
    }

    fn secret() -> TotpSecret {
        TotpSecret::new(b"12345678901234567890", "ada:x@clinic.example").unwrap()
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        for (seconds, code) in RFC_CODES {
            assert_eq!(secret().code_at(at(seconds)), code);
            assert_eq!(secret().matching_step(code, at(seconds)), Some(seconds / 30));
        }
    }

    #[test]
    fn code_matches_one_step_around_its_own() {
        let (seconds, code) = RFC_CODES[2];
        let start = seconds / 30 * 30;
        for (offset, matches) in [(-31, false), (-30, true), (0, true), (59, true), (60, false)] {
            let step = secret().matching_step(code, at(start + offset));
            assert_eq!(step, matches.then_some(seconds / 30), "{offset} s");
        }
        assert!(secret().matching_step("050 471", at(seconds)).is_some());
        for wrong in ["", "05047", "0504710", "+50471", "05O471", "050472"] {
            assert_eq!(secret().matching_step(wrong, at(seconds)), None, "{wrong}");
        }
    }

    #[test]
    fn uri_and_picture_hold_the_secret() {
        let uri = secret().uri().unwrap();
        let base32 = secret().to_base32();
        assert_eq!(
            uri,
            format!("otpauth://totp/Maneiro:adax%40clinic.example?secret={base32}&issuer=Maneiro")
        );
        assert_eq!(base32, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let svg = qr_svg(&uri).unwrap();
        assert!(svg.contains("<svg") && !svg.contains("href"), "{svg}");
    }

    #[test]
    fn recovery_code_is_read_as_people_type_it() {
        let code = RecoveryCode::new([0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 0x00, 0x01]);
        let text = code.to_string();
        assert_eq!(text.len(), 19, "{text}");
        for typed in [text.clone(), text.to_lowercase(), text.replace('-', ""), format!(" {text} ")] {
            assert_eq!(RecoveryCode::parse(&typed), Some(code.clone()), "{typed}");
        }
        for wrong in ["", "123456", &text[1..], &format!("{text}0"), &text.replace(&text[..1], "U")] {
            assert_eq!(RecoveryCode::parse(wrong), None, "{wrong}");
        }
        assert_eq!(format!("{code:?}"), "RecoveryCode(…)");
    }

    #[test]
    fn same_code_of_two_users_has_two_hashes() {
        let code = RecoveryCode::new([7; RECOVERY_CODE_BYTES]);
        let hash = |user| code.hash(UserId::from_uuid(Uuid::from_u128(user)));
        assert_ne!(hash(1), hash(2));
        assert_ne!(
            hash(1),
            RecoveryCode::new([8; RECOVERY_CODE_BYTES]).hash(UserId::from_uuid(Uuid::from_u128(1)))
        );
    }
}
