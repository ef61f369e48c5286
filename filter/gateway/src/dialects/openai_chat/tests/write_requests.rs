//! Writing requests.

use super::{document, fixture, request, with, written};
use crate::chat::{Chat, Delivery, Effort, Image, Message, Part, Role, Setting, Text};
use crate::dialects::openai_chat::read_request;

fn chat(messages: Vec<(Role, Vec<Part<'static>>)>, settings: Vec<Setting<'static>>) -> Chat<'static> {
    let messages = messages.into_iter().map(|(role, parts)| Message { role, parts }).collect();
    let (tools, unsupported) = (Vec::new(), Vec::new());
    Chat { model: "chat".into(), messages, tools, settings, delivery: Delivery::Whole, unsupported }
}

/// What the messages of one role become, and what is lost.
#[track_caller]
fn check_messages(role: Role, parts: Vec<Part<'static>>, expected: &str, lost: &[&str]) {
    let (json, notes) = written(&chat(vec![(role, parts)], vec![]), "m");
    assert_eq!(json, format!(r#"{{"model":"m","messages":[{expected}]}}"#));
    assert_eq!(notes, lost);
}

#[test]
fn what_was_written_reads_as_what_was_meant() {
    for name in ["plain", "everything", "tool_loop", "escapes"] {
        let chat = request(&fixture(&format!("requests/{name}.json"))).unwrap();
        let (json, lost) = written(&chat, "chat");
        assert_eq!(lost, Vec::<String>::new(), "{name}");
        let document = document(&json);
        assert_eq!(read_request(document.root()).unwrap(), chat, "{name}");
    }
}

#[test]
fn text_is_written_with_the_escapes_it_came_with() {
    let chat = request(r#"{"model":"m","messages":[{"role":"user","content":"a\/b\u00e9\n"}]}"#).unwrap();
    assert!(written(&chat, "m").0.contains(r#""a\/b\u00e9\n""#));
}

#[test]
fn one_text_is_a_string_and_several_are_parts() {
    let text = |text: &'static str| Part::Text(text.into());
    check_messages(Role::System, vec![text("a")], r#"{"role":"system","content":"a"}"#, &[]);
    let parts = r#"[{"type":"text","text":"a"},{"type":"text","text":"b"}]"#;
    let expected = format!(r#"{{"role":"developer","content":{parts}}}"#);
    check_messages(Role::Developer, vec![text("a"), text("b")], &expected, &[]);
    check_messages(Role::User, vec![], r#"{"role":"user","content":""}"#, &[]);
}

#[test]
fn an_image_in_the_request_becomes_a_data_url() {
    let image = Part::Image(Image::Base64 { media_type: "image/png".into(), data: "iVBO".into() });
    let url = r#"{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBO"}}"#;
    check_messages(Role::User, vec![image], &format!(r#"{{"role":"user","content":[{url}]}}"#), &[]);
}

#[test]
fn results_of_tools_become_messages_of_their_own_in_their_place() {
    let result = |id: &'static str, failed| Part::ToolResult {
        id: id.into(),
        parts: vec![Part::Text("9 C".into()), Part::Image(Image::Url("https://e.com/a".into()))],
        failed,
    };
    let parts = vec![result("a", false), result("b", true), Part::Text("and?".into())];
    let expected = concat!(
        r#"{"role":"tool","tool_call_id":"a","content":"9 C"},"#,
        r#"{"role":"tool","tool_call_id":"b","content":"9 C"},"#,
        r#"{"role":"user","content":"and?"}"#,
    );
    check_messages(Role::User, parts, expected, &["tool_result.image", "tool_result.is_error"]);
}

#[test]
fn a_turn_of_the_model_is_written_without_its_reasoning() {
    let thinking = Part::Thinking { text: "hm".into(), signature: "s".into() };
    let call = Part::ToolCall { id: "c".into(), name: "f".into(), arguments: r#"{"a":"\n"}"#.into() };
    let json = r#"[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":\"\\n\"}"}}]"#;
    let expected = format!(r#"{{"role":"assistant","content":null,"tool_calls":{json}}}"#);
    check_messages(Role::Assistant, vec![thinking.clone(), call], &expected, &["thinking"]);
    let refusal = Part::Refusal("no".into());
    let expected = r#"{"role":"assistant","content":null,"refusal":"no"}"#;
    check_messages(
        Role::Assistant,
        vec![Part::RedactedThinking("x".into()), refusal],
        expected,
        &["redacted_thinking"],
    );
    check_messages(Role::Assistant, vec![thinking], r#"{"role":"assistant","content":""}"#, &["thinking"]);
}

#[test]
fn the_most_tokens_stand_in_the_field_that_the_models_server_reads() {
    let chat = chat(vec![(Role::User, vec![])], vec![Setting::MaxTokens(9)]);
    let cases = [
        ("gpt-4o-mini", "max_completion_tokens"),
        ("gpt-5.1", "max_completion_tokens"),
        ("o3-mini", "max_completion_tokens"),
        ("chatgpt-4o-latest", "max_completion_tokens"),
        ("ft:gpt-4o-mini:acme::x", "max_completion_tokens"),
        ("gpt-oss-120b", "max_tokens"),
        ("smollm2", "max_tokens"),
        ("mistral-large-latest", "max_tokens"),
        ("olmo-2", "max_tokens"),
    ];
    for (model, field) in cases {
        assert!(written(&chat, model).0.ends_with(&format!(r#","{field}":9}}"#)), "{model}");
    }
}

#[test]
fn effort_is_written_where_the_model_takes_it() {
    let cases = [
        ("gpt-4o", Effort::High, None, ["reasoning_effort"].as_slice()),
        ("gpt-4o", Effort::Off, None, &[]),
        ("o3", Effort::Low, Some("low"), &[]),
        ("gpt-5-mini", Effort::Off, None, &["reasoning_effort"]),
        ("gpt-5.1", Effort::Off, Some("none"), &[]),
        ("qwen3", Effort::Off, Some("none"), &[]),
        ("qwen3", Effort::Minimal, Some("minimal"), &[]),
        ("qwen3", Effort::Medium, Some("medium"), &[]),
        ("qwen3", Effort::ExtraHigh, Some("xhigh"), &[]),
        ("qwen3", Effort::Max, Some("max"), &[]),
        ("qwen3", Effort::Budget(2047), Some("low"), &[]),
        ("qwen3", Effort::Budget(2048), Some("medium"), &[]),
        ("qwen3", Effort::Budget(4095), Some("medium"), &[]),
        ("qwen3", Effort::Budget(4096), Some("high"), &[]),
    ];
    for (model, effort, word, lost) in cases {
        let chat = chat(vec![(Role::User, vec![])], vec![Setting::Effort(effort)]);
        let (json, notes) = written(&chat, model);
        let field = word.map(|word| format!(r#""reasoning_effort":"{word}""#));
        assert_eq!(json.contains("reasoning_effort"), field.is_some(), "{model} {effort:?}");
        assert!(field.is_none_or(|field| json.contains(&field)), "{model} {effort:?}: {json}");
        assert_eq!(notes, lost, "{model} {effort:?}");
    }
}

/// Checks the members behind the messages in the request for `model`.
#[track_caller]
fn check_settings(settings: Vec<Setting<'static>>, model: &str, expected: &str, lost: &[&str]) {
    let (json, notes) = written(&chat(vec![(Role::User, vec![])], settings), model);
    let start = format!(r#"{{"model":"{model}","messages":[{{"role":"user","content":""}}]"#);
    let rest = json.strip_prefix(&start).and_then(|rest| rest.strip_suffix('}')).expect("a known start");
    assert_eq!(
        (rest.trim_start_matches(','), notes),
        (expected, lost.iter().map(|&path| path.into()).collect())
    );
}

#[test]
fn as_many_stop_texts_are_written_as_the_model_takes() {
    let stops = |count: usize| {
        let texts = ["a", "b", "c", "d", "e"].into_iter().take(count);
        vec![Setting::Stop(texts.map(Into::into).collect())]
    };
    let four = r#""stop":["a","b","c","d"]"#;
    check_settings(stops(3), "gpt-4o", r#""stop":["a","b","c"]"#, &[]);
    check_settings(stops(4), "gpt-4o", four, &[]);
    check_settings(stops(5), "gpt-4o", four, &["stop"]);
    check_settings(stops(5), "qwen3", r#""stop":["a","b","c","d","e"]"#, &[]);
    check_settings(stops(1), "o3", "", &["stop"]);
    check_settings(stops(1), "gpt-5.1", "", &["stop"]);
    check_settings(stops(0), "o3", "", &[]);
}

#[test]
fn a_model_that_reasons_is_told_no_sampling_but_what_holds_anyway() {
    let sampling = |number: &'static str| vec![Setting::Temperature(number), Setting::TopP(number)];
    let with = |effort, number: &'static str| [sampling(number), vec![Setting::Effort(effort)]].concat();
    let (half, both) = (r#""temperature":0.5,"top_p":0.5"#, ["temperature", "top_p"]);
    check_settings(sampling("0.5"), "gpt-4o", half, &[]);
    check_settings(sampling("0.5"), "gpt-5-chat-latest", half, &[]);
    check_settings(sampling("0.5"), "qwen3", half, &[]);
    check_settings(sampling("0.5"), "gpt-5-mini", "", &both);
    check_settings(sampling("1.0"), "gpt-5-mini", "", &[]);
    check_settings(sampling("0.5"), "gpt-5.1", half, &[]);
    check_settings(with(Effort::Off, "0.5"), "gpt-5.1", &format!(r#"{half},"reasoning_effort":"none""#), &[]);
    check_settings(with(Effort::Low, "0.5"), "gpt-5.1", r#""reasoning_effort":"low""#, &both);
    check_settings(with(Effort::Low, "1"), "gpt-5.1", r#""reasoning_effort":"low""#, &[]);
}

#[test]
fn a_user_of_more_characters_than_openai_takes_is_told_apart_by_a_digest() {
    let user = |characters: usize| vec![Setting::User(Text::owned("u".repeat(characters)))];
    let written = |name: &str| format!(r#""user":"{name}""#);
    check_settings(user(64), "gpt-4o", &written(&"u".repeat(64)), &[]);
    let digest = "0925c95aca542345b49434b82405c64d";
    check_settings(user(65), "gpt-4o", &written(digest), &[]);
    check_settings(user(65), "qwen3", &written(digest), &[]);
}

#[test]
fn what_openai_has_no_words_for_is_noted() {
    let chat = chat(vec![(Role::User, vec![])], vec![Setting::TopK("40")]);
    assert_eq!(
        written(&chat, "m"),
        (r#"{"model":"m","messages":[{"role":"user","content":""}]}"#.into(), vec!["top_k".into()])
    );
}

#[test]
fn the_choice_of_tools_is_left_out_where_there_are_none() {
    let chat = with(r#""tool_choice":"auto","parallel_tool_calls":false"#).unwrap();
    let (json, lost) = written(&chat, "m");
    assert!(!json.contains("tool"), "{json}");
    assert_eq!(lost, Vec::<String>::new());
}

#[test]
fn a_stream_is_always_asked_for_its_usage() {
    let chat = with(r#""stream":true"#).unwrap();
    assert_eq!(chat.delivery, Delivery::Stream { usage: false });
    assert!(written(&chat, "m").0.ends_with(r#","stream":true,"stream_options":{"include_usage":true}}"#));
    assert!(!written(&with(r#""stream":false"#).unwrap(), "m").0.contains("stream"));
}
