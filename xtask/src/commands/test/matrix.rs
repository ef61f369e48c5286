//! `--envoy-matrix`: the integration tests once per packaged Envoy release, and a table of how they went.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::integration::Suite;
use crate::failure::{Failure, Outcome};
use crate::setup::{MATRIX, envoy};
use crate::workspace::Workspace;

/// One release that is ready to run.
pub struct Entry {
    version: &'static str,
    envoy: PathBuf,
}

/// Installs every release.
pub fn prepare(workspace: &Workspace) -> Outcome<Vec<Entry>> {
    MATRIX
        .iter()
        .map(|wheel| Ok(Entry { version: wheel.version, envoy: envoy::install(workspace, wheel)? }))
        .collect()
}

/// Runs the suite against every release; fails when one of them failed.
pub fn run(workspace: &Workspace, suite: &Suite, entries: &[Entry]) -> Outcome<()> {
    let mut rows = Vec::new();
    for entry in entries {
        let started = Instant::now();
        let passed = suite.run(workspace, &entry.envoy).is_ok();
        rows.push(Row { version: entry.version, passed, took: started.elapsed() });
    }
    print!("{}", table(&rows));
    let failed: Vec<&str> = rows.iter().filter(|row| !row.passed).map(|row| row.version).collect();
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        format!("the integration tests failed with Envoy {}", failed.join(", ")),
        "repair what pytest reports above for that release",
    ))
}

struct Row {
    version: &'static str,
    passed: bool,
    took: Duration,
}

fn table(rows: &[Row]) -> String {
    let mut text =
        String::from("| Envoy  | integration tests | seconds |\n|--------|-------------------|---------|\n");
    for Row { version, passed, took } in rows {
        let result = if *passed { "passed" } else { "FAILED" };
        text.push_str(&format!("| {version:<6} | {result:<17} | {:>7.1} |\n", took.as_secs_f32()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_release_stands_out_in_a_table_whose_lines_are_equally_long() {
        let rows = [
            Row { version: "1.36.2", passed: true, took: Duration::from_millis(61_250) },
            Row { version: "1.40.0", passed: false, took: Duration::from_millis(900) },
        ];
        let text = table(&rows);
        let widths: Vec<usize> = text.lines().map(str::len).collect();
        assert!(widths.iter().all(|width| *width == widths[0]), "{text}");
        assert!(text.lines().nth(3).unwrap().contains("FAILED"), "{text}");
    }
}
