//! A language model on a server with an OpenAI-compatible API. Prompts and the parsing of answers are in
//! `maneiro_analysis`.

use async_trait::async_trait;
use maneiro_analysis::{
    AnalysisProgress, AnalysisRequest, ModelError, SourcePage,
    model::{ModelClient, ModelSettings, ModelSetupError},
};
use maneiro_api::{
    RetryPolicy,
    analysis::{DiscardedOutput, Findings},
};

use crate::{config::ModelConfig, ports::LanguageModel};

/// Attempts of a call before an attempt of a job fails. Few, because the queue retries too, and later.
const MAX_ATTEMPTS: u32 = 3;

pub struct OpenAiModel(ModelClient);

impl OpenAiModel {
    /// Prepares the client; nothing is sent before the first call.
    ///
    /// # Errors
    /// [`ModelSetupError`] if patient data could be sent without encryption or to a host that is not allowed.
    pub fn new(config: &ModelConfig) -> Result<Self, ModelSetupError> {
        let ModelConfig { url, name, api_key, allowed_hosts } = config.clone();
        let settings = ModelSettings::new(url, name, api_key.unwrap_or_default(), allowed_hosts);
        let retry = RetryPolicy { max_attempts: MAX_ATTEMPTS, ..settings.retry };
        ModelClient::new(ModelSettings { retry, ..settings }).map(Self)
    }
}

#[async_trait]
impl LanguageModel for OpenAiModel {
    fn name(&self) -> &str {
        self.0.name()
    }

    async fn analyse(
        &self,
        pages: &[SourcePage],
        request: &AnalysisRequest,
        progress: &AnalysisProgress,
    ) -> Result<(Findings, DiscardedOutput), ModelError> {
        self.0.analyse(pages, request, progress).await
    }
}
