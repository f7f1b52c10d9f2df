//! What a report says by itself, in each of its languages. Statements and quotes are the record's and are not translated.

mod en;
mod es;
mod table;

use maneiro_api::report::ReportLanguage;

pub(crate) use self::table::{Headings, Texts};

impl Texts {
    pub(crate) const fn new(language: ReportLanguage) -> &'static Self {
        match language {
            ReportLanguage::En => &en::TEXTS,
            ReportLanguage::Es => &es::TEXTS,
        }
    }
}
