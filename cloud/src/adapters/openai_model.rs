//! The language model behind its port. What is asked of it, and what is made of its answers, is `maneiro_analysis`.

use async_trait::async_trait;
use maneiro_analysis::{
    ModelError, Progress, Request, SourcePage,
    model::{ModelClient, Retry, Settings, SetupError},
};
use maneiro_api::analysis::{DiscardedOutput, Findings};

use crate::{config, ports::Model};

/// Calls in all before an attempt of a job fails. Few, because the queue tries again too, and later.
const CALLS: u32 = 3;

/// A language model on a server that speaks OpenAI's protocol.
pub struct LanguageModel(ModelClient);

impl LanguageModel {
    /// Prepares the client; nothing is sent before the first call.
    ///
    /// # Errors
    /// [`SetupError`] if patient data could travel in clear or to a host that is not allowed.
    pub fn new(model: &config::Model) -> Result<Self, SetupError> {
        let config::Model { url, name, api_key, allowed_hosts } = model.clone();
        let settings = Settings::new(url, name, api_key.unwrap_or_default(), allowed_hosts);
        let retry = Retry { attempts: CALLS, ..settings.retry };
        ModelClient::new(Settings { retry, ..settings }).map(Self)
    }
}

#[async_trait]
impl Model for LanguageModel {
    fn name(&self) -> &str {
        self.0.name()
    }

    async fn analyse(
        &self,
        pages: &[SourcePage],
        request: &Request,
        progress: &Progress,
    ) -> Result<(Findings, DiscardedOutput), ModelError> {
        self.0.analyse(pages, request, progress).await
    }
}
