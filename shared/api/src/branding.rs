//! What stands on a report besides its content: the clinic's letterhead above, the signer's block below.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A picture on a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportPicture {
    /// A PNG or JPEG file of at most 4 MiB, in base64 (RFC 4648, section 4). The service decodes it and keeps what it shows
    /// only: a PNG on white, no larger than it is printed.
    #[serde(with = "base64_text")]
    #[schema(value_type = String, format = Byte)]
    pub file: Vec<u8>,
}

/// `GET` and `PUT /v1/clinic/letterhead`: the head of the clinic's reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClinicLetterhead {
    /// The clinic's name, 1 to 200 characters.
    #[schema(
        max_length = 200,
        pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]*[^\\s\\x00-\\x1F\\x7F-\\x9F][^\\x00-\\x1F\\x7F-\\x9F]*$"
    )]
    pub name: String,
    /// Address and the like, at most four lines of 1 to 120 characters.
    #[schema(max_items = 4)]
    pub lines: Vec<String>,
    /// A picture beside the name.
    pub picture: Option<ReportPicture>,
}

/// `PUT /v1/me/signature-block`: what stands below the user's signature. A text that is not to be printed is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignerBlock {
    /// The name as printed, with titles, 1 to 200 characters.
    #[schema(
        max_length = 200,
        pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]*[^\\s\\x00-\\x1F\\x7F-\\x9F][^\\x00-\\x1F\\x7F-\\x9F]*$"
    )]
    pub name: String,
    /// Speciality and credentials, at most 200 characters.
    #[schema(max_length = 200)]
    pub line: String,
    /// The number of the licence, at most 200 characters.
    #[schema(max_length = 200)]
    pub licence: String,
    /// A telephone number, at most 200 characters.
    #[schema(max_length = 200)]
    pub phone: String,
    /// A picture of the signature.
    pub picture: Option<ReportPicture>,
}

/// `GET /v1/me/signature-block`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OwnSignature {
    /// Whether the user signs reports of the clinic.
    pub signs: bool,
    /// What stands below the user's signature; null until the user has written it.
    pub block: Option<SignerBlock>,
}

mod base64_text {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        STANDARD.decode(text.as_bytes()).map_err(|_| D::Error::custom("not base64"))
    }
}
