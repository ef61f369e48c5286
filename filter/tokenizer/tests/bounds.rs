//! Limits: at each one, one below and one above.

use tollgate_tokenizer::{
    Counter, Encoding, Exceeded, PENDING_BYTES_MAX, Scratch, Tokens, count, count_up_to,
};

const TEXT: &str = "The quick brown fox jumps over the lazy dog. 中文字符 and 12345678, don't!\n\n  end";

#[test]
fn a_limit_holds_at_its_value_and_above() {
    for &encoding in Encoding::ALL {
        let tokens = count(encoding, TEXT);
        let (below, above) = (Tokens::new(tokens.get() - 1), Tokens::new(tokens.get() + 1));
        assert_eq!(count_up_to(encoding, TEXT, below), Err(Exceeded { limit: below }));
        assert_eq!(count_up_to(encoding, TEXT, tokens), Ok(tokens));
        assert_eq!(count_up_to(encoding, TEXT, above), Ok(tokens));
        assert_eq!(count_up_to(encoding, "", Tokens::ZERO), Ok(Tokens::ZERO));
        assert!(count_up_to(encoding, "a", Tokens::ZERO).is_err());
        assert_eq!(count_up_to(encoding, TEXT, Tokens::new(u64::MAX)), Ok(tokens));
    }
}

/// A long piece is not merged to its end once the limit is passed; so this is quick, whatever the build.
#[test]
fn a_limit_stops_inside_a_long_piece() {
    let text = "xq".repeat(20_000_000);
    let mut scratch = Scratch::new();
    let limit = Tokens::new(1_000_000);
    for _ in 0..20 {
        assert!(scratch.count_up_to(Encoding::O200kBase, &text, limit).is_err());
    }
}

#[test]
fn pending_text_is_bounded_and_the_cuts_do_not_show() {
    for bytes in [PENDING_BYTES_MAX - 1, PENDING_BYTES_MAX, PENDING_BYTES_MAX + 1, 3 * PENDING_BYTES_MAX + 7]
    {
        // Nothing in it is certain to end a piece. Two-byte characters, so that the bound may fall inside one.
        let text = ["x", &"é".repeat(bytes / 2)].concat();
        for encoding in [Encoding::O200kBase, Encoding::Cl100kBase] {
            let in_parts = |length: usize| {
                let mut counter = Counter::new(encoding);
                let mut rest = text.as_str();
                while !rest.is_empty() {
                    let (part, after) = rest.split_at(floor(rest, length));
                    counter.push(part);
                    rest = after;
                }
                counter.finish()
            };
            let whole = in_parts(usize::MAX);
            for length in [2, 3, 1000, PENDING_BYTES_MAX - 1, PENDING_BYTES_MAX, PENDING_BYTES_MAX + 1] {
                assert_eq!(in_parts(length), whole, "{bytes} bytes in parts of {length}");
            }
            if text.len() <= PENDING_BYTES_MAX {
                assert_eq!(whole, count(encoding, &text));
            }
        }
    }
}

#[test]
fn a_counter_settles_what_is_certain() {
    let mut counter = Counter::new(Encoding::O200kBase);
    counter.push("Hello, wor");
    assert_eq!(counter.settled(), count(Encoding::O200kBase, "Hello,"));
    counter.push("ld");
    assert_eq!(counter.finish(), count(Encoding::O200kBase, "Hello, world"));
}

#[test]
fn numbers_of_tokens_neither_wrap_nor_round_down() {
    let most = Tokens::new(u64::MAX);
    assert_eq!(most + Tokens::new(1), most);
    assert_eq!(most.percent(200), most);
    assert_eq!(Tokens::new(1).percent(105), Tokens::new(2));
    assert_eq!(Tokens::new(100).percent(105), Tokens::new(105));
}

/// What a scratch or a counter holds is text that somebody sent; it must not end up in a log.
#[test]
fn debug_output_says_nothing_of_the_text() {
    let mut counter = Counter::new(Encoding::O200kBase);
    counter.push("confidential");
    assert!(!format!("{counter:?}").contains("confidential"));
}

/// The last character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}
