//! How much processor time a process has used: user and system time of all its threads, in nanoseconds.

use std::fs;
use std::path::Path;

/// Length of the clock tick that `/proc/PID/stat` counts in; the same on every Linux since 2.6.
const TICK_NANOSECONDS: u64 = 10_000_000;

/// The time used so far. From the scheduler's own accounts where the kernel shows them, else in whole ticks.
pub fn used(process: u32) -> Result<u64, String> {
    let folder = Path::new("/proc").join(process.to_string());
    if let Some(total) = scheduled(&folder) {
        return Ok(total);
    }
    let stat =
        fs::read_to_string(folder.join("stat")).map_err(|error| format!("process {process}: {error}"))?;
    ticks(&stat)
        .map(|ticks| ticks * TICK_NANOSECONDS)
        .ok_or_else(|| format!("process {process}: its stat file is not as expected"))
}

fn scheduled(folder: &Path) -> Option<u64> {
    let mut total = 0;
    for thread in fs::read_dir(folder.join("task")).ok()? {
        let text = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        total += text.split_whitespace().next()?.parse::<u64>().ok()?;
    }
    (total > 0).then_some(total)
}

/// User and system time in a `stat` file; the process's name in it may hold spaces and parentheses.
fn ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_user_and_system_time_whatever_the_name() {
        let fields = "S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 1";
        for name in ["envoy", "a b", "x) y", ")"] {
            assert_eq!(ticks(&format!("7 ({name}) {fields}")), Some(300), "{name}");
        }
        assert_eq!(ticks("7 (envoy) S 1 2"), None);
        assert_eq!(ticks(""), None);
    }

    #[test]
    fn own_process_has_used_time() {
        assert!(used(std::process::id()).is_ok());
        assert!(used(u32::MAX).is_err());
    }
}
