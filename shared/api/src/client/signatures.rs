//! Signed reports.

use bytes::Bytes;
use http::{Method, header};

use super::{Client, ClientError, ZSTD_LEVEL, json, parse, request::Idempotency};
use crate::{
    AnalysisId, RecordId,
    record::List,
    signature::{ReportSignature, SignReport, SignedReport},
};

impl Client {
    /// Signs a report of an analysis. The same report signed again is the same signature.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such analysis, `NotASigner`, `NoSignatureBlock`, `PasswordRequired`,
    /// `InvalidInput` of `password` if it is wrong, `AnalysisChanged` if it has been edited since, `SubscriptionConflict`
    /// while the clinic is suspended.
    pub async fn sign_report(
        &self,
        analysis: AnalysisId,
        report: &SignReport,
    ) -> Result<ReportSignature, ClientError> {
        let body =
            zstd::bulk::compress(&json(report), ZSTD_LEVEL).expect("compressing into memory cannot fail");
        let body = Bytes::from(body);
        let path = format!("v1/analyses/{analysis}/signatures");
        let response = self
            .call(Idempotency::Idempotent, || {
                self.request(Method::POST, &path)
                    .header(header::CONTENT_TYPE, "application/json")
                    .header(header::CONTENT_ENCODING, "zstd")
                    .body(body.clone())
            })
            .await?;
        parse(&response)
    }

    /// The signatures of a record's reports, newest first.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such record.
    pub async fn signatures(&self, record: RecordId) -> Result<Vec<ReportSignature>, ClientError> {
        Ok(self.get::<List<ReportSignature>>(&format!("v1/records/{record}/signatures")).await?.items)
    }

    /// A signed report.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such record, or it has no such version.
    pub async fn signed_report(&self, record: RecordId, version: u32) -> Result<SignedReport, ClientError> {
        self.get(&format!("v1/records/{record}/signatures/{version}")).await
    }
}
