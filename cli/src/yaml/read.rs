//! From text to tree. It stops at the first thing that is not YAML, and collects what is YAML but not accepted.

use saphyr_parser::{Event, Parser, ScalarStyle};
use tollgate_gateway::config::{Path, Problem, Step};

use super::tree::{Entry, Node, Span, Value};

/// The largest document that is read, in bytes.
const DOCUMENT_BYTES_MAX: usize = 4 << 20;
/// The deepest nesting that is read.
const DEPTH_MAX: usize = 32;

/// How many things that are not accepted are noted: a large document may consist of nothing else.
const NOTED_MAX: usize = 100;

/// What is YAML and not accepted, with what to write instead.
const ALIAS: (&str, &str) = ("aliases are not accepted", "write the value out where it is used");
const ANCHOR: (&str, &str) = ("anchors are not accepted", "write the value without one");
const TAG: (&str, &str) = ("tags are not accepted", "write the plain value");

/// Text that is not YAML, or not one document of it.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntaxError {
    /// Where reading stopped.
    pub span: Span,
    /// What is wrong there.
    pub message: String,
    /// The document before that, where it is whole.
    pub before: Option<Node>,
}

impl SyntaxError {
    fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), before: None }
    }
}

/// Reads one document; mistakes that leave the tree readable are appended to `problems`.
///
/// # Errors
/// What makes the text unreadable as one YAML document.
pub fn read(text: &str, problems: &mut Vec<Problem>) -> Result<Node, SyntaxError> {
    if text.len() > DOCUMENT_BYTES_MAX {
        let message = format!("the file is larger than {DOCUMENT_BYTES_MAX} bytes");
        return Err(SyntaxError::new(Span::default(), message));
    }
    let mut reader = Reader { open: Vec::new(), root: None, problems };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let at = error.marker().index();
            let message = match error.info() {
                info if info.contains("unknown anchor") => format!("{}: {}", ALIAS.0, ALIAS.1),
                info => info.to_owned(),
            };
            SyntaxError::new(Span { start: at, end: at + 1 }, message)
        })?;
        reader.take(event, Span { start: span.start.index(), end: span.end.index() })?;
    }
    Ok(reader.root.unwrap_or(Node { span: Span::default(), value: Value::Null }))
}

/// A collection whose end has not been read.
enum Open {
    Sequence { start: usize, items: Vec<Node> },
    Mapping { start: usize, entries: Vec<Entry>, key: Option<(String, Span)> },
}

struct Reader<'a> {
    open: Vec<Open>,
    root: Option<Node>,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), SyntaxError> {
        if let Event::Scalar(_, _, anchor, tag)
        | Event::SequenceStart(anchor, tag)
        | Event::MappingStart(anchor, tag) = &event
        {
            self.note((*anchor != 0).then_some(ANCHOR));
            self.note(tag.is_some().then_some(TAG));
        }
        match event {
            Event::Alias(_) => {
                self.note(Some(ALIAS));
                return self.place(Node { span, value: Value::TakenOut }, None);
            }
            Event::DocumentStart(_) if self.root.is_some() => {
                let error = SyntaxError::new(span, "there is a second document: write everything in one");
                return Err(SyntaxError { before: self.root.take(), ..error });
            }
            Event::SequenceStart(..) | Event::MappingStart(..) if self.open.len() >= DEPTH_MAX => {
                return Err(SyntaxError::new(span, format!("the nesting is deeper than {DEPTH_MAX}")));
            }
            Event::SequenceStart(..) => {
                self.open.push(Open::Sequence { start: span.start, items: Vec::new() })
            }
            Event::MappingStart(..) => {
                self.open.push(Open::Mapping { start: span.start, entries: Vec::new(), key: None });
            }
            Event::SequenceEnd | Event::MappingEnd => return self.close(span),
            Event::Scalar(text, style, _, _) => {
                return self.place(Node { span, value: scalar(&text, style) }, Some(text.into_owned()));
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<(), SyntaxError> {
        let (start, value) = match self.open.pop() {
            Some(Open::Sequence { start, items }) => (start, Value::Sequence(items)),
            Some(Open::Mapping { start, entries, .. }) => (start, Value::Mapping(entries)),
            None => return Ok(()),
        };
        self.place(Node { span: Span { start, end: span.end }, value }, None)
    }

    /// Puts a complete value where it belongs; `text` is a scalar's text as written, which is what a key is made of.
    fn place(&mut self, node: Node, text: Option<String>) -> Result<(), SyntaxError> {
        let path = self.path(self.open.len().saturating_sub(1));
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::Sequence { items, .. }) => items.push(node),
            Some(Open::Mapping { entries, key, .. }) => match key.take() {
                None => {
                    let message = "a name cannot be a collection: write plain text before the colon";
                    *key = Some((text.ok_or_else(|| SyntaxError::new(node.span, message))?, node.span));
                }
                Some((name, span)) => match entries.iter_mut().find(|entry| entry.key == name) {
                    None => entries.push(Entry { key: name, key_span: span, repeated: Vec::new(), node }),
                    Some(entry) => {
                        entry.repeated.push((span, node.span));
                        if entry.repeated.len() == 1 {
                            let path = path.field(&name);
                            let problem = Problem::key(path, "the name is repeated", "write each name once");
                            self.problems.push(problem);
                        }
                    }
                },
            },
        }
        Ok(())
    }

    /// Notes what is not accepted of the value that begins now, which is read all the same.
    fn note(&mut self, refused: Option<(&str, &str)>) {
        if let Some((message, help)) = refused.filter(|_| self.problems.len() < NOTED_MAX) {
            let problem = Problem::value(self.path(self.open.len()), message, help);
            self.problems.push(problem);
        }
    }

    /// The path to what is read inside the first so many open collections.
    fn path(&self, depth: usize) -> Path {
        let step = |open: &Open| match open {
            Open::Sequence { items, .. } => Some(Step::Index(items.len())),
            Open::Mapping { key, .. } => key.as_ref().map(|(name, _)| Step::Field(name.clone())),
        };
        Path::from(self.open.iter().take(depth).filter_map(step).collect::<Vec<_>>())
    }
}

/// What a scalar means: YAML's core schema, without fractions, which the configuration has none of.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::Text(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => text.parse().map_or_else(|_| Value::Text(text.to_owned()), Value::Integer),
    }
}
