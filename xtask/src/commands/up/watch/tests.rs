//! Edits at every moment, with a script in the place of the `tollgate` command.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::super::render::tests::example;
use super::*;

/// A folder with a configuration and a command that renders it, removed at the end.
struct Room(PathBuf);

impl Room {
    /// `script` is what the command does besides printing that it rendered the configuration.
    fn new(name: &str, script: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tollgate-watch-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        let room = Self(path);
        room.answer(10_000, 9_901);
        let text = format!("#!/bin/sh\ncd {}\n{script}\ncat answer.json\n", room.0.display());
        fs::write(room.path("cli.text"), text).unwrap();
        // A program that this process has written itself may be busy when another test forks at that moment.
        let mut install = Command::new("install");
        install.args(["-m", "755"]).arg(room.path("cli.text")).arg(room.path("cli"));
        assert!(install.status().unwrap().success());
        room.edit("written");
        room
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn config(&self) -> PathBuf {
        self.path("gateway.yaml")
    }

    fn edit(&self, text: &str) {
        fs::write(self.config(), text).unwrap();
    }

    /// What the command answers from now on.
    fn answer(&self, port: u16, admin: u16) {
        let json = format!(
            r#"{{"listen":{{"address":"127.0.0.1","port":{port}}},"admin":{{"address":"127.0.0.1","port":{admin}}},
            "providers":[],"left_out":[],"models":["chat"],"files":["{}"],"bootstrap":"/r/bootstrap.yaml"}}"#,
            self.config().display()
        );
        fs::write(self.path("answer.json"), json).unwrap();
    }

    /// What was rendered last.
    fn rendered(&self) -> String {
        fs::read_to_string(self.path("rendered")).unwrap()
    }

    fn render(&self) -> Render {
        Render {
            cli: self.path("cli"),
            config: self.config(),
            folder: self.path("out"),
            wasm: self.path("wasm"),
            port: None,
            admin_port: None,
        }
    }
}

/// Keeps the configuration that it is called with, the fourth word after its name, unless it is a dry run.
const RENDERS: &str = r#"case "$*" in *--dry-run*) ;; *) cp "$5" rendered ;; esac"#;

/// An admin interface that says how many configurations were refused; the number can be set.
fn admin(refused: &Arc<AtomicU64>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let refused = Arc::clone(refused);
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            BufReader::new(&stream).lines().map_while(Result::ok).find(String::is_empty);
            let count = refused.load(Ordering::SeqCst);
            let _ = write!(stream, "HTTP/1.1 200 OK\r\n\r\nlistener_manager.lds.update_rejected: {count}\n");
        }
    });
    port
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn now(path: &Path) -> Contents {
    Contents::of(&[path.to_path_buf()])
}

#[test]
fn edited_file_differs_and_a_lost_one_too() {
    let room = Room::new("differs", "");
    let first = now(&room.config());
    assert!(first == now(&room.config()));
    room.edit("edited");
    assert!(first != now(&room.config()));
    fs::remove_file(room.config()).unwrap();
    assert!(first != now(&room.config()));
}

#[test]
fn edit_made_during_or_after_the_first_rendering_is_still_seen() {
    let room = Room::new("meanwhile", "echo 'edited meanwhile' > gateway.yaml");
    assert!(Edition::first(&room.render()).unwrap().contents != now(&room.config()));

    let room = Room::new("later", "");
    let first = Edition::first(&room.render()).unwrap();
    assert!(first.contents == now(&room.config()));
    room.edit("edited while the model starts");
    assert!(first.contents != now(&room.config()));
}

#[test]
fn edit_is_taken_up_while_the_one_before_is_on_trial() {
    let room = Room::new("trial", RENDERS);
    let render = room.render();
    let mut watch = Watch::new(&render, Edition::first(&render).unwrap(), None);
    room.edit("first");
    watch.look();
    assert!(watch.trial.is_some(), "Envoy had no time to refuse it yet");
    room.edit("second");
    watch.look();
    assert_eq!(room.rendered(), "second");
}

#[test]
fn edit_that_envoy_refuses_in_part_is_taken_back_as_a_whole() {
    let room = Room::new("refused", RENDERS);
    let refused = Arc::new(AtomicU64::new(2));
    room.answer(10_000, admin(&refused));
    let render = room.render();
    let mut watch = Watch::new(&render, Edition::first(&render).unwrap(), None);
    room.edit("refused in part");
    watch.look();
    assert_eq!(room.rendered(), "refused in part");
    refused.store(3, Ordering::SeqCst);
    watch.look();
    assert_eq!(room.rendered(), "written");
    // Neither is the refused one tried again, nor does the next one suffer from it.
    watch.look();
    assert_eq!((room.rendered().as_str(), watch.trial.is_some()), ("written", false));
    room.edit("better");
    watch.look();
    watch.look();
    assert_eq!((room.rendered().as_str(), watch.trial.is_some()), ("better", true));
}

#[test]
fn edit_that_needs_a_port_in_use_is_not_rendered() {
    let room = Room::new("port", RENDERS);
    let admin = admin(&Arc::new(AtomicU64::new(0)));
    room.answer(10_000, admin);
    let render = room.render();
    let mut watch = Watch::new(&render, Edition::first(&render).unwrap(), None);
    room.answer(admin, admin);
    room.edit("a port in use");
    watch.look();
    assert_eq!((room.rendered().as_str(), watch.trial.is_some()), ("written", false));
}

#[test]
fn what_stays_where_it_was_started_is_said() {
    let room = Room::new("unmoved", "");
    let render = room.render();
    let watch = Watch::new(&render, Edition::first(&render).unwrap(), Some(8_088));
    let check = |admin: u16, url: &str, expected: &[&str]| {
        let mut new = example();
        new.admin.port = admin;
        new.providers[0].url = url.to_owned();
        assert_eq!(watch.unmoved(&new), expected, "{admin} {url}");
    };
    check(9_901, "http://127.0.0.1:8088", &[]);
    check(9_902, "http://127.0.0.1:8088", &["the admin interface"]);
    check(9_901, "http://127.0.0.1:8089", &["the local model"]);
    check(9_902, "http://localhost:8089", &["the admin interface", "the local model"]);
    check(9_901, "http://model.internal:8089", &[]);
}
