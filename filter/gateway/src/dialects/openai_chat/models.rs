//! What OpenAI's models take and other servers do not, told apart by the only thing that is known here: the name.
//!
//! | models | most tokens | `reasoning_effort` | `temperature`, `top_p` | `stop` |
//! |---|---|---|---|---|
//! | `gpt-3.5…`, `gpt-4…`, `gpt-5-chat…`, `chatgpt-…` | either field | refused | all | four |
//! | `o1`, `o3`, `o4-…`, `gpt-5`, `gpt-5-…` | `max_completion_tokens` | all but `none` | 1 | refused |
//! | `gpt-5.1` and what came later | `max_completion_tokens` | all | 1, unless effort is unset or `none` | refused |
//! | any other name, and `gpt-oss…` | `max_tokens` | all, or ignored | all | all |
//!
//! OpenAI's reasoning models answer 400 to `max_tokens`, all its models take `max_completion_tokens`, and both at once
//! are refused. Most other servers read only `max_tokens`: Mistral refuses the newer name, and Ollama and older
//! llama.cpp ignore it and then generate without a limit.

use crate::chat::Effort;

/// How many texts to stop at OpenAI takes.
pub(super) const STOPS_MAX: usize = 4;
/// How many characters OpenAI takes as the `user`; servers that imitate it take more or do not look.
pub(super) const USER_CHARACTERS_MAX: usize = 64;

/// A group of models that take the same fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// OpenAI's that do not reason.
    Plain,
    /// OpenAI's that cannot be told not to reason.
    Reasoning,
    /// OpenAI's that reason as much as they are told to, down to nothing.
    Adjustable,
    /// Everybody else's.
    Other,
}

impl Family {
    /// The family of `model`, fine-tuned ones included.
    pub(super) fn of(model: &str) -> Self {
        let name = model.strip_prefix("ft:").unwrap_or(model);
        let is_version = |rest: &str| rest.starts_with(|letter: char| letter.is_ascii_digit());
        let starts = |words: &[&str]| words.iter().any(|word| name.starts_with(word));
        if starts(&["gpt-3.5", "gpt-4", "gpt-5-chat", "chatgpt-"]) {
            Family::Plain
        } else if name == "gpt-5" || starts(&["gpt-5-"]) || name.strip_prefix('o').is_some_and(is_version) {
            Family::Reasoning
        } else if name.strip_prefix("gpt-").is_some_and(is_version) {
            Family::Adjustable
        } else {
            Family::Other
        }
    }

    /// Whether the model samples as it is told, where it thinks as much as `effort` says. One that does not takes what
    /// holds anyway.
    pub(super) fn is_sampled(self, effort: Option<Effort>) -> bool {
        match self {
            Family::Plain | Family::Other => true,
            Family::Reasoning => false,
            Family::Adjustable => matches!(effort, None | Some(Effort::Off)),
        }
    }

    /// How many texts to stop at the model takes.
    pub(super) fn stops_max(self) -> usize {
        match self {
            Family::Plain => STOPS_MAX,
            Family::Reasoning | Family::Adjustable => 0,
            Family::Other => usize::MAX,
        }
    }

    /// The field for the most tokens a reply may have.
    pub(super) fn limit_field(self) -> &'static str {
        match self {
            Family::Plain | Family::Reasoning | Family::Adjustable => "max_completion_tokens",
            Family::Other => "max_tokens",
        }
    }
}
