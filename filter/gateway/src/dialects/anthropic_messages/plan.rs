//! How much the model thinks, how long and in which form it may answer: fields of a request that depend on each other.

use super::form::Form;
use super::models::{Generation, Model};
use super::notes::Notes;
use super::prefill::is_prefilled;
use crate::chat::{Chat, Effort, Message, Part, Role, Setting, ToolChoice};

/// The least budget that Anthropic takes.
pub(super) const BUDGET_MIN: u64 = 1024;

/// What `thinking` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thinking {
    /// Nothing: the model's default.
    Unset,
    /// Off.
    Disabled,
    /// As the model likes.
    Adaptive,
    /// Up to this many tokens.
    Budget(u64),
}

/// What was settled.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan<'c> {
    /// The value of `max_tokens`.
    pub(super) max_tokens: u64,
    /// The value of `thinking`.
    pub(super) thinking: Thinking,
    /// The value of `output_config.effort`.
    pub(super) effort: Option<&'static str>,
    /// The form of the answer.
    pub(super) form: Form<'c>,
}

impl<'c> Plan<'c> {
    /// Settles what `chat` wants with what the model understands.
    pub(super) fn of(chat: &'c Chat<'_>, model: Model, notes: &mut Notes) -> Self {
        let asked = chat.settings.iter().find_map(|setting| match setting {
            Setting::MaxTokens(tokens) => Some(*tokens),
            _ => None,
        });
        let effort = chat.settings.iter().find_map(|setting| match setting {
            Setting::Effort(effort) => Some(*effort),
            _ => None,
        });
        let plain = Plan {
            max_tokens: asked.unwrap_or(model.tokens_default()),
            thinking: Thinking::Unset,
            effort: None,
            form: Form::of(chat, model, notes),
        };
        let Some(effort) = effort else { return plain };
        match (model.generation, effort) {
            // Nothing to turn off.
            (Generation::Thoughtless, Effort::Off) => plain,
            (Generation::Thoughtless, _) => {
                notes.add("reasoning_effort");
                plain
            }
            // Cannot be turned off; this is the least.
            (Generation::AlwaysOn, Effort::Off) => {
                notes.add("reasoning_effort");
                Plan { effort: Some("low"), ..plain }
            }
            (_, Effort::Off) => Plan { thinking: Thinking::Disabled, ..plain },
            (Generation::Foreign | Generation::Budgets, effort) => {
                with_budget(chat, effort, (asked, model), plain, notes)
            }
            (Generation::Adaptive | Generation::AdaptiveOnly | Generation::AlwaysOn, effort) => {
                let level = level(effort, model.generation, notes);
                // A forced call leaves no room for thinking; the effort still holds for the rest.
                let forced = model.generation.takes_forced_calls() && forces_call(chat);
                let thinking = if forced { Thinking::Unset } else { Thinking::Adaptive };
                Plan { thinking, effort: Some(level), ..plain }
            }
        }
    }
}

/// Settles a budget: at least [`BUDGET_MIN`], below `max_tokens`, and none where Anthropic refuses to think: with a
/// forced call, in a turn whose calls came without the thinking that led to them, and behind words to go on from.
fn with_budget<'c>(
    chat: &Chat<'_>,
    effort: Effort,
    (asked, model): (Option<u64>, Model),
    plain: Plan<'c>,
    notes: &mut Notes,
) -> Plan<'c> {
    let wanted = budget(effort).max(BUDGET_MIN);
    let above = wanted.saturating_add(model.tokens_default());
    let (budget, max_tokens) = match asked {
        None if above <= model.tokens_max => (wanted, above),
        // The answer keeps at least half of what the client or the model allows.
        None => (wanted.min(model.tokens_max / 2), model.tokens_max),
        Some(tokens) => (wanted.min(tokens / 2), tokens),
    };
    let is_refused = forces_call(chat) || resumes_without_thinking(&chat.messages) || is_prefilled(chat);
    if budget < BUDGET_MIN || is_refused {
        notes.add("reasoning_effort");
        return plain;
    }
    if budget < wanted && matches!(effort, Effort::Budget(_)) {
        notes.add("thinking.budget_tokens");
    }
    Plan { max_tokens, thinking: Thinking::Budget(budget), ..plain }
}

/// How many tokens of thinking an effort stands for.
fn budget(effort: Effort) -> u64 {
    match effort {
        Effort::Off => 0,
        Effort::Minimal | Effort::Low => BUDGET_MIN,
        Effort::Medium => 2048,
        Effort::High => 4096,
        Effort::ExtraHigh => 8192,
        Effort::Max => 16_384,
        Effort::Budget(tokens) => tokens,
    }
}

/// The word for an effort; a budget becomes the effort that stands for as much.
fn level(effort: Effort, generation: Generation, notes: &mut Notes) -> &'static str {
    match effort {
        Effort::Off | Effort::Minimal | Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High => "high",
        // Claude 4.6 does not know the word.
        Effort::ExtraHigh if generation == Generation::Adaptive => {
            notes.add("reasoning_effort");
            "high"
        }
        Effort::ExtraHigh => "xhigh",
        Effort::Max => "max",
        Effort::Budget(tokens) => {
            notes.add("thinking.budget_tokens");
            match tokens {
                0..2048 => "low",
                2048..4096 => "medium",
                _ => "high",
            }
        }
    }
}

fn forces_call(chat: &Chat<'_>) -> bool {
    let is_forced = |setting: &Setting<'_>| {
        matches!(setting, Setting::ToolChoice(ToolChoice::Required | ToolChoice::Named(_)))
    };
    !chat.tools.is_empty() && chat.settings.iter().any(is_forced)
}

/// Whether the conversation goes on behind calls whose thinking the client did not send back, as most cannot.
fn resumes_without_thinking(messages: &[Message<'_>]) -> bool {
    let has = |message: &Message<'_>, wanted: fn(&Part<'_>) -> bool| message.parts.iter().any(wanted);
    let Some(last) = messages.iter().rfind(|message| message.role == Role::Assistant) else { return false };
    let calls = has(last, |part| matches!(part, Part::ToolCall { .. }));
    let thinks = has(last, |part| match part {
        Part::Thinking { signature, .. } => !signature.is_empty(),
        Part::RedactedThinking(_) => true,
        _ => false,
    });
    calls && !thinks
}
