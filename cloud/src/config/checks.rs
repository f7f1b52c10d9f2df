//! Checks of settings that protect patient data on its way.

use maneiro_api::is_loopback;
use url::Url;

pub(super) fn is_encrypted_or_local(url: &Url) -> bool {
    url.scheme() == "https" || is_loopback(url)
}

/// Whether the server of a database URL must prove its identity, or is reached by a socket or on this machine.
pub(super) fn is_verified_or_local_database(url: &Url) -> bool {
    let query =
        |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let is_socket = query("host").is_some_and(|host| host.starts_with('/')) || !url.has_host();
    let is_verified = query("sslmode").is_some_and(|mode| mode == "verify-full");
    is_socket || is_verified || is_loopback(url)
}

/// Whether the host of a URL is on a list of hosts, each a name or `name:port`, in lower case.
pub(super) fn is_host_allowed(url: &Url, allowed_hosts: &[String]) -> bool {
    let host = url.host_str().unwrap_or_default();
    let with_port = format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
    allowed_hosts.iter().any(|allowed| allowed == host || *allowed == with_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remote_database_must_prove_its_identity() {
        for (url, expected) in [
            ("postgres://app:x@127.0.0.1:5432/m", true),
            ("postgres://app:x@[::1]/m", true),
            ("postgres://app:x@localhost/m?sslmode=disable", true),
            ("postgresql:///m?host=/run/postgresql", true),
            ("postgres://app:x@db.example/m?sslmode=verify-full", true),
            ("postgres://app:x@db.example/m", false),
            ("postgres://app:x@db.example/m?sslmode=require", false),
        ] {
            assert_eq!(is_verified_or_local_database(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn only_listed_hosts_are_allowed() {
        let url = Url::parse("https://Model.example/v1").unwrap();
        let is_allowed = |hosts: &[&str]| {
            is_host_allowed(&url, &hosts.iter().map(|host| (*host).to_owned()).collect::<Vec<_>>())
        };
        assert!(is_allowed(&["other.example", "model.example"]));
        assert!(is_allowed(&["model.example:443"]));
        assert!(!is_allowed(&["other.example"]));
        assert!(!is_allowed(&["evil-model.example", "model.example.evil"]));
        assert!(!is_allowed(&["model.example:444"]));
    }
}
