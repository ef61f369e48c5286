//! The outline of a Messages request. Streams of this dialect always tell their usage.

use crate::chat::Delivery;
use crate::dialects::Invalid;
use crate::dialects::outline::{Outline, UsagePatch, is_streamed, missing, model, require_messages, wrong};
use crate::wire::json::Value;

/// Reads the outline: `model`, `messages` and `max_tokens` must be there.
pub fn outline(root: Value<'_>) -> Result<Outline<'_>, Invalid> {
    let (model, model_span) = model(root)?;
    require_messages(root)?;
    let tokens = root.field("max_tokens").ok_or_else(|| missing("max_tokens"))?;
    // 0 is legal: it fills the provider's cache without an answer.
    tokens.as_u64().ok_or_else(|| wrong("max_tokens"))?;
    let delivery = if is_streamed(root)? { Delivery::Stream { usage: true } } else { Delivery::Whole };
    Ok(Outline { model, model_span, delivery, usage: UsagePatch::None })
}
