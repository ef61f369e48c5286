//! Asks the compiler what it is and whether it can really build for the target, link-time optimisation included.
//!
//! An existing folder proves nothing: an interrupted installation leaves one behind. A successful probe is remembered
//! together with the names and sizes of the library's files.

use std::fs;
use std::path::PathBuf;

use super::TARGET;
use crate::command;
use crate::failure::{CHECK_FOLDER, Failure, OrFail, Outcome};
use crate::ui;
use crate::workspace::Workspace;

/// Uses every crate of the standard library that the filter may use.
const PROGRAM: &str = "\
use std::collections::HashMap;
#[unsafe(no_mangle)]
pub extern \"C\" fn probe() -> usize {
    let names: HashMap<String, String> = std::env::vars().collect();
    println!(\"{:?} {:?}\", names, std::time::SystemTime::now());
    names.len()
}
";

/// The compiler at hand.
pub struct Compiler {
    /// `1.95.0`, or with a suffix on other channels.
    pub release: String,
    /// The whole of `rustc -vV`.
    pub identity: String,
    /// The machine it runs on, as a target triple.
    pub host: String,
    /// Where its libraries are.
    pub sysroot: PathBuf,
}

impl Compiler {
    /// Asks the compiler that cargo uses in this checkout.
    pub fn ask(workspace: &Workspace) -> Outcome<Self> {
        let remedy = "install Rust with its compiler on PATH";
        let identity = command::output(workspace.rustc().arg("-vV"), "ask rustc for its version", remedy)?;
        let sysroot = command::output(
            workspace.rustc().args(["--print", "sysroot"]),
            "ask rustc for its sysroot",
            remedy,
        )?;
        let field = |name| {
            field(&identity, name).ok_or_else(|| Failure::new(format!("`rustc -vV` names no {name}"), remedy))
        };
        Ok(Self {
            release: field("release")?,
            host: field("host")?,
            sysroot: sysroot.trim().into(),
            identity,
        })
    }

    /// The folder of the target's standard library, where rustup would put it.
    pub fn library(&self) -> PathBuf {
        self.sysroot.join("lib/rustlib").join(TARGET)
    }
}

/// Can the compiler build for the target?
pub fn works(workspace: &Workspace, compiler: &Compiler) -> Outcome<bool> {
    let folder = workspace.setup.join("wasm-probe");
    let remembered = folder.join("works");
    let Some(facts) = facts(compiler) else { return Ok(false) };
    if fs::read_to_string(&remembered).is_ok_and(|text| text == facts) {
        return Ok(true);
    }
    fs::create_dir_all(&folder).or_fail(format!("create {}", folder.display()), CHECK_FOLDER)?;
    let source = folder.join("probe.rs");
    fs::write(&source, PROGRAM).or_fail(format!("write {}", source.display()), CHECK_FOLDER)?;
    let mut rustc = workspace.rustc();
    rustc.args(["--edition", "2024", "--crate-type", "cdylib", "--target", TARGET]);
    rustc.args(["-C", "lto=fat", "-C", "panic=abort", "-o"]).arg(folder.join("probe.wasm")).arg(&source);
    if command::output(&mut rustc, "compile a small program for the target", "").is_err() {
        return Ok(false);
    }
    fs::write(&remembered, facts).or_fail(format!("write {}", remembered.display()), CHECK_FOLDER)?;
    ui::say(TARGET, &format!("works with rustc {} ({})", compiler.release, compiler.library().display()));
    Ok(true)
}

/// What a remembered success depends on; `None` when there is no library at all.
fn facts(compiler: &Compiler) -> Option<String> {
    let library = compiler.library();
    let mut files = Vec::new();
    for folder in [library.join("lib"), library.join("lib/self-contained")] {
        for entry in fs::read_dir(folder).ok()? {
            let entry = entry.ok()?;
            files.push(format!("{} {}", entry.file_name().display(), entry.metadata().ok()?.len()));
        }
    }
    files.sort();
    Some(format!("{}{}\n{}\n", compiler.identity, library.display(), files.join("\n")))
}

/// The value of one line of `rustc -vV`.
fn field(identity: &str, name: &str) -> Option<String> {
    identity.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_the_compiler_are_read_by_their_whole_name() {
        let identity =
            "rustc 1.95.0 (59807616e 2026-04-14)\nhost: x86_64-unknown-linux-gnu\nrelease: 1.95.0\n";
        assert_eq!(field(identity, "release").as_deref(), Some("1.95.0"));
        assert_eq!(field(identity, "host").as_deref(), Some("x86_64-unknown-linux-gnu"));
        assert_eq!(field(identity, "rustc"), None);
        assert_eq!(field(identity, "LLVM version"), None);
    }
}
