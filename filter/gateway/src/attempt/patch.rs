//! A body that stays in its dialect: two spans at most are replaced, every other byte stays as it came.

use std::borrow::Cow;
use std::ops::Range;

use crate::dialects::UsagePatch;
use crate::effect::Effect;
use crate::handoff::Handoff;
use crate::wire::json::write_string;

/// What is replaced, in the order of the body.
#[derive(Debug)]
pub struct Patch {
    body_bytes: usize,
    edits: Vec<(Range<usize>, Cow<'static, [u8]>)>,
}

impl Patch {
    /// What `handoff` asks for, with `model` in the place of the model's name; an empty `model` keeps it.
    pub fn new(handoff: &Handoff<'_>, model: &str) -> Self {
        let mut edits = Vec::with_capacity(2);
        if !model.is_empty() {
            let mut name = Vec::with_capacity(model.len().saturating_add(2));
            write_string(&mut name, model);
            edits.push((handoff.model.clone(), Cow::Owned(name)));
        }
        if let UsagePatch::Put { at, text } = &handoff.usage {
            edits.push((at.clone(), Cow::Borrowed(text.as_bytes())));
        }
        edits.sort_by_key(|(span, _)| span.start);
        Self { body_bytes: handoff.body_bytes, edits }
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// How much of the body's beginning must be there to apply the patch, in bytes.
    pub fn prefix_bytes(&self) -> usize {
        self.edits.last().map_or(0, |(span, _)| span.end)
    }

    /// The length of the body afterwards, in bytes.
    pub fn length_after(&self) -> usize {
        self.edits.iter().fold(self.body_bytes, |length, (span, text)| {
            length.saturating_sub(span.len()).saturating_add(text.len())
        })
    }

    /// Applies the patch to the beginning of the body; `None` where `body` is too short.
    pub fn apply(&self, body: &[u8]) -> Option<Effect> {
        let bytes = self.prefix_bytes();
        let mut with = Vec::with_capacity(bytes.saturating_add(64));
        let mut done = 0usize;
        for (span, text) in &self.edits {
            with.extend_from_slice(body.get(done..span.start)?);
            with.extend_from_slice(text);
            done = span.end;
        }
        body.get(..bytes)?;
        Some(Effect::ReplaceRequestPrefix { bytes, with })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::Dialect;
    use crate::handoff::Beside;

    #[track_caller]
    fn check(body: &str, model: &str, expected: &str) {
        let document = crate::wire::json::Document::parse(body.as_bytes()).unwrap();
        let outline = Dialect::OpenaiChat.outline(&document).unwrap();
        let handoff = Handoff {
            dialect: Dialect::OpenaiChat,
            body_bytes: body.len(),
            model: outline.model_span,
            usage: outline.usage,
            beside: Beside::default(),
            asked: "".into(),
            models: vec![],
        };
        let patch = Patch::new(&handoff, model);
        let Some(Effect::ReplaceRequestPrefix { bytes, with }) = patch.apply(body.as_bytes()) else {
            panic!("{body}")
        };
        let patched = [with.as_slice(), &body.as_bytes()[bytes..]].concat();
        assert_eq!(String::from_utf8(patched).unwrap(), expected);
        assert_eq!(patch.length_after(), expected.len());
    }

    #[test]
    fn only_the_model_changes_and_odd_white_space_stays() {
        check(
            "{ \"messages\" : [ ],\n\t\"model\" :\"chat\" , \"x\":1e2 }",
            "gpt \"4\"",
            "{ \"messages\" : [ ],\n\t\"model\" :\"gpt \\\"4\\\"\" , \"x\":1e2 }",
        );
    }

    #[test]
    fn a_stream_asks_for_usage_wherever_its_options_stand() {
        let cases = [
            (
                r#"{"model":"m","messages":[],"stream":true}"#,
                r#"{"stream_options":{"include_usage":true},"model":"n","messages":[],"stream":true}"#,
            ),
            (
                r#"{"stream_options":{},"model":"m","messages":[],"stream":true}"#,
                r#"{"stream_options":{"include_usage":true},"model":"n","messages":[],"stream":true}"#,
            ),
            (
                r#"{"model":"m","messages":[],"stream":true,"stream_options":null}"#,
                r#"{"model":"n","messages":[],"stream":true,"stream_options":{"include_usage":true}}"#,
            ),
            (
                r#"{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":false}}"#,
                r#"{"model":"n","messages":[],"stream":true,"stream_options":{"include_usage":true}}"#,
            ),
            (
                r#"{"stream_options":{"a":1},"model":"m","messages":[],"stream":true}"#,
                r#"{"stream_options":{"include_usage":true,"a":1},"model":"n","messages":[],"stream":true}"#,
            ),
            (
                r#"{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true}}"#,
                r#"{"model":"n","messages":[],"stream":true,"stream_options":{"include_usage":true}}"#,
            ),
            (
                r#"{"model":"m","messages":[],"stream":false}"#,
                r#"{"model":"n","messages":[],"stream":false}"#,
            ),
        ];
        for (body, expected) in cases {
            check(body, "n", expected);
        }
    }
}
