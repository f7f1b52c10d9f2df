//! Whether a URL stays on this machine, so that it needs no TLS.

use std::net::IpAddr;

use url::{Host, Url};

/// Whether the host of a URL is this machine: `localhost`, 127.0.0.0/8 or ::1.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        // The host of a scheme that `url` does not know, such as postgres, is not parsed as an IP address.
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosts_of_this_machine_are_loopback() {
        for (url, expected) in [
            ("http://localhost:8080", true),
            ("http://127.0.0.1", true),
            ("http://127.0.0.2/v1", true),
            ("http://[::1]:8080", true),
            ("postgres://app:x@127.0.0.1:5432/m", true),
            ("postgres://app:x@localhost/m", true),
            ("http://127.0.0.1.example", false),
            ("http://localhost.example", false),
            ("http://[::2]", false),
            ("postgres://app:x@db.example/m", false),
            ("postgresql:///m", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
