//! Conversations, as a provider gets them.

use super::{chat, conversation, document, paths};
use crate::chat::{Chat, Delivery, Format, Image, Part, Role, Setting, Tool};
use crate::dialects::anthropic_messages::write_request;
use crate::wire::json::Document;

/// The body for `chat` and what was left out.
fn written(chat: &Chat<'_>) -> (String, Vec<String>) {
    written_for("claude-haiku-4-5", chat)
}

fn written_for(model: &str, chat: &Chat<'_>) -> (String, Vec<String>) {
    let mut out = Vec::new();
    let lost = write_request(chat, model, &mut out);
    Document::parse(&out).expect("a body is JSON");
    (String::from_utf8(out).unwrap(), paths(&lost).into_iter().map(String::from).collect())
}

/// Checks what stands in `system` and `messages`, as raw JSON.
fn check(messages: Vec<(Role, Vec<Part<'static>>)>, expected: &str, lost: &[&str]) {
    let (body, paths) = written(&conversation(messages, Vec::new()));
    let rest =
        body.strip_prefix(r#"{"model":"claude-haiku-4-5","max_tokens":16384,"#).expect("a known start");
    assert_eq!(
        (rest.strip_suffix('}').unwrap(), paths),
        (expected, lost.iter().map(|&path| path.into()).collect())
    );
}

fn text(text: &'static str) -> Part<'static> {
    Part::Text(text.into())
}

fn call(id: &'static str, arguments: &'static str) -> Part<'static> {
    Part::ToolCall { id: id.into(), name: "f".into(), arguments: arguments.into() }
}

fn result(id: &'static str, parts: Vec<Part<'static>>, failed: bool) -> Part<'static> {
    Part::ToolResult { id: id.into(), parts, failed }
}

#[test]
fn all_instructions_are_joined_apart_from_the_messages() {
    check(
        vec![
            (Role::System, vec![text("one"), text("two")]),
            (Role::User, vec![text("hi")]),
            (Role::Developer, vec![text("three \"q\"")]),
        ],
        r#""system":"one\ntwo\nthree \"q\"","messages":[{"role":"user","content":"hi"}]"#,
        &[],
    );
}

#[test]
fn instructions_alone_are_said_by_the_user() {
    check(
        vec![(Role::System, vec![text("one")]), (Role::Developer, vec![text("two")])],
        r#""messages":[{"role":"user","content":"one\ntwo"}]"#,
        &["messages[].role"],
    );
}

#[test]
fn turns_of_user_and_assistant_alternate() {
    check(
        vec![
            (Role::User, vec![text("a")]),
            (Role::User, vec![text("b")]),
            (Role::Assistant, vec![text(" \n")]),
            (Role::System, vec![text("s")]),
            (Role::User, vec![text("c")]),
            (Role::Assistant, vec![text("d")]),
        ],
        concat!(
            r#""system":"s","messages":[{"role":"user","content":[{"type":"text","text":"a"},"#,
            r#"{"type":"text","text":"b"},{"type":"text","text":"c"}]},{"role":"assistant","content":"d"}]"#
        ),
        &[],
    );
}

#[test]
fn texts_of_white_space_are_left_out() {
    let escaped = |json: &str| Part::Text(document(json).root().as_str().expect("a string").into());
    check(
        vec![(Role::User, vec![escaped(r#"" \t\r\n\f""#), text(""), text(" \n"), escaped(r#""\\n""#)])],
        r#""messages":[{"role":"user","content":"\\n"}]"#,
        &[],
    );
}

#[test]
fn results_of_a_turn_come_together_and_first() {
    check(
        vec![
            (Role::Assistant, vec![text("wait"), call("t1", "{}"), call("t2", r#"{"a":1}"#)]),
            (Role::User, vec![result("t1", vec![text("x")], false)]),
            (Role::User, vec![text("and?")]),
            (Role::User, vec![result("t2", vec![], true)]),
        ],
        concat!(
            r#""messages":[{"role":"assistant","content":[{"type":"text","text":"wait"},"#,
            r#"{"type":"tool_use","id":"t1","name":"f","input":{}},"#,
            r#"{"type":"tool_use","id":"t2","name":"f","input":{"a":1}}]},"#,
            r#"{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"x"},"#,
            r#"{"type":"tool_result","tool_use_id":"t2","is_error":true},{"type":"text","text":"and?"}]}]"#
        ),
        &[],
    );
}

#[test]
fn arguments_are_copied_as_they_stand() {
    let (body, _) =
        written(&conversation(vec![(Role::Assistant, vec![call("t", r#"{"a": [1]}"#)])], Vec::new()));
    assert!(body.contains(r#""input":{"a": [1]}}"#), "{body}");
}

#[test]
fn ids_hold_only_what_anthropic_takes() {
    check(
        vec![
            (Role::Assistant, vec![call("a|b:c", "{}")]),
            (Role::User, vec![result("a|b:c", vec![], false)]),
        ],
        concat!(
            r#""messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a_b_c","name":"f","input":{}}]},"#,
            r#"{"role":"user","content":[{"type":"tool_result","tool_use_id":"a_b_c"}]}]"#
        ),
        &[],
    );
}

#[test]
fn images_are_written_by_address_or_in_base64() {
    let base64 = Image::Base64 { media_type: "image/png".into(), data: "QUJD".into() };
    check(
        vec![(Role::User, vec![Part::Image(Image::Url("https://x".into())), Part::Image(base64)])],
        concat!(
            r#""messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://x"}},"#,
            r#"{"type":"image","source":{"type":"base64","media_type":"image/png","data":"QUJD"}}]}]"#
        ),
        &[],
    );
}

#[test]
fn thinking_goes_back_only_with_its_signature() {
    let thinking =
        |signature: &'static str| Part::Thinking { text: "hm".into(), signature: signature.into() };
    check(
        vec![(
            Role::Assistant,
            vec![thinking("s"), thinking(""), Part::RedactedThinking("d".into()), text("a")],
        )],
        concat!(
            r#""messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},"#,
            r#"{"type":"redacted_thinking","data":"d"},{"type":"text","text":"a"}]}]"#
        ),
        &["messages[].thinking"],
    );
}

#[test]
fn a_refusal_goes_back_as_text_and_a_misplaced_part_is_noted() {
    let image = || Part::Image(Image::Url("https://x".into()));
    check(
        vec![
            (Role::User, vec![text("a"), call("t", "{}")]),
            (Role::Assistant, vec![Part::Refusal("no".into()), image()]),
            (Role::System, vec![text("s"), image()]),
        ],
        concat!(
            r#""system":"s","messages":[{"role":"user","content":"a"},"#,
            r#"{"role":"assistant","content":"no"}]"#
        ),
        &["messages[].tool_calls", "messages[].content[].image"],
    );
}

#[test]
fn a_stream_is_asked_for() {
    let chat = Chat { delivery: Delivery::Stream { usage: false }, ..chat(Vec::new()) };
    assert!(written(&chat).0.contains(r#""stream":true"#));
}

#[test]
fn tools_get_a_type_where_they_have_none() {
    for (schema, expected) in [
        (r#"{"type":"object","properties":{}}"#, r#"{"type":"object","properties":{}}"#),
        ("{}", r#"{"type":"object"}"#),
        (r#"{ "properties":{}}"#, r#"{"type":"object", "properties":{}}"#),
        (
            r#"{"properties":{"a":{"type":"string"}}}"#,
            r#"{"type":"object","properties":{"a":{"type":"string"}}}"#,
        ),
        (r#"{"properties":{"type":{}}}"#, r#"{"type":"object","properties":{"type":{}}}"#),
        (r#"{"properties":{},"type":"object"}"#, r#"{"properties":{},"type":"object"}"#),
        ("\n{\n}", r#"{"type":"object"}"#),
    ] {
        let tool = Tool { name: "f".into(), description: "".into(), schema: schema.into(), strict: false };
        let (body, _) = written(&Chat { tools: vec![tool], ..chat(Vec::new()) });
        let tools = body.replace('\n', "");
        assert!(tools.contains(&format!(r#""tools":[{{"name":"f","input_schema":{expected}}}]"#)), "{body}");
    }
}

#[test]
fn words_to_go_on_from_end_without_white_space() {
    let said = |parts| vec![(Role::User, vec![text("a \n")]), (Role::Assistant, parts)];
    let expected = |content: &str| {
        format!(
            r#""messages":[{{"role":"user","content":"a \n"}},{{"role":"assistant","content":{content}}}]"#
        )
    };
    let escaped = |json: &str| Part::Text(document(json).root().as_str().expect("a string").into());
    check(said(vec![text("b \n")]), &expected(r#""b""#), &[]);
    check(said(vec![escaped(r#""\u0062\t\u0020""#)]), &expected(r#""b""#), &[]);
    check(said(vec![text("b")]), &expected(r#""b""#), &[]);
    check(said(vec![text("b \n"), text(" ")]), &expected(r#""b""#), &[]);
    let two = r#"[{"type":"text","text":"b "},{"type":"text","text":"c"}]"#;
    check(said(vec![text("b "), text("c ")]), &expected(two), &[]);
    let more = [said(vec![text("b ")]), said(vec![text("c ")])].concat();
    let (body, _) = written(&conversation(more, vec![]));
    assert!(body.contains(r#""content":"b ""#) && body.contains(r#""content":"c""#), "{body}");
}

#[test]
fn the_user_gets_the_last_word_where_the_model_may_not_have_it() {
    let said =
        || conversation(vec![(Role::User, vec![text("a")]), (Role::Assistant, vec![text("b ")])], vec![]);
    let words = r#"{"role":"assistant","content":"b"}"#;
    let continued = format!(r#"{words},{{"role":"user","content":"Continue from where you left off."}}]"#);
    for model in ["claude-opus-4-6", "claude-opus-4-8", "claude-fable-5"] {
        let (body, lost) = written_for(model, &said());
        assert!(body.contains(&continued), "{body}");
        assert_eq!(lost, ["messages[].role"]);
    }
    for model in ["claude-haiku-4-5", "claude-3-haiku-20240307", "llama-4"] {
        let (body, lost) = written_for(model, &said());
        assert!(body.contains(&format!("{words}]")), "{body}");
        assert_eq!(lost, Vec::<String>::new());
    }
}

/// Checks whether the schema of `format` is kept, or else asked for in these words.
fn check_form(model: &str, messages: Vec<(Role, Vec<Part<'static>>)>, strict: bool, asked: Option<&str>) {
    let schema = r#"{"type":"object","properties":{"a":{"type":"string"}}}"#.into();
    let format = Format::JsonSchema { name: "n".into(), schema, strict };
    let (body, lost) = written_for(model, &conversation(messages, vec![Setting::Format(format)]));
    assert_eq!(body.contains("output_config"), asked.is_none(), "{model}: {body}");
    assert_eq!(lost.contains(&"response_format".to_owned()), asked.is_some(), "{model}");
    assert!(asked.is_none_or(|words| body.contains(words)), "{model}: {body}");
}

#[test]
fn a_schema_is_kept_only_if_it_must_be_and_the_model_can() {
    let asked = Some(concat!(
        r#""system":"Answer with JSON that follows this JSON Schema and with nothing else:\n"#,
        r#"{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}}","#
    ));
    let user = || vec![(Role::User, vec![text("a")])];
    let prefilled = || [user(), vec![(Role::Assistant, vec![text("{")])]].concat();
    check_form("claude-haiku-4-5", user(), true, None);
    check_form("claude-opus-4-1", user(), true, None);
    check_form("llama-4", user(), true, None);
    check_form("claude-haiku-4-5", user(), false, asked);
    check_form("llama-4", user(), false, asked);
    check_form("claude-sonnet-4-20250514", user(), true, asked);
    check_form("claude-haiku-4-5", prefilled(), true, asked);
    check_form("claude-opus-4-8", prefilled(), true, None);
    check_form("llama-4", prefilled(), true, None);
}

#[test]
fn a_schema_that_need_not_be_kept_is_kept_where_it_certainly_can_be() {
    let of = |value: &str| {
        let open = r#"{"type":"object","additionalProperties":false,"required":["a"],"properties":{"a":"#;
        format!("{open}{value}}}}}")
    };
    let is_kept = |schema: String| {
        let format = Format::JsonSchema { name: "n".into(), schema: schema.into(), strict: false };
        written(&chat(vec![Setting::Format(format)])).0.contains("output_config")
    };
    for taken in [
        r#"{"type":"string","title":"t","description":"d"}"#,
        r#"{"enum":["x",1]}"#,
        r#"{"type":"array","items":{"type":["string","null"]}}"#,
        r#"{"anyOf":[{"type":"null"},{"type":"object","properties":{},"additionalProperties":false}]}"#,
    ] {
        assert!(is_kept(of(taken)), "{taken}");
    }
    // A property may have any name.
    assert!(is_kept(of(r#"{"const":1},"minimum":{"type":"number"}"#)));
    for refused in [
        "{}",
        "1",
        r#"{"type":"number","minimum":0}"#,
        r#"{"type":"array","items":{"type":"object"}}"#,
        r##"{"$ref":"#"}"##,
        r#"{"anyOf":[{"type":"object","properties":{}}]}"#,
        r#"{"type":"object","additionalProperties":{"type":"string"}}"#,
    ] {
        assert!(!is_kept(of(refused)), "{refused}");
    }
}

#[test]
fn a_schema_that_says_nothing_is_any_json() {
    let format = Format::JsonSchema { name: "n".into(), schema: "{}".into(), strict: false };
    let (body, lost) = written(&chat(vec![Setting::Format(format)]));
    assert!(body.contains(r#""system":"Answer with one JSON object and nothing else.""#), "{body}");
    assert_eq!(lost, ["response_format"]);
}

#[test]
fn any_json_object_is_asked_for_in_words_and_noted() {
    let (body, lost) = written(&chat(vec![Setting::Format(Format::JsonObject)]));
    assert!(body.contains(r#""system":"Answer with one JSON object and nothing else.""#), "{body}");
    assert_eq!(lost, ["response_format"]);
}
