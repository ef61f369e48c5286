//! Calls the `tollgate` command, which checks the configuration and turns it into what Envoy reads.
//!
//! Nothing here knows what is in the configuration; the command says what matters as one JSON object.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::failure::{CHECK_FOLDER, Failure, OrFail, Outcome};
use crate::ui;
use crate::workspace::Workspace;

const REMEDY: &str = "correct the configuration as it says above, or name another with --config FILE";
const CONTRACT_REMEDY: &str = "`tollgate render envoy --json` and xtask disagree: mend one of them";

/// How to render the configuration, the first time and again.
pub struct Render {
    pub cli: PathBuf,
    pub config: PathBuf,
    pub folder: PathBuf,
    pub wasm: PathBuf,
    pub port: Option<u16>,
    pub admin_port: Option<u16>,
}

/// What the rendered configuration says.
#[derive(Debug, PartialEq)]
pub struct Rendered {
    pub listen: Endpoint,
    pub admin: Endpoint,
    pub providers: Vec<Provider>,
    /// One line per provider that has no key and therefore takes no part.
    pub left_out: Vec<String>,
    pub models: Vec<String>,
    /// The configuration files that were read.
    pub files: Vec<PathBuf>,
    /// What Envoy is started with.
    pub bootstrap: PathBuf,
}

/// An address and port that Envoy listens on.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    pub address: String,
    pub port: u16,
}

/// A provider by its name in the configuration.
#[derive(Debug, PartialEq)]
pub struct Provider {
    pub name: String,
    pub url: String,
}

/// The configuration file, named or the checkout's own, as an absolute path.
pub fn config_path(workspace: &Workspace, named: Option<&Path>) -> Outcome<PathBuf> {
    let path = named.map_or_else(|| workspace.root.join("config/gateway.yaml"), Path::to_path_buf);
    path.canonicalize().or_fail(
        format!("no configuration at {}", path.display()),
        "name a file that exists with --config FILE",
    )
}

/// Fails early, before anything is downloaded or built for a configuration that is wrong.
pub fn validate(cli: &Path, config: &Path) -> Outcome<()> {
    let mut command = Command::new(cli);
    let Output { status, stderr, .. } = command
        .arg("validate")
        .arg(config)
        .output()
        .or_fail(format!("start {}", cli.display()), CONTRACT_REMEDY)?;
    if status.success() {
        // Its warnings come again with the rendered configuration.
        return Ok(());
    }
    eprint!("{}", String::from_utf8_lossy(&stderr));
    Err(Failure::new(format!("{} is not valid", Workspace::shown(config)), REMEDY))
}

impl Render {
    /// Writes the files that Envoy reads; diagnostics and warnings go to the terminal.
    pub fn run(&self) -> Outcome<Rendered> {
        let (rendered, said) = self.rendered(&self.config, &[])?;
        rendered.said_besides(&said).for_each(|line| eprintln!("{line}"));
        Ok(rendered)
    }

    /// What [`Render::run`] would return; nothing is written. Only mistakes are told.
    pub fn plan(&self) -> Outcome<Rendered> {
        self.rendered(&self.config, &["--dry-run"]).map(|(rendered, _)| rendered)
    }

    /// Writes the files for another text of the configuration: one that was rendered before.
    pub fn again(&self, text: &[u8]) -> Outcome<()> {
        let config = self.folder.with_extension("last-good.yaml");
        fs::write(&config, text).or_fail(format!("write {}", config.display()), CHECK_FOLDER)?;
        self.rendered(&config, &[]).map(|_| ())
    }

    /// What the command answered, and what it said besides.
    fn rendered(&self, config: &Path, more: &[&str]) -> Outcome<(Rendered, String)> {
        let mut command = Command::new(&self.cli);
        command.args(["render", "envoy", "--json", "--config"]).arg(config);
        command.arg("--out").arg(&self.folder).arg("--wasm").arg(&self.wasm);
        for (option, port) in [("--port", self.port), ("--admin-port", self.admin_port)] {
            if let Some(port) = port {
                command.args([option, &port.to_string()]);
            }
        }
        let Output { status, stdout, stderr } =
            command.args(more).output().or_fail(format!("start {}", self.cli.display()), CONTRACT_REMEDY)?;
        let said = String::from_utf8_lossy(&stderr).into_owned();
        if !status.success() {
            eprint!("{said}");
            return Err(Failure::new(format!("{} cannot be rendered", Workspace::shown(config)), REMEDY));
        }
        Ok((Rendered::read(&stdout)?, said))
    }
}

impl Rendered {
    fn read(json: &[u8]) -> Outcome<Self> {
        let value: Value =
            serde_json::from_slice(json).or_fail("read what `tollgate render` printed", CONTRACT_REMEDY)?;
        let providers = list(&value, "providers")?.iter().map(Provider::read).collect::<Outcome<_>>()?;
        Ok(Self {
            listen: Endpoint::read(&value, "listen")?,
            admin: Endpoint::read(&value, "admin")?,
            providers,
            left_out: texts(&value, "left_out")?,
            models: texts(&value, "models")?,
            files: texts(&value, "files")?.into_iter().map(PathBuf::from).collect(),
            bootstrap: text(&value, "bootstrap")?.into(),
        })
    }

    /// Says what takes no part, as far as it has not been said of an earlier configuration.
    pub fn say_left_out(&self, said: &[String]) {
        self.left_out.iter().filter(|line| !said.contains(line)).for_each(|line| ui::say("left out", line));
    }

    /// The diagnostics that are not about what was left out, which has lines of its own.
    fn said_besides<'a>(&self, said: &'a str) -> impl Iterator<Item = &'a str> {
        let repeated = |line: &str| self.left_out.iter().any(|text| line.ends_with(text.as_str()));
        said.lines().filter(move |line| !repeated(line))
    }

    /// The model that examples use.
    pub fn model(&self) -> &str {
        let preferred = self.models.iter().find(|model| *model == "chat");
        preferred.or_else(|| self.models.first()).map_or("chat", String::as_str)
    }
}

impl Endpoint {
    fn read(value: &Value, name: &str) -> Outcome<Self> {
        let part = value.get(name).ok_or_else(|| missing(name))?;
        let port = part.get("port").and_then(Value::as_u64).and_then(|port| u16::try_from(port).ok());
        Ok(Self { address: text(part, "address")?, port: port.ok_or_else(|| missing("port"))? })
    }
}

impl Provider {
    fn read(value: &Value) -> Outcome<Self> {
        Ok(Self { name: text(value, "name")?, url: text(value, "url")? })
    }
}

fn text(value: &Value, name: &str) -> Outcome<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| missing(name))
}

fn list<'a>(value: &'a Value, name: &str) -> Outcome<&'a Vec<Value>> {
    value.get(name).and_then(Value::as_array).ok_or_else(|| missing(name))
}

fn texts(value: &Value, name: &str) -> Outcome<Vec<String>> {
    list(value, name)?
        .iter()
        .map(|item| item.as_str().map(str::to_owned).ok_or_else(|| missing(name)))
        .collect()
}

fn missing(name: &str) -> Failure {
    Failure::new(format!("`tollgate render` printed no usable `{name}`"), CONTRACT_REMEDY)
}

#[cfg(test)]
pub mod tests {
    use super::*;

    const JSON: &str = r#"{"listen":{"address":"127.0.0.1","port":10000},"admin":{"address":"127.0.0.1","port":9901},
        "providers":[{"name":"local","kind":"self_hosted","url":"http://127.0.0.1:8088"}],
        "left_out":["openai: OPENAI_API_KEY is not set"],"models":["small","chat"],
        "files":["/c/gateway.yaml"],"bootstrap":"/r/bootstrap.yaml"}"#;

    /// What a configuration with one local provider renders to.
    pub fn example() -> Rendered {
        Rendered::read(JSON.as_bytes()).unwrap()
    }

    #[test]
    fn every_part_of_the_answer_is_read() {
        let rendered = example();
        assert_eq!(rendered.listen, Endpoint { address: "127.0.0.1".into(), port: 10000 });
        assert_eq!(rendered.admin.port, 9901);
        assert_eq!(rendered.providers[0].url, "http://127.0.0.1:8088");
        assert_eq!(rendered.left_out.len(), 1);
        assert_eq!(rendered.files, [PathBuf::from("/c/gateway.yaml")]);
        assert_eq!(rendered.model(), "chat");
    }

    #[test]
    fn what_was_left_out_is_said_once() {
        let said = "warning: openai: OPENAI_API_KEY is not set\nwarning: something else";
        assert_eq!(example().said_besides(said).collect::<Vec<_>>(), ["warning: something else"]);
    }

    #[test]
    fn answer_that_lacks_a_part_names_it() {
        for part in ["listen", "admin", "providers", "left_out", "models", "files", "bootstrap"] {
            let json = JSON.replace(&format!("\"{part}\""), "\"other\"");
            let failure = Rendered::read(json.as_bytes()).unwrap_err();
            assert!(failure.what.contains(part), "{failure}");
        }
        assert!(Rendered::read(b"").is_err());
        assert!(Rendered::read(JSON.replace("10000", "65536").as_bytes()).is_err());
    }
}
