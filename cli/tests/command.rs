//! The command as people and pipelines use it: exit status, output and files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

const GOOD: &str = "version: 1
providers:
  local: {kind: self_hosted, url: http://127.0.0.1:8088, dialect: openai_chat, key: {env: LOCAL_KEY}}
  openai: {kind: openai, key: {env: OPENAI_API_KEY}, optional: true}
models:
  chat: {targets: [{provider: local, model: smollm2}], fallback: [{provider: openai, model: gpt-4o-mini}]}
";

/// A directory with a configuration and a filter, removed at the end.
struct Room(PathBuf);

impl Room {
    fn new(name: &str, config: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tollgate-command-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        // The system's temporary directory may be a link, and the command speaks of where things really are.
        let room = Self(fs::canonicalize(path).unwrap());
        fs::write(room.path("gateway.yaml"), config).unwrap();
        fs::write(room.path("filter.wasm"), b"\0asm").unwrap();
        room
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Runs the command in the room with these keys and no other variables.
    fn run(&self, arguments: &[&str], keys: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
        command.current_dir(&self.0).args(arguments).env_clear().envs(keys.iter().copied());
        command.output().unwrap()
    }

    fn render(&self, more: &[&str], keys: &[(&str, &str)]) -> Output {
        let arguments =
            ["render", "envoy", "--config", "gateway.yaml", "--out", "out", "--wasm", "filter.wasm"];
        self.run(&[&arguments[..], more].concat(), keys)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const KEYS: [(&str, &str); 2] = [("LOCAL_KEY", "sk-secret-local"), ("OPENAI_API_KEY", "sk-secret-openai")];

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn a_good_configuration_is_one_line() {
    let room = Room::new("good", GOOD);
    let output = room.run(&["validate", "gateway.yaml"], &KEYS);
    assert!(output.status.success());
    assert_eq!(
        (out(&output).as_str(), err(&output).as_str()),
        ("gateway.yaml: ok, 1 model, 2 providers\n", "")
    );
}

#[test]
fn every_mistake_is_shown_with_its_place_and_the_status_is_1() {
    let bad =
        GOOD.replace("provider: openai,", "provider: opnai,").replace("version: 1", "version: 1\nbonds: {}");
    let room = Room::new("bad", &bad);
    let output = room.run(&["validate", "gateway.yaml"], &KEYS);
    assert_eq!(output.status.code(), Some(1));
    let text = err(&output);
    for expected in [
        "Error: bonds: `bonds` is not a field\n",
        "[ gateway.yaml:2:1 ]",
        "did you mean `bounds`",
        "Error: models.chat.fallback[0].provider: there is no provider `opnai`\n",
        "[ gateway.yaml:7:78 ]",
        "there is no provider `opnai`",
        "did you mean `openai`",
        "gateway.yaml: 2 mistakes",
    ] {
        assert!(text.contains(expected), "{expected:?} is not in\n{text}");
    }
    assert_eq!(out(&output), "");
}

#[test]
fn a_mistake_is_not_told_again_by_what_follows_from_it() {
    for (from, to, path) in [
        ("version: 1", "version: one", "version"),
        ("{env: LOCAL_KEY}", "{evn: LOCAL_KEY}", "providers.local.key.evn: `evn` is not a field"),
        ("{env: LOCAL_KEY}", "{sk-pasted: LOCAL_KEY}", "providers.local.key"),
        ("kind: self_hosted", "kind: selfhosted", "providers.local.kind"),
        ("[{provider: local, model: smollm2}]", "[local]", "models.chat.targets[0]"),
        (
            &GOOD[GOOD.find("providers:").unwrap()..GOOD.find("models:").unwrap()],
            "providers: 5\n",
            "providers",
        ),
    ] {
        let room = Room::new("once", &GOOD.replace(from, to));
        let text = err(&room.run(&["validate", "gateway.yaml"], &KEYS));
        assert!(text.contains(&format!("Error: {path}")) && text.ends_with(": 1 mistake\n"), "{text}");
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    let room = Room::new("unreadable", "models: {a: [");
    let output = room.run(&["validate", "gateway.yaml"], &KEYS);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        err(&output).contains("gateway.yaml: 1 mistake, and the rest was not checked"),
        "{}",
        err(&output)
    );
    let output = room.run(&["validate", "missing.yaml"], &KEYS);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).starts_with("error: missing.yaml cannot be read"));
    fs::write(room.path("latin1.yaml"), b"version: 1\n# \xc3\xa4\xe4\n").unwrap();
    let output = room.run(&["validate", "latin1.yaml"], &KEYS);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).starts_with("error: latin1.yaml:2:4: this is not UTF-8"), "{}", err(&output));
}

#[test]
fn no_mistake_is_invented_where_there_are_too_many() {
    let with = |count: usize| {
        let unknown: String = (0..count).map(|number| format!("unknown{number}: 1\n")).collect();
        let room = Room::new("many", &format!("{GOOD}{unknown}"));
        err(&room.run(&["validate", "gateway.yaml"], &KEYS))
    };
    assert!(with(99).ends_with("gateway.yaml: 99 mistakes\n"));
    assert!(with(100).ends_with("gateway.yaml: 100 mistakes\n"));
    let text = with(101);
    assert!(text.ends_with("gateway.yaml: 100 mistakes and more: the rest was not checked\n"), "{text}");
    assert!(!text.contains("is missing") && !text.contains("there is no"), "{text}");
}

#[test]
fn only_the_first_mistakes_of_very_many_are_shown() {
    let models: String = (0..1_000)
        .map(|number| format!("  m{number}: {{targets: [{{provider: lost, model: m}}]}}\n"))
        .collect();
    let room = Room::new("thousand", &format!("{GOOD}{models}"));
    let text = err(&room.run(&["validate", "gateway.yaml"], &KEYS));
    assert_eq!(text.matches("Error: models.m").count(), 100);
    assert!(text.ends_with("gateway.yaml: 1000 mistakes, the first 100 of them above\n"), "{}", text.len());
}

#[test]
fn a_mistake_past_the_last_character_is_shown_with_its_message() {
    for (config, expected) in [
        ("", "Error: version: the version is missing\n"),
        ("\n", "Error: version: the version is missing\n"),
        ("version: 1\nlisten: {port: 1\n", "did not find expected ',' or '}'"),
        ("version: 1\nlisten: {port: \"1", "Error: gateway.yaml: while scanning a quoted scalar"),
    ] {
        let room = Room::new("end", config);
        let text = err(&room.run(&["validate", "gateway.yaml"], &KEYS));
        assert!(text.contains(expected), "{expected:?} is not in\n{text}");
        assert!(text.contains("[ gateway.yaml:"), "{text}");
    }
}

#[test]
fn a_second_document_does_not_hide_the_mistakes_of_the_first() {
    for (config, expected) in [
        (format!("{GOOD}---\nversion: 1\n"), &["[ gateway.yaml:7:1 ]", "there is a second document"][..]),
        (format!("bonds: {{}}\n{GOOD}---\nkey: sk-pasted"), &["`bonds` is not a field", "a second document"]),
    ] {
        let room = Room::new("second", &config);
        let output = room.run(&["validate", "gateway.yaml"], &KEYS);
        let text = err(&output);
        assert_eq!(output.status.code(), Some(1));
        assert!(expected.iter().all(|part| text.contains(part)) && !text.contains("sk-pasted"), "{text}");
    }
}

#[test]
fn a_pipeline_without_keys_can_check_a_configuration() {
    let room = Room::new("pipeline", GOOD);
    let output = room.run(&["validate", "gateway.yaml"], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("the environment has no LOCAL_KEY"));
    assert!(room.run(&["validate", "gateway.yaml", "--assume-keys"], &[]).status.success());
}

#[test]
fn a_pipeline_without_keys_can_render_with_every_provider() {
    let room = Room::new("pipeline-render", GOOD);
    assert_eq!(room.render(&[], &[]).status.code(), Some(1));
    let output = room.render(&["--assume-keys", "--json"], &[]);
    assert!(output.status.success(), "{}", err(&output));
    let summary: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!((summary["providers"].as_array().unwrap().len(), &summary["left_out"]), (2, &json!([])));
    assert!(read(&room.path("out/ecds.yaml")).contains("OPENAI_API_KEY"));
}

#[test]
fn a_key_in_the_configuration_is_not_shown() {
    let providers = |text: &str| format!("version: 1\nproviders:\n  a: {text}\n");
    for config in [
        providers("{kind: opnai, url: 'https://u:sk-pasted@host', key: {env: sk-pasted}}"),
        providers("{kind: openai, key: sk-pasted, x: 1}"),
        providers("{kind: openai, apikey: sk-pasted}"),
        providers("sk-pasted"),
        providers("{sk-pasted}"),
        providers("{kind: openai, key: {sk-pasted: OPENAI_API_KEY}}"),
        providers("{kind: openai, key: {env: OPENAI_API_KEY}, key: sk-pasted}"),
        providers("{kind: opnai, url: https://host/?api-key=sk-pasted}"),
        providers("{kind: opnai, ulr: 'https://u:sk-pasted@host'}"),
        providers("{kind: opnai} # sk-pasted"),
        providers("\n    key: sk-pasted: x"),
        providers("{kind: openai, key: \"sk-pasted}"),
        providers("{kind: openai, key: &k sk-pasted}"),
        providers("{kind: openai, key: *sk-pasted}"),
    ] {
        let room = Room::new("pasted", &config);
        let output = room.run(&["validate", "gateway.yaml"], &KEYS);
        let text = err(&output);
        assert_eq!(output.status.code(), Some(1));
        assert!(text.contains("Error: ") && !text.contains("sk-pasted"), "{text}");
    }
}

#[test]
fn a_warning_is_told_and_does_not_stop() {
    let plain = GOOD.replace("kind: openai,", "kind: openai, url: http://api.example.com,");
    let room = Room::new("warning", &plain);
    for output in [room.run(&["validate", "gateway.yaml"], &KEYS), room.render(&[], &KEYS)] {
        assert!(output.status.success());
        assert!(err(&output).starts_with("warning: provider `openai`: its key is sent in plain text"));
    }
}

#[test]
fn the_summary_is_one_json_object() {
    let room = Room::new("summary", GOOD);
    let output = room.render(&["--json", "--port", "1234", "--admin-port", "1235"], &KEYS[..1]);
    assert!(output.status.success(), "{}", err(&output));
    let left_out = [
        "provider `openai` is left out: it is optional and the environment has no OPENAI_API_KEY",
        "model `chat`: fallback[0] is left out with its provider `openai`",
    ];
    assert_eq!(
        serde_json::from_str::<Value>(&out(&output)).unwrap(),
        json!({
            "listen": {"address": "127.0.0.1", "port": 1234},
            "admin": {"address": "127.0.0.1", "port": 1235},
            "providers": [{"name": "local", "kind": "self_hosted", "url": "http://127.0.0.1:8088"}],
            "left_out": left_out,
            "models": ["chat"],
            "files": [room.path("gateway.yaml")],
            "bootstrap": room.path("out/bootstrap.yaml"),
        })
    );
    assert_eq!(err(&output), left_out.map(|line| format!("warning: {line}\n")).concat());
    assert!(read(&room.path("out/lds.yaml")).contains("port_value: 1234\n"));
    assert!(read(&room.path("out/bootstrap.yaml")).contains("port_value: 1235\n"));
}

#[test]
fn options_cannot_put_the_admin_interface_where_clients_connect() {
    let room = Room::new("apart", &format!("{GOOD}listen: {{address: 0.0.0.0}}\n"));
    for ports in [["--port", "9901"], ["--admin-port", "10000"]] {
        let output = room.render(&ports, &KEYS);
        assert_eq!(output.status.code(), Some(1));
        assert!(err(&output).contains("cannot serve clients and the admin interface"), "{}", err(&output));
    }
}

#[test]
fn an_invalid_configuration_writes_nothing() {
    let room = Room::new("invalid", &GOOD.replace("version: 1", "version: 2"));
    let output = room.render(&["--json"], &KEYS);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(out(&output), "");
    assert!(!room.path("out").exists());
}

#[test]
fn a_dry_run_says_the_same_and_writes_nothing() {
    let room = Room::new("dry", GOOD);
    let dry = room.render(&["--json", "--dry-run"], &KEYS);
    assert!(dry.status.success() && !room.path("out").exists(), "{}", err(&dry));
    let mut expected: Value = serde_json::from_str(&out(&room.render(&["--json"], &KEYS))).unwrap();
    expected["bootstrap"] = json!("out/bootstrap.yaml");
    assert_eq!(serde_json::from_str::<Value>(&out(&dry)).unwrap(), expected);
}

#[test]
fn no_secret_is_in_a_file_or_a_message() {
    let room = Room::new("secrets", GOOD);
    fs::write(room.path("ca.pem"), "").unwrap();
    let output = room.render(&["--json", "--ca-bundle", "ca.pem"], &KEYS);
    assert!(output.status.success(), "{}", err(&output));
    let mut texts = vec![out(&output), err(&output)];
    for entry in fs::read_dir(room.path("out")).unwrap() {
        texts.push(read(&entry.unwrap().path()));
    }
    assert!(texts.len() >= 8);
    assert!(texts.iter().any(|text| text.contains("OPENAI_API_KEY")));
    assert!(texts.iter().all(|text| !text.contains("sk-secret")));
}

#[test]
fn options_become_absolute_paths() {
    let room = Room::new("options", GOOD);
    fs::write(room.path("ca.pem"), "").unwrap();
    let output = room.render(&["--ca-bundle", "ca.pem", "--access-log", "access.log"], &KEYS);
    assert!(output.status.success(), "{}", err(&output));
    assert_eq!(out(&output), format!("rendered: {}\n", room.path("out/bootstrap.yaml").display()));
    let quoted = |name: &str| format!("{:?}", room.path(name));
    assert!(read(&room.path("out/cds.yaml")).contains(&quoted("ca.pem")));
    assert!(read(&room.path("out/lds.yaml")).contains(&quoted("access.log")));
    let output = room.render(&["--ca-bundle", "missing.pem"], &KEYS);
    assert!(err(&output).contains("missing.pem is not a file"), "{}", err(&output));
}

#[test]
fn what_is_no_filter_is_not_installed() {
    let room = Room::new("filter", GOOD);
    fs::write(room.path("filter.wasm"), "text").unwrap();
    let output = room.render(&[], &KEYS[..1]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("filter.wasm cannot be installed"), "{}", err(&output));
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let room = Room::new("blocked", GOOD);
    fs::write(room.path("out"), "a file").unwrap();
    let output = room.render(&[], &KEYS[..1]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).starts_with("error: out cannot be written"), "{}", err(&output));
}

#[test]
fn renderers_of_one_directory_wait_for_one_another() {
    let room = Room::new("at-once", GOOD);
    let start = |number: usize| {
        let config = format!("{number}.yaml");
        fs::write(room.path(&config), GOOD.replace("chat:", &format!("model-{number}:"))).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
        command.current_dir(&room.0).env_clear().envs(KEYS[..1].iter().copied());
        command.args([
            "render",
            "envoy",
            "--out",
            "out",
            "--wasm",
            "filter.wasm",
            "--settle",
            "1ms",
            "--config",
        ]);
        command.arg(config).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
    };
    let renderers: Vec<_> = (0..8).map(start).collect();
    for renderer in renderers {
        let output = renderer.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", err(&output));
    }
}

#[test]
fn the_schema_is_printed() {
    let room = Room::new("schema", GOOD);
    let schema: Value = serde_json::from_str(&out(&room.run(&["schema"], &[]))).unwrap();
    assert_eq!(schema["properties"]["version"]["minimum"], 1);
}
