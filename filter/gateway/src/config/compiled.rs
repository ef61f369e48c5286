//! What the configuration means: names resolved, defaults filled in, limits checked.
//!
//! It holds what both Envoy's configuration and the filter's are made from, and hands out the filter's documents. It
//! knows the names of keys, never a key.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::address::Upstream;
use super::settings::{
    AttemptSettings, BoundSettings, CredentialSettings, EdgeSettings, ModelSettings, OtherPaths,
    OtherSettings, OwnSettings, ProviderSettings, RetrySettings, Settings, TargetSettings, Unsupported,
};

/// The configuration, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiled {
    /// Where clients connect.
    pub listen: Endpoint,
    /// Where Envoy's admin interface listens.
    pub admin: Endpoint,
    /// Sizes and times that nothing may exceed.
    pub bounds: Bounds,
    /// What happens to a part of a request that the provider's dialect cannot express.
    pub unsupported: Unsupported,
    /// Whether replies carry `x-tollgate-*` headers.
    pub response_headers: bool,
    /// Request headers that reach providers beside those that always do, in lower case.
    pub forward_headers: Vec<String>,
    /// What becomes of a request to a path that is no API's.
    pub other_paths: OtherPaths,
    /// The providers in the order they were written, without those left out.
    pub providers: Vec<Provider>,
    /// The models and the chains of providers that serve them.
    pub models: Vec<Model>,
    /// What was left out and why, one line each.
    pub left_out: Vec<String>,
    /// What is in force and probably not meant, one line each.
    pub warnings: Vec<String>,
}

/// An address and a port to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The address.
    pub address: IpAddr,
    /// The port, not 0.
    pub port: u16,
}

/// Sizes and times that nothing may exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Largest request body.
    pub request_body_bytes: u32,
    /// Largest reply that is held whole.
    pub response_body_bytes: u32,
    /// Largest single event of a stream.
    pub event_bytes: u32,
    /// Longest silence of a stream.
    pub stream_idle_ms: u64,
    /// Longest time to connect to a provider.
    pub connect_timeout_ms: u64,
}

/// A provider that is reached with all it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The name in the configuration.
    pub name: String,
    /// `openai`, `anthropic` or `self_hosted`.
    pub kind: &'static str,
    /// Where it is.
    pub upstream: Upstream,
    /// The name of its wire format.
    pub dialect: &'static str,
    /// How the gateway authenticates.
    pub credential: CredentialSettings,
}

/// A model with at least one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// The name clients use.
    pub name: String,
    /// Its targets by priority.
    pub targets: Vec<TargetSettings>,
    /// The values of Envoy's retry headers.
    pub retry: RetrySettings,
}

/// The providers that one cluster reaches, by priority. Models with the same chain share the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain<'a>(pub Vec<&'a Provider>);

impl Chain<'_> {
    /// What stands between the providers in a chain's name, and in no provider's own.
    pub const JOINT: &'static str = "+";

    /// The names of the providers, joined.
    pub fn name(&self) -> String {
        self.0.iter().map(|provider| provider.name.as_str()).collect::<Vec<_>>().join(Self::JOINT)
    }
}

impl Compiled {
    /// The distinct chains, in the order in which models first need them.
    pub fn chains(&self) -> Vec<Chain<'_>> {
        let mut chains: Vec<Chain<'_>> = Vec::new();
        for model in &self.models {
            let narrowed = self.narrowed(model).into_iter().map(|(_, narrowed)| narrowed);
            for model in std::iter::once(model.clone()).chain(narrowed) {
                let chain = self.chain(&model);
                if !chains.contains(&chain) {
                    chains.push(chain);
                }
            }
        }
        chains
    }

    /// The chain of one model.
    pub fn chain(&self, model: &Model) -> Chain<'_> {
        let find = |target: &TargetSettings| self.providers.iter().find(|it| it.name == target.provider);
        Chain(model.targets.iter().filter_map(find).collect())
    }

    /// `model` with its targets of each dialect alone: where nothing may be dropped, a request that other dialects cannot
    /// express has these only. Nothing where all of its targets speak the same.
    fn narrowed(&self, model: &Model) -> Vec<(&'static str, Model)> {
        let mut dialects: Vec<_> = self.chain(model).0.iter().map(|provider| provider.dialect).collect();
        dialects.sort_unstable();
        dialects.dedup();
        if self.unsupported == Unsupported::Drop || dialects.len() < 2 {
            return Vec::new();
        }
        let narrow = |dialect| {
            let targets = model.targets.iter().filter(|target| self.dialect(target) == Some(dialect));
            let mut narrowed = Model { targets: targets.cloned().collect(), ..model.clone() };
            if narrowed.targets.len() < 2 {
                narrowed.retry = narrowed.retry.of_one();
            }
            (dialect, narrowed)
        };
        dialects.into_iter().map(narrow).collect()
    }

    fn dialect(&self, target: &TargetSettings) -> Option<&'static str> {
        self.providers.iter().find(|it| it.name == target.provider).map(|provider| provider.dialect)
    }

    /// The environment variables that the filter reads: sorted, each once, of the providers that a model uses.
    pub fn key_names(&self) -> Vec<String> {
        let used = self.chains();
        let mut names: Vec<String> = used
            .iter()
            .flat_map(|chain| &chain.0)
            .filter_map(|provider| match &provider.credential {
                CredentialSettings::None => None,
                CredentialSettings::Bearer { env } | CredentialSettings::XApiKey { env } => Some(env.clone()),
            })
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// Edge's document; `cluster` names the cluster of a chain.
    pub fn edge_settings(&self, cluster: impl Fn(&Chain<'_>) -> String) -> Settings {
        let settings = |model: &Model| ModelSettings {
            name: model.name.clone(),
            cluster: cluster(&self.chain(model)),
            targets: model.targets.clone(),
            retry: model.retry.clone(),
            direct: self.direct(&self.chain(model)),
            own: Vec::new(),
        };
        let (mut models, mut narrowed) = (Vec::with_capacity(self.models.len()), Vec::new());
        for model in &self.models {
            let mut with_own = settings(model);
            for (dialect, own) in self.narrowed(model) {
                let others = self.others(model, dialect);
                with_own.own.push(OwnSettings {
                    dialect: dialect.to_owned(),
                    others,
                    narrowed: narrowed.len(),
                });
                narrowed.push(settings(&own));
            }
            models.push(with_own);
        }
        Settings::Edge(EdgeSettings {
            bounds: self.bound_settings(),
            response_headers: self.response_headers,
            forward_headers: self.forward_headers.clone(),
            other_paths: self.other_paths,
            models,
            narrowed,
        })
    }

    /// The targets of `model` that speak another dialect, each dialect and name once.
    fn others(&self, model: &Model, dialect: &str) -> Vec<OtherSettings> {
        let mut others: Vec<OtherSettings> = Vec::new();
        for target in &model.targets {
            let Some(other) = self.dialect(target).filter(|other| *other != dialect) else { continue };
            let other = OtherSettings { dialect: other.to_owned(), model: target.model.clone() };
            if !others.contains(&other) {
                others.push(other);
            }
        }
        others
    }

    /// What attempt needs right behind edge: for a chain of one provider, where there is nothing to try again.
    pub fn direct(&self, chain: &Chain<'_>) -> Option<AttemptSettings> {
        (chain.0.len() == 1).then(|| self.attempt_settings(chain))
    }

    /// What attempt needs for `chain`.
    pub fn attempt_settings(&self, chain: &Chain<'_>) -> AttemptSettings {
        let provider = |provider: &&Provider| ProviderSettings {
            name: provider.name.clone(),
            dialect: provider.dialect.to_owned(),
            path_prefix: provider.upstream.path_prefix.clone(),
            credential: provider.credential.clone(),
        };
        AttemptSettings { unsupported: self.unsupported, providers: chain.0.iter().map(provider).collect() }
    }

    /// How long the answer of a single target may take to begin, at most, over all models that have one and say it.
    pub fn longest_single_ms(&self) -> u64 {
        let single = self.models.iter().filter(|model| model.targets.len() == 1);
        single.filter_map(|model| model.retry.per_try_timeout_ms).max().unwrap_or(0)
    }

    /// How long all tries of a request together may take to begin an answer, at most, over all models.
    pub fn longest_request_ms(&self) -> u64 {
        let whole = |model: &Model| {
            let one = model.retry.per_try_timeout_ms.unwrap_or(self.bounds.stream_idle_ms);
            model.targets.iter().fold(0_u64, |sum, _| sum.saturating_add(one))
        };
        self.models.iter().map(whole).max().unwrap_or(0)
    }

    fn bound_settings(&self) -> BoundSettings {
        let size = |bytes: u32| usize::try_from(bytes).unwrap_or(usize::MAX);
        BoundSettings {
            request_body_bytes: size(self.bounds.request_body_bytes),
            response_body_bytes: size(self.bounds.response_body_bytes),
            event_bytes: size(self.bounds.event_bytes),
        }
    }
}

impl Endpoint {
    /// Whether one process cannot listen on both, because a client could mean either.
    pub fn overlaps(&self, other: &Endpoint) -> bool {
        self.port == other.port && (self.covers(other.address) || other.covers(self.address))
    }

    /// Whether whoever connects to `address` would reach this.
    fn covers(&self, address: IpAddr) -> bool {
        match self.address.to_canonical() {
            // Both families: the listener takes IPv4 there too.
            IpAddr::V6(own) if own.is_unspecified() => true,
            IpAddr::V4(own) if own.is_unspecified() => address.to_canonical().is_ipv4(),
            own => own == address.to_canonical(),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SocketAddr::new(self.address, self.port).fmt(f)
    }
}
