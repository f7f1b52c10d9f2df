//! Typed ids: newtypes over UUIDv7, written with a prefix (`job_0197…`), so that an id of one
//! kind is never taken for another.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use uuid::Uuid;

/// The text is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {prefix}_ followed by 32 hexadecimal digits")]
pub struct ParseIdError {
    prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The text that every id of this kind begins with.
            pub const PREFIX: &'static str = $prefix;

            /// Makes an id of a UUID that is known to be of this kind.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID without the prefix, for the database.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                text.strip_prefix(concat!($prefix, "_"))
                    .filter(|hex| hex.len() == 32)
                    .and_then(|hex| Uuid::try_parse(hex).ok())
                    .map(Self)
                    .ok_or(ParseIdError { prefix: $prefix })
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::Type::String)
                    .pattern(Some(concat!("^", $prefix, "_[0-9a-f]{32}$")))
                    .examples([concat!($prefix, "_0197a6b2c3d47e8f9a0b1c2d3e4f5a6b")])
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}

        #[cfg(feature = "typescript")]
        impl ts_rs::TS for $name {
            type WithoutGenerics = Self;
            type OptionInnerType = Self;

            fn name(_: &ts_rs::Config) -> String {
                stringify!($name).to_owned()
            }

            fn inline(_: &ts_rs::Config) -> String {
                "string".to_owned()
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<'de, str>::deserialize(deserializer)?
                    .parse()
                    .map_err(D::Error::custom)
            }
        }
    )+};
}

ids! {
    /// A clinic: the tenant that owns everything but users.
    OrgId = "org",
    /// A user.
    UserId = "usr",
    /// One sign-in of one user in one clinic.
    SessionId = "ses",
    /// A patient's record: the documents that are analysed together.
    RecordId = "rec",
    /// One file of a record.
    DocumentId = "doc",
    /// One request for an analysis.
    JobId = "job",
    /// The result of a job.
    AnalysisId = "ana",
    /// One change of an analysis by a reader; chosen by the client.
    EditId = "edt",
    /// A signed report.
    ReportId = "rep",
    /// Work that a worker does later.
    TaskId = "tsk",
    /// An object of the object store: one version of a page, or an original.
    ObjectId = "obj",
    /// One event of the audit log.
    AuditEventId = "aud",
    /// A registration that waits for its mailed code.
    RegistrationId = "reg",
    /// An invitation to a clinic.
    InvitationId = "inv",
    /// One HTTP request, as logs and error bodies name it.
    RequestId = "req",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_round_trips_through_text_and_json() {
        let id = JobId::from_uuid(Uuid::from_u128(0x0197_a6b2_c3d4_7e8f_9a0b_1c2d_3e4f_5a6b));
        assert_eq!(id.to_string(), "job_0197a6b2c3d47e8f9a0b1c2d3e4f5a6b");
        assert_eq!(id.to_string().parse(), Ok(id));
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(serde_json::from_str::<JobId>(&json).unwrap(), id);
    }

    #[test]
    fn id_of_another_kind_is_refused() {
        let text = "org_0197a6b2c3d47e8f9a0b1c2d3e4f5a6b";
        assert!(text.parse::<OrgId>().is_ok());
        assert!(text.parse::<JobId>().is_err());
        assert!("org_0197a6b2-c3d4-7e8f-9a0b-1c2d3e4f5a6b".parse::<OrgId>().is_err());
    }
}
