//! The conversation with the language model as steps: requests for windows of pages, and the answers to them.

use maneiro_api::analysis::{DiscardedOutput, Findings};
use serde::{Deserialize, Serialize};

use super::{
    answer::ModelAnswer,
    merge::FindingsBuilder,
    prompt::{self, PageWindow, WindowSplitter},
};
use crate::{AnalysisRequest, compact_pages::CompactPages};

/// How much of a record one request holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptLimits {
    /// Characters of page text.
    pub window_chars: usize,
    /// Pages that two consecutive requests share, so that what a page break divides is whole in one of them.
    pub overlap_pages: usize,
}

impl Default for PromptLimits {
    fn default() -> Self {
        Self { window_chars: 40_000, overlap_pages: 1 }
    }
}

/// What the language model is asked about one window of pages. The task is [`super::SYSTEM_MESSAGE`], the form of the answer
/// [`super::answer_schema`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelRequest {
    /// The position of the window in the record, from 0.
    pub window: u32,
    /// The pages, the focus and the dates as a JSON object: data without instructions.
    pub user_message: String,
}

/// The state between two steps.
pub(crate) struct ModelSession {
    splitter: WindowSplitter,
    /// The window whose request is not answered yet.
    open: Option<PageWindow>,
    windows: u32,
    usable_answers: u32,
    pages_done: u32,
    builder: FindingsBuilder,
    discarded: DiscardedOutput,
}

impl ModelSession {
    pub(crate) fn new(limits: PromptLimits) -> Self {
        Self {
            splitter: WindowSplitter::new(limits.window_chars, limits.overlap_pages),
            open: None,
            windows: 0,
            usable_answers: 0,
            pages_done: 0,
            builder: FindingsBuilder::default(),
            discarded: DiscardedOutput::default(),
        }
    }

    pub(crate) fn next_request(
        &mut self,
        pages: &CompactPages,
        request: &AnalysisRequest,
    ) -> Option<ModelRequest> {
        if self.open.is_none() {
            self.open = self.splitter.next_window(pages);
            self.windows += u32::from(self.open.is_some());
        }
        let open = self.open.as_ref()?;
        Some(ModelRequest {
            window: self.windows.saturating_sub(1),
            user_message: prompt::user_message(open, request),
        })
    }

    /// Adds the answer to the open request. Without an open request there is nothing to answer.
    pub(crate) fn take_answer(&mut self, content: Option<&str>, pages: &CompactPages) {
        let Some(window) = self.open.take() else { return };
        match content.and_then(|content| serde_json::from_str::<ModelAnswer>(content).ok()) {
            Some(answer) => {
                self.usable_answers += 1;
                self.builder.add(answer, &window, pages, &mut self.discarded);
            }
            None => self.discarded.malformed_outputs += 1,
        }
        self.pages_done = self.pages_done.max(window.last_page);
    }

    /// The number of pages before the end of the last answered window.
    pub(crate) fn pages_done(&self) -> usize {
        usize::try_from(self.pages_done).unwrap_or(usize::MAX)
    }

    /// The findings of all answers; none if there were answers and none could be used.
    pub(crate) fn finish(self) -> Option<(Findings, DiscardedOutput)> {
        (self.usable_answers > 0 || self.windows == 0).then(|| (self.builder.into_findings(), self.discarded))
    }
}
