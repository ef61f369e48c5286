//! The listener: where clients connect, what they may not say, and the edge filter.

use std::net::IpAddr;

use serde_json::{Value, json};
use tollgate_gateway::config::Compiled;

use super::{Place, SLACK_BYTES, access_log, filter, local_reply, routes, seconds, watched};

/// How long a client may take to send its head.
const HEAD_MS: u64 = 10_000;
/// How long a client may take to send its whole request.
const REQUEST_MS: u64 = 300_000;

pub(super) fn listener(compiled: &Compiled, place: &Place) -> Value {
    let mut address =
        json!({"address": compiled.listen.address.to_string(), "port_value": compiled.listen.port});
    if takes_both_families(compiled.listen.address) {
        address["ipv4_compat"] = json!(true);
    }
    json!({
        "@type": "type.googleapis.com/envoy.config.listener.v3.Listener",
        "name": "tollgate",
        "address": {"socket_address": address},
        // A request, or a reply that is translated, is held here as a whole; beyond it Envoy answers 413 or 500 by itself,
        // and edge has refused it before.
        "per_connection_buffer_limit_bytes":
            compiled.bounds.request_body_bytes.max(compiled.bounds.response_body_bytes).saturating_add(SLACK_BYTES),
        "filter_chains": [{"filters": [{
            "name": "envoy.filters.network.http_connection_manager",
            "typed_config": connection_manager(compiled, place),
        }]}],
    })
}

/// Whether an IPv6 address stands for IPv4 too: `::` for all of both, a mapped one for IPv4 only.
fn takes_both_families(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(ip) if ip.is_unspecified() || ip.to_ipv4_mapped().is_some())
}

fn connection_manager(compiled: &Compiled, place: &Place) -> Value {
    json!({
        "@type":
            "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "tollgate",
        "access_log": [access_log::access_log(place)],
        "local_reply_config": local_reply::local_reply(),
        // Every client is a stranger, wherever it connects from: Envoy then drops its own control headers from it. An
        // empty list would mean loopback and private networks, so it names a network that nobody has (RFC 5737).
        "use_remote_address": true,
        "skip_xff_append": true,
        "internal_address_config": {
            "unix_sockets": false,
            "cidr_ranges": [{"address_prefix": "192.0.2.0", "prefix_len": 24}],
        },
        "early_header_mutation_extensions": [without(&CONTROL_HEADERS), without(&UNWANTED_HEADERS)],
        "generate_request_id": true,
        "normalize_path": true,
        "merge_slashes": true,
        "server_name": "tollgate",
        "server_header_transformation": "OVERWRITE",
        "request_headers_timeout": seconds(HEAD_MS),
        "request_timeout": seconds(REQUEST_MS),
        "stream_idle_timeout": seconds(routes::idle_ms(compiled)),
        "common_http_protocol_options": {"idle_timeout": "300s"},
        "rds": {"route_config_name": routes::NAME, "config_source": watched(place, "rds.yaml")},
        "http_filters": http_filters(place),
    })
}

/// What edge says to Envoy, and so no client may: Envoy drops its own control headers from strangers too, but whether a
/// client counts as one must not be all that stands between it and our clusters.
const CONTROL_HEADERS: [&str; 8] = [
    routes::CLUSTER_HEADER,
    "x-envoy-retry-on",
    "x-envoy-retry-grpc-on",
    "x-envoy-retriable-status-codes",
    "x-envoy-retriable-header-names",
    "x-envoy-max-retries",
    "x-envoy-upstream-rq-timeout-ms",
    "x-envoy-upstream-rq-per-try-timeout-ms",
];

/// What edge would take out of every request of an API: a reply that it must read may not be compressed, and a client's
/// cookies are for this host. Here it costs less.
const UNWANTED_HEADERS: [&str; 2] = ["accept-encoding", "cookie"];

/// Takes headers out of every request before any filter sees it.
fn without(headers: &[&str]) -> Value {
    let remove: Vec<Value> = headers.iter().map(|name| json!({"remove": name})).collect();
    json!({
        "name": "envoy.http.early_header_mutation.header_mutation",
        "typed_config": {
            "@type":
                "type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
            "mutations": remove,
        },
    })
}

fn http_filters(place: &Place) -> Value {
    let wasm = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm";
    json!([
        access_log::remember_path(),
        {
            "name": filter::NAME,
            "config_discovery": {"config_source": watched(place, "ecds.yaml"), "type_urls": [wasm]},
        },
        {
            "name": "envoy.filters.http.router",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
                "suppress_envoy_headers": true,
            },
        },
    ])
}
