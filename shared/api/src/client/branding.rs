//! The clinic's letterhead and the user's signature block.

use http::Method;

use super::{Client, ClientError, parse, request::Idempotency};
use crate::branding::{ClinicLetterhead, OwnSignature, SignerBlock};

impl Client {
    /// The head of the clinic's reports.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn letterhead(&self) -> Result<ClinicLetterhead, ClientError> {
        self.get("v1/clinic/letterhead").await
    }

    /// Changes the clinic's name and letterhead. Answers it as it is kept.
    ///
    /// # Errors
    /// [`ClientError`]; `InvalidInput` with every refused field, `PermissionDenied` for anyone but admins.
    pub async fn set_letterhead(
        &self,
        letterhead: &ClinicLetterhead,
    ) -> Result<ClinicLetterhead, ClientError> {
        let path = "v1/clinic/letterhead";
        parse(&self.send_json(Method::PUT, path, letterhead, Idempotency::Idempotent).await?)
    }

    /// What stands below the user's signature.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn signature_block(&self) -> Result<OwnSignature, ClientError> {
        self.get("v1/me/signature-block").await
    }

    /// Changes what stands below the user's signature. Answers it as it is kept.
    ///
    /// # Errors
    /// [`ClientError`]; `InvalidInput` with every refused field.
    pub async fn set_signature_block(&self, block: &SignerBlock) -> Result<OwnSignature, ClientError> {
        let path = "v1/me/signature-block";
        parse(&self.send_json(Method::PUT, path, block, Idempotency::Idempotent).await?)
    }
}
