//! The fuzz targets for a few seconds: every fixture as it is, and damaged by chance, the same in every run.

#[path = "../fuzz/src/lib.rs"]
mod bodies;
#[path = "fuzz/chance.rs"]
mod chance;

use std::path::Path;

use chance::Chance;
use tollgate_gateway::dialects::Dialect;

/// How many damaged fixtures each target sees, unless `FUZZ_RUNS` says another number.
const RUNS: usize = 1500;

/// Every file below `testdata` whose path has `part` in it.
fn seeds(part: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata"), part, &mut found);
    assert!(!found.is_empty(), "no fixtures for {part}");
    found
}

fn collect(folder: &Path, part: &str, found: &mut Vec<Vec<u8>>) {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, part, found);
        } else if path.to_string_lossy().contains(part) {
            found.push(std::fs::read(&path).unwrap());
        }
    }
}

/// Feeds `body` with the fixtures of `part`, then with damaged ones.
fn run(part: &str, body: impl Fn(&[u8])) {
    let seeds = seeds(part);
    seeds.iter().for_each(|seed| body(seed));
    let mut chance = Chance::new(part);
    let runs = std::env::var("FUZZ_RUNS").map_or(RUNS, |runs| runs.parse().expect("FUZZ_RUNS is a number"));
    for _ in 0..runs {
        let damaged = chance.damaged(&seeds);
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| body(&damaged)));
        assert!(result.is_ok(), "with these bytes:\n{}", String::from_utf8_lossy(&damaged));
    }
}

#[test]
fn json_holds_for_damaged_fixtures() {
    run(".json", bodies::json);
}

#[test]
fn sse_holds_for_damaged_fixtures() {
    run(".sse", bodies::sse);
}

#[test]
fn openai_chat_holds_for_damaged_fixtures() {
    run("/openai_chat/", |data| bodies::dialect(Dialect::OpenaiChat, data));
}

#[test]
fn anthropic_messages_holds_for_damaged_fixtures() {
    run("/anthropic_messages/", |data| bodies::dialect(Dialect::AnthropicMessages, data));
}
