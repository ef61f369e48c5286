//! A conversation that ends with the model's own words, which it is to go on from. Up to Claude 4.5 the provider does
//! that, unless the model is to think or to answer in a form; later models demand that the user has the last word.

use std::borrow::Cow;

use super::write_parts::{Fate, fate};
use crate::chat::{Chat, Message, Part, Role, Text};

/// What the user says behind the model's words where they may not come last, as Anthropic's guide advises.
pub(super) static CONTINUE: Text<'static> = Text::Plain(Cow::Borrowed("Continue from where you left off."));

/// Whether the message stands in the conversation and has something to say there.
pub(super) fn is_said(message: &Message<'_>) -> bool {
    let is_turn = match message.role {
        Role::System | Role::Developer => false,
        Role::User | Role::Assistant => true,
    };
    is_turn && message.parts.iter().any(|part| fate(part, message.role) == Fate::Written)
}

/// Whether the model has the last word.
pub(super) fn is_prefilled(chat: &Chat<'_>) -> bool {
    let last = chat.messages.iter().rfind(|message| is_said(message));
    last.is_some_and(|message| message.role == Role::Assistant)
}

/// The message without the white space at its end, which Anthropic refuses where the model is to go on; `None` where
/// there is none.
pub(super) fn without_space_at_the_end<'d>(message: &Message<'d>) -> Option<Message<'d>> {
    let is_written = |part: &&mut Part<'d>| fate(part, message.role) == Fate::Written;
    let mut parts = message.parts.clone();
    let (Part::Text(text) | Part::Refusal(text)) = parts.iter_mut().rfind(is_written)? else { return None };
    let plain = text.plain();
    let kept = plain.trim_end();
    if kept.is_empty() || kept.len() == plain.len() {
        return None;
    }
    let kept = Text::owned(kept.to_owned());
    *text = kept;
    Some(Message { role: message.role, parts })
}
