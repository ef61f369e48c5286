//! Which headers of a client's request reach a provider: few, and all others stay here.
//!
//! What stands before a gateway adds what it knows of the client: tokens, names, addresses. No list of all such headers
//! can be complete, so the list is of what passes. A provider only ever gets the credential meant for it, and learns
//! neither who asked nor from where.

use crate::dialects::Dialect;

/// What every provider may get. What is said of the body is said anew where the body changes.
const PASSING: [&[u8]; 14] = [
    b"accept",
    b"content-length",
    b"content-type",
    b"expect",
    b"host",
    b"idempotency-key",
    b"te",
    b"traceparent",
    b"tracestate",
    b"trailer",
    b"transfer-encoding",
    b"user-agent",
    b"x-client-request-id",
    b"x-request-id",
];

/// What the official SDKs say of themselves.
const PASSING_PREFIX: &[u8] = b"x-stainless-";

/// What Envoy itself adds to nearly every request. The rendered routes take these out, which costs less than doing it here.
pub const REMOVED_BY_ROUTE: [&str; 5] =
    ["forwarded", "x-forwarded-for", "x-forwarded-proto", "x-envoy-external-address", "x-envoy-internal"];

/// Headers that some provider reads a credential or an account from, and those that end at the next hop.
const RESERVED: [&str; 16] = [
    "authorization",
    "x-api-key",
    "api-key",
    "x-goog-api-key",
    "proxy-authorization",
    "openai-organization",
    "openai-project",
    "cookie",
    "host",
    "accept-encoding",
    "content-encoding",
    "connection",
    "keep-alive",
    "upgrade",
    "proxy-connection",
    "x-amz-security-token",
];

/// Whether the header `name` of a client's request stays as it came; `chosen` is what the configuration adds.
pub fn stays(name: &[u8], chosen: &[String]) -> bool {
    name.starts_with(b":")
        || PASSING.contains(&name)
        || name.starts_with(PASSING_PREFIX)
        || REMOVED_BY_ROUTE.iter().any(|it| it.as_bytes() == name)
        || Dialect::own_header(name).is_some()
        || chosen.iter().any(|it| it.as_bytes() == name)
}

/// Whether no configuration may have `name` forwarded.
pub fn is_reserved(name: &[u8]) -> bool {
    RESERVED.iter().any(|it| it.as_bytes() == name)
        || name.starts_with(b"x-tollgate-")
        || name.starts_with(b"x-envoy-")
}

/// Members of a query that hold credentials in some API.
const SECRET_MEMBERS: [&str; 6] = ["key", "api_key", "api-key", "apikey", "access_token", "token"];

/// `query` without the members that hold a credential.
pub fn without_credentials(query: &str) -> String {
    let is_secret = |member: &&str| {
        let name = member.split('=').next().unwrap_or_default();
        // A name that is spelled with escapes is none that an API of ours knows.
        SECRET_MEMBERS.iter().any(|secret| name.eq_ignore_ascii_case(secret)) || name.contains('%')
    };
    query.split('&').filter(|member| !is_secret(member)).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_who_asked_stays_here() {
        for name in [
            "authorization",
            "x-forwarded-access-token",
            "x-auth-request-email",
            "x-amzn-oidc-accesstoken",
            "x-amz-security-token",
            "x-real-ip",
            "via",
            "origin",
            "referer",
            "cookie",
            "x-envoy-original-dst-host",
            "x-tollgate-cluster",
            "x-team",
        ] {
            assert!(!stays(name.as_bytes(), &[]), "{name}");
        }
        assert!(stays(b"x-team", &["x-team".to_owned()]));
    }

    #[test]
    fn what_a_provider_needs_passes() {
        for name in
            [":path", "user-agent", "traceparent", "anthropic-beta", "x-stainless-lang", "idempotency-key"]
        {
            assert!(stays(name.as_bytes(), &[]), "{name}");
        }
    }

    #[test]
    fn a_query_loses_its_credentials_and_nothing_else() {
        for (query, expected) in [
            ("", ""),
            ("beta=true", "beta=true"),
            ("key=s", ""),
            ("a=1&KEY=s&b=2&access_token=t", "a=1&b=2"),
            ("keys=1&%6bey=s", "keys=1"),
        ] {
            assert_eq!(without_credentials(query), expected);
        }
    }
}
