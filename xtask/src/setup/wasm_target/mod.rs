//! The standard library of `wasm32-wasip1`, without which nothing can be built for Envoy.
//!
//! Used when it is there and works; else `rustup target add`; else, on a Debian-like system, built from Debian's signed
//! sources of the compiler's own version; else an error that says how to install it by hand.

mod apt;
mod build;
mod probe;
mod rustup;

use crate::failure::{Failure, Outcome};
use crate::ui;
use crate::workspace::Workspace;

pub use probe::Compiler;

/// The target that Envoy's Wasm filter runs.
pub const TARGET: &str = "wasm32-wasip1";

/// Makes sure that the compiler can build for the target.
pub fn prepare(workspace: &Workspace) -> Outcome<()> {
    let compiler = Compiler::ask(workspace)?;
    if probe::works(workspace, &compiler)? {
        return Ok(());
    }
    let by_rustup = match by_rustup(workspace, &compiler) {
        Ok(()) => return Ok(()),
        Err(failure) => failure.what,
    };
    ui::say(TARGET, &format!("not by rustup ({}); trying Debian's sources", first_line(&by_rustup)));
    let by_debian = match build::from_debian(workspace, &compiler) {
        Ok(()) if probe::works(workspace, &compiler)? => return Ok(()),
        Ok(()) => "the standard library was built and installed, but the compiler cannot use it".to_owned(),
        Err(failure) => format!("{}\n    {}", failure.what, failure.remedy),
    };
    Err(by_hand(&compiler, &by_rustup, &by_debian))
}

fn by_rustup(workspace: &Workspace, compiler: &Compiler) -> Outcome<()> {
    for attempt in [rustup::add, rustup::add_again] {
        attempt(workspace, compiler)?;
        if probe::works(workspace, compiler)? {
            return Ok(());
        }
    }
    Err(Failure::new("rustup says the target is installed, but the compiler cannot use it", ""))
}

fn by_hand(compiler: &Compiler, by_rustup: &str, by_debian: &str) -> Failure {
    Failure::new(
        format!(
            "rustc {} has no working standard library for {TARGET}\n  by rustup: {by_rustup}\n  from Debian's sources: {by_debian}",
            compiler.release
        ),
        format!(
            "install it by hand: `rustup target add {TARGET}` where rustup manages the compiler (a damaged one: `rustup \
             target remove {TARGET}` first), or your system's package for the compiler it ships (Debian: \
             `apt-get install libstd-rust-dev-wasm32`), or unpack `rust-std-{}-{TARGET}` from a Rust mirror into {}",
            compiler.release,
            compiler.sysroot.display()
        ),
    )
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
