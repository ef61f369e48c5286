//! What the generations of Claude differ in, told from a model's name.
//!
//! | generation | thinking | `temperature`, `top_p`, `top_k` |
//! |---|---|---|
//! | Claude up to 4.5 | a budget of tokens | not `temperature` and `top_p` together |
//! | Claude 4.6 | adaptive, by effort (budgets are deprecated) | as before |
//! | Claude 4.7 and later | adaptive, by effort; a budget is an error | an error |
//! | models that are not Claude | a budget of tokens, the older form | all |
//!
//! Sources: <https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking> and the migration guides
//! beside it.

/// What a model understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Generation {
    /// A server that speaks the dialect for a model of its own.
    Foreign,
    /// Claude up to 4.5.
    Budgets,
    /// Claude 4.6.
    Adaptive,
    /// Claude 4.7 and later, also a Claude without a number in its name.
    AdaptiveOnly,
}

/// The generation that the model called `name` belongs to. Platforms put prefixes before the name and dates behind it.
pub(super) fn generation(name: &str) -> Generation {
    let mut words = name.split(['-', '.', '@', ':', '/', '_']);
    if !words.any(|word| word == "claude") {
        return Generation::Foreign;
    }
    // A number of three digits or more is a date. A word that is none, such as the family, may stand before the version.
    let number = |word: &str| word.parse::<u32>().ok().filter(|_| word.len() <= 2);
    let version = words.by_ref().find_map(number);
    let minor = words.next().and_then(number).unwrap_or(0);
    match version.map(|major| (major, minor)) {
        Some(version) if version < (4, 6) => Generation::Budgets,
        Some((4, 6)) => Generation::Adaptive,
        Some(_) | None => Generation::AdaptiveOnly,
    }
}
