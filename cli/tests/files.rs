//! The files of the repository that the command makes or reads: they load, and none of them is stale.
//!
//! `TOLLGATE_BLESS=1 cargo test -p tollgate` writes the generated ones anew.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tollgate::load::{every_key, load};
use tollgate::render::{Place, Rendered, emit, render};
use tollgate::{schema, yaml};

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// The file holds exactly this; with `TOLLGATE_BLESS` set it does afterwards.
fn check(path: &Path, expected: &str) {
    if std::env::var_os("TOLLGATE_BLESS").is_some() {
        fs::write(path, expected).unwrap();
    }
    let found = fs::read_to_string(path).unwrap_or_default();
    assert!(found == expected, "{} is stale: run TOLLGATE_BLESS=1 cargo test -p tollgate", path.display());
}

fn configurations() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["config", "config/examples"] {
        for entry in fs::read_dir(repository(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|it| it == "yaml") {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn every_configuration_loads_and_names_the_schema() {
    let found = configurations();
    assert!(found.len() >= 6, "{found:?}");
    for path in found {
        let loaded = load(&path, &every_key).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()));
        assert!(!loaded.compiled.models.is_empty());
        let text = fs::read_to_string(&path).unwrap();
        let reference =
            text.lines().next().and_then(|line| line.strip_prefix("# yaml-language-server: $schema="));
        let schema = path.parent().unwrap().join(reference.expect("the first line names the schema"));
        assert!(schema.is_file(), "{}", schema.display());
    }
}

#[test]
fn the_default_needs_no_key() {
    let loaded = load(&repository("config/gateway.yaml"), &|_| None).unwrap();
    let names: Vec<&str> = loaded.compiled.models.iter().map(|model| model.name.as_str()).collect();
    assert_eq!(names, ["chat", "smollm2"]);
}

#[test]
fn the_schema_is_current() {
    check(&repository("config/schema.json"), &schema::text());
}

#[test]
fn the_full_example_shows_every_field_and_the_schema_explains_it() {
    let text = fs::read_to_string(repository("config/full.yaml")).unwrap();
    let full = yaml::read(&text, &mut Vec::new()).unwrap().to_json();
    let schema: Value = serde_json::from_str(&schema::text()).unwrap();
    let mut types = vec![&schema];
    types.extend(schema["$defs"].as_object().unwrap().values());
    for properties in types.iter().filter_map(|it| it["properties"].as_object()) {
        for (name, property) in properties {
            assert!(has_field(&full, name), "full.yaml does not show `{name}`");
            assert!(property["description"].is_string(), "the schema does not explain `{name}`");
        }
    }
}

fn has_field(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(map) => map.contains_key(name) || map.values().any(|value| has_field(value, name)),
        Value::Array(items) => items.iter().any(|value| has_field(value, name)),
        _ => false,
    }
}

#[test]
fn the_full_example_writes_the_defaults() {
    let text = fs::read_to_string(repository("config/full.yaml")).unwrap();
    let full = tollgate::load::read(&text, &every_key).unwrap();
    let drop = [
        "listen:",
        "admin:",
        "translation:",
        "  unsupported:",
        "response_headers:",
        "forward_headers:",
        "other_paths:",
        "      on:",
        "bounds:",
    ];
    let bounds = ["  request_body:", "  response_body:", "  event:", "  stream_idle:", "  connect_timeout:"];
    let implied = [
        "    url: https",
        "    dialect: openai_chat # what",
        "    dialect: anthropic",
        "      per_try_timeout:",
        "    retry:",
    ];
    let is_default =
        |line: &&str| ![&drop[..], &bounds, &implied].concat().iter().any(|it| line.starts_with(it));
    let short: String = text.lines().filter(is_default).map(|line| format!("{line}\n")).collect();
    assert!(short.len() < text.len() && !short.contains("stream_idle: "));
    assert_eq!(tollgate::load::read(&short, &every_key).unwrap(), full);
}

#[test]
fn the_fragments_are_what_is_rendered() {
    let compiled = load(&repository("config/examples/fallback.yaml"), &every_key).unwrap().compiled;
    let place = Place {
        dir: "/etc/tollgate".to_owned(),
        wasm: "/etc/tollgate/tollgate.wasm".to_owned(),
        ca_bundle: Some("/etc/ssl/certs/ca-certificates.crt".to_owned()),
        access_log: None,
    };
    let Rendered { bootstrap, lds, rds, cds, ecds, .. } = render(&compiled, &place);
    let manager = &lds["resources"][0]["filter_chains"][0]["filters"][0]["typed_config"];
    let fragments = [
        (
            "stats.yaml",
            "For the bootstrap's `stats_config`: labels and buckets of the filter's metrics.",
            &bootstrap["stats_config"],
        ),
        (
            "listener.yaml",
            "A listener; what an existing one needs of it is in envoy/README.md.",
            &lds["resources"][0],
        ),
        (
            "http-filters.yaml",
            "For the connection manager's `http_filters`, before the router.",
            &manager["http_filters"],
        ),
        (
            "virtual-hosts.yaml",
            "For the route configuration's `virtual_hosts`.",
            &rds["resources"][0]["virtual_hosts"],
        ),
        ("clusters.yaml", "The file that `cds_config` names: one cluster per chain of providers.", &cds),
        (
            "edge.yaml",
            "The file that the filter's `config_discovery` names: edge's own configuration.",
            &ecds,
        ),
    ];
    for (file, comment, value) in fragments {
        let comment =
            format!("{comment}\n# Rendered from config/examples/fallback.yaml; a test keeps it current.");
        check(&repository("envoy/fragments").join(file), &emit(&comment, value));
    }
}

#[test]
fn the_compose_file_names_files_that_exist() {
    let text = fs::read_to_string(repository("docker-compose.yml")).unwrap();
    let mut problems = Vec::new();
    let compose = yaml::read(&text, &mut problems).unwrap().to_json();
    assert!(problems.is_empty());
    assert_eq!(compose["services"]["envoy"]["image"], "envoyproxy/envoy:v1.40.0");
    let docker = fs::read_to_string(repository("envoy/Dockerfile")).unwrap();
    for service in ["render", "provider"] {
        let build = &compose["services"][service]["build"];
        assert_eq!(build["dockerfile"], "envoy/Dockerfile");
        assert!(docker.contains(&format!(" AS {}\n", build["target"].as_str().unwrap())));
    }
    let volume = compose["services"]["render"]["volumes"][0].as_str().unwrap();
    let config = repository(volume.split(':').next().unwrap());
    let loaded = load(&config, &|_| None).unwrap();
    let port = loaded.compiled.listen.port;
    assert_eq!(compose["services"]["envoy"]["ports"][0], format!("127.0.0.1:{port}:{port}"));
}
