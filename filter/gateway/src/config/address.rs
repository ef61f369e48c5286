//! Where a provider is reached: a URL taken apart and checked.
//!
//! Only what an HTTP endpoint needs is accepted: no credentials, no query, no fragment. It never resolves a name.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use crate::dialects::Dialect;

/// The longest host name, in bytes (RFC 1035).
const HOST_BYTES_MAX: usize = 253;

/// How bytes travel to a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Plain text.
    Http,
    /// TLS.
    Https,
}

impl Scheme {
    /// The port of a URL that names none.
    pub const fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }

    /// `http` or `https`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }
}

/// A host as it was written: a name to resolve or an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A name for the DNS.
    Name(String),
    /// An address.
    Ip(IpAddr),
}

impl Host {
    /// Whether it is this machine, so that nothing travels.
    pub fn is_loopback(&self) -> bool {
        match self {
            Host::Name(name) => name == "localhost",
            Host::Ip(ip) => ip.is_loopback(),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Name(name) => f.write_str(name),
            Host::Ip(ip) => write!(f, "{ip}"),
        }
    }
}

/// A provider's URL, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// Plain or TLS.
    pub scheme: Scheme,
    /// The host.
    pub host: Host,
    /// The port, the scheme's own where none was written.
    pub port: u16,
    /// What stands before the dialect's path; empty or `/prefix` without a slash at its end.
    pub path_prefix: String,
}

impl Upstream {
    /// Reads a URL; the error says what is wrong with it, and never repeats it: it may carry credentials.
    pub fn parse(url: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = split_scheme(url)?;
        if rest.contains(['?', '#']) {
            return Err("the url has a query or a fragment");
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err("the url carries credentials");
        }
        let (host, port) = split_authority(authority)?;
        let port = if port.is_empty() { scheme.default_port() } else { read_port(port)? };
        Ok(Self { scheme, host: read_host(host)?, port, path_prefix: normalise(path)? })
    }

    /// The value of the `Host` header.
    pub fn authority(&self) -> String {
        let host = match &self.host {
            Host::Ip(IpAddr::V6(ip)) => format!("[{ip}]"),
            host => host.to_string(),
        };
        if self.port == self.scheme.default_port() { host } else { format!("{host}:{}", self.port) }
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme.as_str(), self.authority(), self.path_prefix)
    }
}

fn split_scheme(url: &str) -> Result<(Scheme, &str), &'static str> {
    let schemes = [("https://", Scheme::Https), ("http://", Scheme::Http)];
    let found = schemes.iter().find_map(|(text, scheme)| url.strip_prefix(text).map(|rest| (*scheme, rest)));
    found.ok_or("the url starts with neither `http://` nor `https://`")
}

fn split_authority(authority: &str) -> Result<(&str, &str), &'static str> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, after) = rest.split_once(']').ok_or("the url's IPv6 address is not closed by `]`")?;
        let port = if after.is_empty() {
            ""
        } else {
            after.strip_prefix(':').ok_or("the url's host is malformed")?
        };
        return if host.parse::<Ipv6Addr>().is_ok() {
            Ok((host, port))
        } else {
            Err("the url's host is malformed")
        };
    }
    Ok(authority.split_once(':').unwrap_or((authority, "")))
}

fn read_port(port: &str) -> Result<u16, &'static str> {
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    port.parse()
        .ok()
        .filter(|port| digits && *port != 0)
        .ok_or("the url's port is not a number from 1 to 65535")
}

fn read_host(host: &str) -> Result<Host, &'static str> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(Host::Ip(ip));
    }
    let label_is_well = |label: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        !label.is_empty() && label.len() <= 63 && label.bytes().all(allowed) && !label.starts_with('-')
    };
    // A last label of digits only would be taken for an IPv4 address by some resolvers and not by others.
    let last_is_number =
        host.rsplit('.').next().is_some_and(|label| label.bytes().all(|b| b.is_ascii_digit()));
    if host.is_empty() || host.len() > HOST_BYTES_MAX || last_is_number || !host.split('.').all(label_is_well)
    {
        return Err("the url's host is neither a host name nor an address");
    }
    Ok(Host::Name(host.to_ascii_lowercase()))
}

/// The prefix without the `/v1` and the slash that people copy along: the dialect's own path carries them.
fn normalise(path: &str) -> Result<String, &'static str> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    if !path.bytes().all(allowed)
        || path.contains("//")
        || path.split('/').any(|part| part == "." || part == "..")
    {
        return Err("the url's path is not a plain path");
    }
    let path = path.strip_suffix('/').unwrap_or(path);
    if Dialect::ALL.iter().any(|dialect| path.ends_with(dialect.path().trim_start_matches("/v1"))) {
        return Err("the url ends in the path of its dialect, which the gateway adds by itself");
    }
    Ok(path.strip_suffix("/v1").unwrap_or(path).to_owned())
}
