//! The client of the language model: from pages to findings.

use std::fmt;

use async_openai::{
    error::OpenAIError,
    types::chat::{
        ChatCompletionRequestSystemMessage, ChatCompletionRequestUserMessage, CreateChatCompletionRequest,
        CreateChatCompletionRequestArgs, ResponseFormat, ResponseFormatJsonSchema,
    },
};
use maneiro_api::analysis::{DiscardedOutput, Findings};

use super::{
    answer::ModelAnswer,
    completions::ChatCompletions,
    error::ModelError,
    grounding,
    merge::FindingsBuilder,
    prompt, schema,
    settings::{ModelSettings, ModelSetupError},
};
use crate::{AnalysisProgress, AnalysisRequest, SourcePage, extract, verify};

/// A language model that makes findings from pages.
#[derive(Clone)]
pub struct ModelClient {
    completions: ChatCompletions,
    model: String,
    window_chars: usize,
    overlap_pages: usize,
}

impl fmt::Debug for ModelClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelClient").field("model", &self.model).finish_non_exhaustive()
    }
}

impl ModelClient {
    /// Checks the settings and prepares the HTTP client. Contacts no server.
    ///
    /// # Errors
    /// [`ModelSetupError`] says which setting is wrong.
    pub fn new(settings: ModelSettings) -> Result<Self, ModelSetupError> {
        Ok(Self {
            completions: ChatCompletions::new(&settings)?,
            model: settings.model,
            window_chars: settings.window_chars,
            overlap_pages: settings.overlap_pages,
        })
    }

    /// The model's name on its server.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.model
    }

    /// Makes findings from the pages, window by window. Every citation is verified, and a statement is unverified if its
    /// quotes lack its numbers or contradict it. Verifying the citations again would lose the second check.
    ///
    /// No call has distant pages side by side, so the extractive analyser adds the conflicts between pages. It also ranks
    /// the summary by its documented rule.
    ///
    /// # Errors
    /// [`ModelError::Unavailable`] after all retries, [`ModelError::Refused`] at once, [`ModelError::Unusable`] if no
    /// response matched the schema. A record without a readable page gives empty findings and makes no call.
    pub async fn analyse(
        &self,
        pages: &[SourcePage],
        request: &AnalysisRequest,
        progress: &AnalysisProgress,
    ) -> Result<(Findings, DiscardedOutput), ModelError> {
        let windows = prompt::split_into_windows(pages, self.window_chars, self.overlap_pages);
        let mut builder = FindingsBuilder::default();
        let mut discarded = DiscardedOutput::default();
        let (mut pages_done, mut usable_answers) = (0, 0_u32);
        for window in &windows {
            match self.request_answer(prompt::user_message(window, request)).await? {
                Some(answer) => {
                    usable_answers += 1;
                    builder.add(answer, window, pages, &mut discarded);
                }
                None => discarded.malformed_outputs += 1,
            }
            progress.add_pages_done(window.last_page.saturating_sub(pages_done));
            pages_done = pages_done.max(window.last_page);
        }
        if usable_answers == 0 && !windows.is_empty() {
            return Err(ModelError::Unusable);
        }
        let mut findings = builder.into_findings();
        let conflict_kinds = extract::complete_model_findings(&mut findings, pages, request);
        verify(&mut findings, pages);
        grounding::check_grounding(&mut findings);
        extract::summarise(&mut findings, &conflict_kinds, request);
        let all_pages = u32::try_from(pages.len()).unwrap_or(u32::MAX);
        progress.add_pages_done(all_pages.saturating_sub(pages_done));
        Ok((findings, discarded))
    }

    /// The answer to one call; none if it does not match the schema.
    async fn request_answer(&self, user_message: String) -> Result<Option<ModelAnswer>, ModelError> {
        let request = self.completion_request(user_message).map_err(|_| ModelError::Unusable)?;
        let content = self.completions.create(&request).await?;
        Ok(content.and_then(|content| serde_json::from_str(&content).ok()))
    }

    fn completion_request(&self, user_message: String) -> Result<CreateChatCompletionRequest, OpenAIError> {
        CreateChatCompletionRequestArgs::default()
            .model(&self.model)
            .messages([
                ChatCompletionRequestSystemMessage::from(prompt::SYSTEM_MESSAGE).into(),
                ChatCompletionRequestUserMessage::from(user_message).into(),
            ])
            .response_format(ResponseFormat::JsonSchema {
                json_schema: ResponseFormatJsonSchema {
                    description: None,
                    name: "findings".to_owned(),
                    schema: schema::answer_schema(),
                    strict: Some(true),
                },
            })
            .store(false)
            .build()
    }
}
