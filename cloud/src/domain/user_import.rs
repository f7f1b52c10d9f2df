//! Accounts of a system that Maneiro replaces, from a CSV file (RFC 4180) whose first line names the columns: `email`, `name`
//! and `role`; if wanted `password_hash` (bcrypt), `signs` and `language`.

use std::fmt;

use csv::{ReaderBuilder, StringRecord, Trim};
use maneiro_api::account::{MailLanguage, Role};

use super::validation::{Email, Title};

/// The columns that there must be.
const REQUIRED_COLUMNS: [&str; 3] = ["email", "name", "role"];

/// The columns that there may be.
const OPTIONAL_COLUMNS: [&str; 3] = ["password_hash", "signs", "language"];

/// The highest cost of bcrypt: each sign-in computes it, whoever signs in, until its user has.
const MAX_BCRYPT_COST: u32 = 14;

const MIN_BCRYPT_COST: u32 = 4;

/// The characters of salt and hash.
const BCRYPT_CHARS: usize = 53;

/// A bcrypt hash that can be verified, at a cost that sign-ins bear.
#[derive(Clone, PartialEq, Eq)]
pub struct BcryptHash(String);

impl BcryptHash {
    /// # Errors
    /// What is wrong with it; its text is not repeated.
    pub fn parse(text: &str) -> Result<Self, String> {
        let malformed = || "password_hash is not bcrypt ($2a$, $2b$ or $2y$)".to_owned();
        let rest = ["$2a$", "$2b$", "$2y$"].iter().find_map(|prefix| text.strip_prefix(prefix));
        let (cost, salt_and_hash) = rest.and_then(|rest| rest.split_once('$')).ok_or_else(malformed)?;
        let is_base64 =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"./".contains(&byte));
        if cost.len() != 2 || salt_and_hash.len() != BCRYPT_CHARS || !is_base64(salt_and_hash) {
            return Err(malformed());
        }
        match cost.parse() {
            Ok(MIN_BCRYPT_COST..=MAX_BCRYPT_COST) => Ok(Self(text.to_owned())),
            _ => Err(format!("password_hash must have a cost of {MIN_BCRYPT_COST} to {MAX_BCRYPT_COST}")),
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for BcryptHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BcryptHash(…)")
    }
}

/// A row of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// In the file, from 1.
    pub line: u64,
    /// What is to be imported, or why it is not.
    pub user: Result<ImportedUser, String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedUser {
    pub email: Email,
    pub name: Title,
    pub role: Role,
    pub signs: bool,
    pub language: MailLanguage,
    /// Without one the user sets a password by a mailed code.
    pub password_hash: Option<BcryptHash>,
}

/// Reads a file.
///
/// # Errors
/// What is wrong with its first line. What is wrong with another is said in its row.
pub fn parse(csv: &[u8]) -> Result<Vec<UserRow>, String> {
    // What spreadsheets write before the first line.
    let csv = csv.strip_prefix("\u{feff}".as_bytes()).unwrap_or(csv);
    // The reader counts a line that ends with both one too low.
    let csv: Vec<u8> = csv
        .iter()
        .zip(csv.iter().skip(1).chain(&[0]))
        .filter(|pair| pair != &(&b'\r', &b'\n'))
        .map(|(byte, _)| *byte)
        .collect();
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(csv.as_slice());
    let columns = reader.headers().map_err(|_| "the first line is not text".to_owned())?.clone();
    for required in REQUIRED_COLUMNS {
        if !columns.iter().any(|column| column == required) {
            return Err(format!("the first line has no column {required}"));
        }
    }
    if let Some(unknown) =
        columns.iter().find(|column| !REQUIRED_COLUMNS.contains(column) && !OPTIONAL_COLUMNS.contains(column))
    {
        return Err(format!("the first line has an unknown column {unknown:?}"));
    }
    let rows = reader.records().map(|record| match record {
        Ok(record) => {
            let line = record.position().map_or(0, csv::Position::line);
            UserRow { line, user: parse_row(&columns, &record) }
        }
        Err(error) => {
            let line = error.position().map_or(0, csv::Position::line);
            UserRow {
                line,
                user: Err("is not a row of text with as many columns as the first line".to_owned()),
            }
        }
    });
    Ok(rows.collect())
}

fn parse_row(columns: &StringRecord, record: &StringRecord) -> Result<ImportedUser, String> {
    let field = |name: &str| {
        let place = columns.iter().position(|column| column == name);
        place.and_then(|place| record.get(place)).filter(|text| !text.is_empty())
    };
    let required = |name: &str| field(name).ok_or_else(|| format!("{name} is missing"));
    let (email, name) = (required("email")?, required("name")?);
    Ok(ImportedUser {
        email: Email::parse(email).map_err(|message| format!("email {message}"))?,
        name: Title::parse(name).map_err(|message| format!("name {message}"))?,
        role: match required("role")? {
            "admin" => Role::Admin,
            "doctor" => Role::Doctor,
            "assistant" => Role::Assistant,
            _ => return Err("role must be admin, doctor or assistant".to_owned()),
        },
        signs: match field("signs") {
            Some("true") => true,
            None | Some("false") => false,
            Some(_) => return Err("signs must be true or false".to_owned()),
        },
        language: match field("language") {
            None | Some("en") => MailLanguage::En,
            Some("es") => MailLanguage::Es,
            Some(_) => return Err("language must be en or es".to_owned()),
        },
        password_hash: field("password_hash").map(BcryptHash::parse).transpose()?,
    })
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportOutcome {
    /// The account is new.
    Created,
    /// The address had an account, which became a member; its password is its own.
    Joined,
    /// It was a member before, and stays as it was.
    Unchanged,
    /// A member who was removed stays so.
    Removed,
    Refused(String),
}

impl fmt::Display for ImportOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Created => f.write_str("created"),
            Self::Joined => f.write_str("joined the clinic with the account they have"),
            Self::Unchanged => f.write_str("is a member already"),
            Self::Removed => f.write_str("was removed from the clinic and stays so"),
            Self::Refused(reason) => write!(f, "refused: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "$2y$10$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234";

    #[test]
    fn rows_are_read_with_their_lines_and_refused_with_reasons() {
        let file = format!(
            "\u{feff}email,name,role,password_hash,signs\r\n\
             ada@clinic.example,\"Lovelace, Ada\",doctor,{HASH},true\r\n\
             nobody,N. N.,doctor,,\n\
             bo@clinic.example,Bo,nurse,,\n\
             bo@clinic.example,Bo,assistant,$2y$31$abc,\n\
             too,few\n\
             cy@clinic.example,Cy,assistant,,\n"
        );
        let rows = parse(file.as_bytes()).unwrap();
        let ada = rows[0].user.as_ref().unwrap();
        assert_eq!((ada.name.as_str(), ada.role, ada.signs), ("Lovelace, Ada", Role::Doctor, true));
        assert_eq!(ada.password_hash.as_ref().unwrap().as_str(), HASH);
        let refused: Vec<(u64, &str)> = rows
            .iter()
            .filter_map(|row| row.user.as_ref().err().map(|reason| (row.line, reason.as_str())))
            .collect();
        assert_eq!(
            refused,
            [
                (3, "email must be an e-mail address"),
                (4, "role must be admin, doctor or assistant"),
                (5, "password_hash is not bcrypt ($2a$, $2b$ or $2y$)"),
                (6, "is not a row of text with as many columns as the first line"),
            ]
        );
        assert_eq!(rows[5].user.as_ref().unwrap().password_hash, None);
    }

    #[test]
    fn a_file_with_other_columns_is_refused() {
        assert_eq!(parse(b"email,name\n").unwrap_err(), "the first line has no column role");
        let unknown = parse(b"email,name,role,password\n").unwrap_err();
        assert_eq!(unknown, "the first line has an unknown column \"password\"");
    }

    #[test]
    fn bcrypt_must_be_whole_and_bearable() {
        assert!(BcryptHash::parse(HASH).is_ok());
        assert!(!format!("{:?}", BcryptHash::parse(HASH)).contains("abc"), "it is not debugged");
        let too_dear = HASH.replace("$10$", "$15$");
        assert!(BcryptHash::parse(&too_dear).unwrap_err().contains("cost"));
        for wrong in ["", "secret", &HASH[1..], &HASH[..59], "$1$abc", &HASH.replace("$10$", "$1$")] {
            assert!(BcryptHash::parse(wrong).is_err(), "{wrong}");
        }
    }
}
