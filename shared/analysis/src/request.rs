//! What an analysis is made from.

use maneiro_api::{DocumentId, analysis::DateWindow};
use maneiro_page::Page;
use serde::{Deserialize, Serialize};
use time::Date;

/// A page to analyse and its document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourcePage {
    /// The document of the page.
    pub document: DocumentId,
    /// The page as it was read.
    pub page: Page,
}

/// What an analysis is limited to or focused on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalysisRequest {
    /// The subject that comes first in the summary.
    pub focus: Option<String>,
    /// The dates that the findings are limited to.
    pub window: Option<DateWindow>,
    /// The day of the request, against which due dates are judged.
    pub today: Date,
}
