//! Reading and writing errors.

use super::{fixture, read_in_pieces, text_of};
use crate::chat::{ErrorClass, Failure};
use crate::dialects::openai_chat::failure::{MESSAGE_BYTES_MAX, WORD_BYTES_MAX};
use crate::dialects::openai_chat::{read_failed_reply, read_failure, write_failure};
use crate::wire::json::Document;

/// Reads the fixture `name` as the body of a reply with `status`: code, message, param.
#[track_caller]
fn check(name: &str, status: u16, expected: [&str; 3]) {
    let failure = read_failure(status, fixture(&format!("errors/{name}")).as_bytes());
    assert_eq!((failure.status, failure.class), (status, ErrorClass::of_status(status)), "{name}");
    assert_eq!([&*failure.code, &*failure.message, &*failure.param], expected, "{name}");
}

#[test]
fn every_shape_of_an_error_is_read() {
    check("openai.json", 400, ["unsupported_value", "Unsupported value: 'temperature'", "temperature"]);
    check("llama_cpp.json", 500, ["500", "context size exceeded", ""]);
    check("vllm_old.json", 404, ["404", "The model `x` does not exist.", ""]);
    check("gemini.json", 400, ["400", "API version is wrong", ""]);
    check("text.json", 503, ["", "model is overloaded", ""]);
    check("fastapi.json", 403, ["", "Not authorized for this model", ""]);
    check("fastapi_fields.json", 422, ["", "Field required", ""]);
    check("mistral.json", 429, ["3505", "Service tier capacity exceeded for this model.", ""]);
}

#[test]
fn what_is_no_error_gives_general_words() {
    check("proxy.html", 502, ["", "the provider answered with status 502", ""]);
    for body in ["", "{}", "[]", "null", r#"{"error":null}"#, r#"{"error":{}}"#, r#"{"error":""}"#, "\u{0}"] {
        let failure = read_failure(529, body.as_bytes());
        assert_eq!(failure.message, "the provider answered with status 529", "{body}");
        assert_eq!(failure.class, ErrorClass::Overloaded);
    }
}

#[test]
fn words_about_the_key_are_not_repeated() {
    check("openai_key.json", 401, ["invalid_api_key", "the provider refused the gateway's credentials", ""]);
}

#[test]
fn long_words_are_cut_between_characters() {
    for (length, expected) in [
        (MESSAGE_BYTES_MAX - 1, MESSAGE_BYTES_MAX - 1),
        (MESSAGE_BYTES_MAX, MESSAGE_BYTES_MAX),
        (MESSAGE_BYTES_MAX + 1, MESSAGE_BYTES_MAX),
    ] {
        let body =
            format!(r#"{{"error":{{"message":"{}","code":"{}"}}}}"#, "x".repeat(length), "9".repeat(length));
        let failure = read_failure(500, body.as_bytes());
        assert_eq!((failure.message.len(), failure.code.len()), (expected, WORD_BYTES_MAX));
    }
    let body = format!(r#"{{"error":"x{}"}}"#, "é".repeat(MESSAGE_BYTES_MAX));
    assert_eq!(read_failure(500, body.as_bytes()).message.len(), MESSAGE_BYTES_MAX - 1);
}

#[test]
fn an_error_in_a_stream_has_the_status_of_its_words() {
    let cases = [
        (r#"{"error":{"message":"m","type":"invalid_request_error"}}"#, 400),
        (r#"{"error":{"message":"m","type":"tokens","code":"rate_limit_exceeded"}}"#, 429),
        (r#"{"error":{"message":"m","type":"requests","code":null}}"#, 429),
        (r#"{"error":{"message":"m","code":503}}"#, 503),
        (r#"{"error":{"message":"m","code":"503"}}"#, 503),
        (r#"{"error":{"message":"m","code":7}}"#, 500),
        (r#"{"error":{"message":"m","type":"overloaded_error"}}"#, 503),
        (r#"{"object":"error","message":"m","type":"BadRequestError","code":400}"#, 400),
        (r#"{"error":"m"}"#, 500),
    ];
    for (event, status) in cases {
        let said = read_in_pieces(format!("data: {event}\n\n").as_bytes(), &[]).unwrap();
        assert_eq!(said, [format!("failed {status} \"m\"")], "{event}");
    }
    for words in [r#""authentication_error""#, r#""invalid_request_error","code":"invalid_api_key""#] {
        let key = format!(r#"data: {{"error":{{"message":"Incorrect API key: sk-ab**yz","type":{words}}}}}"#);
        let expected = [r#"failed 401 "the provider refused the gateway's credentials""#];
        assert_eq!(read_in_pieces(key.as_bytes(), &[]).unwrap(), expected);
    }
    let said = read_in_pieces(b"data: {\"error\":{}}\n\n", &[]).unwrap();
    assert_eq!(said, [r#"failed 500 "the provider reported an error""#]);
}

#[test]
fn an_error_in_a_reply_that_succeeded_has_the_status_of_its_words() {
    let cases = [
        (r#"{"error":{"message":"m","code":429,"metadata":{}},"user_id":"u"}"#, Some(429)),
        (r#"[{"error":{"message":"m","code":400}}]"#, Some(400)),
        (r#"{"error":{"message":"m","type":"overloaded_error"}}"#, Some(503)),
        (r#"{"error":{"message":"m","code":200}}"#, Some(502)),
        (r#"{"error":{"message":"m","type":"requests","code":"rate_limit_exceeded"}}"#, Some(429)),
        (r#"{"error":"m"}"#, Some(502)),
        (r#"{"object":"error","message":"m"}"#, Some(502)),
        (r#"{"error":null,"message":"m"}"#, None),
        (r#"{"message":"m"}"#, None),
        ("[]", None),
    ];
    for (body, status) in cases {
        let read = read_failed_reply(Document::parse_reply(body.as_bytes()).unwrap().root());
        assert_eq!(read.as_ref().map(|failure| failure.status), status, "{body}");
        assert!(read.is_none_or(|failure| failure.message == "m"), "{body}");
    }
}

#[test]
fn an_error_is_written_as_openai_writes_it() {
    let cases = [
        (ErrorClass::InvalidRequest, "invalid_request_error"),
        (ErrorClass::Authentication, "authentication_error"),
        (ErrorClass::Permission, "permission_error"),
        (ErrorClass::NotFound, "invalid_request_error"),
        (ErrorClass::TooLarge, "invalid_request_error"),
        (ErrorClass::RateLimit, "rate_limit_error"),
        (ErrorClass::Overloaded, "service_unavailable_error"),
        (ErrorClass::Timeout, "timeout_error"),
        (ErrorClass::Server, "server_error"),
    ];
    for (class, kind) in cases {
        let failure = Failure {
            status: 400,
            class,
            code: "c".into(),
            message: "say \"hi\"".into(),
            param: "messages[0]".into(),
        };
        let mut out = Vec::new();
        write_failure(&failure, &mut out);
        let rest = r#""param":"messages[0]","code":"c""#;
        assert_eq!(text_of(out), format!(r#"{{"error":{{"message":"say \"hi\"","type":"{kind}",{rest}}}}}"#));
    }
}
