//! The folder that Envoy's configuration is rendered into, one for each gateway that runs at the same time.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{CHECK_FOLDER, Failure, OrFail, Outcome};
use crate::lock::Lock;
use crate::workspace::Workspace;

const FOLDERS_MAX: u32 = 32;

/// A claimed folder; free again when this is dropped or the process ends.
pub struct RunFolder {
    path: PathBuf,
    _lock: Lock,
}

impl RunFolder {
    /// The first folder under `target/run` that no other xtask uses, emptied.
    pub fn claim(workspace: &Workspace) -> Outcome<Self> {
        let parent = workspace.target.join("run");
        fs::create_dir_all(&parent).or_fail(format!("create {}", parent.display()), CHECK_FOLDER)?;
        for number in 1..=FOLDERS_MAX {
            if let Some(lock) = Lock::if_free(&parent.join(format!("{number}.lock")))? {
                let path = parent.join(number.to_string());
                empty(&path).or_fail(format!("empty {}", path.display()), CHECK_FOLDER)?;
                return Ok(Self { path, _lock: lock });
            }
        }
        Err(Failure::new(
            format!("{FOLDERS_MAX} gateways run from this checkout already"),
            "stop some of them",
        ))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn empty(path: &Path) -> std::io::Result<()> {
    if path.exists() {
        fs::remove_dir_all(path)?;
    }
    fs::create_dir_all(path)
}
