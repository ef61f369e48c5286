//! The committed corpus: real strings by language, programming language and kind (`testdata/README.md` says where from).

use std::fs;
use std::path::Path;

/// The strings of one file.
pub struct Kind {
    /// Folder and file, as `languages/japanese`.
    pub name: String,
    pub strings: Vec<String>,
}

/// All kinds, in the order of their names.
pub fn read() -> Vec<Kind> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut kinds = Vec::new();
    for folder in ["code", "languages", "other"] {
        let entries = fs::read_dir(root.join(folder)).expect("the corpus is beside the tests");
        for entry in entries {
            let path = entry.expect("a readable folder").path();
            let stem = path.file_stem().and_then(|stem| stem.to_str()).expect("a plain file name");
            let text = fs::read_to_string(&path).expect("a text file");
            kinds.push(Kind { name: format!("{folder}/{stem}"), strings: split(&text) });
        }
    }
    kinds.sort_by(|left, right| left.name.cmp(&right.name));
    kinds
}

/// A string is a line, or, where strings have lines of their own, what stands between two lines with a record separator.
fn split(text: &str) -> Vec<String> {
    let separator = if text.contains('\u{1E}') { "\n\u{1E}\n" } else { "\n" };
    text.trim_end_matches('\n').split(separator).map(str::to_owned).collect()
}
