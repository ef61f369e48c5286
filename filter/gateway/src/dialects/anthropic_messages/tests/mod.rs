//! What the dialect reads and writes, case by case. Whole conversations stand in `testdata/golden`.

mod failures;
mod outlines;
mod read_requests;
mod replies;
mod stream_orders;
mod stream_readers;
mod stream_writers;
mod write_requests;
mod write_settings;

use crate::chat::{Chat, Delivery, Message, Part, Role, Setting, Text};
use crate::wire::json::Document;

/// Parses `json` for as long as the test runs.
fn document(json: &str) -> &'static Document<'static> {
    let text: &'static str = Box::leak(json.to_owned().into_boxed_str());
    Box::leak(Box::new(Document::parse_reply(text.as_bytes()).expect("test data is JSON")))
}

/// A chat in which the user says `hi`, for tests of one thing that is set beside it.
fn chat(settings: Vec<Setting<'static>>) -> Chat<'static> {
    conversation(vec![(Role::User, vec![Part::Text("hi".into())])], settings)
}

fn conversation(messages: Vec<(Role, Vec<Part<'static>>)>, settings: Vec<Setting<'static>>) -> Chat<'static> {
    Chat {
        model: Text::from("chat"),
        messages: messages.into_iter().map(|(role, parts)| Message { role, parts }).collect(),
        tools: Vec::new(),
        settings,
        delivery: Delivery::Whole,
        unsupported: Vec::new(),
    }
}

/// The paths of `unsupported`.
fn paths(unsupported: &[crate::chat::Unsupported]) -> Vec<&str> {
    unsupported.iter().map(|path| path.0.as_ref()).collect()
}
