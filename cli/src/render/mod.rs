//! From a compiled configuration to what Envoy reads, as five documents and no side effect.
//!
//! `bootstrap` is read once; the others are file-based xDS and reload live. [`write()`](write::write) puts them into a
//! directory. No document holds a secret: the filter reads keys from Envoy's environment.

mod access_log;
mod bootstrap;
pub mod ca;
mod clusters;
mod emit;
mod filter;
mod hash;
mod listener;
mod local_reply;
pub mod lock;
mod previous;
mod routes;
mod stats;
pub mod write;

#[cfg(test)]
mod tests;

use serde_json::{Value, json};
use tollgate_gateway::config::{Chain, Compiled};

pub use emit::emit;
pub use hash::hash;

/// What the configuration does not say: where things are on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The directory that Envoy reads, absolute.
    pub dir: String,
    /// The filter, absolute.
    pub wasm: String,
    /// The certificates that providers are verified with, absolute; not needed without an `https` provider.
    pub ca_bundle: Option<String>,
    /// Where the access log is written; standard output if nowhere.
    pub access_log: Option<String>,
}

/// What a buffer holds beyond the largest body: heads, frames and what is on its way.
const SLACK_BYTES: u32 = 1 << 20;

/// The documents, each the content of one file.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    /// What Envoy is started with.
    pub bootstrap: Value,
    /// The listener.
    pub lds: Value,
    /// The routes.
    pub rds: Value,
    /// The clusters, each with its attempt filter.
    pub cds: Value,
    /// The edge filter.
    pub ecds: Value,
    /// How long a request may need the cluster it was sent to, in milliseconds: until its last try has begun an answer.
    pub holds_ms: u64,
}

/// Renders `compiled` for `place`.
pub fn render(compiled: &Compiled, place: &Place) -> Rendered {
    let name = |chain: &Chain<'_>| clusters::name(compiled, chain, place);
    let clusters = compiled.chains().iter().map(|chain| clusters::cluster(compiled, chain, place)).collect();
    let edge = filter::wasm(&compiled.edge_settings(name), &compiled.key_names(), place);
    Rendered {
        bootstrap: bootstrap::bootstrap(compiled, place),
        lds: resources(vec![listener::listener(compiled, place)]),
        rds: resources(vec![routes::routes(compiled)]),
        cds: resources(clusters),
        ecds: resources(vec![json!({
            "@type": "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig",
            "name": filter::NAME,
            "typed_config": edge,
        })]),
        holds_ms: routes::idle_ms(compiled),
    }
}

/// A file that Envoy watches, as the source of a configuration.
fn watched(place: &Place, file: &str) -> Value {
    json!({
        "resource_api_version": "V3",
        "path_config_source": {
            "path": format!("{}/{file}", place.dir),
            "watched_directory": {"path": place.dir},
        },
    })
}

fn resources(resources: Vec<Value>) -> Value {
    json!({ "resources": resources })
}

/// A duration as Envoy writes it.
fn seconds(millis: u64) -> String {
    match (millis / 1_000, millis % 1_000) {
        (whole, 0) => format!("{whole}s"),
        (whole, rest) => format!("{whole}.{rest:03}s"),
    }
}
