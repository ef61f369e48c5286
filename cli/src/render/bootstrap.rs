//! What Envoy is started with: where the rest is, the admin interface and the metrics' labels.

use serde_json::{Value, json};
use tollgate_gateway::config::Compiled;

use super::{Place, stats, watched};

pub(super) fn bootstrap(compiled: &Compiled, place: &Place) -> Value {
    let admin = json!({"address": compiled.admin.address.to_string(), "port_value": compiled.admin.port});
    json!({
        "node": {"id": "tollgate", "cluster": "tollgate"},
        "admin": {"address": {"socket_address": admin}},
        "dynamic_resources": {
            "lds_config": watched(place, "lds.yaml"),
            "cds_config": watched(place, "cds.yaml"),
        },
        "stats_config": stats::config(),
    })
}
