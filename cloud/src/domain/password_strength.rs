//! Whether a password is easy to guess: one of the common ones, or one that an estimator of guesses (zxcvbn) breaks in fewer
//! than 10⁸. No rules of composition (NIST SP 800-63B, section 3.1.1.2).

use zxcvbn::{Score, zxcvbn};

/// One a line, in lower case, from the shortest that is permitted on.
const COMMON_PASSWORDS: &str = include_str!("common_passwords.txt");

/// "Safely unguessable" in the estimator's words: 10⁸ guesses and more.
const MIN_SCORE: Score = Score::Three;

/// Why a password is refused; none if it is hard to guess. `personal` are words that a guesser of this account tries first,
/// such as its name and address.
#[must_use]
pub(super) fn weakness(password: &str, personal: &[&str]) -> Option<&'static str> {
    let folded = password.to_lowercase();
    if COMMON_PASSWORDS.lines().any(|common| common == folded) {
        return Some("is one of the most common passwords");
    }
    // As they are, run together, and one by one.
    let run_together: Vec<String> = personal
        .iter()
        .map(|text| text.chars().filter(|character| character.is_alphanumeric()).collect())
        .collect();
    let words: Vec<&str> = personal
        .iter()
        .flat_map(|text| text.split(|character: char| !character.is_alphanumeric()).chain([*text]))
        .chain(run_together.iter().map(String::as_str))
        .filter(|word| word.chars().count() >= 3)
        .chain(["maneiro"])
        .collect();
    (zxcvbn(password, &words).score() < MIN_SCORE)
        .then_some("is easy to guess: take more words, or rarer ones, and none of your own name or address")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERSONAL: [&str; 2] = ["Ada Lovelace", "ada.lovelace@lakesideclinic.example"];

    #[test]
    fn guessable_passwords_are_refused() {
        for guessable in [
            "passwordpassword",
            "Password1234!",
            "aaaaaaaaaaaaaa",
            "qwertyuiop123",
            "123456789012",
            "abcdefghijkl",
            "AdaLovelace1815",
            "lakesideclinic1",
            "maneiro12345",
        ] {
            assert!(weakness(guessable, &PERSONAL).is_some(), "{guessable}");
        }
    }

    #[test]
    fn sentences_and_random_passwords_are_accepted() {
        for strong in [
            "correct horse battery staple",
            "correct horse battery",
            "xq7 vmkd 2plw",
            "el perro verde baila a medianoche",
            "雨の日には静かに本を読みます",
        ] {
            assert_eq!(weakness(strong, &PERSONAL), None, "{strong}");
        }
    }

    #[test]
    fn common_passwords_are_refused_in_any_case() {
        let common: Vec<&str> = COMMON_PASSWORDS.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(common.len() > 150, "{}", common.len());
        for password in common {
            assert_eq!(weakness(&password.to_uppercase(), &[]), Some("is one of the most common passwords"));
        }
    }
}
