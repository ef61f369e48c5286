//! From a file to a compiled configuration, or to everything that is wrong with it.

use std::path::{Path as FilePath, PathBuf};
use std::{env, fs, io};

use tollgate_gateway::config::{Compiled, Problem, Written, compile};

use crate::yaml::{self, Extent, Node, Span, SyntaxError, without_consequences};

/// A configuration that was read and is right.
#[derive(Debug)]
pub struct Loaded {
    /// What it means.
    pub compiled: Compiled,
    /// Every file that was read, absolute.
    pub files: Vec<PathBuf>,
}

/// Why there is no configuration.
#[derive(Debug)]
pub enum LoadError {
    /// The file cannot be read.
    Unreadable(io::Error),
    /// The file is not text in UTF-8; with the line and the column where that shows, counted from one.
    Encoding(usize, usize),
    /// The text is not YAML.
    Syntax(String, SyntaxError),
    /// The configuration has mistakes.
    Wrong(Box<Mistakes>),
}

/// What is wrong with a configuration, and what it takes to point there.
#[derive(Debug)]
pub struct Mistakes {
    /// The configuration as it was written.
    pub text: String,
    /// The same as a tree.
    pub node: Node,
    /// The mistakes in the order they were found.
    pub problems: Vec<Problem>,
    /// What comes after the document and does not belong there.
    pub stopped: Option<(Span, String)>,
    /// Whether there may be more.
    pub extent: Extent,
}

/// Loads `file`; keys are looked up by `env`.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load(file: &FilePath, env: &dyn Fn(&str) -> Option<String>) -> Result<Loaded, LoadError> {
    let bytes = fs::read(file).map_err(LoadError::Unreadable)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let well = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(error.as_bytes().get(..well).unwrap_or_default()).into_owned();
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        LoadError::Encoding(before.matches('\n').count() + 1, column)
    })?;
    let absolute = fs::canonicalize(file).map_err(LoadError::Unreadable)?;
    Ok(Loaded { compiled: read(&text, env)?, files: vec![absolute] })
}

/// Reads a configuration from text.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(text: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Compiled, LoadError> {
    let mut problems = Vec::new();
    let (node, stopped) = match yaml::read(text, &mut problems) {
        Ok(node) => (node, None),
        Err(SyntaxError { before: Some(node), span, message }) => (node, Some((span, message))),
        Err(error) => return Err(LoadError::Syntax(text.to_owned(), error)),
    };
    let mut extent = Extent::Whole;
    match yaml::read_all::<Written>(node.clone(), &mut problems).map(|written| compile(&written, env)) {
        Ok(Ok(compiled)) if problems.is_empty() && stopped.is_none() => return Ok(compiled),
        Ok(Ok(_)) => {}
        Ok(Err(found)) => {
            let found = without_consequences(&problems, found);
            problems.extend(found);
        }
        // It is not compiled: what was not read would be missing, and nobody left it out.
        Err(read) => extent = read,
    }
    let mistakes = Mistakes { text: text.to_owned(), node, problems, stopped, extent };
    Err(LoadError::Wrong(Box::new(mistakes)))
}

/// The environment of this process.
pub fn environment(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// An environment in which every key is present.
pub fn every_key(_: &str) -> Option<String> {
    Some("assumed".to_owned())
}
