//! What edge looks at in a Messages stream that passes by unchanged.

use crate::wire::sse::Event;

/// Whether the event can hold more than content: usage, an error, or the end.
pub fn is_notable(event: Event<'_>) -> bool {
    let block = event.raw();
    !(block.starts_with(b"event: content_block_") || block.starts_with(b"event: ping"))
}
