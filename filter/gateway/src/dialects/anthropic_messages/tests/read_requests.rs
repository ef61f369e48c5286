//! Requests of clients.

use super::{document, paths};
use crate::chat::{Chat, Delivery, Effort, Format, Image, Part, Role, Setting, ToolChoice};
use crate::dialects::anthropic_messages::read_request;
use crate::dialects::{Invalid, InvalidFault};

/// Reads a request with `members` beside a model, a limit and a message.
fn read_with(members: &str) -> Result<Chat<'static>, Invalid> {
    let rest = if members.is_empty() { String::new() } else { format!(",{members}") };
    read(&format!(r#"{{"model":"m","max_tokens":9,"messages":[{{"role":"user","content":"hi"}}]{rest}}}"#))
}

/// Reads a request whose messages are `messages`.
fn read_messages(messages: &str) -> Result<Chat<'static>, Invalid> {
    read(&format!(r#"{{"model":"m","max_tokens":9,"messages":[{messages}]}}"#))
}

fn read(json: &str) -> Result<Chat<'static>, Invalid> {
    read_request(document(json).root())
}

fn text(text: &'static str) -> Part<'static> {
    Part::Text(text.into())
}

/// The parts of the only message `{role, content}`.
fn parts(role: &str, content: &str) -> (Vec<Part<'static>>, Vec<String>) {
    let chat = read_messages(&format!(r#"{{"role":"{role}","content":{content}}}"#)).expect("valid request");
    (chat.messages[0].parts.clone(), paths(&chat.unsupported).into_iter().map(String::from).collect())
}

#[test]
fn a_minimal_request_becomes_one_user_message() {
    let chat = read_with("").unwrap();
    assert_eq!(chat.model.plain(), "m");
    assert_eq!((chat.messages.len(), chat.messages[0].role), (1, Role::User));
    assert_eq!(chat.messages[0].parts, [text("hi")]);
    assert_eq!(chat.settings, [Setting::MaxTokens(9)]);
    assert_eq!((chat.delivery, chat.tools.len(), chat.unsupported.len()), (Delivery::Whole, 0, 0));
}

#[test]
fn system_as_string_or_blocks_comes_first() {
    for (system, expected) in [
        (r#""Be brief.""#, vec![text("Be brief.")]),
        (r#"[{"type":"text","text":"Be"},{"type":"text","text":"brief"}]"#, vec![text("Be"), text("brief")]),
    ] {
        let chat = read_with(&format!(r#""system":{system}"#)).unwrap();
        assert_eq!((chat.messages[0].role, &chat.messages[0].parts), (Role::System, &expected));
        assert_eq!(chat.messages[1].role, Role::User);
    }
    assert_eq!(read_with(r#""system":[]"#).unwrap().messages.len(), 1);
}

#[test]
fn a_system_message_between_turns_keeps_its_place() {
    let chat = read_messages(r#"{"role":"user","content":"a"},{"role":"system","content":"b"}"#).unwrap();
    assert_eq!([chat.messages[0].role, chat.messages[1].role], [Role::User, Role::System]);
}

#[test]
fn images_come_by_address_or_in_base64() {
    let (parts, lost) = parts(
        "user",
        r#"[{"type":"image","source":{"type":"url","url":"https://x/y.png"}},
            {"type":"image","source":{"type":"base64","media_type":"image/png","data":"QUJD"}},
            {"type":"image","source":{"type":"file","file_id":"f"}}]"#,
    );
    let base64 = Image::Base64 { media_type: "image/png".into(), data: "QUJD".into() };
    assert_eq!(parts, [Part::Image(Image::Url("https://x/y.png".into())), Part::Image(base64)]);
    assert_eq!(lost, ["messages[].content[].source"]);
}

#[test]
fn a_call_and_its_results_are_read() {
    let (call, lost) = parts(
        "assistant",
        r#"[{"type":"tool_use","id":"t1","name":"f","input":{"a": 1},"caller":{"type":"direct"}}]"#,
    );
    assert_eq!(call, [Part::ToolCall { id: "t1".into(), name: "f".into(), arguments: r#"{"a": 1}"#.into() }]);
    assert_eq!(lost, [""; 0]);
    let by_server =
        r#"[{"type":"tool_use","id":"t1","name":"f","input":{},"caller":{"type":"code_execution"}}]"#;
    assert_eq!(parts("assistant", by_server).1, ["messages[].content[].caller"]);
    let (results, _) = parts(
        "user",
        r#"[{"type":"tool_result","tool_use_id":"t1","content":"ok"},
            {"type":"tool_result","tool_use_id":"t2","content":[{"type":"text","text":"bad"}],"is_error":true},
            {"type":"tool_result","tool_use_id":"t3"}]"#,
    );
    let result = |id: &'static str, parts, failed| Part::ToolResult { id: id.into(), parts, failed };
    let expected = [
        result("t1", vec![text("ok")], false),
        result("t2", vec![text("bad")], true),
        result("t3", vec![], false),
    ];
    assert_eq!(results, expected);
}

#[test]
fn thinking_keeps_its_signature() {
    let (parts, lost) = parts(
        "assistant",
        r#"[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"redacted_thinking","data":"d"}]"#,
    );
    let thinking = Part::Thinking { text: "hm".into(), signature: "s".into() };
    assert_eq!(parts, [thinking, Part::RedactedThinking("d".into())]);
    assert_eq!(lost, [""; 0]);
}

#[test]
fn thinking_without_a_signature_is_read() {
    for signature in ["", r#","signature":"""#, r#","signature":null"#] {
        let (parts, lost) =
            parts("assistant", &format!(r#"[{{"type":"thinking","thinking":"hm"{signature}}}]"#));
        assert_eq!(parts, [Part::Thinking { text: "hm".into(), signature: "".into() }], "{signature}");
        assert_eq!(lost, [""; 0], "{signature}");
    }
}

#[test]
fn what_has_no_equal_is_noted_once() {
    for (content, kept, lost) in [
        (r#"[{"type":"document","source":{}},{"type":"document"}]"#, 0, "messages[].content[].document"),
        (r#"[{"type":"container_upload","file_id":"f"}]"#, 0, "messages[].content[].type"),
        (r#"[{"type":"text","text":"a","citations":[]}]"#, 1, "messages[].content[].citations"),
        (r#"[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]"#, 1, "cache_control"),
        (r#"[{"type":"text","text":"a","x\u000ay":1}]"#, 1, "messages[].content[].?"),
        (
            r#"[{"type":"tool_result","tool_use_id":"t","content":[{"type":"document"}]}]"#,
            1,
            "messages[].content[].content[].document",
        ),
    ] {
        let (parts, paths) = parts("user", content);
        assert_eq!((parts.len(), paths), (kept, vec![lost.to_owned()]), "{content}");
    }
}

#[test]
fn every_cache_hint_is_one_note() {
    let hint = r#""cache_control":{"type":"ephemeral"}"#;
    let chat = read_with(&format!(
        r#"{hint},"system":[{{"type":"text","text":"s",{hint}}}],"tools":[{{"name":"f","input_schema":{{}},{hint}}}]"#
    ));
    assert_eq!(paths(&chat.unwrap().unsupported), ["cache_control"]);
}

#[test]
fn settings_are_read() {
    let stop = || Setting::Stop(vec!["END".into()]);
    let format = || {
        let schema = r#"{"type":"object"}"#.into();
        Setting::Format(Format::JsonSchema { name: "response".into(), schema, strict: true })
    };
    for (members, expected) in [
        (r#""temperature":0.50"#, vec![Setting::Temperature("0.50")]),
        (r#""top_p":0.9"#, vec![Setting::TopP("0.9")]),
        (r#""top_k":40"#, vec![Setting::TopK("40")]),
        (r#""stop_sequences":["END"]"#, vec![stop()]),
        (r#""stop_sequences":[]"#, vec![]),
        (r#""metadata":{"user_id":"u"}"#, vec![Setting::User("u".into())]),
        (r#""tool_choice":{"type":"auto"}"#, vec![Setting::ToolChoice(ToolChoice::Auto)]),
        (r#""tool_choice":{"type":"none"}"#, vec![Setting::ToolChoice(ToolChoice::None)]),
        (
            r#""tool_choice":{"type":"tool","name":"f"}"#,
            vec![Setting::ToolChoice(ToolChoice::Named("f".into()))],
        ),
        (
            r#""tool_choice":{"type":"any","disable_parallel_tool_use":true}"#,
            vec![Setting::ToolChoice(ToolChoice::Required), Setting::ParallelToolCalls(false)],
        ),
        (r#""output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}}"#, vec![format()]),
        (r#""service_tier":"auto""#, vec![]),
    ] {
        let chat = read_with(members).unwrap();
        assert_eq!(chat.settings[1..], expected, "{members}");
        assert!(chat.unsupported.is_empty(), "{members}");
    }
}

#[test]
fn thinking_and_effort_become_one_setting() {
    for (members, effort, lost) in [
        (r#""thinking":{"type":"enabled","budget_tokens":2000}"#, Effort::Budget(2000), vec![]),
        (r#""thinking":{"type":"disabled"}"#, Effort::Off, vec![]),
        (r#""thinking":{"type":"adaptive"}"#, Effort::High, vec![]),
        (r#""thinking":{"type":"adaptive"},"output_config":{"effort":"low"}"#, Effort::Low, vec![]),
        (r#""output_config":{"effort":"xhigh"}"#, Effort::ExtraHigh, vec![]),
        (r#""output_config":{"effort":"max"}"#, Effort::Max, vec![]),
        (r#""thinking":{"type":"between_tools"}"#, Effort::Off, vec!["thinking.type"]),
        (r#""thinking":{"type":"adaptive","display":"omitted"}"#, Effort::High, vec!["thinking.display"]),
        (
            r#""thinking":{"type":"disabled"},"output_config":{"effort":"low"}"#,
            Effort::Off,
            vec!["output_config.effort"],
        ),
    ] {
        let chat = read_with(members).unwrap();
        assert_eq!(chat.settings[1..], [Setting::Effort(effort)], "{members}");
        assert_eq!(paths(&chat.unsupported), lost, "{members}");
    }
}

#[test]
fn tools_of_the_client_are_read_and_those_of_the_server_noted() {
    let chat = read_with(
        r#""tools":[{"name":"f","description":"d","input_schema":{"type":"object"},"strict":true},
                    {"type":"web_search_20250305","name":"web_search"}]"#,
    )
    .unwrap();
    assert_eq!(chat.tools.len(), 1);
    assert_eq!((chat.tools[0].name.plain(), chat.tools[0].description.plain()), ("f".into(), "d".into()));
    assert_eq!((chat.tools[0].schema.as_ref(), chat.tools[0].strict), (r#"{"type":"object"}"#, true));
    assert_eq!(paths(&chat.unsupported), ["tools[].type"]);
}

#[test]
fn unknown_fields_are_noted_by_name() {
    for (members, lost) in [
        (r#""container":"c""#, "container"),
        (r#""service_tier":"standard_only""#, "service_tier"),
        (r#""metadata":{"x":1}"#, "metadata.x"),
        (r#""output_config":{"x":1}"#, "output_config.x"),
        (r#""a b":1"#, "?"),
    ] {
        assert_eq!(paths(&read_with(members).unwrap().unsupported), [lost], "{members}");
    }
    assert!(read_with(r#""container":null"#).unwrap().unsupported.is_empty());
}

#[test]
fn notes_are_bounded() {
    let fields: Vec<String> = (0..100).map(|number| format!("\"x{number}\":1")).collect();
    assert_eq!(read_with(&fields.join(",")).unwrap().unsupported.len(), 32);
}

#[test]
fn a_stream_is_asked_for() {
    assert_eq!(read_with(r#""stream":true"#).unwrap().delivery, Delivery::Stream { usage: true });
    assert_eq!(read_with(r#""stream":false"#).unwrap().delivery, Delivery::Whole);
}

#[test]
fn what_is_missing_is_named() {
    for (json, param) in [
        (r#"{"max_tokens":1,"messages":[{"role":"user","content":"a"}]}"#, "model"),
        (r#"{"model":"m","messages":[{"role":"user","content":"a"}]}"#, "max_tokens"),
        (r#"{"model":"m","max_tokens":null,"messages":[{"role":"user","content":"a"}]}"#, "max_tokens"),
        (r#"{"model":"m","max_tokens":1}"#, "messages"),
        (r#"{"model":"m","max_tokens":1,"messages":[{"role":"user"}]}"#, "messages[0].content"),
        (r#"{"model":"m","max_tokens":1,"messages":[{"content":"a"}]}"#, "messages[0].role"),
    ] {
        let expected = Invalid { param: param.to_owned(), fault: InvalidFault::Missing };
        assert_eq!(read(json).unwrap_err(), expected, "{json}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    let message = |content: &str| format!(r#"{{"role":"user","content":{content}}}"#);
    for (messages, param) in [
        (String::new(), "messages"),
        (r#"{"role":"tool","content":"a"}"#.to_owned(), "messages[0].role"),
        (message("1"), "messages[0].content"),
        (message(r#"[{"type":"text","text":"a"},{"type":"text","text":1}]"#), "messages[0].content[1].text"),
        (message(r#"[{"type":"tool_use","id":"a","name":"f","input":{}}]"#), "messages[0].content[0].type"),
        (
            message(r#"[{"type":"image","source":{"type":"url","url":1}}]"#),
            "messages[0].content[0].source.url",
        ),
        (
            message(r#"[{"type":"image","source":{"type":"url","url":"data:image/png;base64,QQ=="}}]"#),
            "messages[0].content[0].source.url",
        ),
        (
            message(r#"[{"type":"tool_result","tool_use_id":"a","content":[1]}]"#),
            "messages[0].content[0].content[0].type",
        ),
    ] {
        assert_eq!(read_messages(&messages).unwrap_err().param, param, "{messages}");
    }
    for (members, param) in [
        (r#""stream":1"#, "stream"),
        (r#""temperature":"hot""#, "temperature"),
        (r#""tools":{}"#, "tools"),
        (r#""tools":[{"name":"f"}]"#, "tools[0].input_schema"),
        (r#""tool_choice":{"type":"x"}"#, "tool_choice.type"),
        (r#""thinking":{"type":"enabled"}"#, "thinking.budget_tokens"),
        (r#""output_config":{"effort":"huge"}"#, "output_config.effort"),
        (r#""metadata":{"user_id":1}"#, "metadata.user_id"),
    ] {
        assert_eq!(read_with(members).unwrap_err().param, param, "{members}");
    }
}
