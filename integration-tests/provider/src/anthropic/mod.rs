//! Anthropic's Messages.

mod check;
mod write;

use serde_json::{Value, json};

use crate::shape::{Complaint, quote};
use crate::turn::{Choice, Last, Limits, Tool, Turn, text_of};

pub use check::check;
pub use write::{error_event, events, json};

/// Reads what is asked for; what is not there or not as it should be counts as not asked for.
pub fn read(body: &Value) -> Turn {
    let field = |key: &str| body.get(key).unwrap_or(&Value::Null);
    let stops = field("stop_sequences").as_array().into_iter().flatten();
    Turn {
        model: field("model").as_str().unwrap_or_default().to_owned(),
        stream: field("stream") == &json!(true),
        include_usage: true,
        limits: Limits {
            choices: 1,
            tokens: field("max_tokens").as_u64(),
            stops: stops.filter_map(|stop| stop.as_str().map(str::to_owned)).collect(),
            schema: body.pointer("/output_config/format/schema").cloned(),
        },
        tools: field("tools").as_array().into_iter().flatten().filter_map(tool).collect(),
        choice: choice(field("tool_choice")),
        last: last(field("messages")),
        thinks: field("thinking").get("type").is_some_and(|kind| kind != "disabled"),
    }
}

fn tool(tool: &Value) -> Option<Tool> {
    let name = tool.get("name")?.as_str()?.to_owned();
    Some(Tool { name, schema: tool.get("input_schema")?.clone() })
}

fn choice(choice: &Value) -> Choice {
    match (choice.get("type").and_then(Value::as_str), choice.get("name").and_then(Value::as_str)) {
        (Some("tool"), Some(name)) => Choice::Named(name.to_owned()),
        (Some("none"), _) => Choice::Never,
        _ => Choice::Free,
    }
}

fn last(messages: &Value) -> Last {
    let mut last = Last::default();
    for message in messages.as_array().into_iter().flatten() {
        let content = message.get("content").unwrap_or(&Value::Null);
        if message.get("role").and_then(Value::as_str) == Some("assistant") {
            last.results.clear();
            continue;
        }
        last.text = text_of(content);
        let blocks = content.as_array().into_iter().flatten();
        let results = blocks.filter(|block| block.get("type").is_some_and(|kind| kind == "tool_result"));
        last.results.extend(results.map(|block| text_of(block.get("content").unwrap_or(&Value::Null))));
    }
    last
}

/// An error in the shape of Anthropic's, for an HTTP status.
pub fn error(status: u16, message: &str) -> String {
    let kind = match status {
        400 => "invalid_request_error",
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        _ => "api_error",
    };
    let message = quote(message);
    format!(
        r#"{{"type":"error","error":{{"type":"{kind}","message":{message}}},"request_id":"req_scripted0001"}}"#
    )
}

/// A complaint about the body, worded as Anthropic words them.
pub fn complain(complaint: &Complaint) -> String {
    error(400, &format!("{}: {}", complaint.path, complaint.message))
}
