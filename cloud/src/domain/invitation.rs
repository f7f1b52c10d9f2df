//! Invitations to a clinic: a secret is mailed, and whoever sends it back may become a member.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use maneiro_api::{
    InvitationId, OrgId, UserId,
    account::{MailLanguage, Role},
    member::{Invitation, InvitationState},
};
use secrecy::{ExposeSecret as _, SecretString};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{error::Error, validation::Email};

/// How long an invitation can be accepted.
pub const INVITATION_LIFETIME: Duration = Duration::days(7);

/// What a secret begins with, so that scanners for leaked secrets know it.
const TOKEN_PREFIX: &str = "mni_";

const TAG_BYTES: usize = 16;

/// The secret of an invitation's mail: its id, and a tag that nobody without the master key can compute.
#[derive(Clone, PartialEq, Eq)]
pub struct InvitationToken {
    pub invitation: InvitationId,
    tag: [u8; TAG_BYTES],
}

impl InvitationToken {
    /// The secret with the first half of a message authentication code of [`mac_input`].
    #[must_use]
    pub fn from_mac(invitation: InvitationId, mac: &[u8; 32]) -> Self {
        let (tag, _) = mac.split_first_chunk().expect("32 bytes are more than a tag has");
        Self { invitation, tag: *tag }
    }

    /// Reads a secret.
    #[must_use]
    pub fn parse(token: &SecretString) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(token.expose_secret().trim().strip_prefix(TOKEN_PREFIX)?).ok()?;
        let (id, tag) = bytes.split_first_chunk::<16>()?;
        Some(Self { invitation: InvitationId::from_uuid(Uuid::from_bytes(*id)), tag: tag.try_into().ok()? })
    }

    #[must_use]
    pub fn to_secret(&self) -> SecretString {
        let bytes = [self.invitation.uuid().as_bytes().as_slice(), &self.tag].concat();
        format!("{TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)).into()
    }

    /// Whether two secrets are equal, in a time that does not depend on where they differ.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        let differences = self.tag.iter().zip(other.tag).fold(0, |all, (ours, theirs)| all | (ours ^ theirs));
        self.invitation == other.invitation && differences == 0
    }
}

/// What the secret of one mail of an invitation is computed from.
#[must_use]
pub fn mac_input(invitation: InvitationId, version: i32) -> Vec<u8> {
    [invitation.uuid().as_bytes().as_slice(), &version.to_be_bytes()].concat()
}

/// An invitation that was requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInvitation {
    pub id: InvitationId,
    pub email: Email,
    pub role: Role,
    pub signs: bool,
    /// Of the mails about it.
    pub language: MailLanguage,
    pub invited_by: UserId,
    pub sent_at: OffsetDateTime,
}

impl NewInvitation {
    #[must_use]
    pub fn expires_at(&self) -> OffsetDateTime {
        self.sent_at + INVITATION_LIFETIME
    }
}

/// An invitation that was neither accepted nor revoked, as its clinic sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenInvitation {
    pub id: InvitationId,
    pub email: String,
    pub role: Role,
    pub signs: bool,
    pub invited_by: UserId,
    pub sent_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
    /// Whether the mail server refused its latest mail.
    pub is_refused: bool,
}

impl OpenInvitation {
    /// How it stands at `now`.
    #[must_use]
    pub fn show(self, now: OffsetDateTime) -> Invitation {
        let state = match self {
            Self { is_refused: true, .. } => InvitationState::Undeliverable,
            Self { expires_at, .. } if expires_at <= now => InvitationState::Expired,
            Self { .. } => InvitationState::Open,
        };
        Invitation {
            id: self.id,
            email: self.email,
            role: self.role,
            signs: self.signs,
            state,
            invited_by: self.invited_by,
            sent_at: self.sent_at,
            expires_at: self.expires_at,
        }
    }
}

/// An invitation as whoever accepts it finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredInvitation {
    pub id: InvitationId,
    pub org: OrgId,
    /// The clinic's name.
    pub clinic: String,
    pub email: Email,
    pub role: Role,
    pub signs: bool,
    pub language: MailLanguage,
    /// Of its latest mail.
    pub version: i32,
    pub expires_at: OffsetDateTime,
    /// Whether it was neither accepted nor revoked, and the clinic exists.
    pub is_open: bool,
    /// The account of the address.
    pub user: Option<UserId>,
}

impl StoredInvitation {
    /// Checks that the secret that was tried at `now` is that of the latest mail, and can be used.
    ///
    /// # Errors
    /// `CodeWrong` if it is another; `CodeExpired` if the invitation was accepted or revoked, or its time is over.
    pub fn check(
        &self,
        tried: &InvitationToken,
        mailed: &InvitationToken,
        now: OffsetDateTime,
    ) -> Result<(), Error> {
        if !tried.matches(mailed) {
            return Err(Error::CodeWrong);
        }
        if self.is_open && now < self.expires_at { Ok(()) } else { Err(Error::CodeExpired) }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn id() -> InvitationId {
        InvitationId::from_uuid(Uuid::from_u128(0x0197_a6b2_c3d4_7e8f_9a0b_1c2d_3e4f_5a6b))
    }

    #[test]
    fn token_is_read_as_it_was_written() {
        let token = InvitationToken::from_mac(id(), &[0x5a; 32]);
        let text = token.to_secret();
        assert!(text.expose_secret().starts_with("mni_"));
        assert!(InvitationToken::parse(&text).is_some_and(|read| read.matches(&token)));
        let padded = SecretString::from(format!(" {}\n", text.expose_secret()));
        assert!(InvitationToken::parse(&padded).is_some());
        for wrong in
            ["", "mni_", "mni_AAAA", &text.expose_secret()[4..], &format!("{}A", text.expose_secret())]
        {
            assert!(InvitationToken::parse(&SecretString::from(wrong)).is_none(), "{wrong}");
        }
    }

    #[test]
    fn tokens_match_only_if_id_and_every_byte_do() {
        let token = InvitationToken::from_mac(id(), &[1; 32]);
        let other = InvitationId::from_uuid(Uuid::from_u128(1));
        assert!(!token.matches(&InvitationToken::from_mac(other, &[1; 32])));
        for byte in 0..TAG_BYTES {
            let mut mac = [1; 32];
            mac[byte] ^= 0x80;
            assert!(!token.matches(&InvitationToken::from_mac(id(), &mac)), "byte {byte}");
        }
        assert_ne!(mac_input(id(), 1), mac_input(id(), 2));
    }

    #[test]
    fn invitation_is_accepted_in_time_and_while_open_only() {
        let (right, wrong) =
            (InvitationToken::from_mac(id(), &[1; 32]), InvitationToken::from_mac(id(), &[2; 32]));
        let expires_at = datetime!(2026-11-27 09:30 UTC);
        let open = StoredInvitation {
            id: id(),
            org: OrgId::from_uuid(Uuid::from_u128(1)),
            clinic: "Lakeside".to_owned(),
            email: Email::parse("ada@clinic.example").unwrap(),
            role: Role::Doctor,
            signs: false,
            language: MailLanguage::En,
            version: 1,
            expires_at,
            is_open: true,
            user: None,
        };
        let in_time = expires_at - Duration::nanoseconds(1);
        assert!(open.check(&right, &right, in_time).is_ok());
        assert!(matches!(open.check(&wrong, &right, in_time), Err(Error::CodeWrong)));
        assert!(matches!(open.check(&right, &right, expires_at), Err(Error::CodeExpired)));
        let revoked = StoredInvitation { is_open: false, ..open };
        assert!(matches!(revoked.check(&right, &right, in_time), Err(Error::CodeExpired)));
    }
}
