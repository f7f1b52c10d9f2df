//! The rules of a clinic's policy: what it may say, and what follows of it. Knows no session and no store.

use std::ops::RangeInclusive;

use maneiro_api::{
    limits::{IDLE_MINUTES, MAX_POLICY_HOSTS, MAX_RECORDING_CONSENT_CHARS, RETENTION_DAYS, SESSION_HOURS},
    policy::ClinicPolicy,
};

use super::{error::Error, validation::FieldErrors};

/// RFC 1035, section 2.3.4.
const MAX_HOST_CHARS: usize = 253;
const MAX_LABEL_CHARS: usize = 63;

/// A policy that was checked. Its domains and hosts are in lower case, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidPolicy(ClinicPolicy);

impl ValidPolicy {
    /// # Errors
    /// `InvalidInput` with every refused field.
    pub fn new(policy: ClinicPolicy) -> Result<Self, Error> {
        let mut errors = FieldErrors::default();
        for (field, value, range) in [
            ("idle_minutes", policy.idle_minutes, IDLE_MINUTES),
            ("session_hours", policy.session_hours, SESSION_HOURS),
            ("retention_days", policy.retention_days, RETENTION_DAYS),
        ] {
            errors.check(field, within(value, &range));
        }
        let mail_domains = errors.check("mail_domains", hosts(policy.mail_domains));
        let model_hosts = errors.check("model_hosts", policy.model_hosts.map(hosts).transpose());
        let consent = errors.check("recording_consent", consent(policy.recording_consent));
        let (Some(mail_domains), Some(model_hosts), Some(recording_consent)) =
            (mail_domains, model_hosts, consent)
        else {
            return Err(errors.into_error());
        };
        errors.finish()?;
        Ok(Self(ClinicPolicy { mail_domains, model_hosts, recording_consent, ..policy }))
    }

    #[must_use]
    pub const fn policy(&self) -> &ClinicPolicy {
        &self.0
    }

    #[must_use]
    pub fn into_policy(self) -> ClinicPolicy {
        self.0
    }
}

fn within(value: u32, range: &RangeInclusive<u32>) -> Result<(), String> {
    if range.contains(&value) {
        Ok(())
    } else {
        Err(format!("must be from {} to {}", range.start(), range.end()))
    }
}

/// Names of hosts in lower case, sorted, each once.
fn hosts(names: Vec<String>) -> Result<Vec<String>, String> {
    let mut names: Vec<String> = names.into_iter().map(|name| name.trim().to_ascii_lowercase()).collect();
    names.sort();
    names.dedup();
    if names.len() > MAX_POLICY_HOSTS {
        return Err(format!("must have at most {MAX_POLICY_HOSTS} names"));
    }
    if names.iter().all(|name| is_host(name)) {
        Ok(names)
    } else {
        Err("must have names such as clinic.example".to_owned())
    }
}

fn is_host(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=MAX_LABEL_CHARS).contains(&label.len())
            && label.chars().all(|char| char.is_ascii_alphanumeric() || char == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= MAX_HOST_CHARS && name.split('.').all(is_label)
}

/// What is said before a recording, without the white space around it; nothing if there is no more of it.
fn consent(text: Option<String>) -> Result<Option<String>, String> {
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    match &text {
        Some(text) if text.chars().count() > MAX_RECORDING_CONSENT_CHARS => {
            Err(format!("must have at most {MAX_RECORDING_CONSENT_CHARS} characters"))
        }
        Some(text) if text.chars().any(|char| char.is_control() && char != '\n') => {
            Err("must not contain control characters".to_owned())
        }
        Some(_) | None => Ok(text),
    }
}

/// Whether an address may be that of a member.
#[must_use]
pub fn allows_address(policy: &ClinicPolicy, email: &str) -> bool {
    let domain = email.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    policy.mail_domains.is_empty() || policy.mail_domains.contains(&domain)
}

/// Whether pages may be sent to a host. `hosts` are the policy's.
#[must_use]
pub fn allows_host(hosts: Option<&[String]>, host: &str) -> bool {
    hosts.is_none_or(|hosts| hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> ClinicPolicy {
        ClinicPolicy {
            requires_second_factor: false,
            idle_minutes: 15,
            session_hours: 12,
            mail_domains: Vec::new(),
            retention_days: 90,
            recording_consent: None,
            uploads_originals: true,
            model_hosts: None,
        }
    }

    fn refused_fields(policy: ClinicPolicy) -> Vec<String> {
        match ValidPolicy::new(policy) {
            Err(Error::InvalidInput(fields)) => fields.into_iter().map(|field| field.field).collect(),
            other => panic!("expected a refusal, not {other:?}"),
        }
    }

    #[test]
    fn every_bound_of_a_policy_is_reported_at_once() {
        let names = |name: &str| vec![name.to_owned()];
        let worst = ClinicPolicy {
            idle_minutes: 0,
            session_hours: 25,
            retention_days: 3651,
            mail_domains: names("a b"),
            model_hosts: Some(names("https://models.example")),
            recording_consent: Some("\u{7}".repeat(3)),
            ..policy()
        };
        let all = [
            "idle_minutes",
            "session_hours",
            "retention_days",
            "mail_domains",
            "model_hosts",
            "recording_consent",
        ];
        assert_eq!(refused_fields(worst), all);
        let long = ClinicPolicy { recording_consent: Some("a".repeat(2001)), ..policy() };
        assert_eq!(refused_fields(long), ["recording_consent"]);
        for bad in ["", "-a.example", "a..example", "a_b.example", &"a".repeat(64)] {
            let bad = ClinicPolicy { mail_domains: names(bad), ..policy() };
            assert_eq!(refused_fields(bad), ["mail_domains"]);
        }
    }

    #[test]
    fn names_are_compared_in_lower_case() {
        let mail_domains =
            vec![" Clinic.Example".to_owned(), "a.example".to_owned(), "clinic.example".to_owned()];
        let kept = ValidPolicy::new(ClinicPolicy { mail_domains, ..policy() }).unwrap().into_policy();
        assert_eq!(kept.mail_domains, ["a.example", "clinic.example"]);
        let allows = |email: &str| allows_address(&kept, email);
        assert!(allows("dora@CLINIC.example") && allows("x@a.example"));
        assert!(!allows("dora@other.example") && !allows("dora@clinic.example.evil.example"));
        assert!(allows_address(&policy(), "dora@other.example"));
    }

    #[test]
    fn no_list_of_hosts_is_any_and_an_empty_one_is_none() {
        let named = ["models.example".to_owned()];
        assert!(allows_host(None, "models.example"));
        assert!(!allows_host(Some(&[]), "models.example"));
        assert!(allows_host(Some(&named), "Models.example") && !allows_host(Some(&named), "other.example"));
    }
}
