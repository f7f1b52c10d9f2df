//! What may be chosen for a report.

use maneiro_api::{
    limits::{MAX_RECIPIENT_LINE_CHARS, MAX_RECIPIENT_LINES, MAX_REPORT_SECTIONS},
    report::{ReportOptions, is_printable_recipient},
};

use super::validation::FieldErrors;

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

#[cfg(test)]
mod tests {
    use maneiro_api::edit::StatementSection;

    use super::*;

    #[test]
    fn every_invalid_option_is_reported() {
        let check = |options: &ReportOptions| {
            let mut errors = FieldErrors::default();
            check_options(&mut errors, |option| format!("report.draft.{option}"), options);
            errors.finish().map_err(|error| format!("{error:?}"))
        };
        assert_eq!(check(&ReportOptions::default()), Ok(()));
        let odd = ReportOptions {
            recipient: "a\nb\nc\nd\ne".to_owned(),
            sections: Some(vec![StatementSection::Labs; MAX_REPORT_SECTIONS + 1]),
            ..ReportOptions::default()
        };
        let error = check(&odd).unwrap_err();
        assert!(
            error.contains("\"report.draft.recipient\"") && error.contains("\"report.draft.sections\""),
            "{error}"
        );
    }
}
