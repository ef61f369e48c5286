//! Python environments under `target/setup`, filled from requirements with pinned hashes.
//!
//! Finds a Python that is new enough, installs Debian's `venv` package where that is what is missing and may be done,
//! and makes an environment again whenever it is not exactly what its requirements describe.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command;
use crate::failure::{CHECK_FOLDER, Failure, OrFail, Outcome};
use crate::stamp;
use crate::workspace::Workspace;

/// The oldest Python that all the packages run on.
const MINOR_MIN: u32 = 10;
const CANDIDATES: [&str; 6] =
    ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];
const PIP_REMEDY: &str =
    "check that pip can reach its package index (`python3 -m pip download pip`), then run it again";

/// Which packages pip installs.
#[derive(Clone, Copy)]
pub enum Packages {
    /// Those in the requirements, which are complete.
    Listed,
    /// Those in the requirements, although they name others that are not used.
    ListedWithoutTheirOwn,
}

/// An environment as it should be.
pub struct Environment<'a> {
    /// Its folder under `target/setup`.
    pub name: &'a str,
    /// What it is for, as the developer reads it.
    pub what: &'a str,
    /// The text of a requirements file with `--hash` on every line.
    pub requirements: &'a str,
    /// How much of it is installed.
    pub packages: Packages,
}

impl Environment<'_> {
    /// Makes the environment when it is not there, whole and current; returns its Python.
    pub fn prepare(&self, workspace: &Workspace) -> Outcome<PathBuf> {
        let base = find()?;
        let folder = workspace.setup.join(self.name);
        let python = folder.join("bin/python");
        let recipe = format!("python: {}\nrequirements:\n{}", base.version, self.requirements.trim());
        // The stamp does not see that the Python behind the environment's link has gone.
        if stamp::matches(&folder, &recipe) && python.exists() {
            return Ok(python);
        }
        if folder.exists() {
            std::fs::remove_dir_all(&folder).or_fail(format!("remove {}", folder.display()), CHECK_FOLDER)?;
        }
        create(base.program, &folder)?;
        self.install(&folder, &python)?;
        stamp::write(&folder, &recipe)?;
        Ok(python)
    }

    fn install(&self, folder: &Path, python: &Path) -> Outcome<()> {
        let list = folder.join("requirements.txt");
        std::fs::write(&list, self.requirements)
            .or_fail(format!("write {}", list.display()), CHECK_FOLDER)?;
        let mut pip = Command::new(python);
        pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--require-hashes"]);
        if matches!(self.packages, Packages::ListedWithoutTheirOwn) {
            pip.args(["--no-deps", "--only-binary", ":all:"]);
        }
        command::quiet(pip.arg("-r").arg(&list), &format!("install {}", self.what), PIP_REMEDY)
    }
}

struct Base {
    program: &'static str,
    version: String,
}

fn find() -> Outcome<Base> {
    for program in CANDIDATES {
        let Ok(answer) =
            command::output(Command::new(program).arg("--version"), "ask for Python's version", "")
        else {
            continue;
        };
        if minor(&answer).is_some_and(|minor| minor >= MINOR_MIN) {
            return Ok(Base { program, version: answer.trim().to_owned() });
        }
    }
    Err(Failure::new(
        format!("no Python 3.{MINOR_MIN} or newer on PATH"),
        "install Python 3 with its venv module (Debian and Ubuntu: `apt-get install python3-venv`)",
    ))
}

/// The minor version in `Python 3.11.7`.
fn minor(answer: &str) -> Option<u32> {
    answer.trim().strip_prefix("Python 3.")?.split('.').next()?.parse().ok()
}

fn create(program: &str, folder: &Path) -> Outcome<()> {
    let what = "create a Python environment";
    let remedy =
        "install Python's venv module (Debian and Ubuntu: `apt-get install python3-venv`), then run it again";
    let venv = || {
        let mut command = Command::new(program);
        command.args(["-m", "venv"]).arg(folder);
        command
    };
    if has_venv(program) {
        return command::quiet(&mut venv(), what, remedy);
    }
    if !(rustix::process::geteuid().is_root() && Path::new("/usr/bin/apt-get").exists()) {
        return Err(Failure::new(format!("{program} has no venv module"), remedy));
    }
    command::quiet(Command::new("apt-get").arg("update"), "apt-get update", remedy)?;
    let mut install = Command::new("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive").args([
        "install",
        "--yes",
        "--no-install-recommends",
        "python3-venv",
    ]);
    command::quiet(&mut install, "apt-get install python3-venv", remedy)?;
    command::quiet(&mut venv(), what, remedy)
}

/// Debian ships `venv` without `ensurepip`, which is the half that matters.
fn has_venv(program: &str) -> bool {
    command::output(Command::new(program).args(["-c", "import venv, ensurepip"]), "look for venv", "").is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_version_is_read_from_what_python_says() {
        for (answer, expected) in [
            ("Python 3.11.7\n", Some(11)),
            ("Python 3.9.2", Some(9)),
            ("Python 3.14.0rc1", Some(14)),
            ("Python 2.7.18", None),
            ("", None),
        ] {
            assert_eq!(minor(answer), expected, "{answer}");
        }
    }
}
