//! From which address a request came. What a client writes into `X-Forwarded-For` is believed only as far as proxies that
//! the operator trusts have written it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;

/// The address of the client of a request, as far as it can be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    #[must_use]
    pub const fn ip(self) -> IpAddr {
        self.0
    }

    /// What one client has to itself: an IPv4 address, or the /64 that a provider gives each IPv6 subscriber (RFC 6177).
    #[must_use]
    pub fn subscriber(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
        }
    }
}

/// The networks of proxies whose `X-Forwarded-For` is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Parses networks such as `10.0.0.0/8`, or single addresses, separated by commas.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parse_one = |part: &str| part.parse().or_else(|_| part.parse::<IpAddr>().map(IpNet::from)).ok();
        text.split(',').map(|part| parse_one(part.trim())).collect::<Option<_>>().map(Self)
    }

    /// The rightmost hop that is not a trusted proxy. `forwarded` are the values of `X-Forwarded-For` in their order; each
    /// proxy appends the address that it was connected from, so whatever stands left of an untrusted hop may be forged.
    #[must_use]
    pub fn client_address<'v>(
        &self,
        peer: IpAddr,
        forwarded: impl DoubleEndedIterator<Item = &'v str>,
    ) -> ClientAddress {
        let mut client = peer.to_canonical();
        let mut hops = forwarded.rev().flat_map(|value| value.rsplit(',')).map(parse_hop);
        while self.contains(client) {
            // A hop that is no address was not written by a trusted proxy: the last one known stands for the client.
            let Some(Some(hop)) = hops.next() else { break };
            client = hop;
        }
        ClientAddress(client)
    }

    fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// An address, which some proxies write with a port.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let address = text.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|hop| hop.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &str, peer: &str, forwarded: &[&str]) -> String {
        let proxies = if trusted.is_empty() {
            TrustedProxies::default()
        } else {
            TrustedProxies::parse(trusted).unwrap()
        };
        proxies.client_address(peer.parse().unwrap(), forwarded.iter().copied()).ip().to_string()
    }

    #[test]
    fn header_of_an_untrusted_peer_is_ignored() {
        assert_eq!(client("", "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client("10.0.0.0/8", "203.0.113.9", &["198.51.100.1, 10.0.0.2"]), "203.0.113.9");
    }

    #[test]
    fn rightmost_untrusted_hop_is_the_client() {
        let proxies = "10.0.0.0/8, 2001:db8::1";
        assert_eq!(client(proxies, "10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client(proxies, "10.0.0.1", &["6.6.6.6, 198.51.100.1, 10.9.9.9"]), "198.51.100.1");
        assert_eq!(client(proxies, "10.0.0.1", &["6.6.6.6", "198.51.100.1,10.9.9.9"]), "198.51.100.1");
        assert_eq!(client(proxies, "2001:db8::1", &["6.6.6.6,10.0.0.7"]), "6.6.6.6");
        assert_eq!(client(proxies, "::ffff:10.0.0.1", &["198.51.100.1:4711"]), "198.51.100.1");
        assert_eq!(client(proxies, "10.0.0.1", &["[2001:db8:7::2]:80"]), "2001:db8:7::2");
    }

    #[test]
    fn without_a_usable_hop_the_last_proxy_is_the_client() {
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &["198.51.100.1, unknown"]), "10.0.0.1");
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
    }

    #[test]
    fn ipv6_subscriber_is_its_64_bit_prefix() {
        let subscriber = |address: &str| ClientAddress(address.parse().unwrap()).subscriber().to_string();
        assert_eq!(subscriber("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(subscriber("203.0.113.9"), "203.0.113.9");
    }

    #[test]
    fn malformed_network_is_refused() {
        assert!(TrustedProxies::parse("10.0.0.0/33").is_none());
        assert!(TrustedProxies::parse("10.0.0.0/8,").is_none());
        assert!(TrustedProxies::parse("proxy.example").is_none());
    }
}
