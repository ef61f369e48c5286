//! From a provider as written to one that can be reached: address, dialect and where its key is.
//!
//! A missing key leaves an optional provider out and is a mistake for any other. A provider is never reached with an
//! empty key, and a key's value is looked at only to see that it can be sent.

use super::address::Upstream;
use super::compiled::Provider;
use super::names::{is_provider_name, is_variable_name};
use super::problem::{Path, Problem};
use super::settings::CredentialSettings;
use super::written::{self, Dialect, Kind, Written};

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
}

pub(super) fn compile<'a>(
    written: &'a Written,
    env: &dyn Fn(&str) -> Option<String>,
    problems: &mut Vec<Problem>,
) -> Providers<'a> {
    let path = Path::root().field("providers");
    let entries = written.providers.as_ref().map_or(&[][..], |named| &named.0);
    if entries.is_empty() || entries.len() > PROVIDERS_MAX {
        let help = "write at least one, such as `local: {kind: self_hosted, url: http://127.0.0.1:8088, dialect: \
                    openai_chat}`";
        let message =
            if entries.is_empty() { "there is no provider" } else { "there are more than 256 providers" };
        problems.push(Problem::value(path.clone(), message, help));
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
        let help = "write `kind: openai`, `kind: anthropic` or `kind: self_hosted`";
        problems.push(Problem::value(path.field("kind"), "the kind is missing", help));
        return None;
    };
    let implied = implied(kind);
    let upstream = upstream(provider, implied.as_ref(), &path.field("url"), problems);
    let dialect = dialect(provider, implied.as_ref(), &path.field("dialect"), problems)?;
    let credential = match (key.map(str::to_owned), dialect) {
        (None, _) => CredentialSettings::None,
        (Some(env), Dialect::OpenAiChat) => CredentialSettings::Bearer { env },
        (Some(env), Dialect::AnthropicMessages) => CredentialSettings::XApiKey { env },
    };
    let (kind, dialect) = (kind_name(kind), dialect_name(dialect));
    Some(Provider { name: name.to_owned(), kind, upstream: upstream?, dialect, credential })
}

/// What a kind says about its endpoint.
struct Implied {
    url: &'static str,
    dialect: Dialect,
    /// The usual name of the variable that holds the key.
    env: &'static str,
}

fn implied(kind: Kind) -> Option<Implied> {
    match kind {
        Kind::OpenAi => Some(Implied {
            url: "https://api.openai.com",
            dialect: Dialect::OpenAiChat,
            env: "OPENAI_API_KEY",
        }),
        Kind::Anthropic => Some(Implied {
            url: "https://api.anthropic.com",
            dialect: Dialect::AnthropicMessages,
            env: "ANTHROPIC_API_KEY",
        }),
        Kind::SelfHosted => None,
    }
}

fn upstream(
    provider: &written::Provider,
    implied: Option<&Implied>,
    path: &Path,
    problems: &mut Vec<Problem>,
) -> Option<Upstream> {
    let help = "write a url such as `http://127.0.0.1:8088` or `https://llm.example.com/prefix`";
    let Some(url) = provider.url.as_deref().or(implied.map(|it| it.url)) else {
        problems.push(Problem::value(path.clone(), "a self-hosted provider needs a url", help));
        return None;
    };
    Upstream::parse(url).map_err(|wrong| problems.push(Problem::value(path.clone(), wrong, help))).ok()
}

fn dialect(
    provider: &written::Provider,
    implied: Option<&Implied>,
    path: &Path,
    problems: &mut Vec<Problem>,
) -> Option<Dialect> {
    let help = "write `dialect: openai_chat` or `dialect: anthropic_messages`";
    match (provider.dialect, implied) {
        (Some(written), Some(implied)) if written != implied.dialect => {
            problems.push(Problem::value(
                path.clone(),
                "this kind of provider speaks another dialect",
                format!("leave it out, or write `dialect: {}`", dialect_name(implied.dialect)),
            ));
            None
        }
        (Some(dialect), _) => Some(dialect),
        (None, Some(implied)) => Some(implied.dialect),
        (None, None) => {
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
    let usual = provider.kind.and_then(implied).map_or("LOCAL_API_KEY", |it| it.env);
    let path = path.field("key");
    let Some(key) = &provider.key else {
        if provider.kind.and_then(implied).is_some() {
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

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::OpenAi => "openai",
        Kind::Anthropic => "anthropic",
        Kind::SelfHosted => "self_hosted",
    }
}

fn dialect_name(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::OpenAiChat => "openai_chat",
        Dialect::AnthropicMessages => "anthropic_messages",
    }
}
