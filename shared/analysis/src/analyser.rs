//! An analysis from the first page to the findings.

use std::sync::Arc;

use maneiro_api::analysis::{DiscardedOutput, Findings, ModelFailure};
use serde::{Deserialize, Serialize};

use crate::{
    AnalysisControl, AnalysisRequest, Cancelled, SourcePage,
    coding::add_codings,
    compact_pages::CompactPages,
    dates::DateOrders,
    extract::Extractor,
    model::{ModelOutcome, ModelRequest, ModelSession, PromptLimits},
    verify::verify,
};

/// Makes the analysis of one record: takes its pages one by one, and gives the findings at the end. Uses no network and no
/// clock. What was pushed is kept in a compact form; 10,000 pages of 400 words take less than 300 MB.
///
/// With [`Analyser::with_model`], a language model makes the findings. After the last page, the caller sends each request
/// of [`Analyser::next_model_request`] and hands the answer to [`Analyser::take_model_answer`]. The requests of the same pages
/// are the same each time, so that kept answers can be handed in again after a restart.
pub struct Analyser {
    request: AnalysisRequest,
    control: Arc<AnalysisControl>,
    date_orders: DateOrders,
    pages: CompactPages,
    extractor: Extractor,
    model: Option<ModelSession>,
}

/// What an analysis gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnalysisOutput {
    /// The findings, every citation looked up on its page.
    pub findings: Findings,
    /// Output of the language model that was discarded.
    pub discarded: DiscardedOutput,
    /// Whether a language model made the findings, in part at least.
    pub is_by_model: bool,
    /// Why it made nothing of them, or not all.
    pub model_failure: Option<ModelFailure>,
}

/// Why an analysis gives no findings. Contains no text of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnalysisError {
    /// It was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl Analyser {
    /// An analysis by the built-in extractive analyser. `control` cancels it and tells how far it has come.
    #[must_use]
    pub fn new(request: AnalysisRequest, control: Arc<AnalysisControl>) -> Self {
        Self {
            request,
            control,
            date_orders: DateOrders::default(),
            pages: CompactPages::default(),
            extractor: Extractor::default(),
            model: None,
        }
    }

    /// An analysis by a language model. The extractive analyser adds what the model left out, and makes all of it if the model does
    /// not answer.
    #[must_use]
    pub fn with_model(request: AnalysisRequest, control: Arc<AnalysisControl>, limits: PromptLimits) -> Self {
        Self { model: Some(ModelSession::new(limits)), ..Self::new(request, control) }
    }

    /// Takes the next page. The pages of a document come one after another, in order.
    ///
    /// # Errors
    /// [`Cancelled`] if the control says so.
    pub fn push(&mut self, source: SourcePage) -> Result<(), Cancelled> {
        self.control.check()?;
        let order = self.date_orders.learn(&source);
        self.pages.push(&source, order);
        self.extractor.push(source, order);
        if self.model.is_none() {
            self.control.set_pages_done(self.pages.len());
        }
        Ok(())
    }

    /// The next request for the language model; none if all are answered, or if the analysis uses none. Until it is answered,
    /// the same request is returned.
    pub fn next_model_request(&mut self) -> Option<ModelRequest> {
        self.model.as_mut()?.next_request(&self.pages, &self.request)
    }

    /// Takes the answer to the last request: the content of the model's message, or none if the server gave none that could
    /// be read.
    pub fn take_model_answer(&mut self, content: Option<&str>) {
        if let Some(model) = &mut self.model {
            model.take_answer(content, &self.pages);
            self.control.set_pages_done(model.pages_done());
        }
    }

    /// Asks the language model nothing more: it does not answer.
    pub fn give_up_model(&mut self, failure: ModelFailure) {
        if let Some(model) = &mut self.model {
            model.give_up(failure);
        }
    }

    /// Looks up and checks statements that were made elsewhere, as those of this analysis are: sets boxes, confidence,
    /// `quoted`, `checked` and `doubts`.
    ///
    /// # Errors
    /// [`Cancelled`] if the control says so.
    pub fn check(&self, findings: &mut Findings) -> Result<(), Cancelled> {
        verify(findings, &self.pages, &self.control)
    }

    /// The findings of all pages.
    ///
    /// # Errors
    /// [`AnalysisError`]. A record without a readable page has empty findings.
    pub fn finish(self) -> Result<AnalysisOutput, AnalysisError> {
        let Self { request, control, pages, extractor, model, .. } = self;
        let mut extracted = extractor.into_findings(&request, &control)?;
        let mut output = AnalysisOutput {
            findings: Findings::default(),
            discarded: DiscardedOutput::default(),
            is_by_model: false,
            model_failure: None,
        };
        if let Some(ModelOutcome { findings, discarded, failure }) = model.map(ModelSession::finish) {
            output.is_by_model = findings.is_some() || failure.is_none();
            output.discarded = discarded;
            output.model_failure = failure;
            if let Some(findings) = findings {
                extracted = extracted.completing_model(findings, &request);
            }
        }
        add_codings(&mut extracted.findings);
        verify(&mut extracted.findings, &pages, &control)?;
        control.check()?;
        output.findings = extracted.summarised(&request);
        control.set_pages_done(pages.len());
        Ok(output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{page, request};

    #[test]
    fn cancelled_analysis_ends_at_the_next_step() {
        let control = Arc::new(AnalysisControl::default());
        let analyser = || {
            let mut analyser = Analyser::new(request(), Arc::clone(&control));
            analyser.push(page(1, "PMH:\nAsthma")).map(|()| analyser)
        };
        let begun = analyser().unwrap();
        control.cancel();
        assert_eq!(begun.finish().unwrap_err(), AnalysisError::Cancelled(Cancelled));
        assert!(analyser().is_err());
    }
}
