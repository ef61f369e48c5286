//! Why an answer ended, in both languages.
//!
//! | `stop_reason` | read as | written for |
//! |---|---|---|
//! | `end_turn` | stop | stop |
//! | `pause_turn` | stop: the client may go on | |
//! | `stop_sequence` | stop text | stop text |
//! | `max_tokens` | length | length |
//! | `model_context_window_exceeded` | length | |
//! | `tool_use` | tool calls | tool calls; stop, where the answer holds a call |
//! | `refusal` | filtered | filtered; stop, where the answer holds a refusal |
//! | any other | stop | |

use crate::chat::{Finish, Part, Text};
use crate::wire::json::Value;

/// What an answer holds that its end has to agree with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Held {
    /// Text, thinking, or nothing.
    #[default]
    Words,
    /// A refusal.
    Refusal,
    /// At least one call of a tool.
    Call,
}

impl Held {
    /// What an answer with these parts holds.
    pub(super) fn of(parts: &[Part<'_>]) -> Self {
        parts.iter().fold(Held::Words, |held, part| match part {
            Part::ToolCall { .. } => Held::Call,
            Part::Refusal(_) if held != Held::Call => Held::Refusal,
            _ => held,
        })
    }
}

/// Reads `stop_reason` and `stop_sequence` of `value`; `None` while there is no reason.
pub(super) fn read_finish(value: Value<'_>) -> Option<Finish<'_>> {
    let reason = value.field("stop_reason")?.as_str()?;
    Some(match reason.decode().as_ref() {
        "stop_sequence" => {
            Finish::StopText(value.field("stop_sequence").and_then(Value::as_str).map(Text::from))
        }
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "tool_use" => Finish::ToolCalls,
        "refusal" => Finish::Filtered,
        _ => Finish::Stop,
    })
}

/// The `stop_reason` for an answer that holds `held` and ended with `finish`.
pub(super) fn stop_reason(finish: &Finish<'_>, held: Held) -> &'static str {
    match (finish, held) {
        (Finish::Stop, Held::Words) => "end_turn",
        (Finish::Stop, Held::Refusal) | (Finish::Filtered, _) => "refusal",
        (Finish::Stop, Held::Call) | (Finish::ToolCalls, _) => "tool_use",
        (Finish::StopText(_), _) => "stop_sequence",
        (Finish::Length, _) => "max_tokens",
    }
}
