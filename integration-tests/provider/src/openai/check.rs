//! What OpenAI refuses in a Chat Completions request.

use crate::shape::{Checked, Node};

const FIELDS: &[&str] = &[
    "audio",
    "frequency_penalty",
    "function_call",
    "functions",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "messages",
    "metadata",
    "modalities",
    "model",
    "n",
    "parallel_tool_calls",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "prompt_cache_retention",
    "reasoning_effort",
    "response_format",
    "safety_identifier",
    "seed",
    "service_tier",
    "stop",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "user",
    "verbosity",
    "web_search_options",
];

/// Looks at the whole request.
pub fn check(body: &Node) -> Checked {
    body.only(FIELDS)?;
    body.need("model")?.text()?;
    messages(&body.need("messages")?)?;
    numbers(body)?;
    stream(body)?;
    tools(body)?;
    format(body)?;
    if let Some(stop) = body.given("stop").filter(|stop| !stop.value().is_string()) {
        let stops = stop.items()?;
        stops.iter().try_for_each(|stop| stop.text().map(drop))?;
        if stops.len() > 4 {
            return Err(stop.wrong("at most 4 stop sequences are allowed"));
        }
    }
    for key in ["user", "safety_identifier", "prompt_cache_key"] {
        body.given(key).map_or(Ok(()), |text| text.text().map(drop))?;
    }
    if let Some(effort) = body.given("reasoning_effort") {
        effort.one_of(&["none", "minimal", "low", "medium", "high", "xhigh"])?;
    }
    if let Some(metadata) = body.given("metadata") {
        for key in metadata.object()?.keys() {
            metadata.need(key)?.text()?;
        }
    }
    Ok(())
}

fn numbers(body: &Node) -> Checked {
    for (key, min, max) in [
        ("temperature", 0.0, 2.0),
        ("top_p", 0.0, 1.0),
        ("frequency_penalty", -2.0, 2.0),
        ("presence_penalty", -2.0, 2.0),
        ("n", 1.0, 128.0),
        ("top_logprobs", 0.0, 20.0),
    ] {
        body.given(key).map_or(Ok(()), |number| number.number(min, max).map(drop))?;
    }
    for key in ["max_tokens", "max_completion_tokens"] {
        body.given(key).map_or(Ok(()), |number| number.integer(1).map(drop))?;
    }
    match (body.given("max_tokens"), body.given("max_completion_tokens")) {
        (Some(tokens), Some(_)) => Err(tokens.wrong("not supported together with 'max_completion_tokens'")),
        _ => Ok(()),
    }
}

fn stream(body: &Node) -> Checked {
    let streamed = body.given("stream").map_or(Ok(false), |stream| stream.flag())?;
    let Some(options) = body.given("stream_options") else { return Ok(()) };
    if !streamed {
        return Err(options.wrong("only allowed when 'stream' is enabled"));
    }
    options.only(&["include_usage", "include_obfuscation"])?;
    options.given("include_usage").map_or(Ok(()), |usage| usage.flag().map(drop))
}

fn tools(body: &Node) -> Checked {
    let tools = body.given("tools").map_or(Ok(Vec::new()), |tools| tools.items())?;
    for tool in &tools {
        tool.only(&["type", "function"])?;
        tool.need("type")?.one_of(&["function"])?;
        let function = tool.need("function")?;
        function.only(&["name", "description", "parameters", "strict"])?;
        name(&function.need("name")?)?;
        function.given("description").map_or(Ok(()), |text| text.text().map(drop))?;
        function.given("parameters").map_or(Ok(()), |schema| schema.object().map(drop))?;
    }
    for key in ["tool_choice", "parallel_tool_calls"] {
        if let Some(given) = body.given(key).filter(|_| tools.is_empty()) {
            return Err(given.wrong("only allowed when 'tools' are specified"));
        }
    }
    body.given("parallel_tool_calls").map_or(Ok(()), |flag| flag.flag().map(drop))?;
    match body.given("tool_choice") {
        Some(choice) if choice.value().is_string() => choice.one_of(&["none", "auto", "required"]).map(drop),
        Some(choice) => {
            choice.only(&["type", "function"])?;
            choice.need("type")?.one_of(&["function"])?;
            choice.need("function")?.need("name")?.text().map(drop)
        }
        None => Ok(()),
    }
}

fn name(name: &Node) -> Checked {
    let text = name.text()?;
    let fine = text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    if fine && (1..=64).contains(&text.len()) {
        return Ok(());
    }
    Err(name.wrong("Expected a string that matches the pattern '^[a-zA-Z0-9_-]{1,64}$'"))
}

fn format(body: &Node) -> Checked {
    let Some(format) = body.given("response_format") else { return Ok(()) };
    if format.need("type")?.one_of(&["text", "json_object", "json_schema"])? == "json_schema" {
        let schema = format.need("json_schema")?;
        schema.only(&["name", "description", "schema", "strict"])?;
        name(&schema.need("name")?)?;
        schema.given("schema").map_or(Ok(()), |schema| schema.object().map(drop))?;
    }
    Ok(())
}

fn messages(messages: &Node) -> Checked {
    let list = messages.items()?;
    if list.is_empty() {
        return Err(messages.wrong("empty array, expected an array with minimum length 1"));
    }
    let mut awaited: Vec<&str> = Vec::new();
    for message in &list {
        let role = message.need("role")?.one_of(&["developer", "system", "user", "assistant", "tool"])?;
        if role == "tool" {
            result(message, &mut awaited)?;
            continue;
        }
        if let Some(id) = awaited.first() {
            return Err(message.wrong(format!("tool_call_id {id} did not have a response message")));
        }
        match role {
            "assistant" => awaited = assistant(message)?,
            "user" => {
                message.only(&["role", "content", "name"])?;
                content(&message.need("content")?, &["text", "image_url", "input_audio", "file"])?;
            }
            _ => {
                message.only(&["role", "content", "name"])?;
                content(&message.need("content")?, &["text"])?;
            }
        }
    }
    match awaited.first() {
        Some(id) => Err(messages.wrong(format!("tool_call_id {id} did not have a response message"))),
        None => Ok(()),
    }
}

fn result(message: &Node, awaited: &mut Vec<&str>) -> Checked {
    message.only(&["role", "content", "tool_call_id"])?;
    content(&message.need("content")?, &["text"])?;
    let id = message.need("tool_call_id")?;
    let text = id.text()?;
    let Some(at) = awaited.iter().position(|one| *one == text) else {
        return Err(
            id.wrong("messages with role 'tool' must be a response to a preceding message with 'tool_calls'")
        );
    };
    awaited.remove(at);
    Ok(())
}

fn assistant<'a>(message: &Node<'a>) -> Checked<Vec<&'a str>> {
    message.only(&["role", "content", "name", "refusal", "tool_calls", "audio"])?;
    match message.given("content") {
        Some(given) => content(&given, &["text", "refusal"])?,
        None if message.given("tool_calls").or_else(|| message.given("refusal")).is_some() => {}
        None => return Err(message.wrong("expected 'content', 'refusal' or 'tool_calls'")),
    }
    let Some(calls) = message.given("tool_calls") else { return Ok(Vec::new()) };
    let calls = calls.items()?;
    if calls.is_empty() {
        return Err(message.wrong("'tool_calls' is an empty array, expected minimum length 1"));
    }
    let mut ids = Vec::new();
    for call in &calls {
        call.only(&["id", "type", "function"])?;
        call.need("type")?.one_of(&["function"])?;
        let function = call.need("function")?;
        function.only(&["name", "arguments"])?;
        name(&function.need("name")?)?;
        function.need("arguments")?.text()?;
        ids.push(call.need("id")?.text()?);
    }
    Ok(ids)
}

fn content(content: &Node, kinds: &[&str]) -> Checked {
    if content.value().is_string() {
        return Ok(());
    }
    let parts = content.items()?;
    if parts.is_empty() {
        return Err(content.wrong("empty array, expected minimum length 1"));
    }
    for part in &parts {
        let kind = part.need("type")?.one_of(kinds)?;
        part.only(&["type", kind])?;
        match kind {
            "image_url" => image(&part.need("image_url")?)?,
            "text" | "refusal" => part.need(kind)?.text().map(drop)?,
            _ => part.need(kind)?.object().map(drop)?,
        }
    }
    Ok(())
}

fn image(image: &Node) -> Checked {
    image.only(&["url", "detail"])?;
    let url = image.need("url")?;
    if ["https://", "http://", "data:image/"]
        .iter()
        .any(|scheme| url.value().as_str().unwrap_or("").starts_with(scheme))
    {
        return Ok(());
    }
    Err(url.wrong("expected a URL or a base64 encoded data URL"))
}
