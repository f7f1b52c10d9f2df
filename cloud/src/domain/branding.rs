//! What clinics and signers may put on reports. Pictures are another matter: see [`super::picture`].

use maneiro_api::{
    branding::{ClinicLetterhead, SignerBlock},
    limits::{MAX_LETTERHEAD_LINE_CHARS, MAX_LETTERHEAD_LINES},
};

use super::{
    error::Error,
    validation::{BoundedText, FieldErrors, Title},
};

type LetterheadLine = BoundedText<MAX_LETTERHEAD_LINE_CHARS>;

/// A letterhead with its texts as they are kept, without picture, and the clinic's name.
///
/// # Errors
/// `InvalidInput` with every invalid field.
pub fn parse_letterhead(input: &ClinicLetterhead) -> Result<(Title, ClinicLetterhead), Error> {
    let mut errors = FieldErrors::default();
    let name = errors.check("name", Title::parse(&input.name));
    if input.lines.len() > MAX_LETTERHEAD_LINES {
        errors.add("lines", format!("must be at most {MAX_LETTERHEAD_LINES}"));
    }
    let lines = input.lines.iter().enumerate().filter_map(|(index, line)| {
        let line = errors.check(&format!("lines[{index}]"), LetterheadLine::parse(line))?;
        Some(line.as_str().to_owned())
    });
    let lines = lines.collect();
    let Some(name) = name else { return Err(errors.into_error()) };
    errors.finish()?;
    let letterhead = ClinicLetterhead { name: name.as_str().to_owned(), lines, picture: None };
    Ok((name, letterhead))
}

/// A signature block with its texts as they are kept, without picture.
///
/// # Errors
/// `InvalidInput` with every invalid field.
pub fn parse_block(input: &SignerBlock) -> Result<SignerBlock, Error> {
    let mut errors = FieldErrors::default();
    let name = errors.check("name", Title::parse(&input.name));
    let mut text = |field: &str, text: &str| {
        let text = Some(text).filter(|text| !text.trim().is_empty())?;
        errors.check(field, Title::parse(text)).map(|text| text.as_str().to_owned())
    };
    let block = SignerBlock {
        name: name.map(|name| name.as_str().to_owned()).unwrap_or_default(),
        line: text("line", &input.line).unwrap_or_default(),
        licence: text("licence", &input.licence).unwrap_or_default(),
        phone: text("phone", &input.phone).unwrap_or_default(),
        picture: None,
    };
    errors.finish()?;
    Ok(block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_invalid_text_is_reported() {
        let letterhead = ClinicLetterhead {
            name: " ".to_owned(),
            lines: ["a", "b\n", "", "d", &"e".repeat(121)].map(str::to_owned).to_vec(),
            picture: None,
        };
        let error = format!("{:?}", parse_letterhead(&letterhead).unwrap_err());
        for field in ["\"name\"", "\"lines\"", "lines[2]", "lines[4]"] {
            assert!(error.contains(field), "{field}: {error}");
        }
        let block = SignerBlock {
            name: String::new(),
            line: "a\u{7}b".to_owned(),
            licence: "x".repeat(201),
            phone: String::new(),
            picture: None,
        };
        let error = format!("{:?}", parse_block(&block).unwrap_err());
        for field in ["\"name\"", "\"line\"", "\"licence\""] {
            assert!(error.contains(field), "{field}: {error}");
        }
    }

    #[test]
    fn white_space_around_a_text_is_dropped() {
        let block = SignerBlock {
            name: " Dora Doctor, MD ".to_owned(),
            line: "  ".to_owned(),
            licence: " TX 12345 ".to_owned(),
            phone: String::new(),
            picture: None,
        };
        let kept = parse_block(&block).unwrap();
        assert_eq!((&*kept.name, &*kept.line, &*kept.licence), ("Dora Doctor, MD", "", "TX 12345"));
    }
}
