//! Builds the target's standard library from Debian's source package of exactly the compiler's version.
//!
//! The compiler must read its own library, so another version is never tried. The build has a sysroot and a target
//! folder of its own under `target/setup`; the finished library is put into the compiler's sysroot by one rename, so
//! that no half of it is ever seen there.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use super::TARGET;
use super::apt::Apt;
use super::probe::Compiler;
use crate::command;
use crate::failure::{CHECK_FOLDER, Failure, OrFail, Outcome};
use crate::workspace::Workspace;

/// Where a version of the compiler's sources is looked for, smallest lists first.
const SUITES: [&str; 5] = ["trixie-backports", "trixie", "forky", "sid", "bookworm"];
const STARTUP_FILES: [&str; 3] = ["crt1-command.o", "crt1-reactor.o", "libc.a"];
const BUILD_REMEDY: &str = "install the target by hand: `rustup target add wasm32-wasip1`";

/// Downloads, builds and installs the library.
pub fn from_debian(workspace: &Workspace, compiler: &Compiler) -> Outcome<()> {
    let folder = workspace.setup.join("wasm-std");
    if folder.exists() {
        fs::remove_dir_all(&folder).or_fail(format!("remove {}", folder.display()), CHECK_FOLDER)?;
    }
    let sources = download(&folder, &compiler.release)?;
    let built = build(workspace, compiler, &folder, &sources)?;
    install(compiler, &built, &sources.wasi)?;
    fs::remove_dir_all(&folder).or_fail(format!("remove {}", folder.display()), CHECK_FOLDER)
}

struct Sources {
    /// The `library` folder of the compiler's sources.
    library: PathBuf,
    /// The folder with the C library's start-up files and `libc.a`.
    wasi: PathBuf,
}

impl Sources {
    fn checked(self) -> Outcome<Self> {
        for part in [self.library.join("std/Cargo.toml"), self.wasi.join("libc.a")] {
            if !part.exists() {
                return Err(Failure::new(
                    format!("Debian's package has no {}", part.display()),
                    BUILD_REMEDY,
                ));
            }
        }
        Ok(self)
    }
}

fn download(folder: &Path, release: &str) -> Outcome<Sources> {
    let tried = SUITES.join(", ");
    let mut failure = Failure::new(
        format!("Debian has no rust-src {release} (looked in {tried})"),
        "use a compiler version that Debian has",
    );
    for suite in SUITES {
        let apt = match Apt::open(folder, suite) {
            Ok(apt) => apt,
            // A mirror need not carry every suite.
            Err(cause) => {
                failure = cause;
                continue;
            }
        };
        if let Some(version) =
            apt.versions("rust-src")?.into_iter().find(|version| is_release(version, release))
        {
            let library = apt.unpack("rust-src", &version)?.join(format!("usr/src/rustc-{release}/library"));
            let wasi = wasi_libc(folder, apt)?.join("usr/lib/wasm32-wasi");
            return Sources { library, wasi }.checked();
        }
    }
    Err(failure)
}

/// The C library from the suite itself, or from the release below when a backports suite has none.
fn wasi_libc(folder: &Path, apt: Apt) -> Outcome<PathBuf> {
    let apt = if apt.versions("wasi-libc")?.is_empty() { Apt::open(folder, "trixie")? } else { apt };
    let versions = apt.versions("wasi-libc")?;
    let version =
        versions.first().ok_or_else(|| Failure::new("Debian has no wasi-libc here", BUILD_REMEDY))?;
    apt.unpack("wasi-libc", version)
}

/// Is the Debian version one of exactly this release of the compiler?
fn is_release(version: &str, release: &str) -> bool {
    let upstream = version.split_once(':').map_or(version, |(_, rest)| rest);
    upstream.strip_prefix(release).is_some_and(|rest| rest.starts_with(['+', '-', '~']))
}

/// Builds an empty library crate together with the standard library; returns the folder of the libraries.
fn build(workspace: &Workspace, compiler: &Compiler, folder: &Path, sources: &Sources) -> Outcome<PathBuf> {
    let rustc = own_sysroot(workspace, compiler, folder, &sources.library)?;
    let package = folder.join("empty");
    let source = package.join("src");
    fs::create_dir_all(&source).or_fail(format!("create {}", source.display()), CHECK_FOLDER)?;
    let manifest = "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
                    [lib]\ncrate-type = [\"cdylib\"]\n\n[workspace]\n";
    let written =
        fs::write(package.join("Cargo.toml"), manifest).and_then(|()| fs::write(source.join("lib.rs"), ""));
    written.or_fail(format!("write into {}", package.display()), CHECK_FOLDER)?;
    let target = folder.join("target");
    // `embed-bitcode` is what link-time optimisation reads; the separator is cargo's own for paths with spaces.
    let flags =
        ["-Cembed-bitcode=yes", "-L", &sources.wasi.display().to_string(), "-Clink-self-contained=no"]
            .join("\x1f");
    let mut cargo =
        workspace.cargo(&["build", "--release", "-Zbuild-std=std,panic_abort", "--target", TARGET]);
    cargo
        .current_dir(&package)
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTC", rustc)
        .env("RUSTC_BOOTSTRAP", "1");
    cargo
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_ENCODED_RUSTFLAGS", flags)
        .env_remove("RUSTC_WRAPPER");
    command::quiet(
        &mut cargo,
        &format!("build the standard library of {TARGET} (half a minute)"),
        BUILD_REMEDY,
    )?;
    Ok(target.join(TARGET).join("release/deps"))
}

/// A sysroot that has the sources, made of links, and a compiler that uses it; the real sysroot stays as it is.
fn own_sysroot(
    workspace: &Workspace,
    compiler: &Compiler,
    folder: &Path,
    library: &Path,
) -> Outcome<PathBuf> {
    let rustlib = folder.join("sysroot/lib/rustlib");
    let write = || -> std::io::Result<PathBuf> {
        fs::create_dir_all(rustlib.join("src/rust"))?;
        symlink(compiler.sysroot.join("lib/rustlib").join(&compiler.host), rustlib.join(&compiler.host))?;
        symlink(library, rustlib.join("src/rust/library"))?;
        let rustc = folder.join("rustc");
        let real = workspace.rustc().get_program().to_string_lossy().into_owned();
        let script =
            format!("#!/bin/sh\nexec '{real}' --sysroot '{}' \"$@\"\n", folder.join("sysroot").display());
        fs::write(&rustc, script)?;
        fs::set_permissions(&rustc, fs::Permissions::from_mode(0o755))?;
        Ok(rustc)
    };
    write().or_fail(format!("write into {}", folder.display()), CHECK_FOLDER)
}

/// Puts the library where rustup would, complete or not at all.
fn install(compiler: &Compiler, built: &Path, wasi: &Path) -> Outcome<()> {
    let library = compiler.library();
    let partial = library.with_file_name(format!("{TARGET}.partial-{}", std::process::id()));
    let copy = || -> std::io::Result<()> {
        fs::create_dir_all(partial.join("lib/self-contained"))?;
        for entry in fs::read_dir(built)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "rlib") {
                fs::copy(&path, partial.join("lib").join(path.file_name().unwrap_or_default()))?;
            }
        }
        for name in STARTUP_FILES {
            fs::copy(wasi.join(name), partial.join("lib/self-contained").join(name))?;
        }
        if library.exists() {
            fs::remove_dir_all(&library)?;
        }
        fs::rename(&partial, &library)
    };
    copy().map_err(|cause| {
        let _ = fs::remove_dir_all(&partial);
        Failure::new(
            format!("install the library into {}: {cause}", library.display()),
            "run it as a user who may write into the compiler's folder",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_release_is_taken() {
        for (version, expected) in [
            ("1.95.0+dfsg1-2~bpo13+1", true),
            ("1.95.0-1", true),
            ("1:1.95.0+dfsg1-2", true),
            ("1.95.1+dfsg1-1", false),
            ("1.95.01-1", false),
            ("1.96.1+dfsg1-2~bpo13+1", false),
            ("0.1.95.0-1", false),
        ] {
            assert_eq!(is_release(version, "1.95.0"), expected, "{version}");
        }
    }
}
