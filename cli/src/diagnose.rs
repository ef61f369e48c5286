//! Mistakes as people read them: file, line, column, the line itself, and what to write instead.
//!
//! A key that was pasted into the configuration is not shown.

use std::path::Path as FilePath;

use ariadne::{Color, Config, Label, Report, ReportKind, Source};
use tollgate_gateway::config::Problem;

use crate::load::{LoadError, Mistakes};
use crate::mask::{masked, masked_words};
use crate::yaml::{Extent, Node, Span};

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
        LoadError::Encoding(line, column) => {
            format!("error: {name}:{line}:{column}: this is not UTF-8: save the file in that encoding\n")
        }
        LoadError::Syntax(text, error) => {
            let page = Page::new(&name, masked_words(text), paint);
            let report = Entry::of_text(error.span, &error.message);
            format!("{}\n{name}: 1 mistake, and the rest was not checked\n", page.print(&report))
        }
        LoadError::Wrong(mistakes) => list(&name, mistakes, paint),
    }
}

fn list(name: &str, mistakes: &Mistakes, paint: Paint) -> String {
    let Mistakes { text, node, problems, stopped, extent } = mistakes;
    let page = Page::new(name, masked(text, node), paint);
    let mut entries: Vec<Entry<'_>> = problems.iter().map(|problem| Entry::new(problem, node)).collect();
    let after = stopped.as_ref().map(|(span, message)| Entry::of_text(*span, message));
    entries.extend(after);
    entries.sort_by_key(|entry| entry.span.start);
    let reports: String = entries.iter().take(SHOWN_MAX).map(|entry| page.print(entry) + "\n").collect();
    let count = match entries.len() {
        1 => "1 mistake".to_owned(),
        count if count > SHOWN_MAX => format!("{count} mistakes, the first {SHOWN_MAX} of them above"),
        count => format!("{count} mistakes"),
    };
    let more = match extent {
        Extent::Whole => "",
        Extent::Part => " and more: the rest was not checked",
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
    /// About the text and not about a value in it.
    fn of_text(span: Span, message: &'a str) -> Self {
        Self { span, path: String::new(), message, help: "" }
    }

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
    fn new(name: &'a str, text: String, paint: Paint) -> Self {
        let config = Config::default().with_color(paint == Paint::Colours);
        Self { name, source: Source::from(text), config }
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
