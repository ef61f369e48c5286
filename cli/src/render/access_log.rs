//! The access log: one JSON line per request, with names, numbers and times and never a word of content.
//!
//! No header that a client or a provider can put content or a credential into is in it, and no query.

use serde_json::{Value, json};

use super::Place;

/// Where the client's path is kept, because attempt replaces it by the provider's.
const PATH_KEY: &str = "tollgate.path";
/// What the filter writes into filter state for this log.
const FIELDS: [&str; 8] = [
    "client_dialect",
    "model",
    "provider",
    "upstream_model",
    "prompt_tokens",
    "completion_tokens",
    "cached_tokens",
    "reasoning_tokens",
];

pub(super) fn access_log(place: &Place) -> Value {
    let mut line = json!({
        "time": "%START_TIME(%Y-%m-%dT%H:%M:%S.%3fZ)%",
        "request_id": "%STREAM_ID%",
        "method": "%REQ(:METHOD)%",
        "path": format!("%FILTER_STATE({PATH_KEY}:PLAIN)%"),
        "status": "%RESPONSE_CODE%",
        "flags": "%RESPONSE_FLAGS%",
        "attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
        "first_byte_ms": "%RESPONSE_DURATION%",
        "duration_ms": "%DURATION%",
        "bytes_received": "%BYTES_RECEIVED%",
        "bytes_sent": "%BYTES_SENT%",
    });
    for field in FIELDS {
        line[field] = json!(format!("%FILTER_STATE(wasm.tollgate.{field}:PLAIN)%"));
    }
    let mut config = json!({"log_format": {"json_format": line}});
    let (name, kind) = match &place.access_log {
        Some(path) => {
            config["path"] = json!(path);
            ("envoy.access_loggers.file", "file.v3.FileAccessLog")
        }
        None => ("envoy.access_loggers.stdout", "stream.v3.StdoutAccessLog"),
    };
    config["@type"] = json!(format!("type.googleapis.com/envoy.extensions.access_loggers.{kind}"));
    json!({"name": name, "typed_config": config})
}

/// The filter that keeps the client's path for the log.
pub(super) fn remember_path() -> Value {
    let without_query = "type.googleapis.com/envoy.extensions.formatter.req_without_query.v3.ReqWithoutQuery";
    json!({
        "name": "envoy.filters.http.set_filter_state",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.set_filter_state.v3.Config",
            "on_request_headers": [{
                "object_key": PATH_KEY,
                "factory_key": "envoy.string",
                "format_string": {
                    "text_format_source": {"inline_string": "%REQ_WITHOUT_QUERY(:PATH)%"},
                    "formatters": [{
                        "name": "envoy.formatter.req_without_query",
                        "typed_config": {"@type": without_query},
                    }],
                },
            }],
        },
    })
}
