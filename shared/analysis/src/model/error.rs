//! Why the language model gave no findings.

/// Why the language model gave no findings. Never contains text of the record or of a response.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The server could not be reached or kept failing, after all retries.
    #[error("the language model's server did not answer")]
    Unavailable,
    /// The server rejected the request (an HTTP status in the 3xx or 4xx range, except 408 and 429).
    #[error("the language model's server refused the request with status {status}")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// No response matched the requested schema.
    #[error("no answer of the language model could be used")]
    Unusable,
}
