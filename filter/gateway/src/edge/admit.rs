//! What a request head alone decides: the path's dialect, the method, what can be refused before a body is read.

use super::catalog;
use super::policy::Policy;
use crate::config::settings::OtherPaths;
use crate::dialects::Dialect;
use crate::effect::{Answer, Effect};
use crate::event::Head;
use crate::handoff::Beside;
use crate::headers;
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
        cleaning: Vec<Effect>,
    },
    /// It is none of the gateway's.
    Passed,
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
                let mut cleaning = cleaned(head, &policy.forward_headers);
                let kept = headers::without_credentials(query);
                if kept != query {
                    let path = if kept.is_empty() { path.to_owned() } else { format!("{path}?{kept}") };
                    cleaning.push(Effect::SetRequestHeader(":path", path.into()));
                }
                Admission::Read { dialect, beside: Beside::of(head, &kept), cleaning }
            }
        };
    }
    let dialect = shape(head);
    let id = match path.strip_prefix(catalog::PATH).map(|rest| (rest, rest.strip_prefix('/'))) {
        Some((_, Some(""))) | Some(("", None)) => None,
        Some((_, Some(id))) => Some(id),
        Some((_, None)) | None => return other(policy, dialect),
    };
    if method != b"GET" {
        return Admission::Refused(Reject::WrongMethod { allow: "GET" }, dialect);
    }
    match catalog::answer(policy, id, dialect) {
        Ok(answer) => Admission::Answered(answer),
        Err(reject) => Admission::Refused(reject, dialect),
    }
}

/// What becomes of a request to a path that is no API's.
fn other(policy: &Policy, dialect: Dialect) -> Admission {
    match policy.other_paths {
        OtherPaths::Refuse => Admission::Refused(Reject::UnknownPath, dialect),
        OtherPaths::Pass => Admission::Passed,
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
fn cleaned(head: &Head, forwarded: &[String]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for (name, _) in head.fields().filter(|(name, _)| !headers::stays(name, forwarded)) {
        if let Ok(name) = std::str::from_utf8(name) {
            effects.push(Effect::RemoveRequestHeader(name.to_owned().into()));
        }
    }
    // The body is read as JSON in UTF-8, whatever the client called it.
    if head.get("content-type") != Some(b"application/json") {
        effects.push(Effect::SetRequestHeader("content-type", "application/json".into()));
    }
    effects
}
