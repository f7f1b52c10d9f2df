//! One analysis with a language model: which request is next, and what its answers gave.

use std::collections::BTreeSet;

use maneiro_api::analysis::{DiscardedOutput, Findings, LabFlag, ModelFailure, Statement};
use serde::{Deserialize, Serialize};

use super::{
    answer::{ComparisonAnswer, ModelAnswer, parse_answer},
    merge::{CitablePages, FindingsBuilder},
    prompt::{self, COMPARISON_TASK, ComparedStatement, PAGES_TASK, PageWindow, WindowSplitter},
    schema::{AnswerSchema, ModelTask},
};
use crate::{AnalysisRequest, compact_pages::CompactPages};

/// How much of a record one request holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptLimits {
    /// Characters of page text. Answers are up to 2.7 times as long, and models write slowly and stop early.
    pub window_chars: usize,
    /// Pages that two consecutive requests share, so that what a page break divides is whole in one of them.
    pub overlap_pages: usize,
}

impl Default for PromptLimits {
    fn default() -> Self {
        Self { window_chars: 14_000, overlap_pages: 1 }
    }
}

/// A question for the language model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelRequest {
    /// What it is to do.
    pub task: ModelTask,
    /// The position of the request, from 0.
    pub window: u32,
    /// The pages or statements, the focus and the dates as a JSON object: data without instructions.
    pub user_message: String,
    /// The longest answer that is of use.
    pub max_answer_tokens: u32,
}

impl ModelRequest {
    /// The task in words.
    #[must_use]
    pub const fn system_message(&self) -> &'static str {
        match self.task {
            ModelTask::Pages => PAGES_TASK,
            ModelTask::Comparison => COMPARISON_TASK,
        }
    }

    /// The form of the answer.
    #[must_use]
    pub fn answer_schema(&self) -> AnswerSchema {
        AnswerSchema::for_task(self.task)
    }
}

/// An answer is up to 2.7 times as long as the pages; with room for its empty lists and for tokens that are shorter than
/// those of prose, of which one has four characters.
fn max_answer_tokens(chars: usize) -> u32 {
    const CHARS_PER_TOKEN: usize = 3;
    const ANSWER_RATIO: usize = 3;
    const BASE_TOKENS: usize = 2_000;
    u32::try_from(BASE_TOKENS + chars * ANSWER_RATIO / CHARS_PER_TOKEN).unwrap_or(u32::MAX)
}

/// A request that is not answered yet.
enum OpenRequest {
    Pages(PageWindow),
    /// With the statements and the gaps that are compared, and the pages that they cite.
    Comparison {
        user_message: String,
        pages: BTreeSet<u32>,
    },
}

/// The state between two steps.
pub(crate) struct ModelSession {
    splitter: WindowSplitter,
    open: Option<OpenRequest>,
    windows: u32,
    model_requests: u32,
    usable_answers: u32,
    is_compared: bool,
    failure: Option<ModelFailure>,
    pages_done: u32,
    builder: FindingsBuilder,
    discarded: DiscardedOutput,
}

/// What the answers of a model gave.
pub(crate) struct ModelOutcome {
    /// None if no answer could be used.
    pub(crate) findings: Option<Findings>,
    pub(crate) discarded: DiscardedOutput,
    /// Why there are no answers, or not all.
    pub(crate) failure: Option<ModelFailure>,
}

impl ModelSession {
    pub(crate) fn new(limits: PromptLimits) -> Self {
        Self {
            splitter: WindowSplitter::new(limits.window_chars, limits.overlap_pages),
            open: None,
            windows: 0,
            model_requests: 0,
            usable_answers: 0,
            is_compared: false,
            failure: None,
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
        if self.failure.is_some() {
            return None;
        }
        if self.open.is_none() {
            let window = self.splitter.next_window(pages);
            self.windows += u32::from(window.is_some());
            self.open = match window {
                Some(window) => Some(OpenRequest::Pages(window)),
                None => self.compare(pages, request),
            };
            self.model_requests += u32::from(self.open.is_some());
        }
        let window = self.model_requests.saturating_sub(1);
        Some(match self.open.as_ref()? {
            OpenRequest::Pages(open) => ModelRequest {
                task: ModelTask::Pages,
                window,
                user_message: prompt::user_message(open, request),
                max_answer_tokens: max_answer_tokens(open.count_chars()),
            },
            OpenRequest::Comparison { user_message, .. } => ModelRequest {
                task: ModelTask::Comparison,
                window,
                user_message: user_message.clone(),
                max_answer_tokens: MAX_COMPARISON_TOKENS,
            },
        })
    }

    /// The comparison of what several windows gave, once. The answer about one window has compared all of it.
    fn compare(&mut self, pages: &CompactPages, request: &AnalysisRequest) -> Option<OpenRequest> {
        if self.is_compared || self.windows < 2 || self.usable_answers == 0 {
            return None;
        }
        self.is_compared = true;
        let findings = self.builder.findings();
        let mut left = MAX_COMPARED_CHARS;
        let mut taken = |statement: &Statement| -> Option<ComparedStatement> {
            let cited = statement.citations.first()?;
            let page = u32::try_from(pages.position(cited.document, cited.page)? + 1).ok()?;
            let compared =
                ComparedStatement { page, quote: cited.quote.clone(), text: statement.text.clone() };
            left = left.checked_sub(compared.count_chars())?;
            Some(compared)
        };
        let abnormal = findings
            .labs
            .iter()
            .filter(|lab| matches!(lab.flag, Some(LabFlag::Low | LabFlag::High | LabFlag::Abnormal)));
        // What decides most comes first, in case not all has room.
        let gaps: Vec<ComparedStatement> = findings.gaps.iter().filter_map(&mut taken).collect();
        let statements: Vec<ComparedStatement> = (findings.allergies.iter().map(|it| &it.statement))
            .chain(findings.medications.iter().map(|it| &it.statement))
            .chain(findings.problems.iter().map(|it| &it.statement))
            .chain(findings.observations.iter().map(|it| &it.statement))
            .chain(findings.follow_ups.iter().map(|it| &it.statement))
            .chain(findings.imaging.iter().map(|it| &it.statement))
            .chain(findings.procedures.iter().map(|it| &it.statement))
            .chain(findings.timeline.iter().map(|it| &it.statement))
            .chain(abnormal.map(|it| &it.statement))
            .filter_map(&mut taken)
            .collect();
        let pages = statements.iter().chain(&gaps).map(|compared| compared.page).collect();
        let user_message = prompt::comparison_message(&statements, &gaps, request);
        (!statements.is_empty()).then_some(OpenRequest::Comparison { user_message, pages })
    }

    /// Adds the answer to the open request. Without an open request there is nothing to answer.
    pub(crate) fn take_answer(&mut self, content: Option<&str>, pages: &CompactPages) {
        match self.open.take() {
            Some(OpenRequest::Pages(window)) => {
                match content.and_then(parse_answer::<ModelAnswer>) {
                    Some((answer, is_cut_off)) => {
                        self.usable_answers += 1;
                        self.discarded.malformed_outputs += u32::from(is_cut_off);
                        let numbers = window.parts.iter().map(|part| part.number).collect();
                        let citable = CitablePages { numbers, pages };
                        self.builder.add(answer, &citable, &mut self.discarded);
                    }
                    None => self.discarded.malformed_outputs += 1,
                }
                self.pages_done = self.pages_done.max(window.last_page);
            }
            Some(OpenRequest::Comparison { pages: numbers, .. }) => {
                match content.and_then(parse_answer::<ComparisonAnswer>) {
                    Some((answer, false)) => {
                        let citable = CitablePages { numbers, pages };
                        self.builder.add_comparison(answer, &citable, &mut self.discarded);
                    }
                    // Half a comparison would take gaps away that it did not come to.
                    Some((_, true)) | None => self.discarded.malformed_outputs += 1,
                }
            }
            None => {}
        }
    }

    /// Asks nothing more: the model does not answer.
    pub(crate) fn give_up(&mut self, failure: ModelFailure) {
        self.failure = Some(failure);
        self.open = None;
    }

    /// The number of pages before the end of the last answered window.
    pub(crate) fn pages_done(&self) -> usize {
        usize::try_from(self.pages_done).unwrap_or(usize::MAX)
    }

    /// What all answers gave.
    pub(crate) fn finish(self) -> ModelOutcome {
        let is_usable = self.usable_answers > 0;
        let unusable = (self.windows > 0 && !is_usable).then_some(ModelFailure::UnusableAnswers);
        ModelOutcome {
            findings: is_usable.then(|| self.builder.into_findings()),
            discarded: self.discarded,
            failure: self.failure.or(unusable),
        }
    }
}

const MAX_COMPARISON_TOKENS: u32 = 8_000;
/// Characters of the statements that are compared.
const MAX_COMPARED_CHARS: usize = 60_000;
