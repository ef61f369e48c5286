//! One renderer at a time in a directory: two at once would take each other's half-written files for their own.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Envoy is told of files that are moved into the directory, and this one never is.
const NAME: &str = ".lock";

/// Waits until nobody else renders into `dir`; the directory is free again when the file is dropped.
///
/// # Errors
/// The directory cannot be written.
pub fn lock(dir: &Path) -> io::Result<File> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(dir.join(NAME))?;
    match file.lock() {
        // Some network file systems have no locks; whoever renders there sees to it that nobody else does.
        Err(error) if error.kind() == ErrorKind::Unsupported => Ok(file),
        locked => locked.map(|()| file),
    }
}
