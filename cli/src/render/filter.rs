//! The wasm filter's own configuration, the same virtual machine for both positions.
//!
//! Envoy shares a virtual machine among filters whose `vm_config` is the same, so nothing position-specific is in it.
//! The list of keys is part of it twice: as what Envoy hands over, and as text, so that another list is another virtual
//! machine that sees the new key.

use serde_json::{Value, json};
use tollgate_gateway::config::settings::Settings;

use super::Place;

/// The filter's name wherever Envoy wants one.
pub(super) const NAME: &str = "tollgate";

pub(super) fn wasm(settings: &Settings, key_names: &[String], place: &Place) -> Value {
    // The settings are plain data, so they can always be written.
    let settings = serde_json::to_string(settings).unwrap_or_default();
    let mut vm = json!({
        "vm_id": NAME,
        "runtime": "envoy.wasm.runtime.v8",
        "code": {"local": {"filename": place.wasm}},
        "configuration": text(key_names.join(",")),
    });
    if !key_names.is_empty() {
        vm["environment_variables"] = json!({"host_env_keys": key_names});
    }
    json!({
        "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
        "config": {
            "name": NAME,
            "root_id": NAME,
            // A trap costs the requests of one worker, not every later one too.
            "failure_policy": "FAIL_RELOAD",
            // Without it a paused request never gets its body.
            "allow_on_headers_stop_iteration": true,
            "vm_config": vm,
            "configuration": text(settings),
        },
    })
}

fn text(value: String) -> Value {
    json!({"@type": "type.googleapis.com/google.protobuf.StringValue", "value": value})
}
