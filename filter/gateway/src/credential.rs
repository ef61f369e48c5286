//! The headers that providers read credentials from.
//!
//! Edge takes a client's own out of every request, and attempt those that an earlier try may have left, so that a
//! provider only ever gets the credential meant for it.

/// Every header that some provider reads a credential or an account from.
pub const HEADERS: [&str; 7] = [
    "authorization",
    "x-api-key",
    "api-key",
    "x-goog-api-key",
    "proxy-authorization",
    "openai-organization",
    "openai-project",
];
