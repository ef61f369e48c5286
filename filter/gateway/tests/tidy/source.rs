//! A source file as the rules see it: as it is, without comments, and without comments and strings.

/// One file.
pub struct Source {
    /// The path inside the repository, with `/`.
    pub path: String,
    /// What stands in it.
    pub text: String,
    /// The same with blanks for comments; lines and columns stay.
    pub spoken: String,
    /// The same with blanks for comments and for what is inside strings and characters.
    pub code: String,
}

/// What the reader is inside of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Code,
    LineComment,
    /// Block comments nest.
    BlockComment(usize),
    String,
    /// A raw string, ended by a quote and this many `#`.
    RawString(usize),
}

impl Source {
    /// The file at `path` with `text` in it.
    pub fn new(path: &str, text: &str) -> Self {
        let (mut spoken, mut code) = (String::new(), String::new());
        let letters: Vec<char> = text.chars().collect();
        let mut inside = Inside::Code;
        let mut at = 0;
        while at < letters.len() {
            let (next, used) = step(inside, &letters, at);
            for &letter in &letters[at..at + used] {
                let is_comment = matches!(next, Inside::LineComment | Inside::BlockComment(_))
                    || matches!(inside, Inside::LineComment | Inside::BlockComment(_));
                let is_string = !matches!(inside, Inside::Code) || (next == Inside::Code && used > 1);
                let blank = if letter == '\n' { '\n' } else { ' ' };
                spoken.push(if is_comment { blank } else { letter });
                code.push(if is_comment || is_string { blank } else { letter });
            }
            inside = next;
            at += used;
        }
        Self { path: path.to_owned(), text: text.to_owned(), spoken, code }
    }

    /// Whether everything in the file is there for tests.
    pub fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs") || self.path.ends_with("_tests.rs")
    }

    /// Whether the file is inside `folder`.
    pub fn is_in(&self, folder: &str) -> bool {
        self.path.starts_with(folder)
    }

    /// The name of the folder right below `parent` that the file is in.
    pub fn folder_below(&self, parent: &str) -> Option<&str> {
        self.path.strip_prefix(parent)?.split_once('/').map(|(folder, _)| folder)
    }

    /// The numbers of the lines of `code` in which `word` stands as a whole word.
    pub fn lines_with(&self, word: &str) -> Vec<usize> {
        lines_with(&self.code, word)
    }
}

/// The numbers of the lines of `text` in which `word` stands, not as a part of a longer name.
pub fn lines_with(text: &str, word: &str) -> Vec<usize> {
    let is_name =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    let stands = |line: &str| {
        line.match_indices(word).any(|(at, _)| {
            !is_name(line[..at].chars().next_back()) && !is_name(line[at + word.len()..].chars().next())
        })
    };
    text.lines().enumerate().filter(|(_, line)| stands(line)).map(|(index, _)| index + 1).collect()
}

/// What stands at `at` leads to, and how many letters it takes.
fn step(inside: Inside, letters: &[char], at: usize) -> (Inside, usize) {
    let next = |offset: usize| letters.get(at + offset).copied().unwrap_or('\0');
    let pair = (next(0), next(1));
    match inside {
        Inside::LineComment if pair.0 == '\n' => (Inside::Code, 1),
        Inside::BlockComment(depth) if pair == ('*', '/') => {
            (if depth == 1 { Inside::Code } else { Inside::BlockComment(depth - 1) }, 2)
        }
        Inside::BlockComment(depth) if pair == ('/', '*') => (Inside::BlockComment(depth + 1), 2),
        Inside::String if pair.0 == '\\' => (Inside::String, 2.min(letters.len() - at)),
        Inside::String if pair.0 == '"' => (Inside::Code, 1),
        Inside::RawString(marks) if pair.0 == '"' && (1..=marks).all(|offset| next(offset) == '#') => {
            (Inside::Code, 1 + marks)
        }
        Inside::Code => begin(letters, at),
        Inside::LineComment | Inside::BlockComment(_) | Inside::String | Inside::RawString(_) => (inside, 1),
    }
}

/// What begins at `at` in code.
fn begin(letters: &[char], at: usize) -> (Inside, usize) {
    let next = |offset: usize| letters.get(at + offset).copied().unwrap_or('\0');
    let is_in_name = at > 0 && (letters[at - 1].is_alphanumeric() || letters[at - 1] == '_');
    match (next(0), next(1)) {
        ('/', '/') => (Inside::LineComment, 2),
        ('/', '*') => (Inside::BlockComment(1), 2),
        ('"', _) => (Inside::String, 1),
        ('r', '"' | '#') if !is_in_name || letters[at - 1] == 'b' => {
            let marks = (1..).take_while(|&offset| next(offset) == '#').count();
            if next(1 + marks) == '"' { (Inside::RawString(marks), 2 + marks) } else { (Inside::Code, 1) }
        }
        // A character, not a lifetime: taken whole, so that a quote in it opens no string.
        ('\'', '\\') => {
            let end = (3..12).find(|&offset| next(offset) == '\'');
            (Inside::Code, end.map_or(1, |end| end + 1))
        }
        ('\'', _) if next(2) == '\'' => (Inside::Code, 3),
        _ => (Inside::Code, 1),
    }
}

/// A function: its name, the line it begins at, and how many lines it takes.
pub struct Function {
    pub name: String,
    pub line: usize,
    pub lines: usize,
}

/// The functions with a body in `code`, which holds neither comments nor strings.
pub fn functions(code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let is_word = !code[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
        let rest = &code[at + 3..];
        let name: String =
            rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
        if !is_word || name.is_empty() {
            continue;
        }
        let Some(body) = block(rest) else { continue };
        let line = code[..at].lines().count().max(1);
        let line = if code[..at].ends_with('\n') { line + 1 } else { line };
        found.push(Function { name, line, lines: body.matches('\n').count() + 1 });
    }
    found
}

/// From the beginning of `rest` to the end of the first block in it; `None` if a `;` comes first.
pub fn block(rest: &str) -> Option<&str> {
    let (mut depth, mut nested) = (0usize, 0usize);
    for (at, letter) in rest.char_indices() {
        match letter {
            '(' | '[' => nested += 1,
            ')' | ']' => nested = nested.saturating_sub(1),
            ';' if depth == 0 && nested == 0 => return None,
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(&rest[..=at]);
                }
            }
            _ => {}
        }
    }
    None
}
