//! The order of a reload, and what is kept for requests on their way.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::super::{Place, previous, render};
use super::{Act, Rendered, install, plan, write};
use crate::load::{every_key, read};

const NOW_MS: u64 = 1_000_000;

/// A directory of its own, removed at the end.
struct Dir(PathBuf);

impl Dir {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tollgate-write-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, rendered: &Rendered) {
        self.write_at(rendered, NOW_MS);
    }

    fn write_at(&self, rendered: &Rendered, now_ms: u64) {
        write(&self.0, &place(), rendered, Duration::ZERO, now_ms).unwrap();
    }

    /// The ports of the clusters that Envoy is told of: each test's provider has its own.
    fn ports(&self) -> Vec<u64> {
        let document = previous::document(&self.0, "cds.yaml").unwrap();
        let port = |cluster: &Value| {
            cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]["address"]["socket_address"]
                ["port_value"]
                .as_u64()
                .unwrap()
        };
        previous::resources(&document).iter().map(port).collect()
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn place() -> Place {
    Place {
        dir: "/run".to_owned(),
        wasm: "/run/tollgate-0.wasm".to_owned(),
        ca_bundle: None,
        access_log: None,
    }
}

/// One provider at this port; `idle` changes the routes and the listener.
fn rendered(port: u16, idle: &str) -> Rendered {
    let text = format!(
        "version: 1\nbounds: {{stream_idle: {idle}}}\n\
         providers: {{a: {{kind: self_hosted, url: 'http://127.0.0.1:{port}', dialect: openai_chat}}}}\n\
         models: {{m: {{targets: [{{provider: a, model: x}}]}}}}\n"
    );
    render(&read(&text, &every_key).unwrap(), &place())
}

fn order(acts: &[Act]) -> Vec<&str> {
    let name = |act: &Act| match act {
        Act::Write(file, _) => *file,
        Act::Settle => "settle",
    };
    acts.iter().map(name).map(|name| name.trim_end_matches(".yaml")).collect::<Vec<_>>()
}

#[test]
fn a_first_rendering_writes_everything_and_waits_for_nobody() {
    let dir = Dir::new("first");
    assert_eq!(
        order(&plan(&dir.0, &rendered(1, "60s"), NOW_MS)),
        ["bootstrap", "cds", "rds", "lds", "ecds", "retired"]
    );
}

#[test]
fn the_same_again_writes_nothing() {
    let dir = Dir::new("same");
    dir.write(&rendered(1, "60s"));
    assert_eq!(order(&plan(&dir.0, &rendered(1, "60s"), NOW_MS)), [""; 0]);
}

#[test]
fn new_clusters_are_warm_before_edge_sends_anything_there() {
    let dir = Dir::new("order");
    dir.write(&rendered(1, "60s"));
    assert_eq!(order(&plan(&dir.0, &rendered(2, "60s"), NOW_MS)), ["cds", "settle", "ecds", "retired"]);
    assert_eq!(
        order(&plan(&dir.0, &rendered(2, "30s"), NOW_MS)),
        ["cds", "rds", "lds", "settle", "ecds", "retired"]
    );
}

#[test]
fn routes_change_without_a_pause() {
    let dir = Dir::new("routes");
    dir.write(&rendered(1, "60s"));
    assert_eq!(order(&plan(&dir.0, &rendered(1, "30s"), NOW_MS)), ["rds", "lds", "retired"]);
}

#[test]
fn a_cluster_outlives_any_number_of_changes_as_long_as_a_request_may_need_it() {
    let dir = Dir::new("union");
    // One try of 60 seconds, and the second that is added to all tries.
    let holds_ms = rendered(1, "60s").holds_ms;
    assert_eq!(holds_ms, 61_000);
    for (port, at_ms, expected) in [
        (1, 0, &[1][..]),
        (2, 10_000, &[2, 1]),
        // Nothing changes.
        (2, 20_000, &[2, 1]),
        (3, 30_000, &[3, 2, 1]),
        // The first one was left at 10 seconds, the second at 30.
        (4, 10_000 + holds_ms - 1, &[4, 3, 2, 1]),
        (4, 10_000 + holds_ms, &[4, 3, 2]),
        (4, 30_000 + holds_ms, &[4, 3]),
        (3, 30_000 + holds_ms, &[3, 4]),
    ] {
        dir.write_at(&rendered(port, "60s"), NOW_MS + at_ms);
        assert_eq!(dir.ports(), expected, "{port} at {at_ms}");
    }
}

#[test]
fn a_cluster_stays_as_long_as_its_own_configuration_said() {
    let dir = Dir::new("own");
    dir.write_at(&rendered(1, "60s"), NOW_MS);
    dir.write_at(&rendered(2, "5s"), NOW_MS);
    dir.write_at(&rendered(3, "5s"), NOW_MS + 10_000);
    assert_eq!(dir.ports(), [3, 2, 1]);
    dir.write_at(&rendered(3, "5s"), NOW_MS + 20_000);
    assert_eq!(dir.ports(), [3, 1]);
}

#[test]
fn a_cluster_that_is_already_warm_needs_no_pause() {
    let dir = Dir::new("back");
    dir.write(&rendered(1, "60s"));
    dir.write(&rendered(2, "60s"));
    assert_eq!(order(&plan(&dir.0, &rendered(1, "60s"), NOW_MS)), ["cds", "ecds", "retired"]);
}

#[test]
fn a_damaged_directory_is_rendered_anew() {
    let dir = Dir::new("damaged");
    dir.write(&rendered(1, "60s"));
    fs::write(dir.0.join("ecds.yaml"), "resources: [").unwrap();
    fs::write(dir.0.join("cds.yaml"), "- x").unwrap();
    assert_eq!(order(&plan(&dir.0, &rendered(1, "60s"), NOW_MS)), ["cds", "ecds"]);
}

#[test]
fn a_file_is_replaced_by_another_and_never_written_in_place() {
    use std::os::unix::fs::MetadataExt;
    let dir = Dir::new("atomic");
    dir.write(&rendered(1, "60s"));
    let inode = |file: &str| fs::metadata(dir.0.join(file)).unwrap().ino();
    let (cds, rds) = (inode("cds.yaml"), inode("rds.yaml"));
    let held = fs::File::open(dir.0.join("cds.yaml")).unwrap();
    dir.write(&rendered(2, "60s"));
    assert_ne!(inode("cds.yaml"), cds);
    assert_eq!(inode("rds.yaml"), rds);
    let old = std::io::read_to_string(held).unwrap();
    assert!(old.contains("port_value: 1\n") && !old.contains("port_value: 2\n"));
    let names: Vec<_> = fs::read_dir(&dir.0).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(names.len(), 6, "{names:?}");
}

#[test]
fn the_filter_is_installed_under_the_name_of_its_content() {
    let dir = Dir::new("install");
    let (source, out) = (dir.0.join("a.wasm"), dir.0.join("out"));
    fs::write(&source, b"\0asm one").unwrap();
    let one = install(&out, &source).unwrap();
    let written = |path: &PathBuf| fs::metadata(path).unwrap().modified().unwrap();
    let before: SystemTime = written(&one);
    assert_eq!(install(&out, &source).unwrap(), one);
    assert_eq!(written(&one), before);
    fs::write(&source, b"\0asm two").unwrap();
    let two = install(&out, &source).unwrap();
    assert_ne!(one, two);
    assert!(one.is_absolute() && one.exists() && two.exists());
    fs::write(&source, b"text").unwrap();
    assert!(install(&out, &source).is_err());
}

#[test]
fn a_copy_of_the_filter_goes_with_the_last_file_that_names_it() {
    let dir = Dir::new("sweep");
    let at = |wasm: &str, now_ms: u64| {
        let text = "version: 1\n\
             providers: {a: {kind: self_hosted, url: 'http://127.0.0.1:1', dialect: openai_chat}}\n\
             models: {m: {targets: [{provider: a, model: x}, {provider: a, model: y}]}}\n";
        let place = Place { wasm: format!("/run/{wasm}"), ..place() };
        fs::write(dir.0.join(wasm), "").unwrap();
        let rendered = render(&read(text, &every_key).unwrap(), &place);
        write(&dir.0, &place, &rendered, Duration::ZERO, now_ms).unwrap();
    };
    let is_there = |wasm: &str| dir.0.join(wasm).exists();
    at("tollgate-1.wasm", 0);
    at("tollgate-2.wasm", 1_000);
    assert!(is_there("tollgate-1.wasm") && is_there("tollgate-2.wasm"));
    at("tollgate-3.wasm", 1_000_000);
    assert!(!is_there("tollgate-1.wasm") && is_there("tollgate-2.wasm") && is_there("tollgate-3.wasm"));
}
