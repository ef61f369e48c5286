//! Runs `integration-tests/` with pytest, told by environment variables where everything is.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command;
use crate::failure::{OrFail, Outcome};
use crate::setup::model::Model;
use crate::ui;
use crate::workspace::Workspace;

const REMEDY: &str = "repair what pytest reports above; one test alone: `cargo xtask test -- NAME`";

/// What pytest answers when it has no test to run.
const NOTHING_COLLECTED: i32 = 5;

/// The integration tests and all they need but an Envoy.
pub struct Suite {
    pub wasm: PathBuf,
    pub cli: PathBuf,
    pub provider: PathBuf,
    pub xtask: PathBuf,
    pub model: Model,
    pub python: PathBuf,
    pub filter: Option<String>,
}

impl Suite {
    /// Runs the suite against one Envoy, with pytest's output on the terminal.
    pub fn run(&self, workspace: &Workspace, envoy: &Path) -> Outcome<()> {
        ui::say("test", &format!("with Envoy at {}", Workspace::shown(envoy)));
        let mut pytest = self.command(workspace, envoy);
        if self.filter.is_none() {
            return command::loud(&mut pytest, "the integration tests", REMEDY);
        }
        // A filter may name native tests only.
        command::end_with_parent(&mut pytest);
        let status = pytest.status().or_fail("start pytest", REMEDY)?;
        if status.success() || status.code() == Some(NOTHING_COLLECTED) {
            return Ok(());
        }
        Err(crate::failure::Failure::new(format!("the integration tests failed ({status})"), REMEDY))
    }

    fn command(&self, workspace: &Workspace, envoy: &Path) -> Command {
        let mut pytest = Command::new(&self.python);
        pytest.current_dir(workspace.root.join("integration-tests")).args(["-m", "pytest"]);
        let cache = workspace.setup.join("pytest-cache");
        pytest.args(["-o", &format!("cache_dir={}", cache.display())]);
        pytest.args(self.filter.iter().flat_map(|filter| ["-k", filter]));
        pytest.env("PYTHONDONTWRITEBYTECODE", "1");
        for (name, path) in [
            ("TOLLGATE_ENVOY", envoy),
            ("TOLLGATE_WASM", &self.wasm),
            ("TOLLGATE_CLI", &self.cli),
            ("TOLLGATE_PROVIDER", &self.provider),
            ("TOLLGATE_XTASK", &self.xtask),
            ("TOLLGATE_MODEL_PYTHON", &self.model.python),
            ("TOLLGATE_MODEL_SERVER", &self.model.server),
        ] {
            pytest.env(name, path);
        }
        pytest
    }
}
