//! Labels and buckets of the metrics that the filter makes.
//!
//! The filter writes labels into the name, `tollgate.<name>;<label>=<value>;…`, and Envoy takes them out again for
//! Prometheus by one expression per label.

use serde_json::{Value, json};

/// The labels that the filter may write.
const LABELS: [&str; 10] = [
    "gen_ai_operation_name",
    "gen_ai_provider_name",
    "gen_ai_request_model",
    "gen_ai_response_model",
    "gen_ai_token_type",
    "error_type",
    "client_dialect",
    "outcome",
    "http_response_status_code",
    "field",
];
/// Bounds of token counts, as OpenTelemetry advises.
const TOKENS: [u32; 14] =
    [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864];
/// Bounds of durations in milliseconds, as OpenTelemetry advises.
const MILLIS: [u32; 14] =
    [10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 5_120, 10_240, 20_480, 40_960, 81_920];

pub(super) fn config() -> Value {
    // Each expression takes both semicolons around its label; Envoy merges what overlaps, so none is left.
    let tag = |label: &&str| json!({"tag_name": label, "regex": format!("(;{label}=([^;]*);)")});
    let mut tags: Vec<Value> = LABELS.iter().map(tag).collect();
    // Envoy before 1.39 counts what the filter counts below the cluster that made the virtual machine first, which is
    // chance: taken out of the name, the metric has one name in every version.
    tags.push(json!({"tag_name": "wasm_scope", "regex": r"^(cluster\.([^.]+)\.)wasmcustom\.tollgate\."}));
    json!({
        "stats_tags": tags,
        "histogram_bucket_settings": [
            {"match": {"contains": "token.usage"}, "buckets": TOKENS},
            {"match": matching("duration|time_to_first_token"), "buckets": MILLIS},
        ],
    })
}

fn matching(names: &str) -> Value {
    json!({"safe_regex": {"regex": format!(r"^(cluster\.[^.]+\.)?wasmcustom\.tollgate\..*({names}).*$")}})
}
