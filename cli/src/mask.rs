//! What of a configuration may be shown: a key that was pasted into it must reach no terminal and no log.
//!
//! A value is shown where the schema has a field of its shape, and not where it may carry a key all the same. Comments
//! are never shown. It can miss a key that was written as a name, or into a field that holds other text.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::schema;
use crate::yaml::{Entry, HARMLESS_BYTES_MAX, Node, Span, Value};

/// What stands between the words of YAML.
const PUNCTUATION: &str = "{}[],:\"'#&*!|>?%@`";

/// The text with everything masked that may be a key.
pub fn masked(text: &str, node: &Node) -> String {
    let schema = schema::json();
    let mut mask = Mask { schema: &schema, sights: vec![Sight::Between; text.chars().count()] };
    mask.value(node, "", &schema);
    let shown = |(c, sight): (char, &Sight)| match sight {
        Sight::Shown => c,
        Sight::Between if !c.is_alphanumeric() => c,
        Sight::Between | Sight::Hidden if c != '\n' => '*',
        Sight::Between | Sight::Hidden => c,
    };
    text.chars().zip(&mask.sights).map(shown).collect()
}

/// Text that cannot be read as a configuration, with every word masked that the format does not know.
pub fn masked_words(text: &str) -> String {
    let schema = schema::json();
    let mut known = BTreeSet::new();
    words(&schema, &mut known);
    let is_between = |c: char| c.is_whitespace() || PUNCTUATION.contains(c);
    let mut shown = String::with_capacity(text.len());
    for piece in text.split_inclusive(is_between) {
        let word = piece.trim_end_matches(is_between);
        match known.contains(word) || word.chars().all(|c| c == '-') {
            true => shown.push_str(word),
            false => shown.extend(word.chars().map(|_| '*')),
        }
        shown.push_str(piece.strip_prefix(word).unwrap_or_default());
    }
    shown
}

/// How a character is shown.
#[derive(Clone, Copy)]
enum Sight {
    /// As it is.
    Shown,
    /// As it is if it is punctuation: it belongs to no name and no value.
    Between,
    /// Not at all.
    Hidden,
}

struct Mask<'a> {
    schema: &'a Json,
    sights: Vec<Sight>,
}

impl<'a> Mask<'a> {
    /// Decides on a value that the schema describes and its name.
    fn value(&mut self, node: &Node, name: &str, schema: &'a Json) {
        let mut shapes = Vec::new();
        alternatives(self.schema, schema, &mut shapes);
        match &node.value {
            Value::Mapping(entries) if shapes.iter().any(|shape| is_mapping(shape)) => {
                entries.iter().for_each(|entry| self.entry(entry, &shapes));
            }
            Value::Sequence(items) => match shapes.iter().find_map(|shape| shape.get("items")) {
                Some(schema) => items.iter().for_each(|item| self.value(item, name, schema)),
                None => self.paint(node.span, Sight::Hidden),
            },
            Value::Null | Value::TakenOut | Value::Bool(_) | Value::Integer(_)
                if shapes.iter().any(|shape| is_scalar(shape)) =>
            {
                self.paint(node.span, Sight::Shown);
            }
            Value::Text(text) if shapes.iter().any(|shape| is_scalar(shape)) && is_plain(name, text) => {
                self.paint(node.span, Sight::Shown);
            }
            Value::Mapping(_)
            | Value::Null
            | Value::TakenOut
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Text(_) => self.paint(node.span, Sight::Hidden),
        }
    }

    fn entry(&mut self, entry: &Entry, shapes: &[&'a Json]) {
        let field = shapes.iter().find_map(|shape| shape.get("properties")?.get(&entry.key));
        let any = || shapes.iter().find_map(|shape| shape.get("additionalProperties"));
        match field.or_else(any).filter(|schema| schema.is_object()) {
            Some(schema) => {
                self.paint(entry.key_span, Sight::Shown);
                self.value(&entry.node, &entry.key, schema);
            }
            None => {
                // A word that stands alone in braces is a name to YAML, and a value to whoever wrote it.
                let is_alone = entry.node.value == Value::Null;
                let may_be_a_key = is_alone || is_for_keys(shapes, entry);
                self.paint(entry.key_span, if may_be_a_key { Sight::Hidden } else { Sight::Shown });
                if !is_alone {
                    self.paint(entry.node.span, Sight::Hidden);
                }
            }
        }
        for (key, value) in &entry.repeated {
            self.paint(*key, Sight::Shown);
            self.paint(*value, Sight::Hidden);
        }
    }

    fn paint(&mut self, span: Span, sight: Sight) {
        let part = self.sights.iter_mut().skip(span.start).take(span.end.saturating_sub(span.start));
        part.for_each(|it| *it = sight);
    }
}

/// Whether an unknown name stands where a key is configured, and may be one.
fn is_for_keys(shapes: &[&Json], entry: &Entry) -> bool {
    entry.key.len() > HARMLESS_BYTES_MAX && shapes.iter().any(|shape| shape["properties"]["env"].is_object())
}

/// Whether a field's text cannot be a key or carry one.
fn is_plain(name: &str, text: &str) -> bool {
    match name {
        "env" => text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_'),
        "url" => !text.contains(['@', '?', '#']),
        _ => true,
    }
}

/// The schema and everything that it refers to or chooses from.
fn alternatives<'a>(root: &'a Json, schema: &'a Json, found: &mut Vec<&'a Json>) {
    found.push(schema);
    let reference = schema["$ref"].as_str().and_then(|path| root.pointer(path.strip_prefix('#')?));
    let choices = ["anyOf", "oneOf"].into_iter().filter_map(|name| schema[name].as_array()).flatten();
    reference.into_iter().chain(choices).for_each(|schema| alternatives(root, schema, found));
}

fn is_mapping(schema: &Json) -> bool {
    schema["properties"].is_object() || schema["additionalProperties"].is_object()
}

fn is_scalar(schema: &Json) -> bool {
    let is_one = |name: &Json| matches!(name.as_str(), Some("string" | "integer" | "boolean"));
    let kind = &schema["type"];
    is_one(kind) || kind.as_array().is_some_and(|kinds| kinds.iter().any(is_one))
}

/// Every name of a field and every word that a field takes.
fn words(schema: &Json, known: &mut BTreeSet<String>) {
    match schema {
        Json::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), value) {
                    ("properties", Json::Object(properties)) => known.extend(properties.keys().cloned()),
                    ("const", Json::String(word)) => drop(known.insert(word.clone())),
                    ("enum", Json::Array(all)) => {
                        known.extend(all.iter().filter_map(Json::as_str).map(Into::into))
                    }
                    _ => {}
                }
                words(value, known);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| words(item, known)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;

    /// Everything is shown but these parts.
    fn check(text: &str, hidden: &[&str]) {
        let stars = |part: &str| part.replace(|c: char| c != '\n', "*");
        let expected = hidden.iter().fold(text.to_owned(), |text, part| text.replace(part, &stars(part)));
        let node = yaml::read(text, &mut Vec::new()).unwrap();
        assert_eq!(masked(text, &node), expected);
    }

    #[test]
    fn what_the_format_knows_is_shown() {
        for text in [
            "version: 1\nlisten: {address: \"::1\", port: x}\n",
            "bounds:\n  event: 16MB\nresponse_headers: yes\n",
            "providers: {a: {kind: opnai, url: http://h:1/p, key: {env: A_KEY}, optional: 1}}",
            "models: {a: {targets: [{provider: b, model: c}], retry: {on: [5xxx, 429], per_try_timeout: 1}}}",
        ] {
            check(text, &[]);
        }
    }

    #[test]
    fn what_may_be_a_key_is_not() {
        check("providers: {a: {api_key: sk-1}}", &["sk-1"]);
        check("providers: {a: {ulr: \"https://u:sk-1@h\"}}", &["\"https://u:sk-1@h\""]);
        for url in ["https://h/?k=sk-1", "https://h/#sk-1", "https://sk-1@h", "[sk-1]"] {
            check(&format!("providers: {{a: {{url: {url}}}}}"), &[url]);
        }
        check("providers: {a: sk-1, b: [sk-2], c: 12}", &["sk-1", "[sk-2]", "12"]);
        check("providers: {a: {key: sk-1}, b: {sk-2}}", &["sk-1", "sk-2"]);
        check("providers: {a: {key: {sk-1}}, b: {key: [sk-2]}}", &["sk-1", "[sk-2]"]);
        check("providers: {a: {key: {env: sk-1}}}", &["sk-1"]);
        check("providers: {a: {key: {env: A, x: sk-1}}}", &["sk-1"]);
        check("providers: {a: {key: {env: A}, key: sk-1}}", &["sk-1"]);
        check("providers: {a: {key: {sk-12345678: x1}}}", &["sk-12345678", "x1"]);
        check("x:\n  y: sk-1\n  z: >\n    sk-1\n\nversion: 1\n", &["y: sk-1\n  z: >\n    sk-1\n"]);
        check("version: 1 # was sk1\n", &["was", "sk1"]);
        check("sk-1", &["sk-1"]);
    }

    #[test]
    fn only_words_of_the_format_are_shown_where_it_cannot_be_read() {
        for (text, expected) in [
            ("    key: sk-1: x", "    key: ****: *"),
            ("  a: {kind: openai, key: \"sk-1}", "  *: {kind: openai, key: \"****}"),
            ("  - key: &k sk-1 # sk-1", "  - key: &* **** # ****"),
            ("url: https://u:sk-1@h\r\n\tenv: ü", "url: *****:***:****@*\r\n\tenv: *"),
        ] {
            assert_eq!(masked_words(text), expected);
        }
    }
}
