//! Asks Envoy's admin interface whether it serves, and whether it took what it was given.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpStream};

use super::render::Endpoint;
use crate::http;

/// Has Envoy gone through its first configuration? It says so too when it has refused a part of it.
pub fn ready(admin: &Endpoint) -> bool {
    http::get(&admin.reachable(), admin.port, "/ready").is_ok_and(|(status, _)| status == 200)
}

/// Can a client connect?
pub fn listens(endpoint: &Endpoint) -> bool {
    TcpStream::connect((endpoint.reachable(), endpoint.port)).is_ok()
}

/// How many configurations Envoy has refused since its start; `None` when it does not answer.
pub fn refused(admin: &Endpoint) -> Option<u64> {
    let path = "/stats?filter=(update_rejected|config_fail)$";
    http::get(&admin.reachable(), admin.port, path).ok().map(|(_, text)| sum(&text))
}

impl Endpoint {
    /// The address that a program on this machine connects to.
    pub fn reachable(&self) -> String {
        match self.address.parse::<IpAddr>() {
            Ok(IpAddr::V4(ip)) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
            Ok(IpAddr::V6(ip)) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.to_string(),
            _ => self.address.clone(),
        }
    }

    /// The same with the port, as it stands in a URL.
    pub fn authority(&self) -> String {
        http::authority(&self.reachable(), self.port)
    }
}

/// The sum of all values in Envoy's `name: value` lines.
fn sum(stats: &str) -> u64 {
    let values =
        stats.lines().filter(|line| line.contains("update_rejected") || line.contains("config_fail"));
    values.filter_map(|line| line.rsplit_once(": ")?.1.trim().parse::<u64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_summed_over_all_kinds_of_configuration() {
        let stats = "HTTP/1.1 200 OK\r\ndate: 5\r\n\r\ncluster_manager.cds.update_rejected: 1\n\
                     extension_config_discovery.http_filter.tollgate.config_fail: 2\r\nother: 7\n";
        assert_eq!(sum(stats), 3);
        assert_eq!(sum(""), 0);
    }

    #[test]
    fn gateway_for_everybody_is_reached_on_loopback() {
        for (address, reachable, authority) in [
            ("0.0.0.0", "127.0.0.1", "127.0.0.1:1"),
            ("::", "::1", "[::1]:1"),
            ("::1", "::1", "[::1]:1"),
            ("10.0.0.7", "10.0.0.7", "10.0.0.7:1"),
        ] {
            let endpoint = Endpoint { address: address.into(), port: 1 };
            assert_eq!(
                (endpoint.reachable().as_str(), endpoint.authority().as_str()),
                (reachable, authority)
            );
        }
    }
}
