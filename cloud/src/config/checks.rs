//! Checks of settings that protect patient data on its way.

use std::net::IpAddr;

use maneiro_api::is_loopback;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;

pub(super) fn is_encrypted_or_local(url: &Url) -> bool {
    url.scheme() == "https" || is_loopback(url)
}

/// Whether a database server must prove its identity, or is reached by a socket or on this machine. What the driver made of
/// the URL and of PGHOST, PGHOSTADDR and PGSSLMODE is judged, not the URL: a parameter may overrule the host that it names.
pub(super) fn is_verified_or_local_database(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let is_socket = options.get_socket().is_some() || host.starts_with('/');
    let is_verified = matches!(options.get_ssl_mode(), PgSslMode::VerifyFull);
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let is_local = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    is_socket || is_verified || is_local
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
            ("postgres://app:x@localhost/m?host=db.example", false),
            ("postgres://app:x@localhost/m?hostaddr=192.0.2.1", false),
            ("postgres://app:x@db.example/m?sslmode=verify-full&sslmode=disable", false),
            ("postgres://app:x@db.example/m?sslmode=disable&ssl-mode=verify-full", true),
        ] {
            let options = url.parse().unwrap();
            assert_eq!(is_verified_or_local_database(&options), expected, "{url}");
        }
    }

    #[test]
    fn database_host_of_the_environment_is_judged_too() {
        // As the driver makes them of a URL without a host, and PGHOST.
        let options = PgConnectOptions::new_without_pgpass();
        assert!(!is_verified_or_local_database(&options.clone().host("db.example")));
        assert!(is_verified_or_local_database(&options.host("/run/postgresql")));
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
