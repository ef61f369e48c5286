//! What the generations of Claude differ in, told from a model's name.
//!
//! | generation | thinking | `temperature`, `top_p`, `top_k` | last message | forced calls |
//! |---|---|---|---|---|
//! | Claude up to 3.6 | none | not `temperature` and `top_p` together | anyone's | yes |
//! | Claude 3.7 to 4.5 | a budget of tokens, off by default | as before | anyone's, the model's only without thinking | not with thinking |
//! | Claude 4.6 | adaptive, by effort (budgets are deprecated) | as before | the user's | not with thinking |
//! | Claude 4.7 to 5.4 | adaptive, by effort; a budget is an error | an error | the user's | not with thinking |
//! | Claude 5.5 and later, all Fable and Mythos | adaptive, cannot be turned off | an error | the user's | an error |
//! | models that are not Claude | a budget of tokens, the older form | all | anyone's | yes |
//!
//! | models | most tokens of a reply | asked for where the client sets no limit |
//! |---|---|---|
//! | Claude up to 3.0 | 4096 | 4096 |
//! | Claude 3.5, 3.6 | 8192 | 8192 |
//! | Claude Opus 4.0, 4.1 | 32 000 | 16 384 |
//! | any other Claude | 64 000 or more | 16 384 |
//! | models that are not Claude | unknown | 4096: all current models, and small contexts, have room for it |
//!
//! A reply is held to a schema (`output_config.format`) by Claude Opus 4.1 and all models from 4.5 on; a server of a
//! model of its own is taken to do so too.
//!
//! Sources: <https://platform.claude.com/docs/en/about-claude/models/overview>, the pages on
//! [thinking](https://platform.claude.com/docs/en/build-with-claude/thinking) and
//! [structured outputs](https://platform.claude.com/docs/en/build-with-claude/structured-outputs), and the migration
//! guides beside them. Of Claude Sonnet 5.5 and Haiku 5.5 not every row is known; they are taken to be as strict as
//! Opus 5.5, which costs a note and never an error.

/// The `max_tokens` of a request that sets none; Anthropic demands one. A budget for thinking comes on top.
const TOKENS_DEFAULT: u64 = 16_384;
/// The same for models of which nothing is known.
const TOKENS_DEFAULT_UNKNOWN: u64 = 4096;

/// What a model understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Generation {
    /// A server that speaks the dialect for a model of its own.
    Foreign,
    /// Claude up to 3.6.
    Thoughtless,
    /// Claude 3.7 to 4.5.
    Budgets,
    /// Claude 4.6.
    Adaptive,
    /// Claude 4.7 to 5.4, also a Claude without a number in its name.
    AdaptiveOnly,
    /// Claude 5.5 and later, and the families that think before every answer.
    AlwaysOn,
}

/// Who may have the last word in the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastWord {
    /// Also the model, whose answer then goes on from there.
    Anyone,
    /// Only the user.
    User,
}

/// What is known of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Model {
    /// Its generation.
    pub(super) generation: Generation,
    /// The most tokens a reply may have.
    pub(super) tokens_max: u64,
    /// Whether it holds a reply to a schema.
    pub(super) holds_to_schemas: bool,
}

impl Model {
    /// The model called `name`. Platforms put prefixes before the name and dates behind it.
    pub(super) fn named(name: &str) -> Self {
        let mut words = name.split(['-', '.', '@', ':', '/', '_']);
        if !words.any(|word| word == "claude") {
            return Self { generation: Generation::Foreign, tokens_max: u64::MAX, holds_to_schemas: true };
        }
        let has = |family: &str| name.split(['-', '.', '@', ':', '/', '_']).any(|word| word == family);
        // A number of three digits or more is a date. A word that is none, such as the family, may stand before the
        // version.
        let number = |word: &str| word.parse::<u32>().ok().filter(|_| word.len() <= 2);
        let major = words.by_ref().find_map(number);
        let version = (major.unwrap_or(u32::MAX), words.next().and_then(number).unwrap_or(0));
        let generation = match version {
            _ if has("fable") || has("mythos") => Generation::AlwaysOn,
            (..=2, _) | (3, ..=6) => Generation::Thoughtless,
            (3, _) | (4, ..=5) => Generation::Budgets,
            (4, 6) => Generation::Adaptive,
            (4, _) | (5, ..=4) | (u32::MAX, _) => Generation::AdaptiveOnly,
            _ => Generation::AlwaysOn,
        };
        let tokens_max = match version {
            (..=2, _) | (3, ..=4) => 4096,
            (3, 5..=6) => 8192,
            (4, ..=1) if has("opus") => 32_000,
            _ => 64_000,
        };
        Self { generation, tokens_max, holds_to_schemas: version >= (4, 1) }
    }

    /// The `max_tokens` of a request that sets none.
    pub(super) fn tokens_default(self) -> u64 {
        match self.generation {
            Generation::Foreign => TOKENS_DEFAULT_UNKNOWN,
            Generation::Thoughtless
            | Generation::Budgets
            | Generation::Adaptive
            | Generation::AdaptiveOnly
            | Generation::AlwaysOn => TOKENS_DEFAULT.min(self.tokens_max),
        }
    }
}

impl Generation {
    /// Who may have the last word.
    pub(super) fn last_word(self) -> LastWord {
        match self {
            Generation::Foreign | Generation::Thoughtless | Generation::Budgets => LastWord::Anyone,
            Generation::Adaptive | Generation::AdaptiveOnly | Generation::AlwaysOn => LastWord::User,
        }
    }

    /// Whether a call of a tool can be demanded.
    pub(super) fn takes_forced_calls(self) -> bool {
        self != Generation::AlwaysOn
    }
}
