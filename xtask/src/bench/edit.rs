//! Makes the compared variants out of a rendered configuration, by taking things out of it.
//!
//! The variants share every line that is left, so what is measured is what was taken out. The renderer writes YAML with
//! one indentation per level, which is all that is understood here; an edit that does not find its place is an error.

use crate::failure::{Failure, Outcome};

const REMEDY: &str = "adapt xtask/src/bench to what `tollgate render envoy` writes now";

/// Without the blocks that begin with the line `first` (white space aside): that line and all that are indented deeper.
pub fn without(text: &str, first: &str) -> Outcome<String> {
    cut(text, first, |_| true)
}

/// Without the blocks that begin with the line `first` and have `inside` in the line below it.
pub fn without_one_with(text: &str, first: &str, inside: &str) -> Outcome<String> {
    cut(text, first, |block| block.get(1).is_some_and(|line| line.contains(inside)))
}

/// As [`without_one_with`], for blocks that need not be there.
pub fn without_any_with(text: &str, first: &str, inside: &str) -> String {
    without_one_with(text, first, inside).unwrap_or_else(|_| text.to_owned())
}

/// With `to` in the place of each `from`.
pub fn with(text: &str, from: &str, to: &str) -> Outcome<String> {
    if !text.contains(from) {
        return Err(lost(from));
    }
    Ok(text.replace(from, to))
}

fn cut(text: &str, first: &str, unwanted: impl Fn(&[&str]) -> bool) -> Outcome<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut kept = String::with_capacity(text.len());
    let mut rest = lines.as_slice();
    let mut found = false;
    while let Some(line) = rest.first() {
        let deeper = rest.iter().skip(1).take_while(|next| belongs(line, next)).count();
        let block = &rest[..=deeper];
        if line.trim() == first && unwanted(block) {
            found = true;
            rest = &rest[block.len()..];
        } else {
            kept.push_str(line);
            kept.push('\n');
            rest = &rest[1..];
        }
    }
    if found { Ok(kept) } else { Err(lost(first)) }
}

/// Whether `line` is inside the block that `first` begins. Lists may stand at the indentation of their key.
fn belongs(first: &str, line: &str) -> bool {
    let (outer, inner) = (indentation(first), indentation(line));
    let element = |line: &str| line.trim_start().starts_with("- ");
    inner > outer || (inner == outer && !element(first) && element(line))
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn lost(what: &str) -> Failure {
    Failure::new(format!("the rendered configuration does not contain `{what}`"), REMEDY)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a:\n  - name: x\n    deep:\n      deeper: 1\n  - name: y\n  - name: x\n    other: 2\nb:\n- 1\n- 2\nc: 3\n";

    #[test]
    fn block_goes_with_everything_deeper() {
        assert_eq!(without(TEXT, "- name: x").unwrap(), "a:\n  - name: y\nb:\n- 1\n- 2\nc: 3\n");
        assert_eq!(without("x:\n  y: 1\n", "x:").unwrap(), "");
    }

    #[test]
    fn list_at_the_indentation_of_its_key_goes_with_it() {
        let expected = TEXT.replace("b:\n- 1\n- 2\n", "");
        assert_eq!(without(TEXT, "b:").unwrap(), expected);
    }

    #[test]
    fn block_is_told_apart_by_what_is_inside() {
        let expected = TEXT.replace("  - name: x\n    other: 2\n", "");
        assert_eq!(without_one_with(TEXT, "- name: x", "other").unwrap(), expected);
    }

    #[test]
    fn edit_without_its_place_is_an_error() {
        assert!(without(TEXT, "- name: z").is_err());
        assert!(without_one_with(TEXT, "- name: x", "deeper").is_err());
        assert!(with(TEXT, "name: z", "").is_err());
        assert_eq!(without_any_with(TEXT, "- name: z", "deep"), TEXT);
    }
}
