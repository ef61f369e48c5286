//! What edge was configured to do, with everything worked out that does not depend on a request.

use std::collections::HashMap;
use std::rc::Rc;

use super::narrow::Own;
use crate::config::settings::{BoundSettings, EdgeSettings, ModelSettings, OtherPaths};
use crate::effect::Labels;
use crate::telemetry::labels;

/// The policy of every request.
#[derive(Debug)]
pub struct Policy {
    /// Sizes that nothing may exceed.
    pub bounds: BoundSettings,
    /// Whether replies carry `x-tollgate-*` headers.
    pub response_headers: bool,
    /// Request headers that reach providers beside those that always do, in lower case.
    pub forward_headers: Vec<String>,
    /// What becomes of a request to a path that is no API's.
    pub other_paths: OtherPaths,
    /// The models in the order they were written.
    pub models: Vec<Rc<Model>>,
    /// The labels of what concerns no target: none.
    pub unlabelled: Labels,
    by_name: HashMap<String, usize>,
}

/// A model that clients may ask for.
#[derive(Debug)]
pub struct Model {
    /// The name clients use.
    pub name: String,
    /// The Envoy cluster that serves it.
    pub cluster: String,
    /// Its targets by priority; at least one.
    pub targets: Vec<Target>,
    /// The routing headers beside the cluster, name and value.
    pub routing: Vec<(&'static str, String)>,
    /// Where its requests meet attempt.
    pub attempt: Where,
    /// What serves requests that only their own dialect can express.
    pub own: Vec<Own>,
}

/// Where a request meets attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// At the upstream position, once per try.
    Upstream,
    /// Right behind edge, since there is only one try; the model's index tells which attempt.
    Here(usize),
}

/// A provider's model that may answer.
#[derive(Debug)]
pub struct Target {
    /// The provider's name.
    pub provider: String,
    /// The model's name at the provider.
    pub model: String,
    /// What attempt is told of it: the model's name, or nothing where that is the name clients use.
    pub handed_over: String,
    /// The labels of what it answers.
    pub labels: Labels,
}

impl Policy {
    /// Works out the policy, or says what is wrong with the settings.
    pub fn compile(settings: EdgeSettings) -> Result<Self, String> {
        let EdgeSettings { bounds, response_headers, forward_headers, other_paths, models, narrowed } =
            settings;
        let first = models.len();
        let compile = |(at, model)| Model::compile(first.saturating_add(at), model, &[]).map(Rc::new);
        let narrowed = narrowed.into_iter().enumerate().map(compile).collect::<Result<Vec<_>, _>>()?;
        let compile = |(at, model)| Model::compile(at, model, &narrowed).map(Rc::new);
        let models = models.into_iter().enumerate().map(compile).collect::<Result<Vec<_>, _>>()?;
        let by_name = models.iter().enumerate().map(|(at, model)| (model.name.clone(), at)).collect();
        let unlabelled = Labels::new("");
        Ok(Self { bounds, response_headers, forward_headers, other_paths, models, unlabelled, by_name })
    }

    /// The model named `name`.
    pub fn model(&self, name: &str) -> Option<&Rc<Model>> {
        self.models.get(*self.by_name.get(name)?)
    }
}

impl Model {
    fn compile(at: usize, settings: ModelSettings, narrowed: &[Rc<Model>]) -> Result<Self, String> {
        let ModelSettings { name, cluster, targets, retry, direct, own } = settings;
        if targets.is_empty() {
            return Err(format!("model `{name}` has no target"));
        }
        let is_odd = |name: &String| name.contains(|letter: char| letter.is_control());
        if is_odd(&name) || targets.iter().any(|target| is_odd(&target.model)) {
            return Err(format!("model `{name}`: a name of the model holds a control character"));
        }
        let mut routing = Vec::new();
        if let Some(timeout_ms) = retry.per_try_timeout_ms {
            routing.push(("x-envoy-upstream-rq-per-try-timeout-ms", timeout_ms.to_string()));
        }
        let retries = targets.len().saturating_sub(1);
        if retries == 0 && retry.on.is_empty() {
            // The route of single targets asks once more by itself.
            routing.push(("x-envoy-max-retries", "0".to_owned()));
        }
        if retries > 0 && !retry.on.is_empty() {
            routing.push(("x-envoy-retry-on", retry.on));
            routing.push(("x-envoy-max-retries", retries.to_string()));
            if !retry.status_codes.is_empty() {
                routing.push(("x-envoy-retriable-status-codes", retry.status_codes));
            }
        }
        let targets = targets
            .into_iter()
            .map(|target| Target {
                labels: labels(&name, &target.provider, &target.model),
                handed_over: if target.model == name { String::new() } else { target.model.clone() },
                provider: target.provider,
                model: target.model,
            })
            .collect();
        let attempt = if direct.is_some() { Where::Here(at) } else { Where::Upstream };
        let own = own.into_iter().map(|own| Own::compile(own, narrowed)).collect::<Result<_, _>>()?;
        Ok(Self { name, cluster, targets, routing, attempt, own })
    }
}
