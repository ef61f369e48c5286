//! The native half of the benchmark: prints its measurements as lines of JSON, which `run.mjs` sets beside those of the
//! modules. With `--texts <folder>` it writes the texts there instead.

#[path = "../tests/support/mod.rs"]
mod support;
mod texts;

use std::hint::black_box;
use std::time::Instant;
use support::oracle::floor;
use texts::Text;
use tiktoken_rs::CoreBPE;
use tollgate_tokenizer::{Encoding, Scratch};

const SIZES: [usize; 5] = [100, 1_000, 10_000, 100_000, 1_000_000];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let texts = texts::all();
    if let [flag, folder] = &arguments[..]
        && flag == "--texts"
    {
        texts::write(&texts, folder.as_ref());
        return;
    }
    for encoding in [Encoding::O200kBase, Encoding::Cl100kBase] {
        let started = Instant::now();
        let oracle: &CoreBPE = match encoding {
            Encoding::Cl100kBase => tiktoken_rs::cl100k_base_singleton(),
            _ => tiktoken_rs::o200k_base_singleton(),
        };
        let start_ms = started.elapsed().as_secs_f64() * 1e3;
        println!(r#"{{"encoding":"{}","by":"tiktoken-rs","start_ms":{start_ms:.1}}}"#, encoding.name());
        for text in &texts {
            let mut scratch = Scratch::new();
            report(encoding, "tollgate", text, |part| scratch.count(encoding, part).get() as usize);
            report_unseen(encoding, "tollgate", text, || {
                let mut scratch = Scratch::new();
                scratch.count(encoding, &text.text);
                move |part: &str| scratch.count(encoding, part).get() as usize
            });
            report(encoding, "tiktoken-rs", text, |part| oracle.count_ordinary(part));
            report_unseen(encoding, "tiktoken-rs", text, || {
                oracle.count_ordinary(&text.text);
                |part: &str| oracle.count_ordinary(part)
            });
        }
    }
}

/// Megabytes per second at each size: the best of three rounds over slices from all over the text.
fn report(encoding: Encoding, by: &str, text: &Text, mut count: impl FnMut(&str) -> usize) {
    for size in SIZES {
        // A run of a million blanks overflows the stack of the pattern's engine and panics.
        if by == "tiktoken-rs" && text.name == "run of spaces" && size == 1_000_000 {
            continue;
        }
        let total = if by == "tollgate" || size == 1_000_000 { 1_000_000 } else { 200_000 };
        let rate = (0..3).map(|_| rate(&text.text, size, total, &mut count)).fold(0.0, f64::max);
        print_line(encoding, by, text.name, &size.to_string(), rate);
    }
}

fn rate(text: &str, size: usize, total: usize, count: &mut impl FnMut(&str) -> usize) -> f64 {
    let (mut bytes, mut number) = (0, 0);
    let start = Instant::now();
    while bytes < total {
        let from = floor(text, number * 292_823 % (text.len() - size + 1));
        let part = &text[from..floor(text, from + size)];
        black_box(count(part));
        bytes += part.len();
        number += 1;
    }
    bytes as f64 / start.elapsed().as_secs_f64() / 1e6
}

/// The same for text none of whose strings was counted before; `fresh` makes a counter that has counted the rest of the kind.
fn report_unseen<Count: FnMut(&str) -> usize>(
    encoding: Encoding,
    by: &str,
    text: &Text,
    fresh: impl Fn() -> Count,
) {
    if text.unseen.is_empty() {
        return;
    }
    let rate = (0..3).map(|_| {
        let mut count = fresh();
        let start = Instant::now();
        black_box(count(&text.unseen));
        text.unseen.len() as f64 / start.elapsed().as_secs_f64() / 1e6
    });
    print_line(encoding, by, text.name, "unseen", rate.fold(0.0, f64::max));
}

fn print_line(encoding: Encoding, by: &str, text: &str, size: &str, rate: f64) {
    let encoding = encoding.name();
    println!(r#"{{"encoding":"{encoding}","by":"{by}","text":"{text}","size":"{size}","rate":{rate:.2}}}"#);
}
