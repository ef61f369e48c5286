//! Packs the vocabularies of `tiktoken-rs` and the Unicode classes into the tables that the library includes.
//!
//! Runs on the host, once per target and profile; nothing it computes is computed again when the library runs.

#[path = "build/chars.rs"]
mod chars;
#[path = "build/hashed.rs"]
mod hashed;
#[allow(dead_code, reason = "shared with the library, which uses other parts of it")]
#[path = "src/layout/mod.rs"]
mod layout;
#[path = "build/letters.rs"]
mod letters;
#[path = "build/near.rs"]
mod near;
#[path = "build/ready.rs"]
mod ready;
#[path = "build/sha256.rs"]
mod sha256;
#[path = "build/vocabulary.rs"]
mod vocabulary;

use std::path::{Path, PathBuf};
use std::{env, fs};

/// One line of the `vocabularies` in `src/encodings.in`.
struct Source {
    name: &'static str,
    load: fn() -> tiktoken_rs::CoreBPE,
    ids: u32,
    sha256: &'static str,
}

macro_rules! encodings {
    (vocabularies { $($name:ident: $split:ident, $ids:literal, $sha256:literal;)* } encodings { $($rest:tt)* }) => {
        const SOURCES: &[Source] = &[$(Source {
            name: stringify!($name),
            load: || tiktoken_rs::$name().expect("tiktoken-rs reads its own vocabulary"),
            ids: $ids,
            sha256: $sha256,
        }),*];
    };
}

include!("src/encodings.in");

fn main() {
    for path in ["build.rs", "build", "src/encodings.in", "src/layout"] {
        println!("cargo::rerun-if-changed={path}");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    chars::write(&out);
    for source in SOURCES {
        let tokens = read(source);
        let folder = out.join(source.name);
        fs::create_dir_all(&folder).expect("OUT_DIR can be written");
        vocabulary::write(&folder, &tokens);
    }
}

/// The bytes of every token in the order of their ids, checked to be those of the published file.
fn read(source: &Source) -> Vec<Vec<u8>> {
    let core = (source.load)();
    let tokens: Vec<Vec<u8>> = (0..source.ids)
        .map(|id| core.decode_bytes(&[id]).unwrap_or_else(|_| panic!("{}: no token {id}", source.name)))
        .collect();
    let found = sha256::of_vocabulary(&tokens);
    assert_eq!(found, source.sha256, "{}: not the vocabulary that was published", source.name);
    tokens
}

/// Writes a table aligned to cache lines: `pub static NAME: &[u8; N]`.
fn table(folder: &Path, code: &mut String, name: &str, bytes: &[u8]) {
    let file = format!("{}.bin", name.to_lowercase());
    fs::write(folder.join(&file), bytes).expect("OUT_DIR can be written");
    code.push_str(&format!(
        "pub(crate) static {name}: &[u8; {len}] = &crate::vocabulary::Aligned(*include_bytes!({file:?})).0;\n",
        len = bytes.len()
    ));
}
