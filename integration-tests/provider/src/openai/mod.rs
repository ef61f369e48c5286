//! OpenAI's Chat Completions.

mod check;
mod write;

use serde_json::{Value, json};

use crate::shape::{Complaint, quote};
use crate::turn::{Choice, Last, Limits, Tool, Turn, text_of};

pub use check::check;
pub use write::{error_event, events, halves, json};

/// Reads what is asked for; what is not there or not as it should be counts as not asked for.
pub fn read(body: &Value) -> Turn {
    let field = |key: &str| body.get(key).unwrap_or(&Value::Null);
    Turn {
        model: field("model").as_str().unwrap_or_default().to_owned(),
        stream: field("stream") == &json!(true),
        include_usage: field("stream_options").get("include_usage") == Some(&json!(true)),
        limits: limits(body),
        tools: field("tools").as_array().into_iter().flatten().filter_map(tool).collect(),
        choice: choice(field("tool_choice")),
        last: last(field("messages")),
        thinks: field("reasoning_effort").as_str().is_some_and(|effort| effort != "none"),
    }
}

fn limits(body: &Value) -> Limits {
    let tokens = body.get("max_completion_tokens").or_else(|| body.get("max_tokens"));
    let stops = match body.get("stop") {
        Some(Value::String(stop)) => vec![stop.clone()],
        Some(Value::Array(stops)) => {
            stops.iter().filter_map(|stop| stop.as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    };
    let schema = body.get("response_format").and_then(|format| match format.get("type")?.as_str()? {
        "json_object" => Some(json!({})),
        "json_schema" => format.pointer("/json_schema/schema").cloned(),
        _ => None,
    });
    let choices = body.get("n").and_then(Value::as_u64).unwrap_or(1);
    Limits {
        choices: usize::try_from(choices).unwrap_or(1).clamp(1, 128),
        tokens: tokens.and_then(Value::as_u64),
        stops,
        schema,
    }
}

fn tool(tool: &Value) -> Option<Tool> {
    let function = tool.get("function")?;
    let schema = function.get("parameters").cloned().unwrap_or_else(|| json!({}));
    Some(Tool { name: function.get("name")?.as_str()?.to_owned(), schema })
}

fn choice(choice: &Value) -> Choice {
    match choice.pointer("/function/name").and_then(Value::as_str) {
        Some(name) => Choice::Named(name.to_owned()),
        None if choice == "none" => Choice::Never,
        None => Choice::Free,
    }
}

fn last(messages: &Value) -> Last {
    let mut last = Last::default();
    for message in messages.as_array().into_iter().flatten() {
        let content = text_of(message.get("content").unwrap_or(&Value::Null));
        match message.get("role").and_then(Value::as_str) {
            Some("user") => last = Last { text: content, results: Vec::new() },
            Some("tool") => last.results.push(content),
            Some("assistant") => last.results.clear(),
            _ => {}
        }
    }
    last
}

/// An error in the shape of OpenAI's, for an HTTP status.
pub fn error(status: u16, message: &str, param: Option<&str>) -> String {
    let (kind, code) = match status {
        400 => ("invalid_request_error", "null"),
        401 => ("invalid_request_error", "\"invalid_api_key\""),
        403 => ("invalid_request_error", "\"unsupported_country_region_territory\""),
        404 => ("invalid_request_error", "\"model_not_found\""),
        429 => ("requests", "\"rate_limit_exceeded\""),
        _ => ("server_error", "null"),
    };
    format!(
        r#"{{"error":{{"message":{},"type":"{kind}","param":{},"code":{code}}}}}"#,
        quote(message),
        param.map_or("null".to_owned(), quote),
    )
}

/// A complaint about the body, worded as OpenAI words them.
pub fn complain(complaint: &Complaint) -> String {
    let Complaint { path, message } = complaint;
    if message.starts_with("Extra") && !path.contains('.') {
        return error(400, &format!("Unrecognized request argument supplied: {path}"), None);
    }
    error(400, &format!("Invalid value at '{path}': {message}."), Some(path))
}
