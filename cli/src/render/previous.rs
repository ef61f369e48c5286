//! What a directory held before: the clusters that an earlier configuration left for requests on their way.
//!
//! A request that has failed somewhere is tried again in the cluster that it was sent to, however often the configuration
//! changed since. So a cluster that is needed no more stays as long as a request may take to begin an answer. The directory
//! itself is the only memory; what cannot be read counts as absent.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::yaml;

/// The file that tells until when what is needed no more stays. Envoy does not read it.
pub(super) const FILE: &str = "retired.yaml";
/// How many clusters stay at most; those that go first go first then too.
const RETIRED_MAX: usize = 256;

/// What the directory remembers. Times are in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Memory {
    /// How long a request of the configuration in force may need its cluster, in milliseconds.
    holds_ms: u64,
    /// Until when each cluster stays that is needed no more.
    retired: BTreeMap<String, u64>,
}

impl Memory {
    /// Of a directory; one that remembers nothing holds its clusters for `holds_ms`.
    pub(super) fn read(dir: &Path, holds_ms: u64) -> Self {
        let document = document(dir, FILE).unwrap_or_default();
        let retired = document["clusters"].as_object().into_iter().flatten();
        Self {
            holds_ms: document["holds_ms"].as_u64().unwrap_or(holds_ms),
            retired: retired.filter_map(|(name, until)| Some((name.clone(), until.as_u64()?))).collect(),
        }
    }

    /// What is remembered when a configuration whose requests need their clusters for `holds_ms` takes the place of this
    /// one, whose clusters `gone` are needed no more.
    pub(super) fn next<'n>(&self, gone: impl Iterator<Item = &'n str>, holds_ms: u64, now_ms: u64) -> Self {
        let leaves = now_ms.saturating_add(self.holds_ms);
        let until = |name: &str| self.retired.get(name).copied().unwrap_or(leaves);
        let mut staying: Vec<(String, u64)> =
            gone.map(|name| (name.to_owned(), until(name))).filter(|(_, until)| *until > now_ms).collect();
        staying.sort_by_key(|(_, until)| std::cmp::Reverse(*until));
        staying.truncate(RETIRED_MAX);
        Self { holds_ms, retired: staying.into_iter().collect() }
    }

    /// Whether the cluster `name` stays although it is needed no more.
    pub(super) fn keeps(&self, name: &str) -> bool {
        self.retired.contains_key(name)
    }

    /// As the file's content.
    pub(super) fn to_document(&self) -> Value {
        json!({"holds_ms": self.holds_ms, "clusters": self.retired})
    }
}

/// A document of the directory.
pub(super) fn document(dir: &Path, file: &str) -> Option<Value> {
    let text = fs::read_to_string(dir.join(file)).ok()?;
    yaml::read(&text, &mut Vec::new()).ok().map(|node| node.to_json())
}

/// The resources of a document.
pub(super) fn resources(document: &Value) -> &[Value] {
    document["resources"].as_array().map_or(&[], Vec::as_slice)
}

/// The name of a resource.
pub(super) fn name(resource: &Value) -> &str {
    resource["name"].as_str().unwrap_or_default()
}
