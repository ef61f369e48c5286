//! What Anthropic refuses in a Messages request.

use crate::shape::{Checked, Node};

const FIELDS: &[&str] = &[
    "cache_control",
    "container",
    "context_management",
    "inference_geo",
    "max_tokens",
    "messages",
    "metadata",
    "model",
    "output_config",
    "service_tier",
    "stop_sequences",
    "stream",
    "system",
    "temperature",
    "thinking",
    "tool_choice",
    "tools",
    "top_k",
    "top_p",
];

/// Looks at the whole request.
pub fn check(body: &Node) -> Checked {
    body.only(FIELDS)?;
    body.need("model")?.text()?;
    let tokens = body.need("max_tokens")?.integer(1)?;
    messages(&body.need("messages")?)?;
    if let Some(system) = body.get("system").filter(|system| !system.value().is_string()) {
        system.items()?.iter().try_for_each(|block| text_block(block))?;
    }
    body.get("stream").map_or(Ok(()), |flag| flag.flag().map(drop))?;
    for (key, max) in [("temperature", 1.0), ("top_p", 1.0), ("top_k", f64::MAX)] {
        body.get(key).map_or(Ok(()), |number| number.number(0.0, max).map(drop))?;
    }
    for stop in body.get("stop_sequences").map_or(Ok(Vec::new()), |stops| stops.items())? {
        if stop.text()?.trim().is_empty() {
            return Err(stop.wrong("each stop sequence must contain non-whitespace"));
        }
    }
    if let Some(metadata) = body.get("metadata") {
        metadata.only(&["user_id"])?;
        metadata.get("user_id").map_or(Ok(()), |id| id.text().map(drop))?;
    }
    tools(body)?;
    output(body)?;
    thinking(body, tokens)
}

fn output(body: &Node) -> Checked {
    let Some(config) = body.get("output_config") else { return Ok(()) };
    config.only(&["effort", "format"])?;
    config
        .get("effort")
        .map_or(Ok(()), |effort| effort.one_of(&["low", "medium", "high", "xhigh", "max"]).map(drop))?;
    let Some(format) = config.get("format") else { return Ok(()) };
    format.only(&["type", "schema"])?;
    format.need("type")?.one_of(&["json_schema"])?;
    format.need("schema")?.object().map(drop)
}

fn thinking(body: &Node, tokens: u64) -> Checked {
    let Some(thinking) = body.get("thinking") else { return Ok(()) };
    if thinking.need("type")?.one_of(&["enabled", "disabled", "adaptive"])? != "enabled" {
        return Ok(());
    }
    thinking.only(&["type", "budget_tokens", "display"])?;
    let budget = thinking.need("budget_tokens")?;
    if budget.integer(1024)? >= tokens {
        return Err(budget.wrong("`max_tokens` must be greater than `thinking.budget_tokens`"));
    }
    if body.get("temperature").is_some_and(|one| one.value().as_f64() != Some(1.0))
        || body.get("top_k").is_some()
    {
        return Err(thinking.wrong("`temperature` may only be 1 and `top_k` unset when thinking is enabled"));
    }
    if body.get("top_p").is_some_and(|top| top.value().as_f64().is_none_or(|top| top < 0.95)) {
        return Err(thinking.wrong("`top_p` must be at least 0.95 when thinking is enabled"));
    }
    match body.get("tool_choice").and_then(|choice| choice.get("type")) {
        Some(kind) if ["any", "tool"].contains(&kind.text()?) => {
            Err(thinking.wrong("thinking may not be enabled when tool_choice forces tool use"))
        }
        _ => Ok(()),
    }
}

fn tools(body: &Node) -> Checked {
    let tools = body.get("tools").map_or(Ok(Vec::new()), |tools| tools.items())?;
    for tool in &tools {
        tool.only(&["name", "description", "input_schema", "type", "cache_control", "strict"])?;
        tool.get("type").map_or(Ok(()), |kind| kind.one_of(&["custom"]).map(drop))?;
        tool.get("description").map_or(Ok(()), |text| text.text().map(drop))?;
        tool_name(&tool.need("name")?)?;
        tool.need("input_schema")?.need("type")?.one_of(&["object"])?;
    }
    let Some(choice) = body.get("tool_choice") else { return Ok(()) };
    if tools.is_empty() {
        return Err(choice.wrong("may only be specified while providing `tools`"));
    }
    match choice.need("type")?.one_of(&["auto", "any", "tool", "none"])? {
        "none" => choice.only(&["type"]),
        "tool" => {
            choice.only(&["type", "name", "disable_parallel_tool_use"])?;
            choice.need("name")?.text().map(drop)
        }
        _ => choice.only(&["type", "disable_parallel_tool_use"]),
    }
}

fn tool_name(name: &Node) -> Checked {
    let text = name.text()?;
    if (1..=128).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
    {
        return Ok(());
    }
    Err(name.wrong("String should match pattern '^[a-zA-Z0-9_-]{1,128}$'"))
}

fn messages(messages: &Node) -> Checked {
    let list = messages.items()?;
    let mut awaited: Vec<&str> = Vec::new();
    for (place, message) in list.iter().enumerate() {
        message.only(&["role", "content"])?;
        let role = message.need("role")?.one_of(&["user", "assistant"])?;
        if place == 0 && role != "user" {
            return Err(messages.wrong("first message must use the \"user\" role"));
        }
        let last = place + 1 == list.len();
        awaited = match role {
            "user" => user(message, &awaited).map(|()| Vec::new())?,
            _ => assistant(message, last)?,
        };
    }
    match (list.is_empty(), awaited.first()) {
        (true, _) => Err(messages.wrong("at least one message is required")),
        (_, Some(id)) => {
            Err(messages.wrong(format!("`tool_use` {id} was found without a `tool_result` after it")))
        }
        _ => Ok(()),
    }
}

fn blocks<'a>(message: &Node<'a>) -> Checked<Vec<Node<'a>>> {
    let content = message.need("content")?;
    if let Some(text) = content.value().as_str() {
        return if text.is_empty() {
            Err(content.wrong("messages must have non-empty content"))
        } else {
            Ok(Vec::new())
        };
    }
    let blocks = content.items()?;
    if blocks.is_empty() { Err(content.wrong("messages must have non-empty content")) } else { Ok(blocks) }
}

fn user(message: &Node, awaited: &[&str]) -> Checked {
    let mut missing = awaited.to_vec();
    let mut others = 0;
    for block in blocks(message)? {
        match block.need("type")?.one_of(&["text", "image", "document", "tool_result"])? {
            "tool_result" => {
                let id = block.need("tool_use_id")?;
                let text = id.text()?;
                let Some(at) = missing.iter().position(|one| *one == text) else {
                    return Err(id.wrong("each `tool_result` must have a `tool_use` in the previous message"));
                };
                missing.remove(at);
                if others > 0 {
                    return Err(block.wrong("`tool_result` blocks must come first in the content"));
                }
                result(&block)?;
            }
            "image" => image(&block)?,
            "document" => block.need("source")?.object().map(drop)?,
            _ => text_block(&block)?,
        }
        others += usize::from(block.get("tool_use_id").is_none());
    }
    match missing.first() {
        Some(id) => Err(message.wrong(format!("`tool_use` {id} was found without a `tool_result` after it"))),
        None => Ok(()),
    }
}

fn result(block: &Node) -> Checked {
    block.only(&["type", "tool_use_id", "content", "is_error", "cache_control"])?;
    block.get("is_error").map_or(Ok(()), |flag| flag.flag().map(drop))?;
    let Some(content) = block.get("content").filter(|content| !content.value().is_string()) else {
        return Ok(());
    };
    for part in content.items()? {
        match part.need("type")?.one_of(&["text", "image", "document"])? {
            "text" => text_block(&part)?,
            "image" => image(&part)?,
            _ => {}
        }
    }
    Ok(())
}

fn assistant<'a>(message: &Node<'a>, last: bool) -> Checked<Vec<&'a str>> {
    let content = message.need("content")?;
    if last && content.value().as_str().is_some_and(|text| text.ends_with(char::is_whitespace)) {
        return Err(content.wrong("final assistant content cannot end with trailing whitespace"));
    }
    let mut ids = Vec::new();
    for block in blocks(message)? {
        match block.need("type")?.one_of(&["text", "tool_use", "thinking", "redacted_thinking"])? {
            "tool_use" => {
                block.only(&["type", "id", "name", "input", "cache_control", "caller"])?;
                tool_name(&block.need("name")?)?;
                block.need("input")?.object()?;
                tool_name(&block.need("id")?)?;
                ids.push(block.need("id")?.text()?);
            }
            "thinking" => {
                block.only(&["type", "thinking", "signature"])?;
                block.need("thinking")?.text()?;
                block.need("signature")?.text()?;
            }
            "redacted_thinking" => block.need("data")?.text().map(drop)?,
            _ => text_block(&block)?,
        }
    }
    Ok(ids)
}

fn text_block(block: &Node) -> Checked {
    block.only(&["type", "text", "cache_control", "citations"])?;
    block.need("type")?.one_of(&["text"])?;
    let text = block.need("text")?;
    if text.text()?.trim().is_empty() {
        Err(text.wrong("text content blocks must contain non-whitespace text"))
    } else {
        Ok(())
    }
}

fn image(block: &Node) -> Checked {
    block.only(&["type", "source", "cache_control"])?;
    let source = block.need("source")?;
    match source.need("type")?.one_of(&["base64", "url", "file"])? {
        "base64" => {
            source.only(&["type", "media_type", "data"])?;
            source.need("media_type")?.one_of(&["image/jpeg", "image/png", "image/gif", "image/webp"])?;
            let data = source.need("data")?;
            let fine =
                data.text()?.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
            if fine { Ok(()) } else { Err(data.wrong("invalid base64 data")) }
        }
        "url" => {
            source.only(&["type", "url"])?;
            source.need("url")?.text().map(drop)
        }
        _ => source.need("file_id")?.text().map(drop),
    }
}
