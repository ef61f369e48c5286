//! The JSON Schema of `gateway.yaml`, for editors and pipelines.

use tollgate_gateway::config::Written;

/// The schema as it stands in `config/schema.json`.
pub fn text() -> String {
    let schema = schemars::schema_for!(Written);
    // A schema is made of strings, numbers and collections only, so it can always be written.
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}
