//! The `tollgate` command.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Parser;
use serde_json::json;
use tollgate::args::{Arguments, Command, Proxy, Render, Validate};
use tollgate::diagnose::{Paint, explain};
use tollgate::load::{Loaded, load};
use tollgate::render::{Place, ca, lock, render, write};
use tollgate::schema;
use tollgate_gateway::config::{Compiled, Endpoint, Scheme};

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Validate(arguments) => validate(&arguments),
        Command::Render(arguments) => match arguments.proxy {
            Proxy::Envoy => render_envoy(&arguments),
        },
        Command::Schema => say(schema::text().trim_end()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // There is nobody left to tell if this fails.
            let _ = writeln!(io::stderr(), "{}", message.trim_end());
            ExitCode::FAILURE
        }
    }
}

fn validate(arguments: &Validate) -> Result<(), String> {
    let compiled = read(&arguments.file, arguments.keys.look_up())?.compiled;
    warn(&compiled.left_out);
    warn(&compiled.warnings);
    let models = count(compiled.models.len(), "model");
    let providers = count(compiled.providers.len(), "provider");
    say(&format!("{}: ok, {models}, {providers}", arguments.file.display()))
}

fn render_envoy(arguments: &Render) -> Result<(), String> {
    let Loaded { mut compiled, files } = read(&arguments.config, arguments.keys.look_up())?;
    compiled.listen.port = arguments.port.unwrap_or(compiled.listen.port);
    compiled.admin.port = arguments.admin_port.unwrap_or(compiled.admin.port);
    if compiled.listen.overlaps(&compiled.admin) {
        return Err(format!(
            "error: port {} cannot serve clients and the admin interface",
            compiled.admin.port
        ));
    }
    let ca_bundle = ca_bundle(arguments, &compiled)?;
    let bootstrap = match arguments.dry_run {
        true => arguments.out.join("bootstrap.yaml"),
        false => write_envoy(arguments, &compiled, ca_bundle)?,
    };
    warn(&compiled.left_out);
    warn(&compiled.warnings);
    let done = if arguments.dry_run { "not written" } else { "rendered" };
    match arguments.json {
        true => say(&summary(&compiled, &files, &bootstrap).to_string()),
        false => say(&format!("{done}: {}", bootstrap.display())),
    }
}

/// Writes the directory and returns what Envoy is started with.
fn write_envoy(
    arguments: &Render,
    compiled: &Compiled,
    ca_bundle: Option<String>,
) -> Result<PathBuf, String> {
    let wrong = |error: io::Error| format!("error: {} cannot be written: {error}", arguments.out.display());
    std::fs::create_dir_all(&arguments.out).map_err(wrong)?;
    let dir = std::fs::canonicalize(&arguments.out).map_err(wrong)?;
    let _lock = lock::lock(&dir).map_err(wrong)?;
    let wasm = write::install(&dir, &arguments.wasm)
        .map_err(|error| format!("error: {} cannot be installed: {error}", arguments.wasm.display()))?;
    let place = Place {
        dir: text(&dir)?,
        wasm: text(&wasm)?,
        ca_bundle,
        access_log: arguments.access_log.as_deref().map(absolute).transpose()?,
    };
    let settle = Duration::from_millis(arguments.settle.as_millis());
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let now_ms = u64::try_from(now_ms).unwrap_or(u64::MAX);
    write::write(&dir, &place, &render(compiled, &place), settle, now_ms).map_err(wrong)?;
    Ok(dir.join("bootstrap.yaml"))
}

fn read(file: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Loaded, String> {
    let paint = if io::stderr().is_terminal() { Paint::Colours } else { Paint::Plain };
    load(file, env).map_err(|error| explain(file, &error, paint))
}

/// The certificates to verify with, if any provider needs them.
fn ca_bundle(arguments: &Render, compiled: &Compiled) -> Result<Option<String>, String> {
    if let Some(path) = &arguments.ca_bundle {
        return match path.is_file() {
            true => absolute(path).map(Some),
            false => Err(format!("error: {} is not a file: name one with --ca-bundle", path.display())),
        };
    }
    let is_needed = compiled.providers.iter().any(|it| it.upstream.scheme == Scheme::Https);
    match ca::find() {
        Some(path) => text(&path).map(Some),
        None if is_needed => {
            Err("error: the system's CA bundle is in none of the known places: name it with --ca-bundle"
                .to_owned())
        }
        None => Ok(None),
    }
}

fn summary(compiled: &Compiled, files: &[PathBuf], bootstrap: &Path) -> serde_json::Value {
    let endpoint = |it: &Endpoint| json!({"address": it.address.to_string(), "port": it.port});
    let providers: Vec<_> = compiled
        .providers
        .iter()
        .map(|it| json!({"name": it.name, "kind": it.kind, "url": it.upstream.to_string()}))
        .collect();
    json!({
        "listen": endpoint(&compiled.listen),
        "admin": endpoint(&compiled.admin),
        "providers": providers,
        "left_out": compiled.left_out,
        "models": compiled.models.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(),
        "files": files,
        "bootstrap": bootstrap,
    })
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

fn absolute(path: &Path) -> Result<String, String> {
    let absolute =
        std::path::absolute(path).map_err(|error| format!("error: {}: {error}", path.display()))?;
    text(&absolute)
}

fn text(path: &Path) -> Result<String, String> {
    path.to_str().map(str::to_owned).ok_or_else(|| format!("error: {} is not text", path.display()))
}

fn warn(lines: &[String]) {
    for line in lines {
        // A closed stderr is no reason not to render.
        let _ = writeln!(io::stderr(), "warning: {line}");
    }
}

fn say(line: &str) -> Result<(), String> {
    writeln!(io::stdout(), "{line}").map_err(|error| format!("error: standard output: {error}"))
}
