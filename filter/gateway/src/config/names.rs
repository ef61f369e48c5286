//! Which names may be given, and the nearest known one to a name that is not known.
//!
//! Names go into cluster names, metrics and headers, so their alphabet is closed here once.

/// The longest name of a provider, in bytes.
const PROVIDER_BYTES_MAX: usize = 63;
/// The longest name of a model, in bytes.
const MODEL_BYTES_MAX: usize = 128;
/// The longest word that distances are computed for, in characters: the cost grows with its square.
const WORD_CHARS_MAX: usize = 64;

/// The known name that was probably meant by `word`, if one is near enough to say so.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = word.chars().count().div_ceil(3).max(1);
    let (distance, name) =
        known.into_iter().map(|name| (distance(word, name), name)).min_by_key(|it| it.0)?;
    (distance <= allowed).then_some(name)
}

/// "did you mean …" where a known name is near, else the list of what is known.
pub(super) fn suggest<'a>(word: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest(word, known.clone()) {
        Some(name) => format!("did you mean `{name}`"),
        None => format!("write one of {}", list(known)),
    }
}

/// The names as text: `a`, `b`, `c`.
pub(super) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Whether `name` may name a provider: it becomes part of the name of an Envoy cluster.
pub(super) fn is_provider_name(name: &str) -> bool {
    let starts_well =
        name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let all_well = name
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_'));
    starts_well && all_well && name.len() <= PROVIDER_BYTES_MAX
}

/// Whether `name` may name a model: it becomes a metric's label and a header's value.
pub(super) fn is_model_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/@+".contains(&byte);
    !name.is_empty() && name.len() <= MODEL_BYTES_MAX && name.bytes().all(allowed)
}

/// Whether `name` may name an environment variable that holds a key.
pub(super) fn is_variable_name(name: &str) -> bool {
    let starts_well = name.bytes().next().is_some_and(|byte| byte.is_ascii_uppercase() || byte == b'_');
    starts_well && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The number of insertions, deletions and replacements between two words (Levenshtein), one row at a time.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().take(WORD_CHARS_MAX).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, from) in left.chars().take(WORD_CHARS_MAX).enumerate() {
        let mut before = line.saturating_add(1);
        let mut next = vec![before];
        for (pair, to) in row.windows(2).zip(&right) {
            if let [above_before, above] = *pair {
                let replaced = above_before.saturating_add(usize::from(from != *to));
                before = replaced.min(above.min(before).saturating_add(1));
                next.push(before);
            }
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
