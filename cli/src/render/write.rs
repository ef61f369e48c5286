//! Into the directory that a running Envoy may be reading, without losing a request.
//!
//! Every file is replaced as a whole: written beside its place and moved there by rename(2), which is also what Envoy
//! watches the directory for. A file whose content is the same is left alone. The order is what makes a reload
//! seamless:
//!
//! 1. the filter's copy, named by its content, because everything else names it;
//! 2. the clusters: the new ones together with those that the edge configuration in force uses, so that requests on
//!    their way still find theirs (clusters that only an earlier configuration used go);
//! 3. routes and listener, which name nothing that could be missing;
//! 4. a pause, if there are new clusters: Envoy resolves and warms a cluster before it can be used;
//! 5. the edge filter's configuration, which is the switch: only now are requests sent to the new clusters.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::previous::{self, document, used_clusters};
use super::{Place, Rendered, emit, hash};

/// What stands at the head of every file.
const COMMENT: &str =
    "Rendered by `tollgate render envoy`, which overwrites it: change gateway.yaml instead.";
/// The names of the filter's copies, around the hash of their content.
const WASM: (&str, &str) = ("tollgate-", ".wasm");

/// One act on the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Replaces a file by this text.
    Write(&'static str, String),
    /// Gives Envoy time to warm new clusters.
    Settle,
}

/// Puts the filter into `dir` and returns its absolute path: a copy named by its content, so that a running Envoy
/// sees another filter as another file.
///
/// # Errors
/// What kept the file from being read or written.
pub fn install(dir: &Path, wasm: &Path) -> io::Result<PathBuf> {
    let bytes = fs::read(wasm)?;
    if !bytes.starts_with(b"\0asm") {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is not a WebAssembly module"));
    }
    fs::create_dir_all(dir)?;
    let copy = fs::canonicalize(dir)?.join(format!("{}{:016x}{}", WASM.0, hash(&bytes), WASM.1));
    if fs::read(&copy).ok().as_deref() != Some(bytes.as_slice()) {
        replace(&copy, &bytes)?;
    }
    Ok(copy)
}

/// Writes `rendered` into `dir`, in the order that keeps every request alive.
///
/// # Errors
/// What kept a file from being written; files written before it stay.
pub fn write(dir: &Path, place: &Place, rendered: &Rendered, settle: Duration) -> io::Result<()> {
    for act in plan(dir, rendered) {
        match act {
            Act::Write(file, text) => replace(&dir.join(file), text.as_bytes())?,
            Act::Settle => thread::sleep(settle),
        }
    }
    sweep(dir, place)
}

/// What has to be done to a directory so that it holds `rendered`.
pub fn plan(dir: &Path, rendered: &Rendered) -> Vec<Act> {
    let before = document(dir, "ecds.yaml");
    let clusters = clusters(dir, rendered, before.as_ref());
    let known: Vec<Value> =
        document(dir, "cds.yaml").as_ref().map_or_else(Vec::new, |it| previous::resources(it).to_vec());
    let appears = |cluster: &Value| !known.iter().any(|known| known["name"] == cluster["name"]);
    let settles = before.is_some() && previous::resources(&clusters).iter().any(appears);
    let files = [
        ("bootstrap.yaml", &rendered.bootstrap),
        ("cds.yaml", &clusters),
        ("rds.yaml", &rendered.rds),
        ("lds.yaml", &rendered.lds),
        ("ecds.yaml", &rendered.ecds),
    ];
    let mut acts = Vec::new();
    for (file, value) in files {
        let text = emit(COMMENT, value);
        if file == "ecds.yaml" && settles {
            acts.push(Act::Settle);
        }
        if fs::read_to_string(dir.join(file)).ok().as_ref() != Some(&text) {
            acts.push(Act::Write(file, text));
        }
    }
    acts
}

/// The new clusters and those that the edge configuration in force uses.
fn clusters(dir: &Path, rendered: &Rendered, before: Option<&Value>) -> Value {
    let written = document(dir, "cds.yaml");
    let new = previous::resources(&rendered.cds);
    let old = written.as_ref().map_or(&[][..], previous::resources);
    let is_in = |list: &[Value], name: &Value| list.iter().any(|it| it["name"] == *name);
    if before == Some(&rendered.ecds) && new.iter().all(|cluster| old.contains(cluster)) {
        // Nothing switches, so the configuration before the one in force may still have requests on their way.
        return written.unwrap_or_else(|| rendered.cds.clone());
    }
    let used = before.map(used_clusters).unwrap_or_default();
    let kept = old.iter().filter(|cluster| {
        let name = &cluster["name"];
        !is_in(new, name) && used.iter().any(|used| *name == used.as_str())
    });
    json!({"resources": new.iter().chain(kept).collect::<Vec<_>>()})
}

/// Removes copies of the filter that no file names any more.
fn sweep(dir: &Path, place: &Place) -> io::Result<()> {
    let named: String =
        ["cds.yaml", "ecds.yaml"].iter().filter_map(|file| fs::read_to_string(dir.join(file)).ok()).collect();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_copy = name.starts_with(WASM.0) && name.ends_with(WASM.1);
        if is_copy && !named.contains(name) && !place.wasm.ends_with(name) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Replaces a file as a whole.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let beside = path.with_file_name(format!(".{name}.new"));
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests;
