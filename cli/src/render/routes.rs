//! The routes: one, to the cluster that edge chose. They change only with the bounds.

use serde_json::{Value, json};
use tollgate_gateway::config::Compiled;

use super::{SLACK_BYTES, seconds};

/// The name of the route configuration.
pub(super) const NAME: &str = "tollgate";
/// The header by which edge names the cluster; a client's own is removed before any filter sees it.
pub(super) const CLUSTER_HEADER: &str = "x-tollgate-cluster";
/// What a timeout that others stand below has beyond them, so that theirs speaks first.
const AFTER_MS: u64 = 1_000;

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
            "routes": [chosen(compiled), nowhere()],
        }],
    })
}

/// How long a request may be silent. Envoy has one clock for the time until an answer begins, over all tries, and for
/// the pauses in a stream, so the larger bound holds for both. (Its `per_try_idle_timeout`, which looks like the way to
/// tell them apart, never goes off in 1.40 once the time of the try has passed while its answer was on its way.)
pub(super) fn idle_ms(compiled: &Compiled) -> u64 {
    compiled.bounds.stream_idle_ms.max(compiled.longest_request_ms().saturating_add(AFTER_MS))
}

fn chosen(compiled: &Compiled) -> Value {
    let priorities = "type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3\
                      .PreviousPrioritiesConfig";
    json!({
        "name": "chosen",
        "match": {"prefix": "/", "headers": [{"name": CLUSTER_HEADER, "present_match": true}]},
        // A provider learns neither our names nor who asked.
        "request_headers_to_remove": [
            CLUSTER_HEADER,
            "forwarded",
            "x-forwarded-for",
            "x-forwarded-proto",
            "x-envoy-external-address",
            "x-envoy-internal",
        ],
        "route": {
            "cluster_header": CLUSTER_HEADER,
            // A stream may last as long as it is not silent.
            "timeout": "0s",
            "idle_timeout": seconds(idle_ms(compiled)),
            // When to retry is said by the headers that edge sets; here is only where: at the next priority.
            "retry_policy": {
                // Unless the model says otherwise, in a header that edge sets.
                "per_try_timeout": seconds(compiled.bounds.stream_idle_ms),
                "retry_back_off": {"base_interval": "0.025s", "max_interval": "0.250s"},
                "retry_priority": {
                    "name": "envoy.retry_priorities.previous_priorities",
                    "typed_config": {"@type": priorities, "update_frequency": 1},
                },
            },
        },
    })
}

/// Edge answers every request that it gives no cluster, so this is reached only when the filter is not there.
fn nowhere() -> Value {
    let body = json!({"error": {"type": "not_found", "message": "there is no such path"}}).to_string();
    json!({
        "name": "nowhere",
        "match": {"prefix": "/"},
        "direct_response": {"status": 404, "body": {"inline_string": body}},
    })
}
