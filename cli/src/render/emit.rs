//! JSON values as block-style YAML that people can read and every YAML reader reads alike.
//!
//! Every text is in double quotes, in JSON's own escapes, so nothing is taken for a number or a tag.

use std::fmt::Write;

use serde_json::{Map, Value};

/// The keys that come first in a mapping, because they say what it is.
const FIRST: [&str; 3] = ["name", "@type", "id"];

/// The value as a YAML document that opens with a comment.
pub fn emit(comment: &str, value: &Value) -> String {
    let mut out = format!("# {comment}\n");
    block(value, 0, &mut out);
    out
}

fn block(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in ordered(map) {
                pad(indent, out);
                out.push_str(&word(key));
                out.push(':');
                inside(value, indent + 2, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                pad(indent, out);
                out.push('-');
                if is_block(item) {
                    // The item's first line stands behind the dash.
                    let mut text = String::new();
                    block(item, indent + 2, &mut text);
                    out.push(' ');
                    out.push_str(text.trim_start_matches(' '));
                } else {
                    inside(item, indent + 2, out);
                }
            }
        }
        scalar => {
            out.push_str(&scalar.to_string());
            out.push('\n');
        }
    }
}

fn inside(value: &Value, indent: usize, out: &mut String) {
    if is_block(value) {
        out.push('\n');
        block(value, indent, out);
    } else {
        // JSON's scalars and empty collections are YAML's.
        let _ = writeln!(out, " {value}");
    }
}

fn is_block(value: &Value) -> bool {
    match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn ordered(map: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut entries: Vec<_> = map.iter().collect();
    let rank = |key: &str| FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len());
    entries.sort_by_key(|(key, _)| (rank(key), key.as_str()));
    entries
}

fn word(key: &str) -> String {
    let plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    let starts_well = key.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    if plain && starts_well { key.to_owned() } else { Value::from(key).to_string() }
}

fn pad(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}
