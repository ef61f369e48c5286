//! Compares random and mutated texts with the oracle: `cargo run --release --example exactness -- <texts> [seed]`.

#[path = "../tests/support/mod.rs"]
mod support;

use support::oracle::Oracle;
use support::random::{self, Random};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let texts: u64 = arguments.next().and_then(|texts| texts.parse().ok()).unwrap_or(100_000);
    let seed: u64 = arguments.next().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut oracle = Oracle::new();
    let mut random = Random::new(seed);
    let tokens: Vec<String> =
        (0..100_000).filter_map(|id| oracle.pairs[0].oracle.decode(&[id]).ok()).collect();
    let mut differences = 0u64;
    let mut bytes = 0u64;
    let mut last = String::new();
    for number in 0..texts {
        let text = if number % 3 == 2 {
            random::mutated(&mut random, &last)
        } else {
            random::text(&mut random, 40, &tokens)
        };
        let mut outcome = oracle.check(&text);
        if outcome.is_ok() {
            let parts = random::parts(&mut random, &text);
            outcome = oracle.check_parts(&text, |_| parts.clone());
        }
        if let Err(difference) = outcome {
            differences += 1;
            if differences < 20 {
                println!("{difference}");
            }
        }
        bytes += text.len() as u64;
        last = text;
    }
    println!("{texts} texts, {bytes} bytes, {} comparisons, {differences} differences", oracle.compared);
    std::process::exit(i32::from(differences > 0));
}
