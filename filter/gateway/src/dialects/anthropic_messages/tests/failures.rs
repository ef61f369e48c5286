//! Errors.

use crate::chat::{ErrorClass, Failure};
use crate::dialects::anthropic_messages::{read_failed_reply, read_failure, write_failure};
use crate::wire::json::Document;

fn failure(class: ErrorClass, code: &'static str, param: &'static str) -> Failure<'static> {
    Failure { status: 400, class, code: code.into(), message: "a \"b\"".into(), param: param.into() }
}

fn written(failure: &Failure<'_>) -> String {
    let mut out = Vec::new();
    write_failure(failure, &mut out);
    String::from_utf8(out).expect("errors are text")
}

#[test]
fn classes_have_types_both_ways() {
    for (class, name) in [
        (ErrorClass::InvalidRequest, "invalid_request_error"),
        (ErrorClass::Authentication, "authentication_error"),
        (ErrorClass::Permission, "permission_error"),
        (ErrorClass::NotFound, "not_found_error"),
        (ErrorClass::TooLarge, "request_too_large"),
        (ErrorClass::RateLimit, "rate_limit_error"),
        (ErrorClass::Server, "api_error"),
        (ErrorClass::Timeout, "timeout_error"),
        (ErrorClass::Overloaded, "overloaded_error"),
    ] {
        let body = written(&failure(class, "", ""));
        let expected = format!(r#"{{"type":"error","error":{{"type":"{name}","message":"a \"b\""}}}}"#);
        assert_eq!(body, expected);
        let read = read_failure(418, body.as_bytes());
        assert_eq!((read.class, read.status, read.message.as_ref()), (class, 418, "a \"b\""));
    }
}

#[test]
fn a_code_and_a_field_stand_in_the_details() {
    for (code, param, details) in [
        ("model_not_found", "", r#"{"error_code":"model_not_found"}"#),
        ("", "model", r#"{"param":"model"}"#),
        ("c", "p", r#"{"error_code":"c","param":"p"}"#),
    ] {
        let body = written(&failure(ErrorClass::NotFound, code, param));
        assert!(body.ends_with(&format!(r#","details":{details}}}}}"#)), "{body}");
        assert_eq!(read_failure(404, body.as_bytes()).code, code);
    }
}

#[test]
fn an_unknown_type_is_classed_by_status() {
    let body = br#"{"type":"error","error":{"type":"billing_error","message":"m"}}"#;
    assert_eq!(read_failure(429, body).class, ErrorClass::RateLimit);
}

#[test]
fn what_is_no_error_gives_a_general_message() {
    for body in [
        &b""[..],
        b"upstream connect error",
        b"{}",
        br#"{"error":"x"}"#,
        br#"{"error":{"type":"api_error"}}"#,
    ] {
        let read = read_failure(503, body);
        let expected = (503, ErrorClass::Overloaded, "the provider answered with status 503");
        assert_eq!((read.status, read.class, read.message.as_ref()), expected);
    }
}

#[test]
fn an_error_in_a_reply_that_succeeded_has_the_status_of_its_type() {
    let cases = [
        (r#"{"type":"error","error":{"type":"rate_limit_error","message":"m"}}"#, Some(429)),
        (r#"{"type":"error","error":{"type":"billing_error","message":"m"}}"#, Some(502)),
        (r#"{"type":"message","error":null}"#, None),
        (r#"{"error":"m"}"#, None),
        ("[]", None),
    ];
    for (body, status) in cases {
        let read = read_failed_reply(Document::parse_reply(body.as_bytes()).unwrap().root());
        assert_eq!(read.map(|failure| failure.status), status, "{body}");
    }
}
