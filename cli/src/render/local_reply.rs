//! What Envoy says where it answers by itself, past the filter.
//!
//! When a provider breaks off while edge holds its reply, Envoy's own answer goes to the client without meeting any filter.
//! Edge has then left an error in the client's dialect in filter state, and that is told.

use serde_json::{Value, json};
use tollgate_gateway::telemetry::field;

pub(super) fn local_reply() -> Value {
    let left = format!("wasm.{}", field::FAILURE);
    let is_left = json!({
        "name": "envoy.access_loggers.extension_filters.cel",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter",
            "expression": format!("'{left}' in filter_state"),
        },
    });
    json!({
        "mappers": [{
            "filter": {"extension_filter": is_left},
            "body_format_override": {
                "text_format_source": {"inline_string": format!("%FILTER_STATE({left}:PLAIN)%")},
                "content_type": "application/json",
            },
        }],
    })
}
