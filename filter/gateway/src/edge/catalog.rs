//! `GET /v1/models` and `/v1/models/{id}`: the configured models, in the shape of either API.
//!
//! Both APIs use the same paths; a request that carries `anthropic-version` is answered in Anthropic's shape. The date a
//! model was made is not known, so the epoch stands for it, which every SDK can read.

use std::borrow::Cow;

use super::policy::{Model, Policy};
use crate::dialects::Dialect;
use crate::effect::Answer;
use crate::reject::Reject;
use crate::wire::json::{Array, Object};

/// Where the models are listed.
pub const PATH: &str = "/v1/models";

/// The answer to a request for the list, or for the model `id`.
pub fn answer(policy: &Policy, id: Option<&str>, dialect: Dialect) -> Result<Answer, Reject> {
    let mut body = Vec::with_capacity(256);
    match id {
        None => list(policy, dialect, &mut body),
        Some(id) => {
            let id = percent_decode(id);
            let model = policy.model(&id).ok_or_else(|| Reject::UnknownModel { asked: id.into_owned() })?;
            one(model, dialect, &mut body);
        }
    }
    Ok(Answer { status: 200, headers: Vec::new(), body, details: "models" })
}

fn list(policy: &Policy, dialect: Dialect, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    if dialect == Dialect::OpenaiChat {
        object.string("object", "list");
    }
    let mut array = Array::open(object.key("data"));
    for model in &policy.models {
        one(model, dialect, array.element());
    }
    array.close();
    if dialect == Dialect::AnthropicMessages {
        object.raw("has_more", "false");
        for (key, model) in [("first_id", policy.models.first()), ("last_id", policy.models.last())] {
            match model {
                Some(model) => object.string(key, &model.name),
                None => object.raw(key, "null"),
            };
        }
    }
    object.close();
}

fn one(model: &Model, dialect: Dialect, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    match dialect {
        Dialect::OpenaiChat => {
            object.string("id", &model.name).string("object", "model");
            object.number("created", 0).string("owned_by", "tollgate");
        }
        Dialect::AnthropicMessages => {
            object.string("type", "model").string("id", &model.name).string("display_name", &model.name);
            object.string("created_at", "1970-01-01T00:00:00Z");
        }
    }
    object.close();
}

/// Undoes percent encoding, which SDKs apply to ids such as `team/chat`.
fn percent_decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = (first == b'%').then(|| tail.get(..2)).flatten();
        let code = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        match code {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}
