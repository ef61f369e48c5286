//! What a machine can check of the rules that the code is written by, over `filter/`, `cli/` and `xtask/`.
//!
//! The checks read text, not types: they see what a reader sees. Each rule stands in `RULES` with its reason and with
//! one text that breaks it and one that does not, so that a rule that no longer catches anything is noticed.

#[path = "tidy/rules.rs"]
mod rules;
#[path = "tidy/source.rs"]
mod source;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use rules::{Fault, Names};
use source::Source;

/// A rule, why it holds, and two files that show it.
struct Rule {
    name: &'static str,
    why: &'static str,
    check: fn(&Source, &Names) -> Vec<Fault>,
    broken: (&'static str, &'static str),
    kept: (&'static str, &'static str),
}

/// Nothing but blank lines: more than a file may have.
const LONG: &str = include_str!("tidy/long.txt");

const RULES: [Rule; 16] = [
    Rule {
        name: "file length",
        why: "a file is read in one sitting, a mod.rs at a glance",
        check: rules::file_length,
        broken: ("filter/gateway/src/edge/mod.rs", LONG),
        kept: ("filter/gateway/src/edge/long.rs", LONG),
    },
    Rule {
        name: "function length",
        why: "a function fits on a screen",
        check: rules::function_length,
        broken: ("cli/src/main.rs", LONG),
        kept: ("cli/src/main.rs", "fn main() {\n    /* } */ let text = \"}\";\n}\n"),
    },
    Rule {
        name: "module docs",
        why: "the first lines say what a module decides and what it never does",
        check: rules::module_docs,
        broken: ("xtask/src/ui.rs", "use std::io;\n"),
        kept: ("xtask/src/ui.rs", "//! Talks to people.\n"),
    },
    Rule {
        name: "the shell alone knows Envoy",
        why: "whatever could run on a laptop without a proxy belongs in the gateway",
        check: rules::shell_only,
        broken: ("filter/gateway/src/edge/mod.rs", "use proxy_wasm::types::Action;\n"),
        kept: ("filter/src/stream.rs", "use proxy_wasm::types::Action;\n"),
    },
    Rule {
        name: "one door to the host",
        why: "a call into Envoy that is not total ends the worker",
        check: rules::one_door_to_the_host,
        broken: ("filter/src/stream.rs", "let now = proxy_wasm::hostcalls::get_current_time();\n"),
        kept: ("filter/src/host.rs", "unsafe { log() }\n"),
    },
    Rule {
        name: "rooms apart",
        why: "only edge and attempt know the order of the rooms",
        check: rules::rooms_apart,
        broken: ("filter/gateway/src/policies/pii/mod.rs", "use crate::policies::guard::Verdict;\n"),
        kept: ("filter/gateway/src/policies/pii/mod.rs", "use crate::policies::pii::Mask;\n"),
    },
    Rule {
        name: "dialects apart",
        why: "a translation goes through the chat, never from pair to pair",
        check: rules::dialects_apart,
        broken: (
            "filter/gateway/src/dialects/gemini_content/reply.rs",
            "use crate::dialects::bedrock_converse;\n",
        ),
        kept: ("filter/gateway/src/dialects/gemini_content/reply.rs", "// Unlike bedrock_converse.\n"),
    },
    Rule {
        name: "arrows point one way",
        why: "edge and attempt can become two artefacts, and values stay values",
        check: rules::arrows,
        broken: ("filter/gateway/src/edge/relay.rs", "use crate::attempt::Attempt;\n"),
        kept: ("filter/gateway/src/edge/relay.rs", "use crate::handoff::Handoff;\n"),
    },
    Rule {
        name: "endpoints in their place",
        why: "a provider is data: its address and its key stand in one table",
        check: rules::endpoints_in_their_place,
        broken: ("filter/gateway/src/attempt/mod.rs", "let host = \"api.openai.com\";\n"),
        kept: ("filter/gateway/src/providers/openai.rs", "let host = \"api.openai.com\";\n"),
    },
    Rule {
        name: "honest tests",
        why: "a test that sleeps, is left out or hopes for a panic proves nothing",
        check: rules::honest_tests,
        broken: ("cli/tests/command.rs", "fn wait() { std::thread::sleep(SECOND) }\n"),
        kept: ("xtask/src/ports.rs", "fn wait() { std::thread::sleep(SECOND) }\n"),
    },
    Rule {
        name: "tests are sentences",
        why: "the list of the tests says what the code does",
        check: rules::tests_are_sentences,
        broken: ("cli/src/tests.rs", "#[test]\nfn test_it() {}\n"),
        kept: ("cli/src/tests.rs", "#[test]\nfn an_unknown_field_is_a_mistake() {}\n"),
    },
    Rule {
        name: "nothing left to do",
        why: "what is to be done stands in an issue, not in the code",
        check: rules::nothing_left_to_do,
        broken: ("cli/src/main.rs", concat!("// TO", "DO: write this\n")),
        kept: ("cli/src/main.rs", "// The rest is written by the shell.\n"),
    },
    Rule {
        name: "no private paths",
        why: "the repository works wherever it is cloned to",
        check: rules::no_private_paths,
        broken: ("cli/src/main.rs", concat!("let file = \"/ho", "me/me/gateway.yaml\";\n")),
        kept: ("cli/src/main.rs", "let file = \"config/gateway.yaml\";\n"),
    },
    Rule {
        name: "no dead code in comments",
        why: "the history keeps what was deleted",
        check: rules::no_dead_code_in_comments,
        broken: ("cli/src/main.rs", concat!("/", "/ let old = 1;\n")),
        kept: ("cli/src/main.rs", "/// let example = 1;\n// A sentence.\n"),
    },
    Rule {
        name: "small structs",
        why: "what is on a request's way has few states; many options are states without names",
        check: rules::small_structs,
        broken: (
            "filter/gateway/src/effect.rs",
            "struct A {\n a: Option<u8>,\n b: Option<u8>,\n c: Option<u8>,\n}\n",
        ),
        kept: ("filter/gateway/src/effect.rs", "struct A {\n a: Option<u8>,\n b: Option<u8>,\n c: u8,\n}\n"),
    },
    Rule {
        name: "names that say something",
        why: "a word that fits everything tells nothing",
        check: rules::names_that_say_something,
        broken: ("filter/gateway/src/event.rs", "struct EventHandler;\n"),
        kept: ("filter/gateway/src/event.rs", "struct Event;\nfn processed() {}\n"),
    },
];

fn repository() -> &'static Path {
    let gateway = Path::new(env!("CARGO_MANIFEST_DIR"));
    gateway.ancestors().nth(2).expect("the gateway stands two folders below the root")
}

/// All Rust files below `folder`, without what a build makes.
fn sources(folder: &Path, found: &mut Vec<Source>) {
    let entries = std::fs::read_dir(folder).expect("a source folder can be listed");
    for path in entries.map(|entry| entry.expect("a source folder can be listed").path()) {
        if path.is_dir() && !path.ends_with("target") {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let inside = path.strip_prefix(repository()).expect("below the root");
            let text = std::fs::read_to_string(&path).expect("a source file is text");
            found.push(Source::new(&inside.to_string_lossy().replace('\\', "/"), &text));
        }
    }
}

fn folders_below(sources: &[Source], parent: &str) -> Vec<String> {
    let folders: BTreeSet<_> = sources.iter().filter_map(|source| source.folder_below(parent)).collect();
    folders.into_iter().map(str::to_owned).collect()
}

#[test]
fn the_source_keeps_the_rules() {
    let mut all = Vec::new();
    for folder in ["filter", "cli", "xtask"] {
        sources(&repository().join(folder), &mut all);
    }
    let names = Names {
        dialects: folders_below(&all, "filter/gateway/src/dialects/"),
        rooms: folders_below(&all, "filter/gateway/src/policies/"),
    };
    assert!(all.len() > 50 && names.dialects.len() > 1, "the source was not found");
    let mut report = String::new();
    for rule in &RULES {
        let mut broken = false;
        for source in &all {
            for (line, what) in (rule.check)(source, &names) {
                broken = true;
                let _ = writeln!(report, "{}:{line}: {what}", source.path);
            }
        }
        if broken {
            let _ = writeln!(report, "  rule: {}, because {}\n", rule.name, rule.why);
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn every_rule_tells_broken_from_kept() {
    let names = Names {
        dialects: vec!["bedrock_converse".to_owned(), "gemini_content".to_owned()],
        rooms: vec!["guard".to_owned(), "pii".to_owned()],
    };
    for rule in &RULES {
        let faults = |(path, text)| (rule.check)(&Source::new(path, text), &names);
        assert!(!faults(rule.broken).is_empty(), "{} does not see what breaks it", rule.name);
        assert_eq!(faults(rule.kept), [], "{} sees a fault where none is", rule.name);
    }
}

#[test]
fn comments_and_strings_are_no_code() {
    let text = "a /* b /* c */ */ \"d\\\"\" r#\"e\"\"# 'f' '\"' '\\'' &'g str // h\ni";
    let source = Source::new("x.rs", text);
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words(&source.spoken), "a \"d\\\"\" r#\"e\"\"# 'f' '\"' '\\'' &'g str i");
    assert!(
        ["b", "c", "d", "e", "f", "h"].iter().all(|word| !words(&source.code).contains(word)),
        "{}",
        source.code
    );
    assert!(words(&source.code).ends_with("&'g str i"));
    assert_eq!(source.code.lines().count(), text.lines().count());
}

#[test]
fn functions_are_measured_whole() {
    let code =
        Source::new("x.rs", "trait T { fn none(); }\nfn one() {}\nfn two() -> [u8; 2] {\n  {\n  }\n}\n").code;
    let found: Vec<_> = source::functions(&code).into_iter().map(|it| (it.name, it.line, it.lines)).collect();
    assert_eq!(found, [("one".to_owned(), 2, 1), ("two".to_owned(), 3, 4)]);
}
