//! What may be chosen for a report.

use maneiro_api::{
    limits::{MAX_RECIPIENT_LINE_CHARS, MAX_RECIPIENT_LINES, MAX_REPORT_SECTIONS},
    report::{ReportOptions, ReportQuery, is_printable_recipient, parse_sections},
};

use super::{error::Error, validation::FieldErrors};

/// Which report is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestedReport {
    /// The analysis as readers have left it.
    Draft(ReportOptions),
    /// A version as it was signed.
    Signed(u32),
}

/// Records every option that a report cannot be drawn by.
pub fn check_options(errors: &mut FieldErrors, field: impl Fn(&str) -> String, options: &ReportOptions) {
    if !is_printable_recipient(&options.recipient) {
        errors.add(
            field("recipient"),
            format!(
                "must have at most {MAX_RECIPIENT_LINES} lines of at most {MAX_RECIPIENT_LINE_CHARS} characters and \
                 no control characters"
            ),
        );
    }
    if options.sections.as_ref().is_some_and(|sections| sections.len() > MAX_REPORT_SECTIONS) {
        errors.add(field("sections"), format!("must be at most {MAX_REPORT_SECTIONS}"));
    }
}

/// The report that a query asks for.
///
/// # Errors
/// `InvalidInput` with every invalid parameter.
pub fn parse_query(query: ReportQuery) -> Result<RequestedReport, Error> {
    let mut errors = FieldErrors::default();
    let ReportQuery { format, version, form, language, recipient, sections, paper, letterhead } = query;
    if let Some(version) = version {
        let alone = ReportQuery { version: Some(version), ..ReportQuery::new(format) };
        let given = ReportQuery {
            format,
            version: Some(version),
            form,
            language,
            recipient,
            sections,
            paper,
            letterhead,
        };
        if given != alone {
            errors.add("version", "is drawn as it was signed: nothing else may be chosen for it");
        }
        errors.finish()?;
        return Ok(RequestedReport::Signed(version));
    }
    let sections = sections.and_then(|sections| {
        errors.check("sections", parse_sections(&sections).ok_or_else(|| "names no section".to_owned()))
    });
    let default = ReportOptions::default();
    let options = ReportOptions {
        form: form.unwrap_or(default.form),
        language: language.unwrap_or(default.language),
        recipient: recipient.unwrap_or(default.recipient),
        sections,
        paper: paper.unwrap_or(default.paper),
        letterhead: letterhead.unwrap_or(default.letterhead),
    };
    check_options(&mut errors, str::to_owned, &options);
    errors.finish()?;
    Ok(RequestedReport::Draft(options))
}

#[cfg(test)]
mod tests {
    use maneiro_api::{
        edit::StatementSection,
        report::{ReportForm, ReportFormat, ReportLanguage},
    };

    use super::*;

    fn query() -> ReportQuery {
        ReportQuery::new(ReportFormat::Pdf)
    }

    #[test]
    fn what_is_not_chosen_is_as_by_default() {
        assert_eq!(parse_query(query()).unwrap(), RequestedReport::Draft(ReportOptions::default()));
        let chosen = ReportQuery {
            form: Some(ReportForm::ShortLetter),
            language: Some(ReportLanguage::Es),
            recipient: Some("Dr. Ana Pérez\nQuay Street 12".to_owned()),
            sections: Some("labs".to_owned()),
            letterhead: Some(false),
            ..query()
        };
        let options = ReportOptions {
            form: ReportForm::ShortLetter,
            language: ReportLanguage::Es,
            recipient: "Dr. Ana Pérez\nQuay Street 12".to_owned(),
            sections: Some(vec![StatementSection::Labs]),
            letterhead: false,
            ..ReportOptions::default()
        };
        assert_eq!(parse_query(chosen).unwrap(), RequestedReport::Draft(options));
    }

    #[test]
    fn every_invalid_parameter_is_reported() {
        let odd = ReportQuery {
            recipient: Some("a\nb\nc\nd\ne".to_owned()),
            sections: Some("labs,history".to_owned()),
            ..query()
        };
        let error = format!("{:?}", parse_query(odd).unwrap_err());
        assert!(error.contains("\"recipient\"") && error.contains("\"sections\""), "{error}");
        let signed = ReportQuery { version: Some(2), ..query() };
        assert_eq!(parse_query(signed.clone()).unwrap(), RequestedReport::Signed(2));
        let changed = ReportQuery { language: Some(ReportLanguage::Es), ..signed };
        assert!(parse_query(changed).is_err(), "what was signed is not drawn otherwise");
    }
}
