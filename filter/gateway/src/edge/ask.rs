//! What a request's body decides: the model, and with it the cluster and what attempt must know.

use std::borrow::Cow;
use std::rc::Rc;

use super::narrow::narrow;
use super::policy::{Model, Policy, Where};
use crate::chat::Delivery;
use crate::dialects::Dialect;
use crate::effect::Effect;
use crate::handoff::{Beside, Handoff};
use crate::reject::Reject;
use crate::telemetry::field;
use crate::wire::json::Document;

/// A request that is on its way to a provider.
#[derive(Debug)]
pub struct Asked {
    /// The client's dialect.
    pub dialect: Dialect,
    /// The model it asked for.
    pub model: Rc<Model>,
    /// How it wants the reply.
    pub delivery: Delivery,
    /// When it began, in milliseconds.
    pub since: u64,
}

/// A request whose head was read and whose body is awaited.
#[derive(Debug)]
pub struct Reading {
    /// The dialect of the body.
    pub dialect: Dialect,
    /// When it began, in milliseconds.
    pub since: u64,
    /// What is said beside the body.
    pub beside: Beside<'static>,
    /// What has to change in the head before it goes anywhere.
    pub cleaning: Vec<Effect>,
}

impl Asked {
    /// The date for replies that carry one: seconds since 1970.
    pub fn date(&self) -> u64 {
        self.since / 1000
    }
}

/// Reads `body`, unless it was read into `document` already, and returns what was asked with what has to be done to route it.
pub fn ask<'b>(
    policy: &Policy,
    reading: Reading,
    body: &'b [u8],
    document: Option<&Document<'b>>,
) -> Result<(Asked, Vec<Effect>), Reject> {
    let Reading { dialect, since, beside, cleaning } = reading;
    let mut place = None;
    let document = Document::given_or_parsed(document, body, &mut place).map_err(Reject::NotJson)?;
    let outline = dialect.outline(document).map_err(Reject::Invalid)?;
    let name = outline.model.decode();
    let Some(model) = policy.model(&name) else {
        return Err(Reject::UnknownModel { asked: name.into_owned() });
    };
    let model = narrow(model, dialect, document);
    let handoff = Handoff {
        dialect,
        body_bytes: body.len(),
        model: outline.model_span,
        usage: outline.usage,
        beside,
        asked: Cow::Borrowed(&model.name),
        models: model.targets.iter().map(|target| Cow::Borrowed(target.handed_over.as_str())).collect(),
    };
    let handoff = handoff.encode();
    let mut effects = cleaning;
    effects.push(match model.attempt {
        Where::Upstream => Effect::SetState(field::HANDOFF, handoff),
        Where::Here(model) => Effect::AttemptHere { model, handoff },
    });
    effects.push(Effect::SetRequestHeader("x-tollgate-cluster", model.cluster.clone().into()));
    for (name, value) in &model.routing {
        effects.push(Effect::SetRequestHeader(name, value.clone().into()));
    }
    effects.push(Effect::ChooseRouteAgain);
    let asked = Asked { dialect, model: Rc::clone(model), delivery: outline.delivery, since };
    Ok((asked, effects))
}
