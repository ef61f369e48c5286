//! The class of every character, as a table in two stages: which block, then which class in the block.

use crate::layout::class;
use std::fmt::Write as _;
use std::path::Path;

/// Characters per block.
const BLOCK: usize = 256;

pub fn write(out: &Path) {
    let classes = classes();
    let mut blocks: Vec<&[u8]> = Vec::new();
    let mut stage = Vec::new();
    for block in classes.chunks(BLOCK) {
        let at = blocks.iter().position(|known| *known == block).unwrap_or_else(|| {
            blocks.push(block);
            blocks.len() - 1
        });
        stage.push(u8::try_from(at).expect("fewer than 256 different blocks"));
    }
    assert!(
        stage.iter().take(0x800 / BLOCK).copied().eq(0..8),
        "characters of two bytes need no first stage"
    );
    let mut code = String::new();
    writeln!(code, "pub(crate) static ASCII: [u8; 256] = {:?};", &ascii(&classes)).expect("a string grows");
    crate::table(out, &mut code, "BLOCK_OF", &stage);
    crate::table(out, &mut code, "CLASS_OF", &blocks.concat());
    std::fs::write(out.join("chars.rs"), code).expect("OUT_DIR can be written");
}

/// The classes of the ASCII bytes; zero for all others, which need their neighbours to be known.
fn ascii(classes: &[u8]) -> Vec<u8> {
    (0..256).map(|byte| if byte < 128 { classes[byte] } else { 0 }).collect()
}

fn classes() -> Vec<u8> {
    let mut classes = vec![class::OTHER; 0x11_0000];
    let sets = [
        (r"[\p{Lu}\p{Lt}]", class::UPPER),
        (r"\p{Ll}", class::LOWER),
        (r"[\p{Lm}\p{Lo}]", class::CASELESS),
        (r"\p{M}", class::MARK),
        (r"\p{N}", class::NUMBER),
        (r"[\s&&[^\r\n]]", class::BLANK),
        (r"[\r\n]", class::NEWLINE),
    ];
    for (pattern, bit) in sets {
        let hir = regex_syntax::parse(pattern).expect("a valid class");
        let regex_syntax::hir::HirKind::Class(regex_syntax::hir::Class::Unicode(set)) = hir.kind() else {
            panic!("{pattern} is no Unicode class");
        };
        for range in set.iter() {
            for place in &mut classes[range.start() as usize..=range.end() as usize] {
                assert_eq!(*place, class::OTHER, "the classes must not overlap");
                *place = bit;
            }
        }
    }
    classes
}
