//! Starts what is measured: the provider once, and an Envoy for each variant, all from one rendered configuration.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::scene::{Dialect, Fallback, Goal, Reply, Variant, model};
use super::{Bench, Logging, edit};
use crate::children::Running;
use crate::command;
use crate::failure::{CHECK_FOLDER, OrFail, Outcome};
use crate::http;

const LOOPBACK: &str = "127.0.0.1";
/// How long a program may take to be ready.
const READY: Duration = Duration::from_secs(60);
/// The variables that hold the providers' keys.
const KEYS: [(&str, &str); 2] =
    [("TOLLGATE_BENCH_OPENAI", "sk-openai-bench"), ("TOLLGATE_BENCH_ANTHROPIC", "sk-anthropic-bench")];
/// Every answer that is asked for.
const REPLIES: [Reply; 3] = [Reply::Json, Reply::Stream(1), Reply::Stream(super::requests::EVENTS)];
/// Where logs go that nobody reads.
const NOWHERE: &str = "/dev/null";

/// The provider that answers everybody.
pub struct Provider {
    running: Running,
    port: u16,
}

impl Provider {
    /// Starts it.
    pub fn start(bench: &Bench) -> Outcome<Self> {
        let port = free_port()?;
        let mut program = Command::new(&bench.provider);
        program.args(["--listen", &format!("{LOOPBACK}:{port}")]);
        program.stdout(log(&bench.scratch, "provider")?);
        let mut running = Running::start("the scripted provider", &mut program)?;
        let answers = || http::get(LOOPBACK, port, "/_requests").is_ok();
        running.wait_until(answers, READY, "run the provider by hand and see what it says")?;
        Ok(Self { running, port })
    }

    /// Fails when it has ended.
    pub fn check(&mut self) -> Outcome<()> {
        self.running.wait_until(|| true, READY, "run the provider by hand and see what it says")
    }
}

/// A running Envoy.
pub struct Envoy {
    running: Running,
    /// Which it is.
    pub variant: Variant,
    /// Where requests go.
    pub address: SocketAddr,
    /// The port of its admin interface.
    pub admin_port: u16,
}

impl Envoy {
    /// Starts a variant with so many workers and waits until it is ready.
    pub fn start(bench: &Bench, provider: &Provider, variant: Variant, workers: usize) -> Outcome<Self> {
        let mut envoy = Self::launch(bench, &Rendered::new(bench, provider, variant)?, workers)?;
        let port = envoy.admin_port;
        let ready = || is_ready(port);
        let remedy = format!("read {}", bench.scratch.join(format!("{}.log", name(variant))).display());
        envoy.running.wait_until(ready, READY, &remedy)?;
        Ok(envoy)
    }

    /// Starts a variant and returns at once.
    pub fn launch(bench: &Bench, rendered: &Rendered, workers: usize) -> Outcome<Self> {
        let variant = rendered.variant;
        let mut program = Command::new(&bench.envoy);
        program.arg("-c").arg(rendered.folder.join("bootstrap.yaml"));
        program.args(["--concurrency", &workers.to_string(), "--disable-hot-restart", "--log-level", "warn"]);
        let log = log(&bench.scratch, name(variant))?;
        program.envs(KEYS).stdout(log.try_clone().or_fail("the log", CHECK_FOLDER)?).stderr(log);
        let running = Running::start(&variant.to_string(), &mut program)?;
        let address = SocketAddr::from(([127, 0, 0, 1], rendered.port));
        Ok(Self { running, variant, address, admin_port: rendered.admin_port })
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.running.id()
    }
}

/// Whether the Envoy with this admin port serves.
pub fn is_ready(admin_port: u16) -> bool {
    http::get(LOOPBACK, admin_port, "/ready").is_ok_and(|(status, _)| status == 200)
}

/// One of each variant, one worker each.
pub fn all(bench: &Bench, provider: &Provider) -> Outcome<Vec<Envoy>> {
    Variant::ALL.into_iter().map(|variant| Envoy::start(bench, provider, variant, 1)).collect()
}

/// The files a variant starts from.
pub struct Rendered {
    variant: Variant,
    folder: PathBuf,
    port: u16,
    admin_port: u16,
}

impl Rendered {
    /// Renders the gateway's configuration and takes out of it what the variant does not have.
    pub fn new(bench: &Bench, provider: &Provider, variant: Variant) -> Outcome<Self> {
        let folder = bench.scratch.join(name(variant));
        let (port, admin_port) = (free_port()?, free_port()?);
        fs::create_dir_all(&folder).or_fail(format!("create {}", folder.display()), CHECK_FOLDER)?;
        let config = folder.join("gateway.yaml");
        write(&config, &gateway_yaml(provider.port))?;
        let wasm = if variant == Variant::Noop { &bench.noop } else { &bench.wasm };
        let mut render = Command::new(&bench.cli);
        render.args(["render", "envoy", "--access-log", NOWHERE, "--config"]).arg(&config);
        render.arg("--out").arg(&folder).arg("--wasm").arg(wasm);
        render.args(["--port", &port.to_string(), "--admin-port", &admin_port.to_string()]).envs(KEYS);
        command::output(&mut render, "render the configuration", "repair what it reports")?;
        let rendered = Self { variant, folder, port, admin_port };
        rendered.edit(bench.logging)?;
        Ok(rendered)
    }

    fn edit(&self, logging: Logging) -> Outcome<()> {
        let filter = "- name: \"tollgate\"";
        self.edited("lds.yaml", |mut text| {
            if logging == Logging::Off {
                text = edit::without(&text, "access_log:")?;
                text = edit::without(&text, "- name: \"envoy.filters.http.set_filter_state\"")?;
            }
            match self.variant {
                Variant::Plain => edit::without_one_with(&text, filter, "config_discovery"),
                Variant::Noop | Variant::Tollgate => Ok(text),
            }
        })?;
        if self.variant == Variant::Tollgate {
            return Ok(());
        }
        // Nobody chooses a cluster, so there is one, and no attempt filter in it.
        let mut cluster = None;
        self.edited("cds.yaml", |text| {
            cluster = text.lines().find_map(|line| line.strip_prefix("  - name: ").map(str::to_owned));
            // A cluster has one only where its models have fallbacks.
            Ok(edit::without_any_with(&text, filter, "typed_config"))
        })?;
        let cluster = format!("cluster: {}", cluster.unwrap_or_default());
        self.edited("rds.yaml", |text| {
            let text = edit::without_one_with(&text, "headers:", "x-tollgate-cluster")?;
            edit::with(&text, "cluster_header: \"x-tollgate-cluster\"", &cluster)
        })
    }

    fn edited(&self, file: &str, change: impl FnOnce(String) -> Outcome<String>) -> Outcome<()> {
        let path = self.folder.join(file);
        let text = fs::read_to_string(&path).or_fail(format!("read {}", path.display()), CHECK_FOLDER)?;
        write(&path, &change(text)?)
    }
}

/// Every provider dialect with every reply, as the configuration's models.
fn gateway_yaml(provider_port: u16) -> String {
    let mut text = format!(
        "version: 1\nproviders:\n  \
         openai: {{kind: openai, url: \"http://{LOOPBACK}:{provider_port}\", key: {{env: {}}}}}\n  \
         anthropic: {{kind: anthropic, url: \"http://{LOOPBACK}:{provider_port}\", key: {{env: {}}}}}\nmodels:\n",
        KEYS[0].0, KEYS[1].0
    );
    for dialect in [Dialect::OpenAi, Dialect::Anthropic] {
        for reply in REPLIES {
            let target = format!("[{{provider: {}, model: {}}}]", dialect.provider(), reply.script());
            let alone = model(Goal { provider: dialect, fallback: Fallback::None }, reply);
            let safe = model(Goal { provider: dialect, fallback: Fallback::One }, reply);
            text.push_str(&format!("  {alone}: {{targets: {target}}}\n"));
            let other = dialect.other().provider();
            let fallback = format!("[{{provider: {other}, model: {}}}]", reply.script());
            text.push_str(&format!("  {safe}: {{targets: {target}, fallback: {fallback}}}\n"));
        }
    }
    text
}

fn name(variant: Variant) -> &'static str {
    match variant {
        Variant::Plain => "plain",
        Variant::Noop => "noop",
        Variant::Tollgate => "tollgate",
    }
}

fn write(path: &Path, text: &str) -> Outcome<()> {
    fs::write(path, text).or_fail(format!("write {}", path.display()), CHECK_FOLDER)
}

fn log(folder: &Path, name: &str) -> Outcome<File> {
    fs::create_dir_all(folder).or_fail(format!("create {}", folder.display()), CHECK_FOLDER)?;
    let path = folder.join(format!("{name}.log"));
    File::create(&path).or_fail(format!("create {}", path.display()), CHECK_FOLDER)
}

fn free_port() -> Outcome<u16> {
    let bound = TcpListener::bind((LOOPBACK, 0)).and_then(|listener| listener.local_addr());
    Ok(bound.or_fail("find a free port", "free some ports")?.port())
}
