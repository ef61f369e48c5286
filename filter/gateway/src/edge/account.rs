//! What is counted when a request is over: once, for the reply that won, however it ended.

use std::borrow::Cow;

use super::ask::Asked;
use super::policy::Policy;
use super::reply::{Answered, First};
use crate::chat::Usage;
use crate::dialects::Dialect;
use crate::effect::{Effect, Metric, Sample, Series};
use crate::handoff::{Outcome, Receipt};
use crate::telemetry::field;

/// Notes a request that was refused.
pub fn refused(policy: &Policy, dialect: Dialect, code: &'static str) -> Vec<Effect> {
    let target = policy.unlabelled.clone();
    let series = Series { metric: Metric::Rejects, target, dialect: Some(dialect), word: code.into() };
    vec![state(field::CLIENT_DIALECT, dialect.name()), Effect::Record(Sample { series, amount: 1 })]
}

/// Notes a request that got no reply at all: its client went away.
pub fn abandoned(policy: &Policy, asked: &Asked) -> Vec<Effect> {
    let series = Series {
        metric: Metric::Requests,
        target: policy.unlabelled.clone(),
        dialect: Some(asked.dialect),
        word: "0".into(),
    };
    let mut effects = asked_state(asked);
    effects.push(Effect::Record(Sample { series, amount: 1 }));
    effects
}

/// Notes a request that was answered.
pub fn answered(answered: &Answered, now: u64) -> Vec<Effect> {
    let asked = &answered.asked;
    let mut effects = asked_state(asked);
    let Some(target) = asked.model.targets.get(answered.target) else { return effects };
    let mut record = |metric, dialect, word: Cow<'static, str>, amount| {
        let series = Series { metric, target: target.labels.clone(), dialect, word };
        effects.push(Effect::Record(Sample { series, amount }));
    };
    let status =
        if answered.status == 200 { Cow::Borrowed("200") } else { answered.status.to_string().into() };
    record(Metric::Requests, Some(asked.dialect), status, 1);
    record(Metric::RequestDuration, None, "".into(), now.saturating_sub(asked.since));
    if let First::At(first) = answered.first {
        record(Metric::TimeToFirstToken, None, "".into(), first.saturating_sub(asked.since));
    }
    if let Some(usage) = answered.usage {
        for (word, amount) in kinds(usage) {
            if amount > 0 {
                record(Metric::Tokens, None, word.into(), amount);
            }
        }
        record(Metric::TokenUsage, None, "input".into(), usage.prompt);
        record(Metric::TokenUsage, None, "output".into(), usage.completion);
        effects.extend(usage_state(usage));
    }
    effects
}

/// Counts how the tries went, and a request that lost something in translation.
pub fn tried(asked: &Asked, receipt: &Receipt) -> Vec<Effect> {
    let mut effects = Vec::with_capacity(receipt.tries.len());
    let mut record = |metric, target: usize, word: Cow<'static, str>| {
        let Some(target) = asked.model.targets.get(target) else { return };
        let series = Series { metric, target: target.labels.clone(), dialect: None, word };
        effects.push(Effect::Record(Sample { series, amount: 1 }));
    };
    for one in &receipt.tries {
        record(Metric::Attempts, one.target, outcome(one.outcome));
    }
    if let Some(last) = receipt.last().filter(|_| !receipt.unsupported.is_empty()) {
        record(Metric::Unsupported, last.target, "".into());
    }
    effects
}

fn outcome(outcome: Outcome) -> Cow<'static, str> {
    match outcome {
        Outcome::Status(200) => "200".into(),
        Outcome::Status(status) => status.to_string().into(),
        Outcome::NoReply => "no_reply".into(),
        Outcome::Refused => "refused".into(),
    }
}

/// Counts a reply that failed behind its head, so that its client had the status of a success.
pub fn broken(answered: &Answered) -> Option<Effect> {
    let target = answered.asked.model.targets.get(answered.target)?;
    let target = target.labels.clone();
    let series = Series { metric: Metric::BrokenStreams, target, dialect: None, word: "".into() };
    Some(Effect::Record(Sample { series, amount: 1 }))
}

fn asked_state(asked: &Asked) -> Vec<Effect> {
    vec![state(field::CLIENT_DIALECT, asked.dialect.name()), state(field::MODEL, &asked.model.name)]
}

/// The token counts by the words of the metric's label; input includes cached, output includes reasoning.
fn kinds(usage: Usage) -> [(&'static str, u64); 5] {
    [
        ("input", usage.prompt),
        ("output", usage.completion),
        ("cached", usage.cached),
        ("cache_written", usage.cache_written),
        ("reasoning", usage.reasoning),
    ]
}

fn usage_state(usage: Usage) -> Vec<Effect> {
    let fields = [
        (field::PROMPT_TOKENS, usage.prompt),
        (field::COMPLETION_TOKENS, usage.completion),
        (field::CACHED_TOKENS, usage.cached),
        (field::REASONING_TOKENS, usage.reasoning),
    ];
    fields.into_iter().map(|(field, tokens)| state(field, &tokens.to_string())).collect()
}

fn state(field: &'static str, value: &str) -> Effect {
    Effect::SetState(field, value.as_bytes().to_vec())
}
