//! Where things are: the checkout, its `target/`, and the folders below it that set-up and runs use.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{CHECK_FOLDER, Failure, OrFail, Outcome};

/// The checkout that this xtask was built from.
pub struct Workspace {
    /// The folder of the root `Cargo.toml`.
    pub root: PathBuf,
    /// Cargo's target folder, `CARGO_TARGET_DIR` respected.
    pub target: PathBuf,
    /// Everything that was downloaded or prepared: `target/setup`.
    pub setup: PathBuf,
}

impl Workspace {
    /// Finds the checkout and makes sure that `target/setup` exists.
    pub fn find() -> Outcome<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().map(Path::to_path_buf).ok_or_else(|| {
            Failure::new(
                format!("{} has no parent folder", here.display()),
                "run it as `cargo xtask …` inside the checkout",
            )
        })?;
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => std::path::absolute(folder).or_fail("CARGO_TARGET_DIR", CHECK_FOLDER)?,
            None => root.join("target"),
        };
        let setup = target.join("setup");
        std::fs::create_dir_all(&setup).or_fail(format!("create {}", setup.display()), CHECK_FOLDER)?;
        Ok(Self { root, target, setup })
    }

    /// A cargo command in the checkout, with the toolchain that runs this one.
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target).args(arguments);
        command
    }

    /// The compiler that cargo uses here.
    pub fn rustc(&self) -> Command {
        let mut command = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        command.current_dir(&self.root);
        command
    }

    /// A path as a developer in the current folder would type it.
    pub fn shown(path: &Path) -> String {
        let here = env::current_dir().unwrap_or_default();
        path.strip_prefix(&here).unwrap_or(path).display().to_string()
    }
}
