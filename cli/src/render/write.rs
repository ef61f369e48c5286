//! Into the directory that a running Envoy may be reading, without losing a request.
//!
//! Every file is replaced as a whole: written beside its place and moved there by rename(2), which is also what Envoy
//! watches the directory for. A file whose content is the same is left alone. The order is what makes a reload
//! seamless:
//!
//! 1. the filter's copy, named by its content, because everything else names it;
//! 2. the clusters: the new ones together with those of earlier configurations that requests on their way may still need
//!    for their next try (`previous` remembers until when);
//! 3. routes and listener, which name nothing that could be missing;
//! 4. a pause, if there are new clusters: Envoy resolves and warms a cluster before it can be used;
//! 5. the edge filter's configuration, which is the switch: only now are requests sent to the new clusters.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::previous::{self, Memory, document};
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

/// Writes `rendered` into `dir`, in the order that keeps every request alive. `now_ms` is in milliseconds since 1970.
///
/// # Errors
/// What kept a file from being written; files written before it stay.
pub fn write(
    dir: &Path,
    place: &Place,
    rendered: &Rendered,
    settle: Duration,
    now_ms: u64,
) -> io::Result<()> {
    for act in plan(dir, rendered, now_ms) {
        match act {
            Act::Write(file, text) => replace(&dir.join(file), text.as_bytes())?,
            Act::Settle => thread::sleep(settle),
        }
    }
    sweep(dir, place)
}

/// What has to be done to a directory so that it holds `rendered`.
pub fn plan(dir: &Path, rendered: &Rendered, now_ms: u64) -> Vec<Act> {
    let written = document(dir, "cds.yaml");
    let known = written.as_ref().map_or(&[][..], previous::resources);
    let (clusters, memory) = clusters(dir, rendered, known, now_ms);
    let appears = |cluster: &Value| !known.iter().any(|known| known["name"] == cluster["name"]);
    let settles = document(dir, "ecds.yaml").is_some() && previous::resources(&clusters).iter().any(appears);
    let files = [
        ("bootstrap.yaml", &rendered.bootstrap),
        ("cds.yaml", &clusters),
        ("rds.yaml", &rendered.rds),
        ("lds.yaml", &rendered.lds),
        ("ecds.yaml", &rendered.ecds),
        (previous::FILE, &memory.to_document()),
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

/// The new clusters and those of the `known` ones that stay, with what is remembered of these.
fn clusters(dir: &Path, rendered: &Rendered, known: &[Value], now_ms: u64) -> (Value, Memory) {
    let new = previous::resources(&rendered.cds);
    let is_new = |cluster: &&Value| new.iter().any(|it| it["name"] == cluster["name"]);
    let gone = || known.iter().filter(|cluster| !is_new(cluster));
    let memory =
        Memory::read(dir, rendered.holds_ms).next(gone().map(previous::name), rendered.holds_ms, now_ms);
    let kept = gone().filter(|cluster| memory.keeps(previous::name(cluster)));
    (json!({"resources": new.iter().chain(kept).collect::<Vec<_>>()}), memory)
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
