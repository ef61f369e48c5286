//! The Python environment of the integration tests, which also holds the client SDKs that `up` shows.

use std::path::PathBuf;

use crate::failure::{OrFail, Outcome};
use crate::setup::python::{Environment, Packages};
use crate::workspace::Workspace;

/// Installs `integration-tests/requirements.txt` and returns the environment's Python.
pub fn prepare(workspace: &Workspace) -> Outcome<PathBuf> {
    let list = workspace.root.join("integration-tests/requirements.txt");
    let requirements = std::fs::read_to_string(&list)
        .or_fail(format!("read {}", list.display()), "restore the file from version control")?;
    Environment {
        name: "client",
        what: "pytest and the client SDKs",
        requirements: &requirements,
        packages: Packages::Listed,
    }
    .prepare(workspace)
}
