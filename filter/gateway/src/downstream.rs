//! The downstream position as a whole: edge, and attempt right behind it for models with a single target.
//!
//! A second filter in the cluster costs every request a good deal of what the gateway costs at all. It is there so that
//! each try is translated afresh; where there is only one try, the same machine is run here, with the same handoff and
//! to the same effect.

use std::rc::Rc;

use crate::attempt::{self, Attempt, Replies};
use crate::config::settings::EdgeSettings;
use crate::edge::{self, Edge};
use crate::effect::{Effect, Effects, Flow};
use crate::event::{AttemptEvent, EdgeEvent, Secrets};
use crate::telemetry::field;
use crate::wire::json::Document;

/// What the downstream position was configured to do.
#[derive(Debug)]
pub struct Policy {
    edge: Rc<edge::Policy>,
    /// By model, then by narrowed model; for those with a single target.
    attempts: Vec<Option<Rc<attempt::Policy>>>,
}

impl Policy {
    /// Works out the policy, or says what is wrong with the settings.
    pub fn compile(settings: EdgeSettings) -> Result<Self, String> {
        let mut attempts = Vec::new();
        for model in settings.served() {
            // Right behind edge attempt sees no reply, so it holds none.
            let compile = |settings| attempt::Policy::compile(settings, Replies::Passing);
            let policy = model.direct.clone().map(compile).transpose()?;
            attempts.push(policy.map(Rc::new));
        }
        Ok(Self { edge: Rc::new(edge::Policy::compile(settings)?), attempts })
    }
}

/// One request at the downstream position.
#[derive(Debug)]
pub struct Downstream {
    policy: Rc<Policy>,
    edge: Edge,
    /// What attempt left, where it ran here.
    receipt: Option<Vec<u8>>,
}

impl Downstream {
    /// A machine for one request.
    pub fn new(policy: Rc<Policy>) -> Self {
        let edge = Edge::new(Rc::clone(&policy.edge));
        Self { policy, edge, receipt: None }
    }

    /// Takes an event and says what follows, as [`Edge::on`].
    pub fn on(&mut self, mut event: EdgeEvent<'_>, secrets: &dyn Secrets) -> Effects {
        if let EdgeEvent::ReplyHead { receipt, .. } = &mut event
            && self.receipt.is_some()
        {
            *receipt = self.receipt.take();
        }
        let EdgeEvent::RequestBody { body, .. } = event else { return self.edge.on(event) };
        // Read once for both; edge finds out for itself why a body cannot be read, or is too long to be.
        let within = body.len() <= self.policy.edge.bounds.request_body_bytes;
        let read = within.then(|| Document::parse(body).ok()).flatten();
        let document = read.as_ref();
        let effects = self.edge.on(EdgeEvent::RequestBody { body, document });
        let mut done =
            Effects { flow: effects.flow, list: Vec::with_capacity(effects.list.len().saturating_add(8)) };
        for effect in effects.list {
            match effect {
                Effect::AttemptHere { model, handoff } => {
                    let handoff = Some(handoff);
                    let head = AttemptEvent::RequestHead { handoff, receipt: None, target: 0, secrets };
                    self.attempt(model, head, body, document, &mut done);
                }
                other => done.list.push(other),
            }
        }
        without_what_is_set_anew(&mut done.list);
        done
    }

    /// As [`Edge::awaits_body`].
    pub fn awaits_body(&self) -> bool {
        self.edge.awaits_body()
    }

    /// Whether a reply that comes now is a provider's or Envoy's, and not an answer of ours.
    pub fn awaits_reply(&self) -> bool {
        self.edge.awaits_reply()
    }

    /// Whether attempt ran here, so that nobody else has seen who wrote the reply.
    pub fn attempted_here(&self) -> bool {
        self.receipt.is_some()
    }

    /// As [`Edge::awaits_first_piece`].
    pub fn awaits_first_piece(&self) -> bool {
        self.edge.awaits_first_piece()
    }

    /// As [`Edge::awaits_more`].
    pub fn awaits_more(&self) -> bool {
        self.edge.awaits_more()
    }

    fn attempt<'b>(
        &mut self,
        model: usize,
        head: AttemptEvent<'_>,
        body: &'b [u8],
        document: Option<&Document<'b>>,
        done: &mut Effects,
    ) {
        let Some(policy) = self.policy.attempts.get(model).cloned().flatten() else { return };
        let mut attempt = Attempt::new(policy);
        let Some(bytes) = self.take(attempt.on(head), done) else { return };
        let part = body.get(..bytes.min(body.len())).unwrap_or_default();
        self.take(attempt.on(AttemptEvent::RequestBody { body: part, document }), done);
    }

    /// Takes over what attempt says, but for what it tells edge; returns how much of the body it must see.
    fn take(&mut self, effects: Effects, done: &mut Effects) -> Option<usize> {
        let mut wanted = None;
        for effect in effects.list {
            match effect {
                Effect::SetState(field::RECEIPT, receipt) => self.receipt = Some(receipt),
                Effect::ReadRequest(bytes) => wanted = Some(bytes),
                other => {
                    if matches!(other, Effect::Answer(_)) {
                        done.flow = Flow::Wait;
                    }
                    done.list.push(other);
                }
            }
        }
        wanted
    }
}

/// Leaves out the removal of each header that is set behind it: a client's credential where the gateway's own takes its
/// place.
fn without_what_is_set_anew(effects: &mut Vec<Effect>) {
    let set: Vec<&'static str> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Authenticate(name, _) => Some(*name),
            _ => None,
        })
        .collect();
    effects.retain(
        |effect| !matches!(effect, Effect::RemoveRequestHeader(name) if set.contains(&name.as_ref())),
    );
}
