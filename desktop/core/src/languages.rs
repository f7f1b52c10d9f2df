//! The languages of OCR. Knows how their models are named, not whether they are installed.

use std::{fmt, str::FromStr};

/// Names of Tesseract's models, the most likely first. The first is tried first, so the same models in another order may
/// read differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Languages(Vec<String>);

impl Default for Languages {
    fn default() -> Self {
        Self(vec!["eng".to_owned()])
    }
}

impl Languages {
    /// The languages of all lists in their order, each once; English if there are none.
    #[must_use]
    pub fn merge(lists: impl IntoIterator<Item = Languages>) -> Self {
        let mut models: Vec<String> = Vec::new();
        for model in lists.into_iter().flat_map(|languages| languages.0) {
            if !models.contains(&model) {
                models.push(model);
            }
        }
        if models.is_empty() { Self::default() } else { Self(models) }
    }

    /// The models' names, at least one.
    #[must_use]
    pub fn models(&self) -> &[String] {
        &self.0
    }
}

/// Joined by `+`.
impl fmt::Display for Languages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("+"))
    }
}

/// The text is not a list of model names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a language model such as deu, or several such as deu+eng")]
pub struct InvalidLanguages;

impl FromStr for Languages {
    type Err = InvalidLanguages;

    fn from_str(text: &str) -> Result<Self, InvalidLanguages> {
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_/".contains(c))
        };
        let names: Vec<&str> = text.split('+').map(str::trim).collect();
        if names.iter().all(|name| is_name(name)) {
            Ok(Self::merge(names.into_iter().map(|name| Self(vec![name.to_owned()]))))
        } else {
            Err(InvalidLanguages)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_keep_their_order_without_duplicates() {
        let parsed = |text: &str| text.parse::<Languages>().unwrap();
        assert_eq!(parsed("deu+eng+deu").models(), ["deu", "eng"]);
        assert_eq!(
            Languages::merge([parsed("script/Cyrillic"), parsed("eng")]).to_string(),
            "script/Cyrillic+eng"
        );
        assert_ne!(parsed("deu+eng"), parsed("eng+deu"));
        assert_eq!(Languages::merge([]), Languages::default());
        for wrong in ["", "+", "deu+", "Deutsch, bitte", "../eng"] {
            assert_eq!(wrong.parse::<Languages>(), Err(InvalidLanguages), "{wrong}");
        }
    }
}
