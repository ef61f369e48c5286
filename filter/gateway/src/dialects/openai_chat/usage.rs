//! Token counts. Where servers differ from OpenAI:
//!
//! | server | what it does |
//! |---|---|
//! | DeepSeek | `prompt_cache_hit_tokens` beside `prompt_tokens` |
//! | Moonshot, older Together | `cached_tokens` beside `prompt_tokens` |
//! | xAI, Gemini | reasoning is in `total_tokens` but not in `completion_tokens` |
//! | vLLM | counts in every chunk of a stream if told to; the last one stands |

use crate::chat::Usage;
use crate::wire::json::{Object, Value};

/// Reads a `usage` object.
pub(super) fn read_usage(usage: Value<'_>) -> Option<Usage> {
    if !usage.is_object() {
        return None;
    }
    let count =
        |object: Option<Value<'_>>, key| object.and_then(|object| object.field(key)).and_then(Value::as_u64);
    let top = |key| count(Some(usage), key);
    let of_prompt = usage.field("prompt_tokens_details");
    let of_completion = usage.field("completion_tokens_details");
    let prompt = top("prompt_tokens").unwrap_or(0);
    let rest = top("total_tokens").unwrap_or(0).saturating_sub(prompt);
    let cached = count(of_prompt, "cached_tokens")
        .or_else(|| top("prompt_cache_hit_tokens"))
        .or_else(|| top("cached_tokens"))
        .unwrap_or(0);
    Some(Usage {
        prompt,
        completion: top("completion_tokens").unwrap_or(0).max(rest),
        cached,
        cache_written: count(of_prompt, "cache_write_tokens").unwrap_or(0),
        reasoning: count(of_completion, "reasoning_tokens").unwrap_or(0),
    })
}

/// Writes a `usage` object.
pub(super) fn write_usage(usage: &Usage, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    object.number("prompt_tokens", usage.prompt).number("completion_tokens", usage.completion);
    object.number("total_tokens", usage.prompt.saturating_add(usage.completion));
    let mut details = Object::open(object.key("prompt_tokens_details"));
    details.number("cached_tokens", usage.cached);
    if usage.cache_written > 0 {
        details.number("cache_write_tokens", usage.cache_written);
    }
    details.close();
    let mut details = Object::open(object.key("completion_tokens_details"));
    details.number("reasoning_tokens", usage.reasoning);
    details.close();
    object.close();
}
