//! What is read of a request before a provider is chosen.

use super::document;
use crate::chat::Delivery;
use crate::dialects::anthropic_messages::outline;
use crate::dialects::{Invalid, InvalidFault, UsagePatch};

#[test]
fn the_model_and_its_place_are_told() {
    let json = r#"{"max_tokens":0, "model": "m\u0031", "stream": true, "messages": []}"#;
    let outline = outline(document(json).root()).unwrap();
    assert_eq!((outline.model.decode().as_ref(), &json[outline.model_span.clone()]), ("m1", r#""m\u0031""#));
    assert_eq!((outline.delivery, outline.usage), (Delivery::Stream { usage: true }, UsagePatch::None));
}

#[test]
fn what_anthropic_demands_is_demanded() {
    for (json, param, fault) in [
        ("[]", "", InvalidFault::Wrong),
        (r#"{"max_tokens":1,"messages":[]}"#, "model", InvalidFault::Missing),
        (r#"{"model":"","max_tokens":1,"messages":[]}"#, "model", InvalidFault::Wrong),
        (r#"{"model":"m","max_tokens":1}"#, "messages", InvalidFault::Missing),
        (r#"{"model":"m","max_tokens":1,"messages":{}}"#, "messages", InvalidFault::Wrong),
        (r#"{"model":"m","messages":[]}"#, "max_tokens", InvalidFault::Missing),
        (r#"{"model":"m","messages":[],"max_tokens":-1}"#, "max_tokens", InvalidFault::Wrong),
        (r#"{"model":"m","messages":[],"max_tokens":1,"stream":"yes"}"#, "stream", InvalidFault::Wrong),
    ] {
        let expected = Invalid { param: param.to_owned(), fault };
        assert_eq!(outline(document(json).root()).unwrap_err(), expected, "{json}");
    }
}
