//! Keeps two xtask runs from preparing the same folder at once.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::failure::{CHECK_FOLDER, OrFail, Outcome};
use crate::ui;

/// A held lock; the system releases it when this is dropped or the process ends.
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Waits until nobody else holds the lock, and says so when that takes time.
    pub fn wait(path: &Path) -> Outcome<Self> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                ui::say("waiting", &format!("for another xtask that is setting up ({})", path.display()));
                file.lock().or_fail(format!("lock {}", path.display()), CHECK_FOLDER)?;
            }
            Err(TryLockError::Error(cause)) => {
                Err(cause).or_fail(format!("lock {}", path.display()), CHECK_FOLDER)?
            }
        }
        Ok(Self { _file: file })
    }

    /// The lock when it is free, and `None` when somebody holds it.
    pub fn if_free(path: &Path) -> Outcome<Option<Self>> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(cause)) => {
                Err(cause).or_fail(format!("lock {}", path.display()), CHECK_FOLDER)
            }
        }
    }
}

fn open(path: &Path) -> Outcome<File> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .or_fail(format!("open {}", path.display()), CHECK_FOLDER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_is_free_again_once_it_is_dropped() {
        let path = std::env::temp_dir().join(format!("tollgate-xtask-lock-{}", std::process::id()));
        let held = Lock::if_free(&path).unwrap();
        assert!(held.is_some());
        assert!(Lock::if_free(&path).unwrap().is_none());
        drop(held);
        assert!(Lock::if_free(&path).unwrap().is_some());
        let _ = std::fs::remove_file(&path);
    }
}
