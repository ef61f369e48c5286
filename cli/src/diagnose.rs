//! Mistakes as people read them: file, line, column, the line itself, and what to write instead.
//!
//! A key that was pasted into the configuration is not shown: whatever stands where a key is written is masked.

use std::path::Path as FilePath;

use ariadne::{Color, Config, Label, Report, ReportKind, Source};
use tollgate_gateway::config::Problem;

use crate::load::{LoadError, Mistakes};
use crate::yaml::{Extent, Node, Span, Value};

/// How many mistakes are shown: nobody reads more before correcting some.
const SHOWN_MAX: usize = 100;

/// Whether messages may carry colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// For a terminal.
    Colours,
    /// For everything else.
    Plain,
}

/// Everything that is wrong with `file`, as text.
pub fn explain(file: &FilePath, error: &LoadError, paint: Paint) -> String {
    let name = file.display().to_string();
    match error {
        LoadError::Unreadable(error) => format!("error: {name} cannot be read: {error}\n"),
        LoadError::Syntax(text, error) => {
            let page = Page::new(&name, text, paint);
            let report = Entry { span: error.span, path: String::new(), message: &error.message, help: "" };
            format!("{}\n{name}: not YAML\n", page.print(&report))
        }
        LoadError::Wrong(mistakes) => list(&name, mistakes, paint),
    }
}

fn list(name: &str, mistakes: &Mistakes, paint: Paint) -> String {
    let Mistakes { text, node, problems, extent } = mistakes;
    let page = Page::new(name, masked(text, node), paint);
    let mut entries: Vec<Entry<'_>> = problems.iter().map(|problem| Entry::new(problem, node)).collect();
    entries.sort_by_key(|entry| entry.span.start);
    let reports: String = entries.iter().take(SHOWN_MAX).map(|entry| page.print(entry) + "\n").collect();
    let count = match entries.len() {
        1 => "1 mistake".to_owned(),
        count if count > SHOWN_MAX => format!("{count} mistakes, the first {SHOWN_MAX} of them above"),
        count => format!("{count} mistakes"),
    };
    let more = match extent {
        Extent::Whole => "",
        Extent::Part => ", and there are more: the rest was not checked",
    };
    format!("{reports}{name}: {count}{more}\n")
}

struct Entry<'a> {
    span: Span,
    path: String,
    message: &'a str,
    help: &'a str,
}

impl<'a> Entry<'a> {
    fn new(problem: &'a Problem, node: &Node) -> Self {
        let span = node.locate(&problem.path, problem.at);
        Self { span, path: problem.path.to_string(), message: &problem.message, help: &problem.help }
    }
}

/// A file as it is shown.
struct Page<'a> {
    name: &'a str,
    source: Source<String>,
    config: Config,
}

impl<'a> Page<'a> {
    fn new(name: &'a str, text: impl Into<String>, paint: Paint) -> Self {
        let config = Config::default().with_color(paint == Paint::Colours);
        Self { name, source: Source::from(text.into()), config }
    }

    /// The message stands in the headline too, since there may be no line to point into.
    fn print(&self, entry: &Entry<'_>) -> String {
        let range = self.range(entry.span);
        let subject = if entry.path.is_empty() { self.name } else { &entry.path };
        let label = Label::new((self.name, range.clone())).with_message(entry.message).with_color(Color::Red);
        let mut report = Report::build(ReportKind::Error, (self.name, range))
            .with_config(self.config)
            .with_message(format!("{subject}: {}", entry.message))
            .with_label(label);
        if !entry.help.is_empty() {
            report.set_help(entry.help);
        }
        let mut out = Vec::new();
        match report.finish().write((self.name, &self.source), &mut out) {
            Ok(()) => String::from_utf8_lossy(&out).into_owned(),
            Err(_) => format!("{subject}: {}\n", entry.message),
        }
    }

    /// Within the text: what is missing at its end is missed where the last line ends.
    fn range(&self, span: Span) -> std::ops::Range<usize> {
        let last = self.source.len().saturating_sub(1);
        let start = span.start.min(last);
        start..span.end.clamp(start + 1, last + 1)
    }
}

/// The text with everything masked that stands where a key is written, and every URL with credentials in it.
fn masked(text: &str, node: &Node) -> String {
    let mut spans = Vec::new();
    secrets(node, &mut spans);
    let hide = |position: usize| spans.iter().any(|span| (span.start..span.end).contains(&position));
    text.chars().enumerate().map(|(at, c)| if c != '\n' && hide(at) { '*' } else { c }).collect()
}

fn secrets(node: &Node, spans: &mut Vec<Span>) {
    match &node.value {
        Value::Mapping(entries) => {
            for entry in entries {
                match (entry.key.as_str(), &entry.node.value) {
                    ("key", value) if !is_reference(value) => spans.push(entry.node.span),
                    ("url", Value::Text(url)) if url.contains('@') => spans.push(entry.node.span),
                    _ => secrets(&entry.node, spans),
                }
            }
        }
        Value::Sequence(items) => items.iter().for_each(|item| secrets(item, spans)),
        Value::Null | Value::TakenOut | Value::Bool(_) | Value::Integer(_) | Value::Text(_) => {}
    }
}

/// Whether the value is `{env: NAME}` and nothing else.
fn is_reference(value: &Value) -> bool {
    let is_name =
        |text: &str| text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    match value {
        Value::Mapping(entries) => entries
            .iter()
            .all(|it| it.key == "env" && matches!(&it.node.value, Value::Text(text) if is_name(text))),
        _ => false,
    }
}
