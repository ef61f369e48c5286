//! What a request head alone decides: the path's dialect, the method, what can be refused before a body is read.

use super::catalog;
use super::policy::Policy;
use crate::credential;
use crate::dialects::Dialect;
use crate::effect::{Answer, Effect};
use crate::event::Head;
use crate::handoff::Beside;
use crate::reject::Reject;

/// What becomes of a request whose head was read.
pub enum Admission {
    /// Its body is to be read.
    Read {
        /// The dialect of the body.
        dialect: Dialect,
        /// What is said beside the body.
        beside: Beside<'static>,
        /// What has to change in the head before it goes anywhere.
        effects: Vec<Effect>,
    },
    /// It is answered here.
    Answered(Answer),
    /// It is refused, in this dialect.
    Refused(Reject, Dialect),
}

/// Decides over a request head; `end` says that no body follows.
pub fn admit(policy: &Policy, head: &Head, end: bool) -> Admission {
    let method = head.get(":method").unwrap_or_default();
    let path = head.get(":path").and_then(|path| std::str::from_utf8(path).ok()).unwrap_or_default();
    let path = path.split('#').next().unwrap_or_default();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    if let Some(dialect) = Dialect::of_path(path) {
        return match refusal(policy, head, method, end) {
            Some(reject) => Admission::Refused(reject, dialect),
            None => {
                let beside = Beside::of(head, query);
                Admission::Read { dialect, beside, effects: cleaned(head) }
            }
        };
    }
    let dialect = shape(head);
    let Some(rest) = path.strip_prefix(catalog::PATH) else {
        return Admission::Refused(Reject::UnknownPath, dialect);
    };
    let id = match rest.strip_prefix('/') {
        Some("") => None,
        Some(id) => Some(id),
        None if rest.is_empty() => None,
        None => return Admission::Refused(Reject::UnknownPath, dialect),
    };
    if method != b"GET" {
        return Admission::Refused(Reject::WrongMethod { allow: "GET" }, dialect);
    }
    match catalog::answer(policy, id, dialect) {
        Ok(answer) => Admission::Answered(answer),
        Err(reject) => Admission::Refused(reject, dialect),
    }
}

/// Whose SDK calls a path that both APIs have: only Anthropic's sends `anthropic-version`.
fn shape(head: &Head) -> Dialect {
    if head.get("anthropic-version").is_some() { Dialect::AnthropicMessages } else { Dialect::OpenaiChat }
}

fn refusal(policy: &Policy, head: &Head, method: &[u8], end: bool) -> Option<Reject> {
    if method != b"POST" {
        return Some(Reject::WrongMethod { allow: "POST" });
    }
    if head.is_encoded() {
        return Some(Reject::Encoded);
    }
    let bytes_max = policy.bounds.request_body_bytes;
    let length =
        head.get("content-length").and_then(|value| std::str::from_utf8(value).ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > bytes_max) {
        return Some(Reject::BodyTooLarge { bytes_max });
    }
    if end {
        let at_start = crate::wire::json::Malformed { at: 0, fault: crate::wire::json::Fault::Truncated };
        return Some(Reject::NotJson(at_start));
    }
    None
}

/// What has to change in a request's head before it goes anywhere.
fn cleaned(head: &Head) -> Vec<Effect> {
    let mut effects = Vec::new();
    for (name, _) in head.fields().filter(|(name, _)| must_go(name)) {
        if let Ok(name) = std::str::from_utf8(name) {
            effects.push(Effect::RemoveRequestHeader(name.to_owned().into()));
        }
    }
    // The body is read as JSON, whatever the client called it.
    if !head.media_type().eq_ignore_ascii_case(b"application/json") {
        effects.push(Effect::SetRequestHeader("content-type", "application/json".into()));
    }
    effects
}

/// Headers that only the gateway may set, that would compress a reply it has to read, and that belong to the client's own
/// relation with a provider or with this host: credentials, accounts, cookies.
fn must_go(name: &[u8]) -> bool {
    match name {
        b"accept-encoding" | b"cookie" => true,
        b"x-envoy-max-retries"
        | b"x-envoy-upstream-rq-per-try-timeout-ms"
        | b"x-envoy-upstream-rq-timeout-ms" => true,
        _ if name.starts_with(b"x-tollgate-") || name.starts_with(b"x-envoy-retr") => true,
        _ => credential::HEADERS.iter().any(|header| header.as_bytes() == name),
    }
}
