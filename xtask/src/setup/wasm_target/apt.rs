//! Downloads Debian packages into a folder of our own, without touching the system's sources, lists or cache.
//!
//! The signature check stays on: every suite is read with Debian's archive keyring, and what is not signed by it is
//! refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command;
use crate::failure::{CHECK_FOLDER, Failure, OrFail, Outcome};

const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
const SOURCES: &str = "/etc/apt/sources.list";
const SOURCES_FOLDER: &str = "/etc/apt/sources.list.d";
const DEFAULT_ARCHIVE: &str = "http://deb.debian.org/debian";
const REMEDY: &str = "check that apt-get can reach Debian's archive (`apt-get update`), then run it again";

/// A private apt over one suite.
pub struct Apt {
    folder: PathBuf,
}

impl Apt {
    /// Reads the suite's package lists into `folder`.
    pub fn open(folder: &Path, suite: &str) -> Outcome<Self> {
        if !Path::new("/usr/bin/apt-get").exists() {
            return Err(Failure::new(
                "this is not a Debian-like system (no apt-get)",
                "install the target by hand",
            ));
        }
        if !Path::new(KEYRING).exists() {
            return Err(Failure::new(
                format!("Debian's archive keyring is missing ({KEYRING})"),
                "install it (`apt-get install debian-archive-keyring`), then run it again",
            ));
        }
        let apt = Self { folder: folder.join(suite) };
        for part in ["lists/partial", "cache/archives/partial"] {
            let part = apt.folder.join(part);
            fs::create_dir_all(&part).or_fail(format!("create {}", part.display()), CHECK_FOLDER)?;
        }
        let list = apt.folder.join("sources.list");
        let line = format!("deb [signed-by={KEYRING} target=Packages] {} {suite} main\n", archive());
        fs::write(&list, line).or_fail(format!("write {}", list.display()), CHECK_FOLDER)?;
        command::quiet(
            apt.program("apt-get").arg("update"),
            &format!("read the package lists of Debian {suite}"),
            REMEDY,
        )?;
        Ok(apt)
    }

    /// All versions of a package that the suite has.
    pub fn versions(&self, package: &str) -> Outcome<Vec<String>> {
        let answer = command::output(
            self.program("apt-cache").args(["madison", package]),
            "ask apt for versions",
            REMEDY,
        )?;
        Ok(versions(&answer))
    }

    /// Downloads one version of a package and unpacks it.
    pub fn unpack(&self, package: &str, version: &str) -> Outcome<PathBuf> {
        let into = self.folder.join(package);
        if into.exists() {
            fs::remove_dir_all(&into).or_fail(format!("remove {}", into.display()), CHECK_FOLDER)?;
        }
        fs::create_dir_all(&into).or_fail(format!("create {}", into.display()), CHECK_FOLDER)?;
        let mut download = self.program("apt-get");
        download.current_dir(&into).args(["download", &format!("{package}={version}")]);
        command::quiet(&mut download, &format!("download Debian's {package} {version}"), REMEDY)?;
        let archive = package_in(&into)?;
        let mut unpack = Command::new("dpkg-deb");
        unpack.arg("-x").arg(&archive).arg(&into);
        command::quiet(&mut unpack, &format!("unpack {package}"), CHECK_FOLDER)?;
        Ok(into)
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        let own = |key: &str, part: &str| format!("{key}={}", self.folder.join(part).display());
        for option in [
            own("Dir::Etc::sourcelist", "sources.list"),
            own("Dir::State::lists", "lists"),
            own("Dir::Cache", "cache"),
            "Dir::Etc::sourceparts=/dev/null".to_owned(),
            "Dir::Etc::preferences=/dev/null".to_owned(),
            "Dir::Etc::preferencesparts=/dev/null".to_owned(),
            "APT::Get::AllowUnauthenticated=false".to_owned(),
            "Acquire::AllowInsecureRepositories=false".to_owned(),
            "Acquire::AllowWeakRepositories=false".to_owned(),
        ] {
            command.args(["-o", &option]);
        }
        command.env("LC_ALL", "C");
        command
    }
}

/// The archive that the system itself uses, else Debian's own name for the nearest one.
fn archive() -> String {
    let more =
        fs::read_dir(SOURCES_FOLDER).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<PathBuf> = more.filter(|path| is_sources_file(path)).collect();
    files.sort();
    files.insert(0, PathBuf::from(SOURCES));
    let texts = files.iter().filter_map(|path| fs::read_to_string(path).ok());
    texts.filter_map(|text| archive_in(&text)).next().unwrap_or_else(|| DEFAULT_ARCHIVE.to_owned())
}

/// The names that apt itself reads; a switched-off file has another.
fn is_sources_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "list" || extension == "sources")
}

/// The first address of a Debian archive (not its security archive) in a sources file of either format.
fn archive_in(text: &str) -> Option<String> {
    let lines =
        text.lines().map(str::trim).filter(|line| line.starts_with("deb ") || line.starts_with("URIs:"));
    let mut words = lines.flat_map(str::split_whitespace);
    words
        .find(|word| word.starts_with("http") && word.trim_end_matches('/').ends_with("/debian"))
        .map(str::to_owned)
}

fn versions(answer: &str) -> Vec<String> {
    answer.lines().filter_map(|line| Some(line.split('|').nth(1)?.trim().to_owned())).collect()
}

fn package_in(folder: &Path) -> Outcome<PathBuf> {
    let entries = fs::read_dir(folder).or_fail(format!("read {}", folder.display()), CHECK_FOLDER)?;
    let mut paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    paths
        .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .ok_or_else(|| Failure::new(format!("apt-get left no package in {}", folder.display()), REMEDY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archive_is_found_in_both_formats_and_never_the_security_one() {
        for (text, expected) in [
            (
                "Types: deb\nURIs: http://a.example/debian-security\n\nURIs: http://b.example/debian\n",
                Some("http://b.example/debian"),
            ),
            (
                "# deb http://old.example/debian x main\ndeb [arch=amd64] https://c.example/debian/ trixie main",
                Some("https://c.example/debian/"),
            ),
            ("deb http://d.example/ubuntu noble main", None),
            ("", None),
        ] {
            assert_eq!(archive_in(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn versions_are_the_second_column() {
        let answer =
            " rust-src | 1.96.1+dfsg1-2~bpo13+1 | http://a.example trixie-backports/main amd64 Packages\n";
        assert_eq!(versions(answer), ["1.96.1+dfsg1-2~bpo13+1"]);
        assert!(versions("").is_empty());
    }
}
