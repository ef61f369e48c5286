//! Which encoding counts for which model, and how sure that is.
//!
//! A model of OpenAI's has a known encoding, and its count is exact. For every other family the count in a known encoding,
//! times a factor for the family, is an estimate and says so. The factors lean high, because what is reserved too much is
//! given back and what is reserved too little is already spent.

use crate::{Encoding, Tokens};

/// Whether a count is what the provider counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exactness {
    /// The model's own tokenizer.
    Exact,
    /// Another model's tokenizer, or a rule of thumb.
    Estimate,
}

/// Models that count alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Family {
    /// OpenAI's chat models up to GPT-4.1, its embedding models, and the open-weight gpt-oss.
    OpenAi,
    /// OpenAI's GPT-5 and o-series, which charge one token less for the reply's beginning.
    OpenAiReasoning,
    /// Anthropic's Claude up to 4.6.
    Claude,
    /// Anthropic's Claude from 4.7 on, whose tokens are shorter.
    ClaudeRecent,
    /// Google's Gemini and Gemma.
    Gemini,
    /// Meta's Llama.
    Llama,
    /// Mistral's models.
    Mistral,
    /// Alibaba's Qwen.
    Qwen,
    /// DeepSeek's models.
    DeepSeek,
    /// Moonshot's Kimi.
    Kimi,
    /// Zhipu's GLM.
    Glm,
    /// None of the above.
    Unknown,
}

impl Family {
    /// Tokens of this family per hundred tokens of `o200k_base`, leaning high; a hundred where the count is exact.
    pub const fn factor_percent(self) -> u32 {
        match self {
            Self::OpenAi | Self::OpenAiReasoning => 100,
            Self::Llama | Self::Qwen | Self::DeepSeek | Self::Kimi | Self::Glm => 105,
            Self::Mistral | Self::Gemini => 110,
            Self::Unknown => 120,
            Self::Claude => 125,
            Self::ClaudeRecent => 160,
        }
    }
}

/// How to count for a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    /// The encoding to count in.
    pub encoding: Encoding,
    /// The family, which decides the overhead of a chat.
    pub family: Family,
    /// What to multiply a count by, in hundredths.
    pub factor_percent: u32,
    /// Whether the result is exact for plain text.
    pub exactness: Exactness,
}

/// What a name begins with, or is.
enum Name {
    Prefix(&'static str),
    Whole(&'static str),
}

use Name::{Prefix, Whole};

/// OpenAI's models. The first line that fits counts, so longer prefixes come first.
const OPENAI: &[(Name, Encoding, Family)] = &[
    (Prefix("gpt-oss"), Encoding::O200kHarmony, Family::OpenAi),
    (Prefix("gpt-5-chat"), Encoding::O200kBase, Family::OpenAi),
    (Prefix("gpt-5"), Encoding::O200kBase, Family::OpenAiReasoning),
    (Prefix("gpt-4o"), Encoding::O200kBase, Family::OpenAi),
    (Prefix("chatgpt-4o"), Encoding::O200kBase, Family::OpenAi),
    (Prefix("gpt-4.1"), Encoding::O200kBase, Family::OpenAi),
    (Prefix("gpt-4.5"), Encoding::O200kBase, Family::OpenAi),
    (Prefix("codex-mini"), Encoding::O200kBase, Family::OpenAiReasoning),
    (Prefix("o1"), Encoding::O200kBase, Family::OpenAiReasoning),
    (Prefix("o3"), Encoding::O200kBase, Family::OpenAiReasoning),
    (Prefix("o4"), Encoding::O200kBase, Family::OpenAiReasoning),
    (Whole("gpt-4"), Encoding::Cl100kBase, Family::OpenAi),
    (Prefix("gpt-4-"), Encoding::Cl100kBase, Family::OpenAi),
    (Prefix("gpt-3.5"), Encoding::Cl100kBase, Family::OpenAi),
    (Prefix("gpt-35"), Encoding::Cl100kBase, Family::OpenAi),
    (Prefix("text-embedding-3"), Encoding::Cl100kBase, Family::OpenAi),
    (Prefix("text-embedding-ada-002"), Encoding::Cl100kBase, Family::OpenAi),
    (Whole("ada-002"), Encoding::Cl100kBase, Family::OpenAi),
    (Whole("davinci-002"), Encoding::Cl100kBase, Family::OpenAi),
    (Whole("babbage-002"), Encoding::Cl100kBase, Family::OpenAi),
];

/// Other families, by a word in the name.
const OTHERS: &[(&str, Family)] = &[
    ("claude", Family::Claude),
    ("gemini", Family::Gemini),
    ("gemma", Family::Gemini),
    // Before Llama: distilled models keep the tokenizer of the model they grew from, which is named last.
    ("qwen", Family::Qwen),
    ("qwq", Family::Qwen),
    ("llama", Family::Llama),
    ("mistral", Family::Mistral),
    ("mixtral", Family::Mistral),
    ("ministral", Family::Mistral),
    ("magistral", Family::Mistral),
    ("codestral", Family::Mistral),
    ("devstral", Family::Mistral),
    ("pixtral", Family::Mistral),
    ("deepseek", Family::DeepSeek),
    ("kimi", Family::Kimi),
    ("moonshot", Family::Kimi),
    ("glm", Family::Glm),
];

impl Encoding {
    /// The encoding of one of OpenAI's models by its name; none for any other.
    pub fn for_model(name: &str) -> Option<Self> {
        openai(name).map(|(encoding, _)| encoding)
    }
}

impl Model {
    /// How to count for the model called `name`: exactly for OpenAI's models; otherwise, in the encoding `default`, an
    /// estimate. Understands `ft:` before a name and a provider before a slash or dot.
    pub fn named(name: &str, default: Encoding) -> Self {
        if let Some((encoding, family)) = openai(name) {
            return Self { encoding, family, factor_percent: 100, exactness: Exactness::Exact };
        }
        Self::estimated(other(name), default)
    }

    /// How to estimate for a family.
    pub const fn estimated(family: Family, encoding: Encoding) -> Self {
        Self { encoding, family, factor_percent: family.factor_percent(), exactness: Exactness::Estimate }
    }

    /// A count in the model's encoding as a count for the model.
    pub(crate) fn scaled(&self, tokens: Tokens) -> Tokens {
        tokens.percent(self.factor_percent)
    }
}

/// The name without what routers and catalogues put before it.
fn bare(name: &str) -> &str {
    let name = name.rsplit_once('/').map_or(name, |(_, name)| name);
    // A fine-tuned model is `ft:<model>:<owner>:…`.
    name.strip_prefix("ft:").map_or(name, |name| name.split(':').next().unwrap_or(name))
}

fn openai(name: &str) -> Option<(Encoding, Family)> {
    let name = bare(name);
    // Bedrock's catalogue writes `openai.gpt-oss-20b-1:0`.
    let name = name.strip_prefix("openai.").unwrap_or(name);
    let fits = |(known, _, _): &&(Name, Encoding, Family)| match *known {
        Prefix(prefix) => starts_with(name, prefix),
        Whole(whole) => name.eq_ignore_ascii_case(whole),
    };
    OPENAI.iter().find(fits).map(|&(_, encoding, family)| (encoding, family))
}

fn other(name: &str) -> Family {
    let name = bare(name);
    let contains =
        |word: &str| (0..name.len()).any(|at| name.get(at..).is_some_and(|rest| starts_with(rest, word)));
    match OTHERS.iter().find(|(word, _)| contains(word)) {
        Some((_, Family::Claude)) if is_recent_claude(name) => Family::ClaudeRecent,
        Some((_, family)) => *family,
        None => Family::Unknown,
    }
}

fn starts_with(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Whether the version in a name like `claude-opus-4-7` or `anthropic.claude-sonnet-4.6-v1:0` is 4.7 or later. A name
/// without a version, or with one of the old form (`claude-3-5-sonnet`), is not recent.
fn is_recent_claude(name: &str) -> bool {
    let mut numbers = name.split(['-', '.', '@', ':', '_']).filter_map(|part| {
        // Dates have more digits than versions.
        if part.len() <= 2 { part.parse::<u32>().ok() } else { None }
    });
    match (numbers.next(), numbers.next()) {
        (Some(major), _) if major >= 5 => true,
        (Some(4), Some(minor)) => minor >= 7,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, encoding: Encoding, family: Family, exactness: Exactness) {
        let model = Model::named(name, Encoding::O200kBase);
        assert_eq!((model.encoding, model.family, model.exactness), (encoding, family, exactness), "{name}");
    }

    #[test]
    fn models_of_openai_have_their_encoding() {
        use Encoding::{Cl100kBase, O200kBase, O200kHarmony};
        use Family::{OpenAi, OpenAiReasoning};
        for (name, encoding, family) in [
            ("gpt-4o", O200kBase, OpenAi),
            ("gpt-4o-mini-2024-07-18", O200kBase, OpenAi),
            ("chatgpt-4o-latest", O200kBase, OpenAi),
            ("gpt-4.1-nano", O200kBase, OpenAi),
            ("gpt-5", O200kBase, OpenAiReasoning),
            ("gpt-5.2-codex", O200kBase, OpenAiReasoning),
            ("gpt-5-chat-latest", O200kBase, OpenAi),
            ("o1", O200kBase, OpenAiReasoning),
            ("o1-preview", O200kBase, OpenAiReasoning),
            ("o3-mini", O200kBase, OpenAiReasoning),
            ("o4-mini", O200kBase, OpenAiReasoning),
            ("gpt-4", Cl100kBase, OpenAi),
            ("gpt-4-turbo", Cl100kBase, OpenAi),
            ("gpt-3.5-turbo-0125", Cl100kBase, OpenAi),
            ("gpt-35-turbo", Cl100kBase, OpenAi),
            ("text-embedding-3-large", Cl100kBase, OpenAi),
            ("text-embedding-ada-002", Cl100kBase, OpenAi),
            ("ada-002", Cl100kBase, OpenAi),
            ("gpt-oss-120b", O200kHarmony, OpenAi),
            ("openai/gpt-4o", O200kBase, OpenAi),
            ("openai.gpt-oss-20b-1:0", O200kHarmony, OpenAi),
            ("ft:gpt-3.5-turbo:acme:name:id", Cl100kBase, OpenAi),
            ("GPT-4o", O200kBase, OpenAi),
        ] {
            check(name, encoding, family, Exactness::Exact);
        }
    }

    #[test]
    fn models_of_others_are_estimated_by_family() {
        for (name, family) in [
            ("claude-3-5-sonnet-20241022", Family::Claude),
            ("claude-sonnet-4-20250514", Family::Claude),
            ("anthropic/claude-opus-4.6", Family::Claude),
            ("us.anthropic.claude-opus-4-7-v1:0", Family::ClaudeRecent),
            ("claude-sonnet-5", Family::ClaudeRecent),
            ("models/gemini-2.5-flash", Family::Gemini),
            ("meta.llama3-70b-instruct-v1:0", Family::Llama),
            ("Qwen/Qwen3-32B", Family::Qwen),
            ("deepseek-chat", Family::DeepSeek),
            ("DeepSeek-R1-Distill-Qwen-7B", Family::Qwen),
            ("mistral-large-latest", Family::Mistral),
            ("moonshotai/kimi-k2", Family::Kimi),
            ("glm-4.5", Family::Glm),
            ("o2", Family::Unknown),
            ("house-model", Family::Unknown),
            ("", Family::Unknown),
            ("é/ü", Family::Unknown),
        ] {
            check(name, Encoding::O200kBase, family, Exactness::Estimate);
        }
    }

    #[test]
    fn unknown_models_use_the_configured_default() {
        assert_eq!(Model::named("house-model", Encoding::Cl100kBase).encoding, Encoding::Cl100kBase);
        assert_eq!(Encoding::for_model("house-model"), None);
    }
}
