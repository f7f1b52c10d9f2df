//! A language model on a server with OpenAI's chat completions API. Prompts and the reading of answers are in
//! `maneiro_analysis`.
//!
//! Patient data goes only to hosts that the operator lists, is requested not to be stored, and is in no log and no error.

mod completions;
mod settings;
#[cfg(test)]
mod tests;

use std::fmt;

use async_openai::{
    error::OpenAIError,
    types::chat::{
        ChatCompletionRequestSystemMessage, ChatCompletionRequestUserMessage, CreateChatCompletionRequest,
        CreateChatCompletionRequestArgs,
    },
};
use async_trait::async_trait;
use maneiro_analysis::model::{AnswerSchema, ModelRequest};
use maneiro_api::RetryPolicy;
use serde::Serialize;

pub use self::settings::ModelSetupError;
use self::{completions::ChatCompletions, settings::ModelSettings};
use crate::{
    config::ModelConfig,
    ports::{LanguageModel, ModelError},
};

/// Attempts of a call before an attempt of a job fails. Few, because the queue retries too, and later.
const MAX_ATTEMPTS: u32 = 3;

#[derive(Clone)]
pub struct OpenAiModel {
    completions: ChatCompletions,
    host: String,
    model: String,
}

impl fmt::Debug for OpenAiModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenAiModel").field("model", &self.model).finish_non_exhaustive()
    }
}

impl OpenAiModel {
    /// Prepares the client; nothing is sent before the first call.
    ///
    /// # Errors
    /// [`ModelSetupError`] if patient data could be sent without encryption or to a host that is not allowed.
    pub fn new(config: &ModelConfig) -> Result<Self, ModelSetupError> {
        let ModelConfig { url, name, api_key, allowed_hosts } = config.clone();
        let settings = ModelSettings::new(url, name, api_key.unwrap_or_default(), allowed_hosts);
        let retry = RetryPolicy { max_attempts: MAX_ATTEMPTS, ..settings.retry };
        Self::with_settings(ModelSettings { retry, ..settings })
    }

    fn with_settings(settings: ModelSettings) -> Result<Self, ModelSetupError> {
        let completions = ChatCompletions::new(&settings)?;
        Ok(Self { completions, host: settings.host()?.to_owned(), model: settings.model })
    }

    fn completion_request(&self, request: &ModelRequest) -> Result<CompletionRequest, OpenAIError> {
        let created = CreateChatCompletionRequestArgs::default()
            .model(&self.model)
            .messages([
                ChatCompletionRequestSystemMessage::from(request.system_message()).into(),
                ChatCompletionRequestUserMessage::from(request.user_message.as_str()).into(),
            ])
            .max_completion_tokens(request.max_answer_tokens)
            .store(false)
            .build()?;
        let json_schema = NamedSchema { name: "findings", strict: true, schema: request.answer_schema() };
        Ok(CompletionRequest { created, response_format: SchemaFormat { kind: "json_schema", json_schema } })
    }
}

/// A request with the schema in its own order: `async-openai` holds a schema as a JSON value, which sorts its properties, and
/// models write them in the order of the schema.
#[derive(Serialize)]
struct CompletionRequest {
    #[serde(flatten)]
    created: CreateChatCompletionRequest,
    response_format: SchemaFormat,
}

#[derive(Serialize)]
struct SchemaFormat {
    #[serde(rename = "type")]
    kind: &'static str,
    json_schema: NamedSchema,
}

#[derive(Serialize)]
struct NamedSchema {
    name: &'static str,
    strict: bool,
    schema: AnswerSchema,
}

#[async_trait]
impl LanguageModel for OpenAiModel {
    fn name(&self) -> &str {
        &self.model
    }

    fn host(&self) -> &str {
        &self.host
    }

    async fn answer(&self, request: &ModelRequest) -> Result<Option<String>, ModelError> {
        let request = self.completion_request(request).map_err(|_| ModelError::InvalidRequest)?;
        self.completions.create(&request).await
    }
}
