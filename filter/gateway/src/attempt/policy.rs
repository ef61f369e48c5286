//! What attempt was configured to do: the providers of one cluster.

use crate::config::settings::{AttemptSettings, CredentialSettings, ProviderSettings, Unsupported};
use crate::dialects::Dialect;
use crate::event::Secrets;
use crate::reject::Reject;
use crate::secret::Secret;

/// The policy of every try in one cluster.
#[derive(Debug)]
pub struct Policy {
    /// What happens to a request that a provider's dialect cannot express in full.
    pub unsupported: Unsupported,
    /// The providers by priority.
    pub providers: Vec<Provider>,
    /// What becomes of replies that may fail before their answer begins.
    pub replies: Replies,
}

/// What becomes of replies that may fail before their answer begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replies {
    /// They are held until it begins, so that the next target can be tried.
    Held,
    /// They pass: the Envoy is one that writes what a filter held to the client when it has decided to try again.
    Passing,
}

/// A provider as an attempt reaches it.
#[derive(Debug)]
pub struct Provider {
    /// Its name in the configuration.
    pub name: String,
    /// Its dialect.
    pub dialect: Dialect,
    /// The path of its dialect, prefix included.
    pub path: String,
    /// The headers by which the cluster's other providers are authenticated: an earlier try may have left them.
    pub foreign: Vec<&'static str>,
    /// What the cluster's providers speak.
    pub dialects: Dialects,
    /// How the gateway authenticates.
    credential: CredentialSettings,
}

/// How many dialects the providers of a cluster speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialects {
    /// All the same.
    One,
    /// Not all the same: the tries of one request may differ in what they take out of its head.
    Several,
}

/// The header that authenticates one request, and its value.
pub type Credential = (&'static str, Secret);

impl Policy {
    /// Works out the policy for an Envoy that can do this with `replies`, or says what is wrong with the settings.
    pub fn compile(settings: AttemptSettings, replies: Replies) -> Result<Self, String> {
        let AttemptSettings { unsupported, providers } = settings;
        if providers.is_empty() {
            return Err("there is no provider".to_owned());
        }
        let headers: Vec<_> = providers.iter().filter_map(|provider| header(&provider.credential)).collect();
        let first = providers.first().map(|provider| provider.dialect.clone());
        let is_one = providers.iter().all(|provider| Some(&provider.dialect) == first.as_ref());
        let dialects = if is_one { Dialects::One } else { Dialects::Several };
        let compile = |provider| Provider::compile(provider, &headers, dialects);
        let providers = providers.into_iter().map(compile).collect::<Result<_, _>>()?;
        Ok(Self { unsupported, providers, replies })
    }
}

impl Provider {
    fn compile(
        settings: ProviderSettings,
        headers: &[&'static str],
        dialects: Dialects,
    ) -> Result<Self, String> {
        let ProviderSettings { name, dialect, path_prefix, credential } = settings;
        let dialect =
            Dialect::named(&dialect).ok_or_else(|| format!("provider `{name}`: no dialect `{dialect}`"))?;
        let path = format!("{path_prefix}{}", dialect.path());
        let own = header(&credential);
        let mut foreign: Vec<_> = headers.iter().copied().filter(|name| Some(*name) != own).collect();
        foreign.sort_unstable();
        foreign.dedup();
        Ok(Self { name, dialect, path, foreign, dialects, credential })
    }

    /// The credential of this provider, if it takes one. A provider that does is never asked without it.
    pub fn credential(&self, secrets: &dyn Secrets) -> Result<Option<Credential>, Reject> {
        let find = |env: &str| secrets.find(env).ok_or(Reject::NoKey);
        match &self.credential {
            CredentialSettings::None => Ok(None),
            CredentialSettings::Bearer { env } => Ok(Some((BEARER, find(env)?.bearer()))),
            CredentialSettings::XApiKey { env } => Ok(Some((X_API_KEY, find(env)?))),
        }
    }
}

const BEARER: &str = "authorization";
const X_API_KEY: &str = "x-api-key";

fn header(credential: &CredentialSettings) -> Option<&'static str> {
    match credential {
        CredentialSettings::None => None,
        CredentialSettings::Bearer { .. } => Some(BEARER),
        CredentialSettings::XApiKey { .. } => Some(X_API_KEY),
    }
}
