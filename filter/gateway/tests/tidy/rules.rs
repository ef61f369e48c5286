//! The rules, one function each: it returns the lines at fault and what is wrong there.

use super::source::{Source, block, functions, lines_with};

/// Names that depend on what the repository holds.
pub struct Names {
    /// The folders of the dialects.
    pub dialects: Vec<String>,
    /// The folders of the rooms.
    pub rooms: Vec<String>,
}

/// A line at fault, and what is wrong with it.
pub type Fault = (usize, String);

const GATEWAY: &str = "filter/gateway/src/";
const FILE_LINES_MAX: usize = 400;
const MODULE_LINES_MAX: usize = 150;
const FUNCTION_LINES_MAX: usize = 50;
const FIELDS_MAX: usize = 8;
const OPTIONS_MAX: usize = 2;

fn at(lines: Vec<usize>, what: &str) -> Vec<Fault> {
    lines.into_iter().map(|line| (line, what.to_owned())).collect()
}

pub fn file_length(source: &Source, _: &Names) -> Vec<Fault> {
    let lines = source.text.lines().count();
    let max = if source.path.ends_with("/mod.rs") { MODULE_LINES_MAX } else { FILE_LINES_MAX };
    if lines > max { vec![(max, format!("{lines} lines, at most {max}"))] } else { Vec::new() }
}

pub fn function_length(source: &Source, _: &Names) -> Vec<Fault> {
    let long = functions(&source.code).into_iter().filter(|function| function.lines > FUNCTION_LINES_MAX);
    long.map(|it| (it.line, format!("`{}` has {} lines, at most {FUNCTION_LINES_MAX}", it.name, it.lines)))
        .collect()
}

pub fn module_docs(source: &Source, _: &Names) -> Vec<Fault> {
    if source.text.starts_with("//!") {
        Vec::new()
    } else {
        at(vec![1], "the file does not begin with `//!`")
    }
}

pub fn shell_only(source: &Source, _: &Names) -> Vec<Fault> {
    if source.is_in("filter/src/") {
        Vec::new()
    } else {
        at(source.lines_with("proxy_wasm"), "names `proxy_wasm`")
    }
}

pub fn one_door_to_the_host(source: &Source, _: &Names) -> Vec<Fault> {
    if !source.is_in("filter/src/") || source.path == "filter/src/host.rs" {
        return Vec::new();
    }
    let mut faults = at(source.lines_with("hostcalls"), "calls the host by itself");
    faults.extend(at(source.lines_with("unsafe"), "is unsafe"));
    faults
}

pub fn rooms_apart(source: &Source, names: &Names) -> Vec<Fault> {
    let Some(own) = source.folder_below("filter/gateway/src/policies/") else { return Vec::new() };
    let others = names.rooms.iter().filter(|room| *room != own);
    others
        .flat_map(|room| {
            let paths = [format!("policies::{room}"), format!("super::{room}")];
            let lines = paths.iter().flat_map(|path| source.lines_with(path)).collect();
            at(lines, &format!("the room `{own}` names `{room}`"))
        })
        .collect()
}

pub fn dialects_apart(source: &Source, names: &Names) -> Vec<Fault> {
    let folder = "filter/gateway/src/dialects/";
    let own = source.folder_below(folder).unwrap_or_default();
    // The files beside the dialects' folders are the table that names them all.
    if !source.is_in(GATEWAY) || (source.is_in(folder) && own.is_empty()) {
        return Vec::new();
    }
    let others = names.dialects.iter().filter(|dialect| *dialect != own);
    others
        .flat_map(|dialect| {
            let mut lines = source.lines_with(&format!("{dialect}::"));
            if !own.is_empty() {
                lines.extend(source.lines_with(dialect));
                lines.extend(source.lines_with(&camel(dialect)));
            }
            lines.dedup();
            at(lines, &format!("names the dialect `{dialect}`"))
        })
        .collect()
}

/// `one_two` as `OneTwo`.
fn camel(name: &str) -> String {
    let capital = |word: &str| {
        let (first, rest) = word.split_at(1.min(word.len()));
        first.to_uppercase() + rest
    };
    name.split('_').map(capital).collect()
}

/// Which parts may not name which.
const ARROWS: [(&str, &[&str]); 8] = [
    ("wire/", &["chat", "dialects", "providers", "policies", "config", "edge", "attempt", "event", "effect"]),
    ("chat/", &["dialects", "providers", "policies", "config", "edge", "attempt", "event", "effect"]),
    ("dialects/", &["providers", "policies", "config", "edge", "attempt", "event", "effect"]),
    ("providers/", &["policies", "config", "edge", "attempt", "event", "effect"]),
    ("policies/", &["dialects", "providers", "edge", "attempt"]),
    ("config/", &["edge", "attempt"]),
    ("edge/", &["attempt"]),
    ("attempt/", &["edge"]),
];

pub fn arrows(source: &Source, _: &Names) -> Vec<Fault> {
    let Some(path) = source.path.strip_prefix(GATEWAY) else { return Vec::new() };
    let forbidden = ARROWS.iter().filter(|(from, _)| path.starts_with(from)).flat_map(|(_, to)| to.iter());
    let faults = forbidden.flat_map(|to| {
        let lines = source.lines_with(&format!("crate::{to}"));
        at(lines, &format!("names `{to}`"))
    });
    faults.collect()
}

/// What tells a provider's endpoint.
const ENDPOINTS: [&str; 4] = ["api.openai.com", "api.anthropic.com", "OPENAI_API_KEY", "ANTHROPIC_API_KEY"];

pub fn endpoints_in_their_place(source: &Source, _: &Names) -> Vec<Fault> {
    let is_place = source.is_in(&format!("{GATEWAY}providers/"));
    if !source.is_in("filter/") || is_place || source.is_test() {
        return Vec::new();
    }
    let lines = source.spoken.lines().enumerate();
    let named = lines.filter(|(_, line)| ENDPOINTS.iter().any(|endpoint| line.contains(endpoint)));
    named.map(|(index, _)| (index + 1, "names a provider's endpoint".to_owned())).collect()
}

pub fn honest_tests(source: &Source, _: &Names) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (index, line) in source.code.lines().enumerate() {
        if line.trim_start().starts_with("#[ignore") || line.contains("should_panic") {
            faults.push((index + 1, "a test is ignored or wants a panic".to_owned()));
        }
    }
    let tests =
        if source.is_test() { 0 } else { source.code.find("#[cfg(test)]").unwrap_or(source.code.len()) };
    let before = source.code[..tests].matches('\n').count();
    let sleeps = lines_with(&source.code[tests..], "sleep");
    faults.extend(sleeps.into_iter().map(|line| (before + line, "a test sleeps".to_owned())));
    faults
}

pub fn tests_are_sentences(source: &Source, _: &Names) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, _) in source.code.match_indices("#[test]") {
        let Some(function) = functions(&source.code[at..]).into_iter().next() else { continue };
        let words = function.name.split('_').filter(|word| !word.is_empty()).count();
        if words < 3 || function.name.starts_with("test_") {
            let line = source.code[..at].matches('\n').count() + function.line;
            faults.push((line, format!("`{}` is no sentence", function.name)));
        }
    }
    faults
}

pub fn nothing_left_to_do(source: &Source, _: &Names) -> Vec<Fault> {
    let marks = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["XX", "X"].concat()];
    marks.iter().flat_map(|mark| at(lines_with(&source.text, mark), &format!("says {mark}"))).collect()
}

pub fn no_private_paths(source: &Source, _: &Names) -> Vec<Fault> {
    let private = [["/wo", "rk/"].concat(), ["/ro", "ot/"].concat(), ["/ho", "me/"].concat()];
    let lines = source.text.lines().enumerate();
    let named = lines.filter(|(_, line)| private.iter().any(|path| line.contains(path)));
    named.map(|(index, _)| (index + 1, "names a path of somebody's machine".to_owned())).collect()
}

pub fn no_dead_code_in_comments(source: &Source, _: &Names) -> Vec<Fault> {
    let is_code = |line: &str| {
        let comment = line.trim_start().strip_prefix("//").filter(|rest| !rest.starts_with(['/', '!']));
        comment.is_some_and(|comment| comment.trim_end().ends_with([';', '{', '}']))
    };
    let lines = source.text.lines().enumerate().filter(|(_, line)| is_code(line));
    lines.map(|(index, _)| (index + 1, "a comment that looks like code".to_owned())).collect()
}

pub fn small_structs(source: &Source, _: &Names) -> Vec<Fault> {
    if !source.is_in(GATEWAY) || source.is_in("filter/gateway/src/config/") || source.is_test() {
        return Vec::new();
    }
    let mut faults = Vec::new();
    for (at, _) in source.code.match_indices("struct ") {
        let Some(body) = block(&source.code[at..]) else { continue };
        let Some(fields) = body.split_once('{').map(|(_, fields)| fields) else { continue };
        let is_field = |line: &&str| line.contains(": ") && !line.trim_start().starts_with('#');
        let count = fields.lines().filter(is_field).count();
        let options = fields.lines().filter(is_field).filter(|line| line.contains("Option<")).count();
        let line = source.code[..at].matches('\n').count() + 1;
        if count > FIELDS_MAX {
            faults.push((line, format!("{count} fields, at most {FIELDS_MAX}")));
        }
        if options > OPTIONS_MAX {
            faults.push((line, format!("{options} options, at most {OPTIONS_MAX}")));
        }
    }
    faults
}

/// Names that say nothing, as ends of types' names and beginnings of functions'.
const EMPTY_WORDS: [&str; 5] = ["Manager", "Helper", "Helpers", "Utils", "Handler"];

pub fn names_that_say_something(source: &Source, _: &Names) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (index, line) in source.code.lines().enumerate() {
        let mut words = line.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        while let Some(word) = words.next() {
            let is_type = matches!(word, "struct" | "enum" | "trait" | "type" | "mod");
            let name = if is_type || word == "fn" { words.next().unwrap_or_default() } else { continue };
            let is_empty =
                EMPTY_WORDS.iter().any(|empty| name.ends_with(empty) || name == empty.to_lowercase());
            if (is_type && is_empty) || (word == "fn" && (name.starts_with("do_") || name == "process")) {
                faults.push((index + 1, format!("`{name}` says nothing")));
            }
        }
    }
    faults
}
