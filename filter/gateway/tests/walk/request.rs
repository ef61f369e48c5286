//! The way there: a client's request to edge, and each try to its provider.

use std::collections::HashMap;
use std::rc::Rc;

use tollgate_gateway::attempt::Attempt;
use tollgate_gateway::config::settings::Unsupported;
use tollgate_gateway::downstream::Downstream;
use tollgate_gateway::effect::{Effect, Flow};
use tollgate_gateway::event::{AttemptEvent, EdgeEvent};

use super::policies::policies;
use super::{Got, Keys, Sent, Walk, head};

impl Walk {
    /// Sends a request; an answer of the gateway's own is the error.
    pub fn post(path: &str, body: &str) -> Result<Walk, Got> {
        Self::send(Unsupported::Drop, &[(":method", "POST"), (":path", path)], body)
    }

    pub fn send(unsupported: Unsupported, fields: &[(&str, &str)], body: &str) -> Result<Walk, Got> {
        let mut walk = Self::begin(unsupported, fields, body);
        walk.follow_request(fields, body).map(|()| walk)
    }

    /// As [`Walk::send`], for a request that the gateway answers itself; the walk goes on with that answer.
    pub fn refused(unsupported: Unsupported, fields: &[(&str, &str)], body: &str) -> (Walk, Got) {
        let mut walk = Self::begin(unsupported, fields, body);
        let got = walk.follow_request(fields, body).expect_err("the request is refused");
        (walk, got)
    }

    fn begin(unsupported: Unsupported, fields: &[(&str, &str)], body: &str) -> Walk {
        let (edge, attempts) = policies(unsupported);
        Walk {
            edge: Downstream::new(Rc::new(edge)),
            attempts: Rc::new(attempts),
            body: body.into(),
            attempt: None,
            head: fields.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            state: HashMap::new(),
            counted: Vec::new(),
        }
    }

    fn follow_request(&mut self, fields: &[(&str, &str)], body: &str) -> Result<(), Got> {
        let event = EdgeEvent::RequestHead { head: &head(fields), end: body.is_empty(), now: 1000 };
        let effects = self.edge.on(event, &Keys);
        self.apply(effects)?;
        for bytes in [body.len() / 2, body.len()] {
            let effects = self.edge.on(EdgeEvent::RequestGrew { bytes }, &Keys);
            assert_eq!(effects.flow, Flow::Wait);
            self.apply(effects)?;
        }
        let effects = self.edge.on(EdgeEvent::RequestBody { body: body.as_bytes(), document: None }, &Keys);
        if let Some((bytes, with)) = self.apply(effects)? {
            self.body.splice(..bytes, with);
        }
        Ok(())
    }

    /// What goes to the provider of a model with a single target.
    pub fn direct(&self) -> Sent {
        let take = |name: &str| self.head.get(name).cloned().unwrap_or_default();
        assert_eq!(take("content-length"), self.body.len().to_string());
        let body = String::from_utf8(self.body.clone()).unwrap();
        Sent { path: take(":path"), body }
    }

    /// Runs one try against `target`.
    pub fn attempt(&mut self, target: usize) -> Result<Sent, Got> {
        let mut attempt = Attempt::new(Rc::clone(&self.attempts));
        let value = |field| self.state.get(field).map(|value: &String| value.clone().into_bytes());
        let event = AttemptEvent::RequestHead {
            handoff: value("tollgate.handoff"),
            receipt: value("tollgate.receipt"),
            target,
            secrets: &Keys,
        };
        let effects = attempt.on(event);
        let wanted = effects.list.iter().find_map(|effect| match effect {
            Effect::ReadRequest(bytes) => Some(*bytes),
            _ => None,
        });
        self.apply(effects)?;
        let mut body = self.body.clone();
        if let Some(bytes) = wanted {
            let part = &self.body.clone()[..bytes.min(self.body.len())];
            let effects = attempt.on(AttemptEvent::RequestBody { body: part, document: None });
            if let Some((bytes, with)) = self.apply(effects)? {
                body.splice(..bytes, with);
            }
        }
        let length = self.head.get("content-length").map(|length| length.parse::<usize>().unwrap());
        assert!(
            length.is_none_or(|length| length == body.len()),
            "{length:?} announced for {} bytes",
            body.len()
        );
        self.attempt = Some(attempt);
        let take = |name: &str| self.head.get(name).cloned().unwrap_or_default();
        Ok(Sent { path: take(":path"), body: String::from_utf8(body).unwrap() })
    }
}
