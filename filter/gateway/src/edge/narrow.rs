//! Which of a model's targets a request is for, where nothing of it may be dropped.
//!
//! Envoy tries nothing again once attempt has refused: that answer never meets its router. So a target that cannot be
//! told the request must not be among those it tries, and that is decided here, before the first try. It costs a
//! translation, and only where the configuration refuses what cannot be expressed and the targets speak several dialects.

use std::rc::Rc;

use super::policy::Model;
use crate::config::settings::{OtherSettings, OwnSettings};
use crate::dialects::Dialect;
use crate::wire::json::Document;

/// What serves requests of one dialect that no other can express.
#[derive(Debug)]
pub struct Own {
    dialect: Dialect,
    /// The dialects of the other targets, with their names for the model.
    others: Vec<(Dialect, String)>,
    /// The model without these.
    model: Rc<Model>,
}

impl Own {
    /// Finds the model among the `narrowed` ones, or says what is wrong with the settings.
    pub fn compile(settings: OwnSettings, narrowed: &[Rc<Model>]) -> Result<Self, String> {
        let OwnSettings { dialect, others, narrowed: at } = settings;
        let named = |name: &str| Dialect::named(name).ok_or_else(|| format!("no dialect `{name}`"));
        let other = |OtherSettings { dialect, model }| Ok((named(&dialect)?, model));
        let others = others.into_iter().map(other).collect::<Result<_, String>>()?;
        let model = narrowed.get(at).cloned().ok_or_else(|| format!("no narrowed model {at}"))?;
        Ok(Self { dialect: named(&dialect)?, others, model })
    }

    /// Whether every other target can be told all of the request.
    fn is_expressible(&self, document: &Document<'_>) -> bool {
        // What cannot be read is left to a provider that need not read it here.
        let Ok(chat) = self.dialect.read_request(document) else { return false };
        let mut out = Vec::new();
        chat.unsupported.is_empty()
            && self.others.iter().all(|(dialect, model)| {
                out.clear();
                dialect.write_request(&chat, model, &mut out).is_empty()
            })
    }
}

/// What serves the request `document` in `dialect`: `model`, or its targets of that dialect alone.
pub fn narrow<'m>(model: &'m Rc<Model>, dialect: Dialect, document: &Document<'_>) -> &'m Rc<Model> {
    match model.own.iter().find(|own| own.dialect == dialect) {
        Some(own) if !own.is_expressible(document) => &own.model,
        Some(_) | None => model,
    }
}
