//! What a reply's head decides: whether the body passes, is translated, or gives way to an error of our own.

use std::borrow::Cow;

use super::ask::Asked;
use super::policy::Policy;
use super::relay::{StreamWatch, Strip, WholeWatch};
use super::respond::Arrival;
use super::translate::StreamTranslation;
use crate::chat::{Delivery, Failure, Usage};
use crate::dialects::Dialect;
use crate::effect::Effect;
use crate::event::{Head, Origin};
use crate::handoff::{Outcome, Receipt};
use crate::reject::UpstreamFault;
use crate::telemetry::field;

/// A request that has its reply.
#[derive(Debug)]
pub struct Answered {
    /// The request.
    pub asked: Asked,
    /// The index of the target that answered.
    pub target: usize,
    /// The status the client gets.
    pub status: u16,
    /// When the first piece of the body came, for streams.
    pub first: First,
    /// What was used, as far as it is known.
    pub usage: Option<Usage>,
}

/// When the first piece of a stream came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// The reply is no stream.
    NotAwaited,
    /// Not yet.
    Awaited,
    /// At this time, in milliseconds.
    At(u64),
}

/// What becomes of the body.
#[derive(Debug)]
pub enum Course {
    /// It passes, unwatched.
    Pass,
    /// It passes; it is one document.
    Watch(WholeWatch),
    /// It passes; it is a stream.
    WatchStream(Box<StreamWatch>),
    /// It is translated when it is whole.
    Translate(Dialect),
    /// It is translated as it comes.
    TranslateStream(Box<StreamTranslation>),
    /// It is an error, to be told in the client's dialect when it is whole.
    TellFailure(Dialect),
    /// An error takes its place at once.
    Replace(UpstreamFault),
}

/// Chooses the course for a reply.
pub fn course(policy: &Policy, asked: &Asked, arrival: &Arrival<'_>, receipt: Option<&Receipt>) -> Course {
    let head = arrival.head;
    let status = head.status();
    let Some(receipt) = receipt else {
        return Course::Replace(UpstreamFault::Unavailable { status: gateway_status(status) });
    };
    match receipt.told().map(|told| told.outcome) {
        // Attempt wrote this answer itself, in the client's dialect, and no target was asked.
        Some(Outcome::Refused) => return Course::Pass,
        // Envoy wrote this answer: the provider gave none.
        None | Some(Outcome::NoReply) => {
            return Course::Replace(UpstreamFault::Unavailable { status: gateway_status(status) });
        }
        Some(Outcome::Status(status)) if receipt.is_refused() => return gone(status),
        // Envoy wrote it, for want of somebody to ask, when an earlier try had been answered.
        Some(Outcome::Status(_)) if arrival.origin == Origin::Envoy => {
            return Course::Replace(UpstreamFault::Unavailable { status: gateway_status(status) });
        }
        Some(Outcome::Status(_)) => {}
    }
    let (from, to) = (receipt.dialect, asked.dialect);
    match status {
        200..=299 => success(policy, asked, head, from),
        401 | 403 => Course::Replace(UpstreamFault::KeyRefused),
        // What is no JSON comes from something before the provider, and no SDK can read it or make much of nothing.
        400..=599 if from == to && receipt.tries.len() == 1 && head.is_json() && !arrival.end => Course::Pass,
        400..=599 => Course::TellFailure(from),
        _ => Course::Replace(UpstreamFault::Unreadable),
    }
}

/// An answer with `status` was given up for a target that then could not take the request: its words are gone.
fn gone(status: u16) -> Course {
    Course::Replace(match status {
        401 | 403 => UpstreamFault::KeyRefused,
        400..=599 => UpstreamFault::Told(Failure::of_status(status)),
        _ => UpstreamFault::Unreadable,
    })
}

fn gateway_status(status: u16) -> u16 {
    if status == 504 { 504 } else { 503 }
}

fn success(policy: &Policy, asked: &Asked, head: &Head, from: Dialect) -> Course {
    let to = asked.dialect;
    let event_bytes_max = policy.bounds.event_bytes;
    let is_encoded = head.is_encoded();
    let is_stream = head.media_type().eq_ignore_ascii_case(b"text/event-stream");
    match (from == to, is_stream, asked.delivery) {
        (true, _, _) if is_encoded => Course::Pass,
        (false, _, _) if is_encoded => Course::Replace(UpstreamFault::Unreadable),
        (true, false, _) => Course::Watch(WholeWatch::new(to)),
        (true, true, Delivery::Stream { usage: false }) => {
            Course::WatchStream(Box::new(StreamWatch::new(to, Strip::UsageEvent, event_bytes_max)))
        }
        (true, true, Delivery::Stream { usage: true } | Delivery::Whole) => {
            Course::WatchStream(Box::new(StreamWatch::new(to, Strip::No, event_bytes_max)))
        }
        // Not what was asked for if that was a stream, but it may be an error that says why.
        (false, false, Delivery::Whole | Delivery::Stream { .. }) => Course::Translate(from),
        (false, true, Delivery::Stream { usage }) => {
            let translation = StreamTranslation::new(from, to, usage, asked.date(), event_bytes_max);
            Course::TranslateStream(Box::new(translation))
        }
        (false, true, Delivery::Whole) => Course::Replace(UpstreamFault::Unreadable),
    }
}

/// What a reply's head and the access log tell that attempt has not left for them: what could not be expressed, and who
/// failed where the target that was tried last was never asked.
pub fn told(policy: &Policy, asked: &Asked, receipt: &Receipt) -> Vec<Effect> {
    let mut effects = Vec::new();
    if let (Some(told), Some(last)) = (receipt.told(), receipt.last())
        && told.target != last.target
        && let Some(target) = asked.model.targets.get(told.target)
    {
        effects.push(Effect::SetState(field::UPSTREAM_MODEL, target.model.clone().into_bytes()));
        effects.push(Effect::SetState(field::PROVIDER, target.provider.clone().into_bytes()));
    }
    if policy.response_headers && !receipt.unsupported.is_empty() {
        // A path may hold a key that the client chose; a header takes visible ASCII only.
        let visible = |letter: char| if letter.is_ascii_graphic() || letter == ' ' { letter } else { '?' };
        let list: String = receipt.unsupported.join(", ").chars().map(visible).collect();
        effects.push(Effect::SetReplyHeader("x-tollgate-unsupported", list.into()));
    }
    effects
}

/// Headers with which a provider says beside its error what to do about it.
pub type Advice = Vec<(Cow<'static, str>, Cow<'static, str>)>;

/// The headers that SDKs go by after an error, and those by which a provider finds it again.
const ADVICE: [&str; 5] = ["retry-after", "retry-after-ms", "x-should-retry", "request-id", "x-request-id"];
/// How the names of more of them begin.
const ADVICE_FAMILIES: [&str; 2] = ["x-ratelimit-", "anthropic-ratelimit-"];

/// What `head` says beside an error, for an answer that takes its place; nothing where it is none.
pub fn advice(head: &Head) -> Advice {
    if head.status() < 400 {
        return Vec::new();
    }
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(|text| Cow::Owned(text.to_owned()));
    let mut advice = Vec::new();
    for (name, value) in head.fields() {
        let is_advice = ADVICE.iter().any(|known| known.as_bytes() == name)
            || ADVICE_FAMILIES.iter().any(|family| name.starts_with(family.as_bytes()));
        if is_advice && let (Some(name), Some(value)) = (text(name), text(value)) {
            advice.push((name, value));
        }
    }
    advice
}

/// How the tries went, for people: `3 attempts failed (429, 500, no reply)`; empty for a single one.
pub fn tries(receipt: Option<&Receipt>) -> String {
    let tries = receipt.map(|receipt| receipt.tries.as_slice()).unwrap_or_default();
    if tries.len() < 2 {
        return String::new();
    }
    let outcomes: Vec<_> = tries
        .iter()
        .map(|one| match one.outcome {
            Outcome::NoReply => "no reply".to_owned(),
            Outcome::Status(status) => status.to_string(),
            Outcome::Refused => "refused".to_owned(),
        })
        .collect();
    format!("{} attempts failed ({})", tries.len(), outcomes.join(", "))
}
