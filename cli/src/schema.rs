//! The JSON Schema of `gateway.yaml`, for editors and pipelines.

use serde_json::Value;
use tollgate_gateway::config::Written;

/// The schema.
pub fn json() -> Value {
    schemars::schema_for!(Written).into()
}

/// The schema as it stands in `config/schema.json`.
pub fn text() -> String {
    // A schema is made of strings, numbers and collections only, so it can always be written.
    let mut text = serde_json::to_string_pretty(&schemars::schema_for!(Written)).unwrap_or_default();
    text.push('\n');
    text
}
