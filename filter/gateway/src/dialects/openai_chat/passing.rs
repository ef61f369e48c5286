//! What edge looks at in a Chat Completions stream that passes by unchanged.

use crate::wire::json::Document;
use crate::wire::sse::Event;

/// Whether the event can hold more than content: usage, an error, or the end. Never misses one that does, and reads
/// only a few bytes of one that does not.
pub fn is_notable(event: Event<'_>) -> bool {
    let block = event.raw();
    let is_plain_chunk = block.starts_with(b"data: {\"id\"") || block.starts_with(b"data: {\"choices\"");
    !is_plain_chunk || has_usage_object(block)
}

/// Whether `"usage"` with an object as its value stands anywhere in `block`.
fn has_usage_object(block: &[u8]) -> bool {
    const KEY: &[u8; 8] = b"\"usage\":";
    let mut rest = block;
    while let Some(at) = rest.windows(KEY.len()).position(|window| window == KEY) {
        rest = rest.get(at.saturating_add(KEY.len())..).unwrap_or_default();
        if rest.trim_ascii_start().first() == Some(&b'{') {
            return true;
        }
    }
    // A blank before the colon is legal JSON, though no provider was seen to write it.
    block.windows(8).any(|window| window == b"\"usage\" ")
}

/// Whether the event is the one that `stream_options.include_usage` asks for: usage, and no choices.
pub fn is_usage_only(event: Event<'_>) -> bool {
    let Some(data) = event.data() else { return false };
    let Ok(document) = Document::parse_reply(&data) else { return false };
    let root = document.root();
    let no_choices = root.get("choices").is_some_and(|choices| choices.is_array() && choices.items().next().is_none());
    no_choices && root.field("usage").is_some_and(|usage| usage.is_object())
}
