//! Counts of tokens. Anthropic's `input_tokens` leaves out what was read from the cache or written to it, and a
//! stream tells the counts in parts, each replacing what was told before.
//!
//! | Anthropic | canonical |
//! |---|---|
//! | `input_tokens` + `cache_read_input_tokens` + `cache_creation_input_tokens` | `prompt` |
//! | `cache_read_input_tokens` | `cached` |
//! | `cache_creation_input_tokens` | `cache_written` |
//! | `output_tokens` (thinking included) | `completion` |
//! | `output_tokens_details.thinking_tokens` | `reasoning` |

use crate::chat::Usage;
use crate::wire::json::{Document, Object, Value};

/// The counts as Anthropic tells them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    input: u64,
    cache_read: u64,
    cache_written: u64,
    output: u64,
    thinking: u64,
}

impl Counts {
    /// Takes over the counts that `usage` tells; those it leaves out stay.
    pub(super) fn update(&mut self, usage: Value<'_>) {
        let count = |of: Value<'_>, name: &str| of.field(name).and_then(Value::as_u64);
        self.input = count(usage, "input_tokens").unwrap_or(self.input);
        self.cache_read = count(usage, "cache_read_input_tokens").unwrap_or(self.cache_read);
        self.cache_written = count(usage, "cache_creation_input_tokens").unwrap_or(self.cache_written);
        self.output = count(usage, "output_tokens").unwrap_or(self.output);
        let details = usage.field("output_tokens_details");
        self.thinking =
            details.and_then(|details| count(details, "thinking_tokens")).unwrap_or(self.thinking);
    }

    /// The counts in canonical terms.
    pub(super) fn usage(self) -> Usage {
        Usage {
            prompt: self.input.saturating_add(self.cache_read).saturating_add(self.cache_written),
            completion: self.output,
            cached: self.cache_read,
            cache_written: self.cache_written,
            reasoning: self.thinking,
        }
    }
}

/// Reads the `usage` member of a whole reply; `None` where it is not an object that holds Anthropic's counts.
pub fn read_usage(usage: &[u8]) -> Option<Usage> {
    let document = Document::parse_reply(usage).ok()?;
    read_counts(document.root())
}

/// Reads the counts of a whole reply, which tells at least input and output.
pub(super) fn read_counts(usage: Value<'_>) -> Option<Usage> {
    usage.field("input_tokens")?;
    usage.field("output_tokens")?;
    let mut counts = Counts::default();
    counts.update(usage);
    Some(counts.usage())
}

/// Writes the counts as an object.
pub(super) fn write_usage(usage: Usage, out: &mut Vec<u8>) {
    let mut counts = Object::open(out);
    let fresh = usage.prompt.saturating_sub(usage.cached).saturating_sub(usage.cache_written);
    counts.number("input_tokens", fresh);
    counts.number("cache_creation_input_tokens", usage.cache_written);
    counts.number("cache_read_input_tokens", usage.cached);
    counts.number("output_tokens", usage.completion);
    if usage.reasoning > 0 {
        let mut details = Object::open(counts.key("output_tokens_details"));
        details.number("thinking_tokens", usage.reasoning);
        details.close();
    }
    counts.close();
}
