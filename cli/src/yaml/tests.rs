//! Tables of documents and of what reading says about them, with line and column.

use tollgate_gateway::config::{Problem, Written};

use super::{Node, Span, read, read_all};

/// `line:column path: message` of every mistake that reading finds, in the order found.
fn mistakes(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    match read(text, &mut problems) {
        Err(error) => vec![format!("{} {}", place(text, error.span), error.message)],
        Ok(node) => {
            let _: Result<Written, _> = read_all(node.clone(), &mut problems);
            problems.iter().map(|problem| line(text, &node, problem)).collect()
        }
    }
}

fn line(text: &str, node: &Node, problem: &Problem) -> String {
    let span = node.locate(&problem.path, problem.at);
    format!("{} {}: {}: {}", place(text, span), problem.path, problem.message, problem.help)
}

fn place(text: &str, span: Span) -> String {
    let before: String = text.chars().take(span.start).collect();
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    format!("{}:{column}", before.matches('\n').count() + 1)
}

fn check(text: &str, expected: &[&str]) {
    assert_eq!(mistakes(text), expected, "{text}");
}

#[test]
fn unknown_fields_are_mistakes_with_the_nearest_name() {
    check("versoin: 1", &["1:1 versoin: `versoin` is not a field: did you mean `version`"]);
    check(
        "bounds:\n  stream_idel: 60s",
        &["2:3 bounds.stream_idel: `stream_idel` is not a field: did you mean `stream_idle`"],
    );
    check(
        "listen: {adress: ::1, prot: 1}",
        &[
            "1:10 listen.adress: `adress` is not a field: did you mean `address`",
            "1:23 listen.prot: `prot` is not a field: did you mean `port`",
        ],
    );
    check("translation: {x: 1}", &["1:15 translation.x: `x` is not a field: write one of `unsupported`"]);
}

#[test]
fn mistaken_values_say_what_to_write() {
    check("version: one", &["1:10 version: this is text: write a whole number"]);
    check("response_headers: yes", &["1:19 response_headers: this is text: write true or false"]);
    check("version: -1", &["1:10 version: this is negative: write a positive whole number"]);
    check("listen: {port: -1}", &["1:16 listen.port: this is negative: write a positive whole number"]);
    check("listen: 10000", &["1:9 listen: this is a number: write a mapping"]);
    check(
        "bounds: {request_body: 16}",
        &[
            "1:24 bounds.request_body: `16` has no unit: write one of B, KiB, MiB, GiB after it, such as `16MiB`",
        ],
    );
    check(
        "bounds: {event: [1MiB]}",
        &["1:10 bounds.event: this is a list: write a size with a unit, such as `16MiB`"],
    );
    check(
        "translation: {unsupported: ignore}",
        &["1:28 translation.unsupported: `ignore` is not known here: write one of `drop`, `refuse`"],
    );
    check(
        "providers: {a: {kind: opnai}}",
        &["1:23 providers.a.kind: `opnai` is not known here: did you mean `openai`"],
    );
    check(
        "models: {a: {targets: {provider: b}}}",
        &["1:14 models.a.targets: this is a mapping: write a list"],
    );
}

#[test]
fn one_mistake_does_not_hide_the_next() {
    check(
        "version: x\nlisten: {port: y}\nmodels:\n  a: {targets: [5, {provder: b}], retry: {on: [5xxx, 200, 429]}}\n",
        &[
            "1:10 version: this is text: write a whole number",
            "2:16 listen.port: this is text: write a whole number",
            "4:17 models.a.targets[0]: this is a number: write a mapping",
            "4:21 models.a.targets[1].provder: `provder` is not a field: did you mean `provider`",
            "4:48 models.a.retry.on[0]: `5xxx` is not a failure that can be retried: did you mean `5xx`, or a status from \
         400 to 599",
            "4:54 models.a.retry.on[1]: 200 is not a failure: write a status from 400 to 599",
        ],
    );
}

#[test]
fn repeated_names_are_mistakes_where_they_are_repeated() {
    check(
        "version: 1\nproviders:\n  a: {}\n  a: {}\n",
        &["4:3 providers.a: the name is repeated: write each name once"],
    );
    check("version: 1\nversion: 1\n", &["2:1 version: the name is repeated: write each name once"]);
    check(
        "version: 1\nversion: 1\nversion: 1\n",
        &["2:1 version: the name is repeated: write each name once"],
    );
    check(
        "models: [{a: 1, a: 2}]",
        &[
            "1:17 models[0].a: the name is repeated: write each name once",
            "1:1 models: this is a list: write a mapping",
        ],
    );
}

#[test]
fn what_makes_yaml_surprising_is_refused() {
    check(
        "version: &x 1\nresponse_headers: *x\nbonds: {}",
        &[
            "1:10 version: anchors are not accepted: write the value without one",
            "2:19 response_headers: aliases are not accepted: write the value out where it is used",
            "3:1 bonds: `bonds` is not a field: did you mean `bounds`",
        ],
    );
    check(
        "models: {a: {targets: [&x {provider: b}, *x]}}",
        &[
            "1:24 models.a.targets[0]: anchors are not accepted: write the value without one",
            "1:42 models.a.targets[1]: aliases are not accepted: write the value out where it is used",
        ],
    );
    check("version: *x", &["1:10 aliases are not accepted: write the value out where it is used"]);
    check("version: !!int 1", &["1:10 version: tags are not accepted: write the plain value"]);
    check("version: 1\n---\nversion: 1", &["2:1 there is a second document: write everything in one"]);
    check("? [a]\n: b", &["1:3 a name cannot be a collection: write plain text before the colon"]);
    let deep = format!("{}{}", "[".repeat(33), "]".repeat(33));
    check(&deep, &["1:33 the nesting is deeper than 32"]);
    let less = format!("a: {}{}", "[".repeat(31), "]".repeat(31));
    check(
        &less,
        &["1:1 a: `a` is not a field: write one of `version`, `listen`, `admin`, `bounds`, `translation`, \
                    `response_headers`, `forward_headers`, `other_paths`, `providers`, `models`"],
    );
}

#[test]
fn a_bomb_of_aliases_is_refused_before_it_grows() {
    let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n";
    let problems = mistakes(bomb);
    assert_eq!(
        problems.iter().filter(|it| it.contains("aliases are not accepted")).count(),
        4,
        "{problems:?}"
    );
    let many = format!("a: &a x\nb: [{}]", "*a, ".repeat(10_000));
    assert!(mistakes(&many).len() <= 101);
}

#[test]
fn what_is_no_yaml_is_reported_where_reading_stopped() {
    let problems = mistakes("version: 1\nlisten: {port: 1\n");
    assert!(problems.len() == 1 && problems[0].starts_with("3:1 "), "{problems:?}");
}

#[test]
fn nothing_written_is_nothing_and_quotes_make_text() {
    check("", &[]);
    check("listen:\nbounds: ~\nmodels: {a: }\n", &[]);
    check("version: '1'", &["1:10 version: this is text: write a whole number"]);
    check("version: 1.0", &["1:10 version: this is text: write a whole number"]);
    check("version: 99999999999999999999", &["1:10 version: this is text: write a whole number"]);
}

#[test]
fn names_keep_their_order() {
    let node = read("models: {z: {}, a: {}, m: {}}", &mut Vec::new()).unwrap();
    let written: Result<Written, _> = read_all(node, &mut Vec::new());
    let names: Vec<String> = written.unwrap().models.unwrap().0.into_iter().map(|entry| entry.0).collect();
    assert_eq!(names, ["z", "a", "m"]);
}

#[test]
fn a_word_without_a_value_is_not_repeated_unless_it_is_nearly_a_field() {
    check(
        "bounds: {sk-pasted}",
        &[
            "1:1 bounds: there is a word that is not a field: write one of `request_body`, `response_body`, `event`, \
           `stream_idle`, `connect_timeout`",
        ],
    );
    check("bounds: {evnt}", &["1:10 bounds.evnt: `evnt` is not a field: did you mean `event`"]);
}

#[test]
fn a_pasted_key_is_not_repeated() {
    for text in [
        "providers: {a: {key: sk-pasted}}",
        "providers: {a: {key: {sk-pasted}}}",
        "providers: {a: {key: [sk-pasted]}}",
    ] {
        let problems = mistakes(text);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains("this is not where a key is: write `key: {env: NAME_OF_THE_VARIABLE}`"));
        assert!(!problems[0].split_once(": ").unwrap().1.contains("sk-pasted"), "{problems:?}");
    }
}
