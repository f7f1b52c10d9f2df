//! Codes that are mailed or shown once and typed by people. Each is computed from an id with a key that is not in the database.

use std::fmt;

/// Crockford's Base32: no I, L, O or U, which are mistaken for other characters or make words.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const BITS_PER_CHAR: usize = 5;

const CHARS_PER_GROUP: usize = 4;

/// A code of so many characters, at most 25.
#[derive(Clone, PartialEq, Eq)]
pub struct OneTimeCode<const CHARS: usize>(u128);

impl<const CHARS: usize> OneTimeCode<CHARS> {
    /// The code of a message authentication code.
    #[must_use]
    pub fn from_mac(mac: &[u8; 32]) -> Self {
        let (first, _) = mac.split_first_chunk().expect("32 bytes are more than 16");
        Self(u128::from_be_bytes(*first) >> (128 - BITS_PER_CHAR * CHARS))
    }

    /// Reads a code as people type it: in any case, with spaces or hyphens, with O for 0 and I or L for 1.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bits = 0;
        let mut chars = 0;
        for character in text.chars().filter(|character| !matches!(character, ' ' | '-')) {
            let digit = match character.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let value = ALPHABET.iter().position(|known| char::from(*known) == digit)?;
            bits = bits << BITS_PER_CHAR | value as u128;
            chars += 1;
            if chars > CHARS {
                return None;
            }
        }
        (chars == CHARS).then_some(Self(bits))
    }

    /// Whether two codes are equal, in a time that does not depend on where they differ.
    #[must_use]
    pub const fn matches(&self, other: &Self) -> bool {
        self.0 ^ other.0 == 0
    }

    /// What tells codes apart, to be hashed.
    #[must_use]
    pub const fn to_bytes(&self) -> [u8; 16] {
        self.0.to_be_bytes()
    }
}

impl<const CHARS: usize> fmt::Display for OneTimeCode<CHARS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for position in 0..CHARS {
            if position > 0 && position % CHARS_PER_GROUP == 0 {
                f.write_str("-")?;
            }
            let value = self.0 >> (BITS_PER_CHAR * (CHARS - 1 - position)) & 0b1_1111;
            write!(f, "{}", char::from(ALPHABET[value as usize]))?;
        }
        Ok(())
    }
}

impl<const CHARS: usize> fmt::Debug for OneTimeCode<CHARS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_has_groups_of_four_characters_and_is_never_debugged() {
        let code = OneTimeCode::<8>::from_mac(&[0xff; 32]);
        assert_eq!(code.to_string(), "ZZZZ-ZZZZ");
        assert_eq!(OneTimeCode::<8>(1).to_string(), "0000-0001");
        assert_eq!(OneTimeCode::<20>(1).to_string(), "0000-0000-0000-0000-0001");
        assert_eq!(format!("{code:?}"), "OneTimeCode(…)");
    }

    #[test]
    fn code_is_read_as_people_type_it() {
        let code = OneTimeCode::<8>(0x12_3456_789a);
        let text = code.to_string();
        for typed in [text.clone(), text.to_lowercase(), text.replace('-', ""), format!(" {text} ")] {
            assert_eq!(OneTimeCode::parse(&typed), Some(code.clone()), "{typed}");
        }
        assert_eq!(OneTimeCode::<8>::parse("OIL0-1111"), OneTimeCode::parse("0110-1111"));
        for wrong in ["", "1234-567", "1234-56789", "1234-567U", "1234-567ß"] {
            assert_eq!(OneTimeCode::<8>::parse(wrong), None, "{wrong}");
        }
        let long = OneTimeCode::<20>::from_mac(&[0x5a; 32]);
        assert_eq!(OneTimeCode::parse(&long.to_string()), Some(long));
    }

    #[test]
    fn codes_match_only_if_every_bit_does() {
        let code = OneTimeCode::<20>(0x1_2345_6789);
        assert!(code.matches(&code.clone()));
        for bit in 0..100 {
            assert!(!code.matches(&OneTimeCode(code.0 ^ 1 << bit)), "bit {bit}");
        }
    }
}
