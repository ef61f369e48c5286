//! Settings, as a provider gets them: many depend on the model and on each other.

use super::{chat, conversation, paths};
use crate::chat::{Chat, Effort, Format, Part, Role, Setting, Text, Tool, ToolChoice};
use crate::dialects::anthropic_messages::models::{Generation, Model};
use crate::dialects::anthropic_messages::write_request;
use crate::wire::json::Document;

/// A model of each generation.
const FIRST: &str = "claude-3-haiku-20240307";
const OLD: &str = "claude-haiku-4-5";
const BETWEEN: &str = "claude-sonnet-4-6";
const NEW: &str = "claude-opus-4-8";
const NEWEST: &str = "claude-opus-5-5";
const FOREIGN: &str = "llama-4";

/// Checks everything behind the messages, and the limit of tokens, in the request for `model`.
fn check(chat: &Chat<'_>, model: &str, max_tokens: u64, expected: &str, lost: &[&str]) {
    let mut out = Vec::new();
    let notes = write_request(chat, model, &mut out);
    let document = Document::parse(&out).expect("a body is JSON");
    assert_eq!(document.root().get("max_tokens").unwrap().as_u64(), Some(max_tokens), "{model}");
    let end = document.root().get("messages").unwrap().span().end;
    let rest = std::str::from_utf8(&out[end..out.len() - 1]).unwrap().trim_start_matches(',');
    assert_eq!((rest, paths(&notes)), (expected, lost.to_vec()), "{model}");
}

/// Checks the settings for `model` in a chat without a limit.
fn check_settings(settings: Vec<Setting<'static>>, model: &str, expected: &str, lost: &[&str]) {
    check(&chat(settings), model, Model::named(model).tokens_default(), expected, lost);
}

fn with_tool(settings: Vec<Setting<'static>>) -> Chat<'static> {
    let tool = Tool {
        name: "f".into(),
        description: "d".into(),
        schema: r#"{"type":"object"}"#.into(),
        strict: true,
    };
    Chat { tools: vec![tool], ..chat(settings) }
}

const TOOLS: &str =
    r#""tools":[{"name":"f","description":"d","input_schema":{"type":"object"},"strict":true}]"#;

#[test]
fn generations_are_told_from_names() {
    for (name, expected) in [
        ("claude-haiku-4-5", Generation::Budgets),
        ("claude-haiku-4-5-20251001", Generation::Budgets),
        ("claude-3-haiku-20240307", Generation::Thoughtless),
        ("anthropic.claude-3-5-sonnet-20241022-v2:0", Generation::Thoughtless),
        ("claude-3-7-sonnet-20250219", Generation::Budgets),
        ("claude-opus-4-20250514", Generation::Budgets),
        ("claude-2.1", Generation::Thoughtless),
        ("eu.anthropic.claude-sonnet-4-5-20250929-v1:0", Generation::Budgets),
        ("claude-opus-4-6", Generation::Adaptive),
        ("anthropic/claude-sonnet-4.6", Generation::Adaptive),
        ("claude-opus-4-7", Generation::AdaptiveOnly),
        ("claude-sonnet-5", Generation::AdaptiveOnly),
        ("claude-latest", Generation::AdaptiveOnly),
        ("claude-opus-5-5", Generation::AlwaysOn),
        ("claude-haiku-5-5@20261001", Generation::AlwaysOn),
        ("claude-fable-5", Generation::AlwaysOn),
        ("claude-mythos-preview", Generation::AlwaysOn),
        ("claude-opus-6", Generation::AlwaysOn),
        ("llama-4", Generation::Foreign),
        ("", Generation::Foreign),
    ] {
        assert_eq!(Model::named(name).generation, expected, "{name}");
    }
}

#[test]
fn a_request_without_a_limit_gets_one_that_the_model_takes() {
    for (model, tokens) in [
        ("claude-2.1", 4096),
        ("claude-3-opus-20240229", 4096),
        ("us.anthropic.claude-3-haiku-20240307-v1:0", 4096),
        ("claude-3-5-haiku-20241022", 8192),
        ("claude-3-7-sonnet-20250219", 16_384),
        ("claude-opus-4-1", 16_384),
        (OLD, 16_384),
        (NEWEST, 16_384),
        ("claude", 16_384),
        ("my-alias", 4096),
    ] {
        check(&chat(vec![]), model, tokens, "", &[]);
        check(&chat(vec![Setting::MaxTokens(50_000)]), model, 50_000, "", &[]);
    }
}

#[test]
fn a_budget_and_the_answer_fit_into_the_models_limit() {
    let most = chat(vec![Setting::Effort(Effort::Max)]);
    let budget = |tokens: u64| format!(r#""thinking":{{"type":"enabled","budget_tokens":{tokens}}}"#);
    check(&most, "claude-sonnet-4-20250514", 32_768, &budget(16_384), &[]);
    check(&most, "claude-opus-4-20250514", 32_000, &budget(16_000), &[]);
    check(&most, FOREIGN, 20_480, &budget(16_384), &[]);
    check(&most, FIRST, 4096, "", &["reasoning_effort"]);
    check(&chat(vec![Setting::Effort(Effort::Off)]), FIRST, 4096, "", &[]);
}

#[test]
fn plain_settings_have_their_names() {
    check_settings(
        vec![
            Setting::TopK("40"),
            Setting::Stop(vec!["END".into(), "\n".into()]),
            Setting::User("u".into()),
            Setting::Answers(2),
            Setting::Seed("7"),
        ],
        OLD,
        r#""top_k":40,"stop_sequences":["END"],"metadata":{"user_id":"u"}"#,
        &["stop", "n", "seed"],
    );
    check(&chat(vec![Setting::MaxTokens(5)]), OLD, 5, "", &[]);
    check_settings(vec![Setting::Stop(vec!["\n".into()])], OLD, "", &["stop"]);
}

#[test]
fn a_user_who_is_named_too_long_or_in_person_is_told_apart_by_a_digest() {
    let user = |name: &str| {
        let mut out = Vec::new();
        write_request(&chat(vec![Setting::User(Text::owned(name.to_owned()))]), OLD, &mut out);
        let document = Document::parse(&out).expect("a body is JSON");
        let name = document.root().get("metadata").and_then(|metadata| metadata.get("user_id")?.as_str());
        name.expect("a user").decode().into_owned()
    };
    for kept in ["u", "123456", "user-1234567", &"u".repeat(256)] {
        assert_eq!(user(kept), kept);
    }
    for replaced in ["jo@example.com", "1234567", "+49 (30) 123-456", &"u".repeat(257)] {
        let digest = user(replaced);
        assert!(digest.len() == 32 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{digest}");
        assert_eq!(user(replaced), digest);
    }
    assert_ne!(user("1234567"), user("1234568"));
}

#[test]
fn a_temperature_over_one_is_clamped() {
    let settings = |number| vec![Setting::Temperature(number)];
    check_settings(settings("0.7"), OLD, r#""temperature":0.7"#, &[]);
    check_settings(settings("1.0"), OLD, "", &[]);
    check_settings(settings("1.5"), OLD, r#""temperature":1"#, &["temperature"]);
    check_settings(settings("2e0"), BETWEEN, r#""temperature":1"#, &["temperature"]);
    check_settings(settings("1.5"), FOREIGN, r#""temperature":1.5"#, &[]);
}

#[test]
fn newer_models_take_no_sampling_settings() {
    let settings = |one, other| vec![Setting::Temperature(one), Setting::TopP(other), Setting::TopK("5")];
    check_settings(settings("0.5", "0.5"), NEW, "", &["temperature", "top_p", "top_k"]);
    check_settings(settings("1", "1"), NEW, "", &["top_k"]);
}

#[test]
fn temperature_outranks_top_p() {
    let settings = |one| vec![Setting::Temperature(one), Setting::TopP("0.9")];
    check_settings(settings("0.5"), OLD, r#""temperature":0.5"#, &["top_p"]);
    check_settings(settings("1"), OLD, r#""top_p":0.9"#, &[]);
    check_settings(settings("0.5"), FOREIGN, r#""temperature":0.5,"top_p":0.9"#, &[]);
}

#[test]
fn effort_becomes_a_budget_or_a_level() {
    let effort = |effort| chat(vec![Setting::Effort(effort)]);
    let budget = |tokens: u64| format!(r#""thinking":{{"type":"enabled","budget_tokens":{tokens}}}"#);
    let level =
        |word: &str| format!(r#""thinking":{{"type":"adaptive"}},"output_config":{{"effort":"{word}"}}"#);
    for (wanted, tokens, word) in [
        (Effort::Minimal, 1024, "low"),
        (Effort::Low, 1024, "low"),
        (Effort::Medium, 2048, "medium"),
        (Effort::High, 4096, "high"),
        (Effort::ExtraHigh, 8192, "xhigh"),
        (Effort::Max, 16_384, "max"),
    ] {
        check(&effort(wanted), OLD, tokens + 16_384, &budget(tokens), &[]);
        check(&effort(wanted), FOREIGN, tokens + 4096, &budget(tokens), &[]);
        check(&effort(wanted), NEWEST, 16_384, &level(word), &[]);
        check(&effort(wanted), NEW, 16_384, &level(word), &[]);
    }
    check(&effort(Effort::ExtraHigh), BETWEEN, 16_384, &level("high"), &["reasoning_effort"]);
    check(&effort(Effort::Budget(3000)), OLD, 19_384, &budget(3000), &[]);
    check(&effort(Effort::Budget(1)), OLD, 17_408, &budget(1024), &[]);
    check(&effort(Effort::Budget(3000)), NEW, 16_384, &level("medium"), &["thinking.budget_tokens"]);
    for model in [OLD, BETWEEN, NEW] {
        check(&effort(Effort::Off), model, 16_384, r#""thinking":{"type":"disabled"}"#, &[]);
    }
    // Thinking that cannot be turned off is kept short.
    check(&effort(Effort::Off), NEWEST, 16_384, r#""output_config":{"effort":"low"}"#, &["reasoning_effort"]);
}

#[test]
fn a_budget_leaves_half_of_the_limit_for_the_answer() {
    let limited = |tokens| chat(vec![Setting::MaxTokens(tokens), Setting::Effort(Effort::High)]);
    let budget = |tokens: u64| format!(r#""thinking":{{"type":"enabled","budget_tokens":{tokens}}}"#);
    check(&limited(8192), OLD, 8192, &budget(4096), &[]);
    check(&limited(4000), OLD, 4000, &budget(2000), &[]);
    check(&limited(2048), OLD, 2048, &budget(1024), &[]);
    check(&limited(2047), OLD, 2047, "", &["reasoning_effort"]);
}

#[test]
fn thinking_rules_out_sampling_settings() {
    let settings =
        |top_p| vec![Setting::Effort(Effort::Low), Setting::Temperature("0.5"), Setting::TopP(top_p)];
    let thinking = r#""thinking":{"type":"enabled","budget_tokens":1024}"#;
    check(&chat(settings("0.5")), OLD, 17_408, thinking, &["temperature", "top_p"]);
    check(&chat(settings("0.97")), OLD, 17_408, &format!(r#""top_p":0.97,{thinking}"#), &["temperature"]);
}

#[test]
fn a_forced_call_rules_out_thinking() {
    let settings = || vec![Setting::ToolChoice(ToolChoice::Required), Setting::Effort(Effort::Low)];
    let tools = format!(r#"{TOOLS},"tool_choice":{{"type":"any"}}"#);
    check(&with_tool(settings()), OLD, 16_384, &tools, &["reasoning_effort"]);
    check(
        &with_tool(settings()),
        NEW,
        16_384,
        &format!(r#"{tools},"output_config":{{"effort":"low"}}"#),
        &[],
    );
    let thinking = r#""thinking":{"type":"enabled","budget_tokens":1024}"#;
    check(&chat(settings()), OLD, 17_408, thinking, &["tool_choice"]);
}

#[test]
fn a_call_is_not_demanded_of_a_model_that_always_thinks() {
    let forced = |choice| with_tool(vec![Setting::ToolChoice(choice), Setting::Effort(Effort::Low)]);
    let thinking = r#""thinking":{"type":"adaptive"},"output_config":{"effort":"low"}"#;
    for choice in [ToolChoice::Required, ToolChoice::Named("f".into())] {
        check(&forced(choice), NEWEST, 16_384, &format!("{TOOLS},{thinking}"), &["tool_choice"]);
    }
    let one = with_tool(vec![Setting::ToolChoice(ToolChoice::Required), Setting::ParallelToolCalls(false)]);
    let auto = r#""tool_choice":{"type":"auto","disable_parallel_tool_use":true}"#;
    check(&one, NEWEST, 16_384, &format!("{TOOLS},{auto}"), &["tool_choice"]);
}

#[test]
fn arguments_are_kept_to_a_schema_only_where_the_model_does_so() {
    let tools = TOOLS.replace(r#","strict":true"#, "");
    check(&with_tool(vec![]), "claude-opus-4-1", 16_384, TOOLS, &[]);
    check(&with_tool(vec![]), "claude-sonnet-4-20250514", 16_384, &tools, &["tools[].strict"]);
}

#[test]
fn a_turn_begun_without_thinking_goes_on_without() {
    let call = Part::ToolCall { id: "t".into(), name: "f".into(), arguments: "{}".into() };
    let result = Part::ToolResult { id: "t".into(), parts: vec![], failed: false };
    let thinking = Part::Thinking { text: "hm".into(), signature: "s".into() };
    let settings = || vec![Setting::Effort(Effort::Low)];
    let of =
        |parts| conversation(vec![(Role::Assistant, parts), (Role::User, vec![result.clone()])], settings());
    check(&of(vec![call.clone()]), OLD, 16_384, "", &["reasoning_effort"]);
    let budget = r#""thinking":{"type":"enabled","budget_tokens":1024}"#;
    check(&of(vec![thinking, call]), OLD, 17_408, budget, &[]);
}

#[test]
fn choices_of_tools_have_their_names() {
    let one_at_a_time = || Setting::ParallelToolCalls(false);
    for (settings, choice) in [
        (vec![], ""),
        (vec![Setting::ParallelToolCalls(true)], ""),
        (vec![Setting::ToolChoice(ToolChoice::Auto)], r#"{"type":"auto"}"#),
        (vec![Setting::ToolChoice(ToolChoice::Named("f".into()))], r#"{"type":"tool","name":"f"}"#),
        (vec![one_at_a_time()], r#"{"type":"auto","disable_parallel_tool_use":true}"#),
        (vec![Setting::ToolChoice(ToolChoice::None), one_at_a_time()], r#"{"type":"none"}"#),
    ] {
        let choice = if choice.is_empty() { String::new() } else { format!(r#","tool_choice":{choice}"#) };
        check(&with_tool(settings), OLD, 16_384, &format!("{TOOLS}{choice}"), &[]);
    }
}

#[test]
fn a_conversation_with_calls_needs_no_tools() {
    let call = Part::ToolCall { id: "t".into(), name: "f".into(), arguments: "{}".into() };
    let result = Part::ToolResult { id: "t".into(), parts: vec![], failed: false };
    let called = || vec![(Role::Assistant, vec![call.clone()]), (Role::User, vec![result.clone()])];
    check(&conversation(called(), vec![]), OLD, 16_384, "", &[]);
    check(&conversation(called(), vec![Setting::ToolChoice(ToolChoice::None)]), OLD, 16_384, "", &[]);
}

#[test]
fn a_choice_among_no_tools_is_left_out() {
    check_settings(vec![Setting::ToolChoice(ToolChoice::Required)], OLD, "", &["tool_choice"]);
    check_settings(vec![Setting::ToolChoice(ToolChoice::None)], OLD, "", &[]);
}

#[test]
fn words_to_go_on_from_rule_out_thinking() {
    let prefilled = |effort| {
        let said =
            vec![(Role::User, vec![Part::Text("a".into())]), (Role::Assistant, vec![Part::Text("{".into())])];
        conversation(said, vec![Setting::Effort(effort)])
    };
    check(&prefilled(Effort::High), OLD, 16_384, "", &["reasoning_effort"]);
    check(&prefilled(Effort::High), FOREIGN, 4096, "", &["reasoning_effort"]);
    // Here the user gets the last word.
    let level = r#""thinking":{"type":"adaptive"},"output_config":{"effort":"high"}"#;
    check(&prefilled(Effort::High), BETWEEN, 16_384, level, &["messages[].role"]);
    check(&prefilled(Effort::Off), OLD, 16_384, r#""thinking":{"type":"disabled"}"#, &[]);
}

#[test]
fn a_schema_and_an_effort_share_one_object() {
    let format = Format::JsonSchema { name: "n".into(), schema: r#"{"type":"object"}"#.into(), strict: true };
    check_settings(
        vec![Setting::Format(format), Setting::Effort(Effort::High)],
        NEW,
        concat!(
            r#""thinking":{"type":"adaptive"},"output_config":{"effort":"high","#,
            r#""format":{"type":"json_schema","schema":{"type":"object"}}}"#
        ),
        &[],
    );
}
