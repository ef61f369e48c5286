//! The routes: to the cluster that edge chose, one for chains of providers and one for single ones. They change only with
//! the bounds.

use serde_json::{Value, json};
use tollgate_gateway::config::{Chain, Compiled};
use tollgate_gateway::headers::REMOVED_BY_ROUTE;
use tollgate_gateway::telemetry::field;

use super::{SLACK_BYTES, seconds};

/// The name of the route configuration.
pub(super) const NAME: &str = "tollgate";
/// The header by which edge names the cluster; a client's own is removed before any filter sees it.
pub(super) const CLUSTER_HEADER: &str = "x-tollgate-cluster";
/// What a timeout that others stand below has beyond them, so that theirs speaks first.
const AFTER_MS: u64 = 1_000;
/// What a provider says in a reply's head to whoever holds the account, or of its own host: the gateway is another.
const PROVIDERS_OWN: [&str; 10] = [
    "set-cookie",
    "alt-svc",
    "strict-transport-security",
    "www-authenticate",
    "proxy-authenticate",
    "authorization",
    "x-api-key",
    "openai-organization",
    "openai-project",
    "anthropic-organization-id",
];
/// What only the gateway says in a reply's head.
const GATEWAYS_OWN: [&str; 6] = [
    "x-tollgate-model",
    "x-tollgate-provider",
    "x-tollgate-attempts",
    "x-tollgate-unsupported",
    "x-tollgate-cache",
    "x-tollgate-cost-usd",
];

pub(super) fn routes(compiled: &Compiled) -> Value {
    json!({
        "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
        "name": NAME,
        "virtual_hosts": [{
            "name": NAME,
            "domains": ["*"],
            // What a try needs to be repeated is kept up to here; a larger request is not retried. Envoy before 1.38 counts
            // a body twice that a filter has held, as edge does. Envoy 1.36 and later warn that the field has a new name,
            // which 1.35 does not know.
            "per_request_buffer_limit_bytes":
                compiled.bounds.request_body_bytes.saturating_mul(2).saturating_add(SLACK_BYTES),
            "routes": [chains(compiled), singles(compiled), nowhere()],
        }],
    })
}

/// How long a request may be silent. Envoy has one clock for the time until an answer begins, over all tries, and for
/// the pauses in a stream, so the larger bound holds for both. (Its `per_try_idle_timeout`, which looks like the way to
/// tell them apart, never goes off in 1.40 once the time of the try has passed while its answer was on its way.)
pub(super) fn idle_ms(compiled: &Compiled) -> u64 {
    compiled.bounds.stream_idle_ms.max(compiled.longest_request_ms().saturating_add(AFTER_MS))
}

/// To a chain of providers: where each try goes, at the next priority. When to try again is said by the headers that
/// edge sets.
fn chains(compiled: &Compiled) -> Value {
    let priorities = "type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3\
                      .PreviousPrioritiesConfig";
    let retry = json!({
        // Unless the model says otherwise, in a header that edge sets.
        "per_try_timeout": seconds(compiled.bounds.stream_idle_ms),
        "retry_back_off": back_off(),
        "retry_priority": {
            "name": "envoy.retry_priorities.previous_priorities",
            "typed_config": {"@type": priorities, "update_frequency": 1},
        },
    });
    let only_chains = json!({"contains": Chain::JOINT});
    chosen(compiled, "chain", json!({"string_match": only_chains}), idle_ms(compiled), retry)
}

/// To a single provider. A connection that ends just as a request is sent there, as servers end idle ones, loses the
/// request; it is sent once more then. A try has no time of its own here, since one that is over would be sent again:
/// how long an answer may take to begin is bounded by how long a request may be silent.
fn singles(compiled: &Compiled) -> Value {
    let retry = json!({
        "retry_on": "connect-failure,reset",
        "num_retries": 1,
        "retry_back_off": back_off(),
    });
    let idle_ms = compiled.bounds.stream_idle_ms.max(compiled.longest_single_ms());
    chosen(compiled, "single", json!({"present_match": true}), idle_ms, retry)
}

fn back_off() -> Value {
    json!({"base_interval": "0.025s", "max_interval": "0.250s"})
}

fn chosen(compiled: &Compiled, name: &str, cluster: Value, idle_ms: u64, retry: Value) -> Value {
    let mut header = json!({"name": CLUSTER_HEADER});
    if let (Some(header), Some(cluster)) = (header.as_object_mut(), cluster.as_object()) {
        header.extend(cluster.clone());
    }
    let not_sent = [&[CLUSTER_HEADER][..], &REMOVED_BY_ROUTE].concat();
    let not_answered = [&PROVIDERS_OWN[..], &GATEWAYS_OWN].concat();
    let mut route = json!({
        "name": name,
        "match": {"prefix": "/", "headers": [header]},
        // A provider learns neither our names nor who asked.
        "request_headers_to_remove": not_sent,
        "response_headers_to_remove": not_answered,
        "route": {
            "cluster_header": CLUSTER_HEADER,
            "auto_host_rewrite": true,
            // A stream may last as long as it is not silent.
            "timeout": "0s",
            "idle_timeout": seconds(idle_ms),
            "retry_policy": retry,
        },
    });
    if compiled.response_headers {
        route["response_headers_to_add"] = who_answered();
    }
    route
}

/// What a reply's head tells of who answered, as attempt left it. Envoy writes it for less than a filter does.
fn who_answered() -> Value {
    let left = |field: &str| format!("%FILTER_STATE(wasm.{field}:PLAIN)%");
    let told = [
        ("x-tollgate-model", left(field::UPSTREAM_MODEL)),
        ("x-tollgate-provider", left(field::PROVIDER)),
        ("x-tollgate-attempts", "%UPSTREAM_REQUEST_ATTEMPT_COUNT%".to_owned()),
    ];
    told.iter().map(|(name, value)| json!({"header": {"key": name, "value": value}})).collect()
}

/// Edge answers every request that it gives no cluster, so this is reached only when the filter is not there, or lets
/// other paths pass.
fn nowhere() -> Value {
    let body = json!({"error": {"type": "not_found", "message": "there is no such path"}}).to_string();
    json!({
        "name": "nowhere",
        "match": {"prefix": "/"},
        "direct_response": {"status": 404, "body": {"inline_string": body}},
    })
}
