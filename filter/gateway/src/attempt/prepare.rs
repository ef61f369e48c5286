//! What is done to a request for one provider: its head always, its body where the dialects differ.

use std::borrow::Cow;

use super::policy::{Credential, Policy, Provider};
use crate::config::settings::Unsupported as Strictness;
use crate::dialects::Dialect;
use crate::effect::Effect;
use crate::reject::Reject;
use crate::wire::json::Document;

/// Path, host and credentials, set absolutely: an earlier try may have left its own.
pub fn head(provider: &Provider, credential: Option<Credential>, client: Dialect) -> Vec<Effect> {
    let mut effects = vec![
        Effect::SetRequestHeader(":path", Cow::Owned(provider.path.clone())),
        Effect::SetRequestHeader(":authority", Cow::Owned(provider.authority.clone())),
    ];
    for name in &provider.foreign {
        effects.push(Effect::RemoveRequestHeader((*name).into()));
    }
    if let Some((name, value)) = credential {
        effects.push(Effect::Authenticate(name, value));
    }
    // A client of that dialect has sent its own version, or edge has set it; other providers ignore the header.
    if let Some((name, version)) = provider.dialect.version_header().filter(|_| provider.dialect != client) {
        effects.push(Effect::SetRequestHeader(name, version.into()));
    }
    effects
}

/// A body in the provider's dialect.
pub struct Prepared {
    /// What is done to the request.
    pub effects: Vec<Effect>,
    /// Paths that the provider's dialect could not express.
    pub unsupported: Vec<String>,
}

/// Writes `body`, which is in the dialect `client`, for `provider`; an empty `model` keeps the client's name for it.
pub fn body(
    policy: &Policy,
    provider: &Provider,
    client: Dialect,
    model: &str,
    body: &[u8],
) -> Result<Prepared, Reject> {
    let document = Document::parse(body).map_err(Reject::NotJson)?;
    let mut chat = client.read_request(&document).map_err(Reject::Invalid)?;
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
