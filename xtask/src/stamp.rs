//! Says whether a prepared folder is what its recipe would make today.
//!
//! A stamp is written last, inside the folder, and holds the recipe and a digest of the folder's files (names and
//! sizes). A folder that was left half-finished, was damaged, or was made by another recipe does not match its stamp.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::failure::{CHECK_FOLDER, OrFail, Outcome};

const STAMP: &str = ".tollgate-stamp";

/// Is the folder complete, and made by this recipe?
pub fn matches(folder: &Path, recipe: &str) -> bool {
    let Ok(written) = fs::read_to_string(folder.join(STAMP)) else { return false };
    text(folder, recipe).is_ok_and(|expected| expected == written)
}

/// Declares the folder complete.
pub fn write(folder: &Path, recipe: &str) -> Outcome<()> {
    let text = text(folder, recipe).or_fail(format!("read {}", folder.display()), CHECK_FOLDER)?;
    fs::write(folder.join(STAMP), text).or_fail(format!("write into {}", folder.display()), CHECK_FOLDER)
}

fn text(folder: &Path, recipe: &str) -> std::io::Result<String> {
    let mut files = Vec::new();
    list(folder, folder, &mut files)?;
    files.sort();
    let mut digest = DefaultHasher::new();
    files.hash(&mut digest);
    Ok(format!("{recipe}\nfolder: {}\nfiles: {} ({:016x})\n", folder.display(), files.len(), digest.finish()))
}

/// Names and sizes of all files but the stamp and what Python compiles by itself.
fn list(top: &Path, folder: &Path, files: &mut Vec<(PathBuf, u64)>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if entry.file_name() == STAMP || entry.file_name() == "__pycache__" {
            continue;
        }
        if kind.is_dir() {
            list(top, &path, files)?;
        } else {
            let name = path.strip_prefix(top).unwrap_or(&path).to_path_buf();
            files.push((name, entry.metadata()?.len()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(damage: impl Fn(&Path), recipe: &str, expected: bool) {
        let name = format!("tollgate-xtask-stamp-{}-{:?}", std::process::id(), std::thread::current().id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(folder.join("lib")).unwrap();
        fs::write(folder.join("lib/a"), "four").unwrap();
        write(&folder, "recipe").unwrap();
        damage(&folder);
        let matched = matches(&folder, recipe);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(matched, expected);
    }

    #[test]
    fn untouched_folder_matches() {
        check(|_| {}, "recipe", true);
    }

    #[test]
    fn other_recipe_does_not_match() {
        check(|_| {}, "another", false);
    }

    #[test]
    fn cut_file_does_not_match() {
        check(|folder| fs::write(folder.join("lib/a"), "fou").unwrap(), "recipe", false);
    }

    #[test]
    fn lost_file_does_not_match() {
        check(|folder| fs::remove_file(folder.join("lib/a")).unwrap(), "recipe", false);
    }

    #[test]
    fn folder_without_a_stamp_does_not_match() {
        check(|folder| fs::remove_file(folder.join(STAMP)).unwrap(), "recipe", false);
    }

    #[test]
    fn files_that_python_compiles_later_do_not_count() {
        check(
            |folder| {
                fs::create_dir(folder.join("__pycache__")).unwrap();
                fs::write(folder.join("__pycache__/a.pyc"), "x").unwrap();
            },
            "recipe",
            true,
        );
    }
}
