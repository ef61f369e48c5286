//! Reading requests.

use super::{fixture, paths, request, with};
use crate::chat::{Delivery, Effort, Format, Image, Message, Part, Role, Setting, Text, Tool, ToolChoice};
use crate::dialects::InvalidFault;

fn text(text: &str) -> Part<'_> {
    Part::Text(text.into())
}

#[test]
fn everything_that_can_be_said_is_read_and_nothing_of_it_is_noted() {
    let json = fixture("requests/everything.json");
    let chat = request(&json).unwrap();
    assert_eq!(chat.model, Text::from("chat"));
    assert_eq!(paths(&chat.unsupported), Vec::<&str>::new());
    assert_eq!(chat.delivery, Delivery::Stream { usage: true });
    let images = [
        Part::Image(Image::Url("https://example.com/cat.png".into())),
        Part::Image(Image::Base64 { media_type: "image/png".into(), data: "iVBORw0KGgo=".into() }),
    ];
    let [first, second] = images;
    let expected = [
        Message { role: Role::System, parts: vec![text("You answer in one sentence.")] },
        Message {
            role: Role::Developer,
            parts: vec![text("Prefer metric units."), text("Name your sources.")],
        },
        Message { role: Role::User, parts: vec![text("What do these show?"), first, second] },
    ];
    assert_eq!(chat.messages, expected);
    let [weather, now] = &chat.tools[..] else { panic!("two tools") };
    assert!(weather.strict && weather.schema.contains("\"required\""));
    let no_parameters = r#"{"type":"object","properties":{}}"#.into();
    let expected = Tool { name: "now".into(), description: "".into(), schema: no_parameters, strict: false };
    assert_eq!(*now, expected);
}

#[test]
fn calls_and_results_without_ids_are_matched_in_their_order() {
    let call = r#"{"id":"","function":{"name":"f"}}"#;
    let turn = format!(
        r#"{{"role":"assistant","tool_calls":[{call},{call}]}},{}"#,
        r#"{"role":"tool","tool_call_id":"","content":""},{"role":"tool","tool_call_id":"","content":""}"#
    );
    let chat = request(&format!(r#"{{"model":"m","messages":[{turn},{turn}]}}"#)).unwrap();
    let id = |part: &Part<'_>| match part {
        Part::ToolCall { id, .. } | Part::ToolResult { id, .. } => id.plain().into_owned(),
        other => panic!("{other:?}"),
    };
    let ids: Vec<String> = chat.messages.iter().flat_map(|message| &message.parts).map(id).collect();
    let [a, b, _, _, c, d, _, _] = &ids[..] else { panic!("{ids:?}") };
    assert_eq!(ids, [a, b, a, b, c, d, c, d].map(String::as_str));
    assert!(a != b && b != c && c != d && a != c && a != d && b != d && !a.is_empty(), "{ids:?}");
}

#[test]
fn every_setting_is_read_in_its_order() {
    let chat = request(&fixture("requests/everything.json")).unwrap();
    let Setting::Format(Format::JsonSchema { name, schema, strict: true }) = &chat.settings[8] else {
        panic!("{:?}", chat.settings)
    };
    assert_eq!(*name, Text::from("answer"));
    assert!(schema.starts_with('{') && schema.contains("additionalProperties"));
    let others: Vec<_> =
        chat.settings.iter().filter(|setting| !matches!(setting, Setting::Format(_))).collect();
    let expected = [
        Setting::ToolChoice(ToolChoice::Named("get_weather".into())),
        Setting::ParallelToolCalls(false),
        Setting::Temperature("0.25"),
        Setting::TopP("0.9"),
        Setting::MaxTokens(256),
        Setting::Stop(vec!["END".into(), "\n\n".into()]),
        Setting::Answers(2),
        Setting::Seed("-7"),
        Setting::Effort(Effort::Low),
        Setting::User("user-17".into()),
    ];
    assert_eq!(others, expected.iter().collect::<Vec<_>>());
}

#[test]
fn calls_of_tools_and_their_results_are_read() {
    let chat = request(&fixture("requests/tool_loop.json")).unwrap();
    let call = |id: &'static str, arguments: &'static str| Part::ToolCall {
        id: id.into(),
        name: "get_weather".into(),
        arguments: arguments.into(),
    };
    let calls = vec![call("call_rome", r#"{"city":"Rome"}"#), call("call_oslo", r#"{"city":"Oslo"}"#)];
    assert_eq!(chat.messages[1], Message { role: Role::Assistant, parts: calls });
    let parts = vec![text("9 C"), text("rain")];
    let result = Part::ToolResult { id: "call_oslo".into(), parts, failed: false };
    assert_eq!(chat.messages[3], Message { role: Role::User, parts: vec![result] });
    assert_eq!(paths(&chat.unsupported), Vec::<&str>::new());
}

#[test]
fn reasoning_and_refusals_of_earlier_turns_are_read() {
    let chat = request(&fixture("requests/refused_and_reasoned.json")).unwrap();
    let thinking = Part::Thinking { text: "The user wants something odd.".into(), signature: "".into() };
    assert_eq!(chat.messages[1].parts, [thinking, Part::Refusal("I would rather not.".into())]);
    assert_eq!(chat.messages[3].parts, [text("Well, "), text("yes.")]);
    let settings =
        [Setting::Format(Format::JsonObject), Setting::MaxTokens(64), Setting::Stop(vec![Text::from(".")])];
    assert_eq!(chat.settings, settings);
}

#[test]
fn escape_sequences_in_keys_and_values_mean_what_they_stand_for() {
    let chat = request(&fixture("requests/escapes.json")).unwrap();
    assert_eq!(chat.model, Text::from("chat"));
    assert_eq!(chat.messages[0].parts, [text("tab\tquote\"slash/ backslash\\ é€ 😀 😀 é")]);
    let image = Image::Base64 { media_type: "image/jpeg".into(), data: "/9j/4AAQ".into() };
    assert_eq!(chat.messages[1].parts, [Part::Image(image)]);
}

#[track_caller]
fn check_invalid(json: &str, param: &str, fault: InvalidFault) {
    let invalid = request(json).expect_err("the request is wrong");
    assert_eq!((invalid.param.as_str(), invalid.fault), (param, fault), "{json}");
}

#[test]
fn a_request_without_a_conversation_is_refused() {
    use InvalidFault::{Missing, Wrong};
    check_invalid("[]", "", Wrong);
    check_invalid(r#"{"messages":[]}"#, "model", Missing);
    check_invalid(r#"{"model":5,"messages":[]}"#, "model", Wrong);
    check_invalid(r#"{"model":"m"}"#, "messages", Missing);
    check_invalid(r#"{"model":"m","messages":null}"#, "messages", Missing);
    check_invalid(r#"{"model":"m","messages":{"role":"user"}}"#, "messages", Wrong);
    check_invalid(r#"{"model":"m","messages":"hi"}"#, "messages", Wrong);
    check_invalid(r#"{"model":"m","messages":[]}"#, "messages", Wrong);
    check_invalid(
        r#"{"model":"m","messages":[{"role":"function","name":"f","content":"1"}]}"#,
        "messages",
        Wrong,
    );
}

#[test]
fn a_wrong_message_is_refused_with_its_path() {
    use InvalidFault::{Missing, Wrong};
    let good = r#"{"role":"user","content":"hi"}"#;
    let cases = [
        (r#""hi""#, "messages[1]", Wrong),
        (r#"{"content":"hi"}"#, "messages[1].role", Missing),
        (r#"{"role":1,"content":"hi"}"#, "messages[1].role", Wrong),
        (r#"{"role":"robot","content":"hi"}"#, "messages[1].role", Wrong),
        (r#"{"role":"user"}"#, "messages[1].content", Missing),
        (r#"{"role":"user","content":null}"#, "messages[1].content", Missing),
        (r#"{"role":"user","content":5}"#, "messages[1].content", Wrong),
        (r#"{"role":"user","content":["hi"]}"#, "messages[1].content[0]", Wrong),
        (r#"{"role":"user","content":[{"text":"hi"}]}"#, "messages[1].content[0].type", Missing),
        (r#"{"role":"user","content":[{"type":"text"}]}"#, "messages[1].content[0].text", Missing),
        (r#"{"role":"user","content":[{"type":"image_url"}]}"#, "messages[1].content[0].image_url", Missing),
        (
            r#"{"role":"user","content":[{"type":"image_url","image_url":{}}]}"#,
            "messages[1].content[0].image_url.url",
            Missing,
        ),
        (r#"{"role":"tool","content":"9 C"}"#, "messages[1].tool_call_id", Missing),
        (r#"{"role":"assistant","refusal":5}"#, "messages[1].refusal", Wrong),
        (r#"{"role":"assistant","tool_calls":{}}"#, "messages[1].tool_calls", Wrong),
        (r#"{"role":"assistant","tool_calls":[{"id":"a"}]}"#, "messages[1].tool_calls[0].function", Missing),
        (
            r#"{"role":"assistant","tool_calls":[{"id":"a","function":{}}]}"#,
            "messages[1].tool_calls[0].function.name",
            Missing,
        ),
        (
            r#"{"role":"assistant","tool_calls":[{"function":{"name":"now"}}]}"#,
            "messages[1].tool_calls[0].id",
            Missing,
        ),
    ];
    for (message, param, fault) in cases {
        check_invalid(&format!(r#"{{"model":"m","messages":[{good},{message}]}}"#), param, fault);
    }
}

#[test]
fn a_wrong_setting_is_refused_with_its_path() {
    use InvalidFault::{Missing, Wrong};
    let cases = [
        (r#""temperature":"hot""#, "temperature", Wrong),
        (r#""max_tokens":-1"#, "max_tokens", Wrong),
        (r#""max_tokens":1.5"#, "max_tokens", Wrong),
        (r#""n":0"#, "n", Wrong),
        (r#""stop":5"#, "stop", Wrong),
        (r#""stop":["a",5]"#, "stop[1]", Wrong),
        (r#""stream":"yes""#, "stream", Wrong),
        (r#""stream_options":true"#, "stream_options", Wrong),
        (r#""stream_options":{"include_usage":1}"#, "stream_options.include_usage", Wrong),
        (r#""tool_choice":"maybe""#, "tool_choice", Wrong),
        (r#""tool_choice":{"type":"function"}"#, "tool_choice.function", Missing),
        (r#""tools":{}"#, "tools", Wrong),
        (r#""tools":[{"type":"function","function":{}}]"#, "tools[0].function.name", Missing),
        (
            r#""tools":[{"type":"function","function":{"name":"f","parameters":[]}}]"#,
            "tools[0].function.parameters",
            Wrong,
        ),
        (r#""response_format":{"type":"json_schema"}"#, "response_format.json_schema", Missing),
        (
            r#""response_format":{"type":"json_schema","json_schema":{}}"#,
            "response_format.json_schema.name",
            Missing,
        ),
        (r#""reasoning_effort":3"#, "reasoning_effort", Wrong),
        (r#""parallel_tool_calls":"no""#, "parallel_tool_calls", Wrong),
        (r#""user":7"#, "user", Wrong),
    ];
    for (member, param, fault) in cases {
        let invalid = with(member).expect_err(member);
        assert_eq!((invalid.param.as_str(), invalid.fault), (param, fault), "{member}");
    }
}

#[test]
fn fields_with_their_default_value_pass_unnoted_and_others_are_noted() {
    let cases = [
        (r#""store":false"#, r#""store":true"#, "store"),
        (r#""logprobs":false"#, r#""logprobs":true"#, "logprobs"),
        (r#""top_logprobs":0"#, r#""top_logprobs":5"#, "top_logprobs"),
        (r#""presence_penalty":0.0"#, r#""presence_penalty":0.1"#, "presence_penalty"),
        (r#""frequency_penalty":-0"#, r#""frequency_penalty":-1"#, "frequency_penalty"),
        (r#""logit_bias":{}"#, r#""logit_bias":{"50256":-100}"#, "logit_bias"),
        (r#""metadata":{}"#, r#""metadata":{"team":"blue"}"#, "metadata"),
        (r#""service_tier":"auto""#, r#""service_tier":"flex""#, "service_tier"),
        (r#""verbosity":"medium""#, r#""verbosity":"low""#, "verbosity"),
        (r#""modalities":["text"]"#, r#""modalities":["text","audio"]"#, "modalities"),
        (r#""functions":[]"#, r#""functions":[{"name":"now"}]"#, "functions"),
        (r#""prediction":null"#, r#""prediction":{"type":"content","content":""}"#, "prediction"),
        (
            r#""response_format":{"type":"text"}"#,
            r#""response_format":{"type":"grammar"}"#,
            "response_format",
        ),
        (r#""reasoning_effort":null"#, r#""reasoning_effort":"extreme""#, "reasoning_effort"),
        (
            r#""tool_choice":null"#,
            r#""tool_choice":{"type":"allowed_tools","allowed_tools":{}}"#,
            "tool_choice",
        ),
        (r#""tools":[]"#, r#""tools":[{"type":"custom","custom":{"name":"x"}}]"#, "tools[0]"),
        (
            r#""stream_options":{"include_obfuscation":false}"#,
            r#""stream_options":{"chunk_size":5}"#,
            "stream_options.chunk_size",
        ),
    ];
    for (default, other, path) in cases {
        assert_eq!(paths(&with(default).unwrap().unsupported), Vec::<&str>::new(), "{default}");
        assert_eq!(paths(&with(other).unwrap().unsupported), [path], "{other}");
    }
    assert_eq!(with(r#""n":1,"stop":[],"seed":null"#).unwrap().settings, []);
}

#[test]
fn what_a_message_holds_beyond_the_chat_is_noted_with_its_path() {
    let json = r#"{"model":"m","messages":[
        {"role":"user","name":"ann","content":[{"type":"input_audio","input_audio":{}},{"type":"text","text":"hi","cache_control":{}},
            {"type":"image_url","image_url":{"url":"https://e.com/a","detail":"high"}},
            {"type":"image_url","image_url":{"url":"data:text/plain,hello"}}]},
        {"role":"assistant","content":"x","audio":{"id":"a"},"tool_calls":[{"id":"c","type":"custom","custom":{}}]},
        {"role":"function","name":"now","content":"12"}]}"#;
    let chat = request(json).unwrap();
    let expected = [
        "messages[0].name",
        "messages[0].content[0]",
        "messages[0].content[1].cache_control",
        "messages[0].content[2].image_url.detail",
        "messages[0].content[3].image_url.url",
        "messages[1].audio",
        "messages[1].tool_calls[0]",
        "messages[2]",
    ];
    assert_eq!(paths(&chat.unsupported), expected);
    assert_eq!(chat.messages.len(), 2);
}

#[test]
fn of_two_fields_that_mean_the_same_the_newer_counts_and_the_other_is_noted() {
    for members in
        [r#""max_tokens":5,"max_completion_tokens":9"#, r#""max_completion_tokens":9,"max_tokens":5"#]
    {
        let chat = with(members).unwrap();
        assert_eq!(chat.settings, [Setting::MaxTokens(9)], "{members}");
        assert_eq!(paths(&chat.unsupported), ["max_tokens"], "{members}");
    }
    let chat = with(r#""user":"a","safety_identifier":"a""#).unwrap();
    assert_eq!(chat.settings, [Setting::User("a".into())]);
    assert_eq!(paths(&chat.unsupported), Vec::<&str>::new());
}

#[test]
fn arguments_that_are_no_object_are_wrapped() {
    let arguments = |written: &str| {
        let call =
            format!(r#"{{"id":"c","type":"function","function":{{"name":"f","arguments":{written}}}}}"#);
        let json = format!(r#"{{"model":"m","messages":[{{"role":"assistant","tool_calls":[{call}]}}]}}"#);
        let chat = request(&json).unwrap();
        let [Part::ToolCall { arguments, .. }] = &chat.messages[0].parts[..] else { panic!("one call") };
        arguments.to_string()
    };
    assert_eq!(arguments(r#""{\"a\":1}""#), r#"{"a":1}"#);
    assert_eq!(arguments(r#"" ""#), "{}");
    assert_eq!(arguments(r#"{"a":1}"#), r#"{"a":1}"#);
    assert_eq!(arguments(r#""{\"a\":""#), r#"{"INVALID_JSON":"{\"a\":"}"#);
    assert_eq!(arguments(r#""[1]""#), r#"{"INVALID_JSON":"[1]"}"#);
    assert_eq!(arguments(r#""{},\"role\":\"system\"""#), r#"{"INVALID_JSON":"{},\"role\":\"system\""}"#);
    assert_eq!(arguments(r#""{\"a\":1,\"a\":2}""#), r#"{"INVALID_JSON":"{\"a\":1,\"a\":2}"}"#);
}

#[test]
fn a_key_that_is_no_name_is_not_repeated_and_no_more_is_noted_than_the_bound() {
    let chat = with(r#""my secret":1,"\u0061b":1,"":1"#).unwrap();
    assert_eq!(paths(&chat.unsupported), ["?", "?", "?"]);
    let max = super::super::path::UNSUPPORTED_MAX;
    for (fields, noted) in [(max - 1, max - 1), (max, max), (max + 1, max)] {
        let members: Vec<_> = (0..fields).map(|number| format!("\"x{number}\":1")).collect();
        assert_eq!(with(&members.join(",")).unwrap().unsupported.len(), noted);
    }
}
