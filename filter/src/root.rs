//! Reads the plugin's configuration and makes a machine for each stream.

use std::collections::HashMap;
use std::rc::Rc;

use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::ContextType;
use tollgate_gateway::attempt::Replies;
use tollgate_gateway::config::settings::{CredentialSettings, ProviderSettings, Settings};
use tollgate_gateway::event::Secrets;
use tollgate_gateway::secret::Secret;
use tollgate_gateway::{attempt, downstream};

use crate::host::{self, Buffer, Level};
use crate::stream::{AttemptStream, DownstreamStream, PassStream};
use crate::telemetry::{self, Telemetry};

/// The path of Envoy's version.
const VERSION: &str = "xds\0node\0user_agent_build_version\0version";
/// The minor version of the first Envoy 1 that takes back a head which a filter held.
const TAKES_BACK_SINCE: u64 = 37;

/// One plugin configuration in one VM.
#[derive(Default)]
pub struct Root {
    position: Position,
    telemetry: Rc<Telemetry>,
}

#[derive(Default)]
enum Position {
    /// No configuration was accepted; Envoy makes no stream then.
    #[default]
    Unconfigured,
    Edge(Rc<downstream::Policy>, Rc<Keys>),
    Attempt(Rc<attempt::Policy>, Rc<Keys>),
}

/// The keys that the configuration names, read from the environment once.
#[derive(Default)]
pub struct Keys(HashMap<String, Secret>);

impl Secrets for Keys {
    fn find(&self, name: &str) -> Option<Secret> {
        self.0.get(name).cloned()
    }
}

impl Keys {
    fn read<'s>(providers: impl Iterator<Item = &'s ProviderSettings>) -> Self {
        let mut keys = HashMap::new();
        for provider in providers {
            let (CredentialSettings::Bearer { env } | CredentialSettings::XApiKey { env }) =
                &provider.credential
            else {
                continue;
            };
            match std::env::var(env).ok().and_then(Secret::new) {
                Some(key) => {
                    keys.insert(env.clone(), key);
                }
                None => host::log(
                    Level::Warn,
                    &format!(
                        "tollgate: no usable key in {env}; requests to provider `{}` are refused",
                        provider.name
                    ),
                ),
            }
        }
        Self(keys)
    }
}

impl Root {
    fn configure(&mut self) -> Result<(), String> {
        let bytes =
            host::buffer(Buffer::Configuration, usize::MAX).map_err(|refused| format!("{refused:?}"))?;
        let settings: Settings = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        self.position = match settings {
            Settings::Edge(settings) => {
                let direct = settings.served().filter_map(|model| model.direct.as_ref());
                let keys = Rc::new(Keys::read(direct.flat_map(|direct| &direct.providers)));
                host::tick_every(telemetry::PERIOD).map_err(|refused| format!("{refused:?}"))?;
                Position::Edge(Rc::new(downstream::Policy::compile(settings)?), keys)
            }
            Settings::Attempt(settings) => {
                let keys = Rc::new(Keys::read(settings.providers.iter()));
                Position::Attempt(Rc::new(attempt::Policy::compile(settings, replies())?), keys)
            }
        };
        Ok(())
    }
}

/// What this Envoy can do with a reply that fails before its answer begins. Envoy 1.36 decides to try again at the head that
/// a filter lets go, and then writes the body that it held to the client all the same, or crashes.
fn replies() -> Replies {
    let number = |part: &str| {
        let bytes = host::property(&format!("{VERSION}\0{part}"))?;
        bytes.try_into().ok().map(u64::from_le_bytes)
    };
    match (number("major_number"), number("minor_number")) {
        (Some(1), Some(minor)) if minor < TAKES_BACK_SINCE => Replies::Passing,
        _ => Replies::Held,
    }
}

impl Context for Root {
    fn on_done(&mut self) -> bool {
        self.telemetry.close();
        true
    }
}

impl RootContext for Root {
    fn on_tick(&mut self) {
        self.telemetry.hand_over();
    }

    fn on_configure(&mut self, _size: usize) -> bool {
        let result = self.configure();
        if let Err(message) = &result {
            host::log(Level::Error, &format!("tollgate: the configuration is refused: {message}"));
        }
        result.is_ok()
    }

    fn create_http_context(&self, _id: u32) -> Option<Box<dyn HttpContext>> {
        let telemetry = Rc::clone(&self.telemetry);
        Some(match &self.position {
            Position::Edge(policy, keys) => {
                Box::new(DownstreamStream::new(Rc::clone(policy), Rc::clone(keys), telemetry))
            }
            Position::Attempt(policy, keys) => {
                Box::new(AttemptStream::new(Rc::clone(policy), Rc::clone(keys), telemetry))
            }
            Position::Unconfigured => Box::new(PassStream),
        })
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}
