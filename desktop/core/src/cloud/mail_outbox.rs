//! The mails of an embedded cloud, which lie as files on this computer: from there the code of a registration is taken
//! without anyone opening them.

use std::{fs, path::PathBuf, time::Duration};

/// How often the folder is looked at for a new mail.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// A mail that was requested is written within moments, unless the last one to the address is a minute old at most.
const MAX_WAIT: Duration = Duration::from_secs(15);

/// The folder that an embedded cloud writes its mails to.
#[derive(Debug, Clone)]
pub struct MailOutbox(PathBuf);

impl MailOutbox {
    #[must_use]
    pub const fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// The code in the newest mail to an address; `None` if there is no mail or no code in it.
    #[must_use]
    pub fn newest_code(&self, email: &str) -> Option<String> {
        let entries = fs::read_dir(&self.0).ok()?;
        // The names are in the order of the mails.
        let mut mails: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        mails.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
        mails.sort_unstable_by(|one, other| other.cmp(one));
        let mail = mails.iter().filter_map(|path| fs::read_to_string(path).ok()).find(|mail| {
            let headers = mail.lines().take_while(|line| !line.is_empty());
            headers.filter_map(|line| line.strip_prefix("To: ")).any(|to| to.eq_ignore_ascii_case(email))
        })?;
        mail.lines().find(|line| is_code(line)).map(str::to_owned)
    }

    /// Waits for a mail with another code than `previous`, the newest before the mail was requested. Returns the newest code
    /// in any case, because a mail that was requested twice within a minute is sent once.
    pub async fn wait_for_code(&self, email: &str, previous: Option<&str>) -> Option<String> {
        let newer = async {
            loop {
                let newest = self.newest_code(email);
                if newest.is_some() && newest.as_deref() != previous {
                    return newest;
                }
                tokio::time::sleep(POLL_INTERVAL).await;
            }
        };
        tokio::time::timeout(MAX_WAIT, newer).await.unwrap_or_else(|_| self.newest_code(email))
    }
}

/// Whether a line is two groups of four characters and nothing else.
fn is_code(line: &str) -> bool {
    let is_group =
        |group: &str| group.len() == 4 && group.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    line.split_once('-').is_some_and(|(first, second)| is_group(first) && is_group(second))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn write(folder: &Path, name: &str, to: &str, line: &str) {
        let mail = format!(
            "To: {to}\r\nSubject: Code\r\n\r\nYour code:\r\n\r\n{line}\r\n\r\nABCD-1234 is none.\r\n"
        );
        fs::write(folder.join(name), mail).unwrap();
    }

    #[test]
    fn code_is_that_of_the_newest_mail_to_the_address() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = MailOutbox::new(folder.path().to_owned());
        assert_eq!(outbox.newest_code("ada@clinic.example"), None);
        write(folder.path(), "01.eml", "ada@clinic.example", "AAAA-0001");
        write(folder.path(), "02.eml", "ada@clinic.example", "BBBB-0002");
        write(folder.path(), "03.eml", "eve@clinic.example", "CCCC-0003");
        write(folder.path(), "04.unfinished", "ada@clinic.example", "DDDD-0004");
        assert_eq!(outbox.newest_code("Ada@clinic.example").as_deref(), Some("BBBB-0002"));
        write(folder.path(), "05.eml", "ada@clinic.example", "You have an account.");
        assert_eq!(outbox.newest_code("ada@clinic.example"), None);
    }

    #[tokio::test]
    async fn another_code_than_the_previous_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = MailOutbox::new(folder.path().to_owned());
        write(folder.path(), "01.eml", "ada@clinic.example", "AAAA-0001");
        let waiting = outbox.wait_for_code("ada@clinic.example", Some("AAAA-0001"));
        let (code, ()) = tokio::join!(waiting, async {
            tokio::task::yield_now().await;
            write(folder.path(), "02.eml", "ada@clinic.example", "BBBB-0002");
        });
        assert_eq!(code.as_deref(), Some("BBBB-0002"));
    }
}
