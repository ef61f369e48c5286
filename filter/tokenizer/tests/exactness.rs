//! Every count and every id against `tiktoken-rs`. A deterministic part of what `examples/exactness.rs` runs at length.

mod support;

use support::corpus;
use support::oracle::{Oracle, Pair};
use support::random::{self, Random, Sources};
use tollgate_tokenizer::SpecialText;

/// Runs `check` on every text and reports the first few that differ.
fn none_differs(texts: impl IntoIterator<Item = String>, mut check: impl FnMut(&str) -> Result<(), String>) {
    let differences: Vec<String> = texts.into_iter().filter_map(|text| check(&text).err()).take(5).collect();
    assert!(differences.is_empty(), "{differences:#?}");
}

#[test]
fn every_vocabulary_entry_is_itself() {
    let mut oracle = Oracle::new();
    for Pair { encoding, oracle: core } in oracle.pairs.clone() {
        let ids = 0..core.encode_with_special_tokens("<|endoftext|>")[0].min(199_998);
        let entries = ids.clone().filter_map(|id| core.decode_bytes(&[id]).ok());
        assert!(entries.clone().count() >= 100_256);
        for id in ids {
            let bytes = core.decode_bytes(&[id]).ok();
            assert_eq!(encoding.decode_bytes(&[id]).ok(), bytes, "{id} of {}", encoding.name());
        }
        none_differs(entries.filter_map(|bytes| String::from_utf8(bytes).ok()), |text| oracle.check(text));
    }
}

#[test]
fn real_text_in_many_languages_counts_alike() {
    let mut oracle = Oracle::new();
    let kinds = corpus::read();
    let of = |folder: &str| kinds.iter().filter(|kind| kind.name.starts_with(folder)).count();
    assert!(of("languages/") >= 20 && of("code/") >= 15, "fewer kinds than promised");
    let strings: Vec<String> = kinds.into_iter().flat_map(|kind| kind.strings).collect();
    assert!(strings.len() >= 10_000, "fewer strings than promised");
    none_differs(strings, |text| oracle.check(text));
}

#[test]
fn whole_files_count_alike() {
    let mut oracle = Oracle::new();
    let files: Vec<String> = corpus::read().into_iter().map(|kind| kind.strings.join("\r\n")).collect();
    none_differs(files.iter().cloned(), |text| oracle.check(text));
    none_differs(files.iter().map(|text| hexadecimal(text.as_bytes())), |text| oracle.check(text));
    none_differs(files.iter().map(|text| base64(text.as_bytes())), |text| oracle.check(text));
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// In one line, as in a data URL.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |bytes: &[u8; 3]| {
        let bits = bytes.iter().fold(0, |bits, &byte| bits << 8 | usize::from(byte));
        [18, 12, 6, 0].map(|shift| char::from(DIGITS[bits >> shift & 63]))
    };
    bytes.as_chunks().0.iter().flat_map(group).collect()
}

#[test]
fn random_and_mutated_text_counts_alike() {
    let mut oracle = Oracle::new();
    let mut random = Random::new(2);
    let sources = Sources {
        tokens: (0..50_000).filter_map(|id| oracle.pairs[0].oracle.decode(&[id]).ok()).collect(),
        strings: corpus::read().into_iter().flat_map(|kind| kind.strings).collect(),
    };
    none_differs((0..20_000).map(|_| sources.next(&mut random)).collect::<Vec<_>>(), |text| {
        oracle.check(text)
    });
}

/// A few hundred characters of each kind of the corpus.
fn samples(characters: usize) -> Vec<String> {
    let start = |kind: corpus::Kind| kind.strings.join(" \n").chars().take(characters).collect();
    corpus::read().into_iter().map(start).collect()
}

#[test]
fn every_prefix_counts_alike() {
    let mut oracle = Oracle::new();
    for sample in samples(150) {
        let prefixes: Vec<String> = sample.char_indices().map(|(at, _)| sample[..at].to_owned()).collect();
        none_differs(prefixes, |text| oracle.check(text));
    }
}

#[test]
fn incremental_counts_do_not_depend_on_the_cuts() {
    let mut oracle = Oracle::new();
    for sample in samples(150) {
        oracle.check_parts(&sample, |text| text.chars().map(String::from).collect()).unwrap();
        for (cut, _) in sample.char_indices() {
            oracle.check_parts(&sample, |text| vec![text[..cut].to_owned(), text[cut..].to_owned()]).unwrap();
        }
    }
    let mut random = Random::new(3);
    for _ in 0..10_000 {
        let text = random::text(&mut random, 20, &[]);
        let parts = random::parts(&mut random, &text);
        oracle.check_parts(&text, |_| parts.clone()).unwrap();
    }
}

#[test]
fn long_unbroken_pieces_count_alike() {
    let mut oracle = Oracle::new();
    let mut random = Random::new(4);
    let texts = random::unbroken(&mut random, 1 << 20).into_iter().chain(
        (0..150)
            .flat_map(|_| {
                let bytes = 60 + random.below(6000);
                random::unbroken(&mut random, bytes)
            })
            .collect::<Vec<_>>(),
    );
    none_differs(texts, |text| oracle.check(text));
}

/// One byte over and over is merged in rows: every such byte, at lengths that leave every kind of rest.
#[test]
fn runs_of_one_byte_count_alike() {
    let mut oracle = Oracle::new();
    let mut random = Random::new(8);
    let texts: Vec<String> = (0..128u8)
        .flat_map(|byte| [65, 66, 95, 127, 128, 129].map(|length| (byte, length)))
        .chain(
            b" \n\t-=*#/_.aAzZ~"
                .iter()
                .flat_map(|&byte| (60..700).step_by(7).map(move |length| (byte, length))),
        )
        .chain((0..100).map(|_| (random.below(128) as u8, random.below(30_000))))
        .map(|(byte, length)| char::from(byte).to_string().repeat(length))
        .collect();
    none_differs(texts, |text| oracle.check(text));
}

/// Letters of which each pair merges before the pair to its left: what a letter merges with depends on where the chain ends,
/// however far that is. The longest such chain that starts with `first`, by the ids of the pairs.
fn chain(pair: &dyn Fn(u8, u8) -> Option<u32>, first: u8) -> String {
    const LETTERS: std::ops::RangeInclusive<u8> = b'a'..=b'z';
    let mut pairs: Vec<(u32, u8, u8)> = LETTERS
        .flat_map(|left| LETTERS.map(move |right| (left, right)))
        .filter_map(|(left, right)| pair(left, right).map(|id| (id, left, right)))
        .collect();
    pairs.sort_unstable();
    // The longest chain of pairs with falling ids from each letter; a pair with a higher id goes before the chain behind it.
    let mut longest = vec![String::new(); 256];
    for (_, left, right) in pairs {
        let with = format!("{}{}", char::from(left), longest[usize::from(right)]);
        if with.len() > longest[usize::from(left)].len() {
            longest[usize::from(left)] = with;
        }
    }
    format!("{}{}", longest[usize::from(first)], char::from(first))
}

#[test]
fn chains_across_the_windows_of_a_long_piece_count_alike() {
    let mut oracle = Oracle::new();
    let mut random = Random::new(6);
    for Pair { oracle: core, .. } in oracle.pairs.clone() {
        let pair = |left, right| match core.encode_ordinary(std::str::from_utf8(&[left, right]).unwrap())[..]
        {
            [id] => Some(id),
            _ => None,
        };
        let chains: Vec<String> = (b'a'..=b'z').map(|first| chain(&pair, first)).collect();
        assert!(chains.iter().any(|chain| chain.len() > 40), "{chains:?}");
        for _ in 0..40 {
            let mut text = String::new();
            while text.len() < 20_000 {
                let chain = random.pick(&chains);
                text.push_str(&chain[random.below(chain.len() / 2)..]);
            }
            oracle.check(&text).unwrap();
        }
    }
}

#[test]
fn special_tokens_are_recognised_on_request_only() {
    let cores = [
        tiktoken_rs::o200k_base_singleton(),
        tiktoken_rs::o200k_harmony_singleton(),
        tiktoken_rs::cl100k_base_singleton(),
    ];
    for (&encoding, core) in tollgate_tokenizer::Encoding::ALL.iter().zip(cores) {
        let ids: Vec<u32> = (100_250..201_100).filter(|&id| encoding.special_text(id).is_some()).collect();
        let known: Vec<u32> = (100_250..201_100).filter(|&id| core.decode(&[id]).is_ok()).collect();
        assert!(known.ends_with(&ids), "{}", encoding.name());
        let mut text = String::from("before");
        for &id in &ids {
            let special = encoding.special_text(id).unwrap();
            assert_eq!(encoding.special_id(&special), Some(id));
            text += &special;
            text += " <| between |> ";
        }
        let recognised = encoding.encode(&text, SpecialText::Recognised);
        assert_eq!(recognised, core.encode_with_special_tokens(&text), "{}", encoding.name());
        assert_eq!(encoding.decode(&recognised).as_deref(), Ok(text.as_str()));
        assert_eq!(encoding.encode(&text, SpecialText::Ordinary), core.encode_ordinary(&text));
    }
}

/// What the fuzz target runs, on a few inputs of each kind.
#[test]
fn the_fuzz_target_holds_on_its_seeds() {
    let mut oracle = Oracle::new();
    let mut random = Random::new(5);
    for _ in 0..2_000 {
        let mut bytes = random::text(&mut random, 20, &[]).into_bytes();
        for _ in 0..random.below(3) {
            let at = random.below(bytes.len().max(1)).min(bytes.len());
            bytes.insert(at, random.below(256) as u8);
        }
        oracle.check_bytes(&bytes).unwrap();
    }
    for bytes in [&b""[..], b"\0", b"\0\0", b"\0\x01\xFF", b"\xFF\xFF' \xC5\xBF"] {
        oracle.check_bytes(bytes).unwrap();
    }
}
