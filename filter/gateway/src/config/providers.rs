//! From a provider as written to one that can be reached: address, dialect and where its key is.
//!
//! A missing key leaves an optional provider out and is a mistake for any other. A provider is never reached with an
//! empty key, and a key's value is looked at only to see that it can be sent.

use super::address::{self, Upstream};
use super::compiled::Provider;
use super::names::{is_provider_name, is_variable_name};
use super::problem::{Path, Problem};
use super::settings::CredentialSettings;
use super::written::{self, Written};
use crate::dialects::Dialect;
use crate::providers::{ALL, Endpoint, Kind, Scheme};

/// How many providers a configuration may have.
const PROVIDERS_MAX: usize = 256;

/// What became of the providers.
pub(super) struct Providers<'a> {
    /// Those that can be reached.
    pub(super) available: Vec<Provider>,
    /// Optional ones without a key, with the variable that should hold it.
    left_out: Vec<(&'a str, &'a str)>,
    /// All names that were written, also those with a mistake.
    pub(super) written: Vec<&'a str>,
}

impl Providers<'_> {
    /// The variable whose absence left `name` out.
    pub(super) fn missing_key(&self, name: &str) -> Option<&str> {
        self.left_out.iter().find(|it| it.0 == name).map(|it| it.1)
    }

    /// One line for each provider that was left out.
    pub(super) fn left_out_lines(&self) -> Vec<String> {
        let line = |(name, env): &(&str, &str)| {
            format!("provider `{name}` is left out: it is optional and the environment has no {env}")
        };
        self.left_out.iter().map(line).collect()
    }

    /// One line for each public provider whose key leaves this machine in plain text.
    pub(super) fn warnings(&self) -> Vec<String> {
        let is_public =
            |name: &str| ALL.iter().any(|kind| kind.name == name && kind.endpoint != Endpoint::Written);
        let exposes = |it: &&Provider| {
            is_public(it.kind)
                && it.upstream.scheme == address::Scheme::Http
                && !it.upstream.host.is_loopback()
        };
        let line = |it: &Provider| {
            format!(
                "provider `{}`: its key is sent in plain text to {}: write an https url",
                it.name, it.upstream
            )
        };
        self.available.iter().filter(exposes).map(line).collect()
    }
}

pub(super) fn compile<'a>(
    written: &'a Written,
    env: &dyn Fn(&str) -> Option<String>,
    problems: &mut Vec<Problem>,
) -> Providers<'a> {
    let path = Path::root().field("providers");
    let entries = written.providers.as_ref().map_or(&[][..], |named| &named.0);
    if entries.is_empty() {
        let help = "write at least one, such as `local: {kind: self_hosted, url: http://127.0.0.1:8088, dialect: \
                    openai_chat}`";
        problems.push(Problem::value(path.clone(), "there is no provider", help));
    }
    if entries.len() > PROVIDERS_MAX {
        let message = format!("there are {} providers", entries.len());
        problems.push(Problem::value(path.clone(), message, format!("write at most {PROVIDERS_MAX}")));
    }
    let names = entries.iter().map(|entry| entry.0.as_str()).collect();
    let mut providers = Providers { available: Vec::new(), left_out: Vec::new(), written: names };
    for (name, provider) in entries {
        let path = path.field(name);
        if !is_provider_name(name) {
            problems.push(Problem::key(
                path.clone(),
                format!("`{name}` cannot name a provider"),
                "write lower-case letters, digits, `-` and `_`, at most 63",
            ));
        }
        let key = match key(provider, &path, env, problems) {
            KeyState::Absent(env) => {
                providers.left_out.push((name, env));
                None
            }
            KeyState::Known(key) => Some(key),
        };
        let compiled = reach(name, provider, &path, key.flatten(), problems);
        // The others are complete only when there is no problem at all, and then this one is too.
        providers.available.extend(compiled.filter(|_| key.is_some()));
    }
    providers
}

fn reach(
    name: &str,
    provider: &written::Provider,
    path: &Path,
    key: Option<&str>,
    problems: &mut Vec<Problem>,
) -> Option<Provider> {
    let Some(kind) = provider.kind else {
        let known = ALL.map(|kind| format!("`kind: {}`", kind.name));
        let help = format!("write {}", one_of(&known));
        problems.push(Problem::value(path.field("kind"), "the kind is missing", help));
        return None;
    };
    let upstream = upstream(provider, kind, &path.field("url"), problems);
    let (dialect, scheme) = dialect(provider, kind, &path.field("dialect"), problems)?;
    let credential = match (key.map(str::to_owned), scheme) {
        (None, _) => CredentialSettings::None,
        (Some(env), Scheme::Bearer) => CredentialSettings::Bearer { env },
        (Some(env), Scheme::XApiKey) => CredentialSettings::XApiKey { env },
    };
    let (kind, dialect) = (kind.name, dialect.name());
    Some(Provider { name: name.to_owned(), kind, upstream: upstream?, dialect, credential })
}

/// `a, b or c`.
fn one_of(words: &[String]) -> String {
    match words {
        [before @ .., last] if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        words => words.concat(),
    }
}

fn upstream(
    provider: &written::Provider,
    kind: &Kind,
    path: &Path,
    problems: &mut Vec<Problem>,
) -> Option<Upstream> {
    let help = "write a url such as `http://127.0.0.1:8088` or `https://llm.example.com/prefix`";
    let url = match (provider.url.as_deref(), kind.endpoint) {
        (Some(url), _) | (None, Endpoint::Known { url, .. }) => url,
        (None, Endpoint::Written) => {
            problems.push(Problem::value(path.clone(), "a self-hosted provider needs a url", help));
            return None;
        }
    };
    Upstream::parse(url).map_err(|wrong| problems.push(Problem::value(path.clone(), wrong, help))).ok()
}

/// What it speaks, and how it takes its key.
fn dialect(
    provider: &written::Provider,
    kind: &Kind,
    path: &Path,
    problems: &mut Vec<Problem>,
) -> Option<(Dialect, Scheme)> {
    match (provider.dialect.map(written::Dialect::meant), kind.endpoint) {
        (Some(written), Endpoint::Known { dialect, .. }) if written != dialect => {
            problems.push(Problem::value(
                path.clone(),
                "this kind of provider speaks another dialect",
                format!("leave it out, or write `dialect: {}`", dialect.name()),
            ));
            None
        }
        (_, Endpoint::Known { dialect, scheme, .. }) => Some((dialect, scheme)),
        (Some(dialect), Endpoint::Written) => Some((dialect, Scheme::usual(dialect))),
        (None, Endpoint::Written) => {
            let known = Dialect::ALL.map(|dialect| format!("`dialect: {}`", dialect.name()));
            let help = format!("write {}", one_of(&known));
            problems.push(Problem::value(path.clone(), "a self-hosted provider needs a dialect", help));
            None
        }
    }
}

/// What is known about a provider's key.
enum KeyState<'a> {
    /// The variable that holds it, or nothing where none is needed.
    Known(Option<&'a str>),
    /// The variable is not set, and the provider is optional.
    Absent(&'a str),
}

fn key<'a>(
    provider: &'a written::Provider,
    path: &Path,
    env: &dyn Fn(&str) -> Option<String>,
    problems: &mut Vec<Problem>,
) -> KeyState<'a> {
    let usual = provider.kind.map_or("LOCAL_API_KEY", |kind| kind.key);
    let path = path.field("key");
    let Some(key) = &provider.key else {
        if provider.kind.is_some_and(|kind| kind.endpoint != Endpoint::Written) {
            let help = format!("write `key: {{env: {usual}}}`");
            problems.push(Problem::value(path, "this kind of provider needs a key", help));
        }
        return KeyState::Known(None);
    };
    let path = path.field("env");
    // The name is not repeated: a key that was pasted here would end up in a log.
    let Some(name) = key.env.as_deref().filter(|name| is_variable_name(name)) else {
        let help = format!("write the name of the variable that holds the key, such as `env: {usual}`");
        problems.push(Problem::value(
            path,
            "the name of an environment variable is missing or malformed",
            help,
        ));
        return KeyState::Known(None);
    };
    match env(name).filter(|value| !value.trim().is_empty()) {
        None if provider.optional == Some(true) => return KeyState::Absent(name),
        None => {
            let help = "set it, or write `optional: true` to start without this provider";
            problems.push(Problem::value(path, format!("the environment has no {name}"), help));
        }
        Some(value) if !value.bytes().all(|byte| byte.is_ascii_graphic()) => {
            let message = format!("the value of {name} cannot be sent in a header");
            problems.push(Problem::value(
                path,
                message,
                "set it without spaces, line breaks or other such characters",
            ));
        }
        Some(_) => {}
    }
    KeyState::Known(Some(name))
}
