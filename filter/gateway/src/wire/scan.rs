//! Looking for a few bytes in many, eight at a time: the standard library's search for several bytes goes one by one.

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// How many bytes from the start of `bytes` are neither a quote, a backslash nor a control character.
pub(super) fn plain_text(bytes: &[u8]) -> usize {
    run(
        bytes,
        // A byte below 0x20 has none of its upper three bits.
        |word| zeros(word ^ every(b'"')) | zeros(word ^ every(b'\\')) | zeros(word & every(0xE0)),
        |byte| byte == b'"' || byte == b'\\' || byte < 0x20,
    )
}

/// How many bytes from the start of `bytes` are neither a line feed nor a carriage return.
pub(super) fn plain_line(bytes: &[u8]) -> usize {
    run(
        bytes,
        |word| zeros(word ^ every(b'\n')) | zeros(word ^ every(b'\r')),
        |byte| byte == b'\n' || byte == b'\r',
    )
}

/// Where in `bytes` the first byte `first` stands that one of `seconds` follows.
pub(crate) fn pair<const N: usize>(bytes: &[u8], first: u8, seconds: [u8; N]) -> Option<usize> {
    let is_pair = |at: usize| match bytes.get(at..) {
        Some([one, two, ..]) => *one == first && seconds.contains(two),
        _ => false,
    };
    let mut at = 0usize;
    while let (Some(word), Some(next)) = (word_at(bytes, at), word_at(bytes, at.saturating_add(1))) {
        let behind = seconds.iter().fold(0, |behind, &second| behind | zeros(next ^ every(second)));
        let mut hits = zeros(word ^ every(first)) & behind;
        while hits != 0 {
            let place = at.saturating_add((hits.trailing_zeros() / 8) as usize);
            if is_pair(place) {
                return Some(place);
            }
            hits &= hits.wrapping_sub(1);
        }
        at = at.saturating_add(8);
    }
    (at..bytes.len()).find(|&place| is_pair(place))
}

fn word_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// How many bytes from the start of `bytes` are none that is looked for. `of_word` sets the high bit of every
/// byte of a word that is, and perhaps of bytes above such a byte; `of_byte` tells the same of one byte.
#[inline(always)]
fn run(bytes: &[u8], of_word: impl Fn(u64) -> u64, of_byte: impl Fn(u8) -> bool) -> usize {
    let mut run = 0usize;
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        let stops = of_word(u64::from_le_bytes(*word));
        if stops != 0 {
            // The lowest set bit is exact: borrows only spread upwards.
            return run.saturating_add((stops.trailing_zeros() / 8) as usize);
        }
        run = run.saturating_add(8);
    }
    let tail = rest.iter().position(|&byte| of_byte(byte));
    run.saturating_add(tail.unwrap_or(rest.len()))
}

/// Sets the high bit of every byte of `word` that is zero, and perhaps of bytes above such a byte.
#[inline(always)]
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(LOW) & !word & HIGH
}

/// A word of eight times `byte`.
#[inline(always)]
const fn every(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

#[cfg(test)]
mod tests {
    use super::{pair, plain_line, plain_text};

    /// Every byte at every place of a word and around it is told apart as the plain definition does.
    #[test]
    fn the_wide_search_agrees_with_looking_at_each_byte() {
        for byte in 0..=255u8 {
            for length in 0..20 {
                for at in 0..length {
                    for filler in [b'a', 0x80, 0xFF, b'!', b'#', 0x20, 0x0B, 0x0E] {
                        let mut bytes = vec![filler; length];
                        bytes[at] = byte;
                        let text =
                            bytes.iter().position(|&b| b == b'"' || b == b'\\' || b < 0x20).unwrap_or(length);
                        let line = bytes.iter().position(|&b| b == b'\n' || b == b'\r').unwrap_or(length);
                        assert_eq!(plain_text(&bytes), text, "{bytes:?}");
                        assert_eq!(plain_line(&bytes), line, "{bytes:?}");
                    }
                }
            }
        }
    }

    /// A borrow out of a byte that is found may only touch bytes above it.
    #[test]
    fn a_near_miss_behind_a_hit_does_not_hide_it() {
        assert_eq!(plain_line(b"ab\n\x0b\x0b\x0b\x0b\x0b"), 2);
        assert_eq!(plain_line(b"abc\x0b\x0b\n\x0b\x0b"), 5);
        assert_eq!(plain_text(b"abcd\"###"), 4);
        assert_eq!(plain_text(b"####\"###"), 4);
    }

    #[test]
    fn a_pair_is_found_wherever_it_stands_and_only_there() {
        for length in 0..40 {
            let bytes = vec![b'"'; length];
            assert_eq!(pair(&bytes, b'"', *b"ue"), None);
            for at in 0..length {
                for filler in [b'a', b'"', b'u', b'#', 0x80, 0xFF] {
                    let mut bytes = vec![filler; length];
                    bytes[at] = b'"';
                    if let Some(byte) = bytes.get_mut(at + 1) {
                        *byte = b'e';
                    }
                    let expected = bytes.windows(2).position(|pair| pair == b"\"u" || pair == b"\"e");
                    assert_eq!(pair(&bytes, b'"', *b"ue"), expected, "{bytes:?}");
                }
            }
        }
    }
}
