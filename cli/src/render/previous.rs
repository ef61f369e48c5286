//! What a directory held before: the clusters that the edge configuration in it uses.
//!
//! The directory itself is the only memory. What cannot be read counts as absent.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::yaml;

/// A document of the directory.
pub(super) fn document(dir: &Path, file: &str) -> Option<Value> {
    let text = fs::read_to_string(dir.join(file)).ok()?;
    yaml::read(&text, &mut Vec::new()).ok().map(|node| node.to_json())
}

/// The resources of a document.
pub(super) fn resources(document: &Value) -> &[Value] {
    document["resources"].as_array().map_or(&[], Vec::as_slice)
}

/// The names of the clusters that an edge configuration uses.
pub(super) fn used_clusters(ecds: &Value) -> Vec<String> {
    let settings = resources(ecds)
        .first()
        .and_then(|it| it["typed_config"]["config"]["configuration"]["value"].as_str())
        .and_then(|text| serde_json::from_str::<Value>(text).ok());
    let models =
        settings.as_ref().and_then(|it| it["edge"]["models"].as_array()).map_or(&[][..], Vec::as_slice);
    models.iter().filter_map(|model| model["cluster"].as_str()).map(str::to_owned).collect()
}
