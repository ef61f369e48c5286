//! One cluster per chain of providers: a priority for each, its TLS, and the attempt filter. A chain of one has no such
//! filter: attempt runs right behind edge then.
//!
//! Envoy's retry over these priorities is the fallback. The cluster's name carries a hash of everything in it, so a
//! changed provider is another cluster, and what edge decided by one revision is never carried out by another.

use serde_json::{Value, json};
use tollgate_gateway::config::settings::Settings;
use tollgate_gateway::config::{Chain, Compiled, Host, Provider, Scheme};

use super::hash::hash;
use super::{Place, SLACK_BYTES, filter, seconds};

/// As good as unlimited: what limits requests is policy, not a default of 1024 connections or 3 retries.
const BREAKER: u32 = 1_000_000;
/// How long an idle connection to a server of one's own is kept. Common servers close theirs after five seconds, and a
/// request that is sent at that moment is lost.
const IDLE_OWN_MS: u64 = 4_000;
/// How long an idle connection to a public provider is kept.
const IDLE_PUBLIC_MS: u64 = 60_000;

/// The name of the cluster of `chain`.
pub(super) fn name(compiled: &Compiled, chain: &Chain<'_>, place: &Place) -> String {
    // What attempt does belongs to the revision also where it does not stand in the cluster.
    let content = format!("{}{}", body(compiled, chain, place), json!(compiled.attempt_settings(chain)));
    format!("tollgate.{}.{:08x}", chain.name(), hash(content.as_bytes()) >> 32)
}

/// The cluster of `chain`.
pub(super) fn cluster(compiled: &Compiled, chain: &Chain<'_>, place: &Place) -> Value {
    let name = name(compiled, chain, place);
    let mut cluster = body(compiled, chain, place);
    cluster["load_assignment"]["cluster_name"] = json!(name);
    // Envoy takes a statistic's name apart at the dots, so there are none in what it calls the cluster there.
    cluster["alt_stat_name"] = json!(name.replace('.', "_"));
    cluster["name"] = json!(name);
    cluster
}

fn body(compiled: &Compiled, chain: &Chain<'_>, place: &Place) -> Value {
    let priorities: Vec<Value> =
        chain.0.iter().enumerate().map(|(at, provider)| priority(at, provider)).collect();
    let mut cluster = json!({
        "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
        "connect_timeout": seconds(compiled.bounds.connect_timeout_ms),
        "per_connection_buffer_limit_bytes": compiled.bounds.response_body_bytes.saturating_add(SLACK_BYTES),
        "load_assignment": {"endpoints": priorities},
        "circuit_breakers": {"thresholds": [{
            "max_connections": BREAKER,
            "max_pending_requests": BREAKER,
            "max_requests": BREAKER,
            "max_retries": BREAKER,
        }]},
        "outlier_detection": outliers(),
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": protocol(compiled, chain, place),
        },
    });
    resolve(chain, &mut cluster);
    let tls: Vec<Value> =
        chain.0.iter().enumerate().filter_map(|(at, provider)| socket(at, provider, chain, place)).collect();
    if negotiates(chain) {
        // Never used, as every endpoint has its own; Envoy wants one that negotiates, where the others do.
        cluster["transport_socket"] =
            tls.first().map_or(Value::Null, |first| first["transport_socket"].clone());
    }
    if !tls.is_empty() {
        cluster["transport_socket_matches"] = json!(tls);
    }
    cluster
}

/// A provider that failed five times in a row is left alone for a while, and the next priority answers meanwhile. When
/// all are ejected Envoy tries them all the same.
fn outliers() -> Value {
    json!({
        "consecutive_5xx": 5,
        "consecutive_gateway_failure": 5,
        "enforcing_consecutive_gateway_failure": 100,
        "enforcing_success_rate": 0,
        "interval": "5s",
        "base_ejection_time": "10s",
        "max_ejection_time": "60s",
        "max_ejection_percent": 100,
    })
}

fn priority(at: usize, provider: &Provider) -> Value {
    let upstream = &provider.upstream;
    let address = json!({"address": upstream.host.to_string(), "port_value": upstream.port});
    // The name is what the route writes into the `Host` header of each try.
    let endpoint = json!({"address": {"socket_address": address}, "hostname": upstream.authority()});
    json!({
        "priority": at,
        "lb_endpoints": [{
            "endpoint": endpoint,
            "metadata": {"filter_metadata": {
                // What attempt reads to know whose endpoint it got.
                "tollgate": {"target": at.to_string()},
                "envoy.transport_socket_match": {"target": at.to_string()},
            }},
        }],
    })
}

fn resolve(chain: &Chain<'_>, cluster: &mut Value) {
    let by_name = chain.0.iter().any(|provider| matches!(provider.upstream.host, Host::Name(_)));
    if !by_name {
        cluster["type"] = json!("STATIC");
        return;
    }
    cluster["type"] = json!("STRICT_DNS");
    // Many machines have no route for IPv6 although their resolver answers with such addresses.
    cluster["dns_lookup_family"] = json!("V4_PREFERRED");
}

/// Every provider of the chain takes HTTP/2 where it is negotiated; with one of them plain, none can: Envoy has one
/// setting for the cluster, and a plain connection negotiates nothing.
fn negotiates(chain: &Chain<'_>) -> bool {
    chain.0.iter().all(|provider| provider.upstream.scheme == Scheme::Https)
}

fn socket(at: usize, provider: &Provider, chain: &Chain<'_>, place: &Place) -> Option<Value> {
    if provider.upstream.scheme == Scheme::Http {
        // Needed among others that have TLS, and the default among plain ones.
        let raw = "type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer";
        let mixed = chain.0.iter().any(|provider| provider.upstream.scheme == Scheme::Https);
        let socket = json!({"name": "envoy.transport_sockets.raw_buffer", "typed_config": {"@type": raw}});
        return mixed.then(|| matched(at, provider, socket));
    }
    let (san_type, sni) = match &provider.upstream.host {
        Host::Name(name) => ("DNS", Some(name)),
        Host::Ip(_) => ("IP_ADDRESS", None),
    };
    let protocols: &[&str] = if negotiates(chain) { &["h2", "http/1.1"] } else { &["http/1.1"] };
    let mut tls = json!({
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
        "common_tls_context": {
            "alpn_protocols": protocols,
            "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
            "validation_context": {
                "trusted_ca": {"filename": place.ca_bundle},
                "match_typed_subject_alt_names": [
                    {"san_type": san_type, "matcher": {"exact": provider.upstream.host.to_string()}},
                ],
            },
        },
    });
    if let Some(name) = sni {
        tls["sni"] = json!(name);
    }
    Some(matched(at, provider, json!({"name": "envoy.transport_sockets.tls", "typed_config": tls})))
}

fn matched(at: usize, provider: &Provider, socket: Value) -> Value {
    json!({"name": provider.name, "match": {"target": at.to_string()}, "transport_socket": socket})
}

fn protocol(compiled: &Compiled, chain: &Chain<'_>, place: &Place) -> Value {
    let own = chain.0.iter().any(|provider| provider.kind == "self_hosted");
    let mut options = json!({
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        "common_http_protocol_options": {"idle_timeout": seconds(if own { IDLE_OWN_MS } else { IDLE_PUBLIC_MS })},
    });
    if compiled.direct(chain).is_none() {
        options["http_filters"] = http_filters(compiled, chain, place);
    }
    if negotiates(chain) {
        options["auto_config"] = json!({"http_protocol_options": {}, "http2_protocol_options": {}});
    } else {
        options["explicit_http_config"] = json!({"http_protocol_options": {}});
    }
    options
}

/// The attempt filter, which Envoy runs once per try.
fn http_filters(compiled: &Compiled, chain: &Chain<'_>, place: &Place) -> Value {
    let settings = Settings::Attempt(compiled.attempt_settings(chain));
    let attempt = filter::wasm(&settings, &compiled.key_names(), place);
    let codec = "type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec";
    json!([
        {"name": filter::NAME, "typed_config": attempt},
        {"name": "envoy.filters.http.upstream_codec", "typed_config": {"@type": codec}},
    ])
}
