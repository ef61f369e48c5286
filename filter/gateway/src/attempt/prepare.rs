//! What is done to a request for one provider: its head always, its body where the dialects differ.
//!
//! What a client says beside the body, in headers and in the query, belongs to its dialect as the body does.

use std::borrow::Cow;

use super::policy::{Credential, Dialects, Policy, Provider};
use crate::config::settings::Unsupported as Strictness;
use crate::dialects::Dialect;
use crate::effect::Effect;
use crate::handoff::{Handoff, Receipt};
use crate::reject::Reject;
use crate::wire::json::Document;

/// Path and credentials, set absolutely: an earlier try may have left its own. The host is Envoy's to set: it is that of
/// the endpoint.
pub fn head(
    provider: &Provider,
    credential: Option<Credential>,
    handoff: &Handoff<'_>,
    receipt: &Receipt,
) -> Vec<Effect> {
    let mut effects = Vec::with_capacity(8);
    // Where the provider's path is the dialect's own, the first try finds it there already.
    if receipt.tries.len() > 1 || provider.path != handoff.dialect.path() {
        effects.push(Effect::SetRequestHeader(":path", Cow::Owned(path(provider, handoff))));
    }
    for name in &provider.foreign {
        effects.push(Effect::RemoveRequestHeader((*name).into()));
    }
    if let Some((name, value)) = credential {
        effects.push(Effect::Authenticate(name, value));
    }
    own_headers(provider, handoff, &mut effects);
    version(provider, handoff, receipt, &mut effects);
    effects
}

/// The provider's path, with the client's query where that is for such a provider.
fn path(provider: &Provider, handoff: &Handoff<'_>) -> String {
    let query = &handoff.beside.query;
    if query.is_empty() || provider.dialect != handoff.dialect {
        provider.path.clone()
    } else {
        format!("{}?{query}", provider.path)
    }
}

/// Sees to it that the headers of a dialect reach its providers and no others.
fn own_headers(provider: &Provider, handoff: &Handoff<'_>, effects: &mut Vec<Effect>) {
    for (name, value) in &handoff.beside.headers {
        if !provider.dialect.headers().contains(name) {
            effects.push(Effect::RemoveRequestHeader((*name).into()));
        } else if provider.dialects == Dialects::Several {
            // A try with a provider of another dialect may have taken it out.
            effects.push(Effect::SetRequestHeader(name, value.clone().into_owned().into()));
        }
    }
}

/// Names the version of the provider's dialect, where the client has not, and takes out what an earlier try named.
fn version(provider: &Provider, handoff: &Handoff<'_>, receipt: &Receipt, effects: &mut Vec<Effect>) {
    let told = |name: &str| handoff.beside.headers.iter().any(|(told, _)| *told == name);
    if let Some((name, version)) = provider.dialect.version_header() {
        // Behind a translation it is the version that the writer writes.
        if provider.dialect != handoff.dialect || !told(name) {
            effects.push(Effect::SetRequestHeader(name, version.into()));
        }
    }
    if provider.dialects == Dialects::One || receipt.tries.len() < 2 {
        return;
    }
    let others = Dialect::ALL.into_iter().filter(|other| *other != provider.dialect);
    for (name, _) in others.filter_map(Dialect::version_header).filter(|(name, _)| !told(name)) {
        effects.push(Effect::RemoveRequestHeader(name.into()));
    }
}

/// A body in the provider's dialect.
pub struct Prepared {
    /// What is done to the request.
    pub effects: Vec<Effect>,
    /// Paths that the provider's dialect could not express.
    pub unsupported: Vec<String>,
}

/// Writes `body`, which is in the dialect `client`, for `provider`; an empty `model` keeps the client's name for it.
pub fn body<'b>(
    policy: &Policy,
    provider: &Provider,
    (client, model): (Dialect, &str),
    body: &'b [u8],
    document: Option<&Document<'b>>,
) -> Result<Prepared, Reject> {
    let mut place = None;
    let document = Document::given_or_parsed(document, body, &mut place).map_err(Reject::NotJson)?;
    let mut chat = client.read_request(document).map_err(Reject::Invalid)?;
    let asked = chat.model.plain().into_owned();
    let model = if model.is_empty() { asked.as_str() } else { model };
    let mut with = Vec::with_capacity(body.len().saturating_add(256));
    let mut unsupported = provider.dialect.write_request(&chat, model, &mut with);
    unsupported.append(&mut chat.unsupported);
    unsupported.sort();
    unsupported.dedup();
    if policy.unsupported == Strictness::Refuse && !unsupported.is_empty() {
        return Err(Reject::Unsupported(unsupported));
    }
    let length = with.len().to_string();
    Ok(Prepared {
        effects: vec![
            Effect::SetRequestHeader("content-length", length.into()),
            Effect::ReplaceRequestPrefix { bytes: body.len(), with },
        ],
        unsupported: unsupported.into_iter().map(|path| path.0.into_owned()).collect(),
    })
}
