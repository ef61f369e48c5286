//! Compares random and mutated texts with the oracle, at any length:
//! `cargo run --release -p tollgate-tokenizer --example exactness -- <texts> [seed]`.

#[path = "../tests/support/mod.rs"]
mod support;

use support::corpus;
use support::oracle::Oracle;
use support::random::{self, Random, Sources};

fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse().expect("a number"));
    let texts: u64 = arguments.next().unwrap_or(100_000);
    let mut random = Random::new(arguments.next().unwrap_or(1));
    let mut oracle = Oracle::new();
    let sources = Sources {
        tokens: (0..199_998).filter_map(|id| oracle.pairs[0].oracle.decode(&[id]).ok()).collect(),
        strings: corpus::read().into_iter().flat_map(|kind| kind.strings).collect(),
    };
    let (mut differences, mut bytes) = (0u64, 0u64);
    for number in 1..=texts {
        let text = sources.next(&mut random);
        bytes += text.len() as u64;
        let outcome = oracle.check(&text).and_then(|()| {
            let parts = random::parts(&mut random, &text);
            oracle.check_parts(&text, |_| parts.clone())
        });
        if let Err(difference) = outcome {
            differences += 1;
            println!("{difference}");
        }
        if number % 100_000 == 0 {
            println!(
                "{number} texts, {bytes} bytes, {} comparisons, {differences} differences",
                oracle.compared
            );
        }
    }
    println!("{texts} texts, {bytes} bytes, {} comparisons, {differences} differences", oracle.compared);
    std::process::exit(i32::from(differences > 0));
}
