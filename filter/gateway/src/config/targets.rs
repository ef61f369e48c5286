//! From a model as written to its targets by priority.
//!
//! A target whose provider was left out goes with it, and a model without targets goes too; a configuration without
//! any model is a mistake.

use super::compile::period;
use super::compiled::Model;
use super::names::{is_model_name, suggest};
use super::problem::{Path, Problem};
use super::providers::Providers;
use super::retry;
use super::settings::{RetrySettings, TargetSettings};
use super::written::{self, Written};

/// How many models a configuration may have.
const MODELS_MAX: usize = 1_024;
/// How many targets and fallbacks a model may have; each is a priority of its cluster.
const TARGETS_MAX: usize = 16;

/// What became of the models.
pub(super) struct Models {
    /// Those with at least one target.
    pub(super) available: Vec<Model>,
    /// One line for each target and each model that was left out.
    pub(super) left_out: Vec<String>,
}

pub(super) fn compile(
    written: &Written,
    providers: &Providers<'_>,
    stream_idle_ms: u64,
    problems: &mut Vec<Problem>,
) -> Models {
    let path = Path::root().field("models");
    let entries = written.models.as_ref().map_or(&[][..], |named| &named.0);
    if entries.is_empty() {
        let help = "write at least one, such as `chat: {targets: [{provider: local, model: smollm2}]}`";
        problems.push(Problem::value(path.clone(), "there is no model", help));
    }
    if entries.len() > MODELS_MAX {
        let message = format!("there are {} models", entries.len());
        problems.push(Problem::value(path.clone(), message, format!("write at most {MODELS_MAX}")));
    }
    let mut models = Models { available: Vec::new(), left_out: Vec::new() };
    for (name, model) in entries {
        let path = path.field(name);
        if !is_model_name(name) {
            let help = "write letters, digits and `-_.:/@+`, at most 128";
            problems.push(Problem::key(path.clone(), format!("{name:?} cannot name a model"), help));
        }
        let targets = targets(name, model, &path, providers, problems, &mut models.left_out);
        let retry = retry(model, targets.len(), &path.field("retry"), stream_idle_ms, problems);
        if targets.is_empty() {
            models.left_out.push(format!("model `{name}` is left out: no target is left"));
        } else {
            models.available.push(Model { name: name.clone(), targets, retry });
        }
    }
    if models.available.is_empty() && problems.is_empty() {
        let message = "no model is left, because every provider that one names is left out";
        problems.push(Problem::value(
            path,
            message,
            "set a key of one of the providers, or add one that needs none",
        ));
    }
    models
}

fn targets(
    name: &str,
    model: &written::Model,
    path: &Path,
    providers: &Providers<'_>,
    problems: &mut Vec<Problem>,
    left_out: &mut Vec<String>,
) -> Vec<TargetSettings> {
    let lists = [("targets", &model.targets), ("fallback", &model.fallback)];
    let count: usize = lists.iter().map(|(_, list)| list.as_ref().map_or(0, Vec::len)).sum();
    if model.targets.as_ref().is_none_or(Vec::is_empty) {
        let help = "write at least one, such as `targets: [{provider: local, model: smollm2}]`";
        problems.push(Problem::value(path.field("targets"), "the model has no target", help));
    }
    if count > TARGETS_MAX {
        let message = format!("the model has {count} targets and fallbacks");
        problems.push(Problem::value(path.clone(), message, format!("write at most {TARGETS_MAX}")));
    }
    let mut found = Vec::new();
    for (field, list) in lists {
        for (position, target) in list.iter().flatten().enumerate() {
            let path = path.field(field).index(position);
            let Some(target) = self::target(target, &path, providers, problems) else { continue };
            match providers.missing_key(&target.provider) {
                None => found.push(target),
                Some(_) => left_out.push(format!(
                    "model `{name}`: {field}[{position}] is left out with its provider `{}`",
                    target.provider
                )),
            }
        }
    }
    found
}

fn target(
    written: &written::Target,
    path: &Path,
    providers: &Providers<'_>,
    problems: &mut Vec<Problem>,
) -> Option<TargetSettings> {
    let known = providers.written.iter().copied();
    let provider = match written.provider.as_deref() {
        // Without any provider there is nothing to suggest, and that there is none was said already.
        Some(name) if providers.written.is_empty() || providers.written.contains(&name) => Some(name),
        Some(name) => {
            let message = format!("there is no provider `{name}`");
            problems.push(Problem::value(path.field("provider"), message, suggest(name, known)));
            None
        }
        None => {
            let help = suggest("", known);
            problems.push(Problem::value(path.field("provider"), "the provider is missing", help));
            None
        }
    };
    let model = match written.model.as_deref() {
        Some(name) if is_model_name(name) => Some(name),
        Some(name) => {
            let help = "write letters, digits and `-_.:/@+`, at most 128";
            problems.push(Problem::value(path.field("model"), format!("{name:?} cannot name a model"), help));
            None
        }
        None => {
            let help = "write the provider's own name for the model, such as `model: gpt-4o-mini`";
            problems.push(Problem::value(path.field("model"), "the model is missing", help));
            None
        }
    };
    Some(TargetSettings { provider: provider?.to_owned(), model: model?.to_owned() })
}

fn retry(
    model: &written::Model,
    targets: usize,
    path: &Path,
    stream_idle_ms: u64,
    problems: &mut Vec<Problem>,
) -> RetrySettings {
    let written = model.retry.as_ref();
    let timeout_ms = match written.and_then(|it| it.per_try_timeout) {
        // The route has the default, and what is not said need not be sent.
        Some(timeout) => {
            Some(period(path.field("per_try_timeout"), timeout, problems)).filter(|it| *it != stream_idle_ms)
        }
        None => None,
    };
    let on = written.and_then(|it| it.on.as_deref());
    let one_written =
        [&model.targets, &model.fallback].into_iter().flatten().map(Vec::len).sum::<usize>() == 1;
    if on.is_some_and(|on| !on.is_empty()) && one_written {
        let message = "there is nothing to fall back to: the model has one target";
        let help = "add a fallback, or leave `on` out: a single target is asked once more where its connection failed, \
                    unless `on` is `[]`";
        problems.push(Problem::value(path.field("on"), message, help));
    }
    match targets {
        0 | 1 if on.is_some_and(<[_]>::is_empty) => retry::settings(&[], timeout_ms),
        0 | 1 => retry::settings(&retry::SAME, timeout_ms),
        _ => retry::settings(on.unwrap_or(&retry::DEFAULT), timeout_ms),
    }
}
