//! Edits at every moment, with a script in the place of the `tollgate` command.

use std::path::Path;
use std::process::Command;

use super::*;

/// A folder with a configuration and a command that renders it, removed at the end.
struct Room(PathBuf);

impl Room {
    /// `script` is what the command does besides printing that it rendered the configuration.
    fn new(name: &str, script: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tollgate-watch-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        let room = Self(path);
        let json = format!(
            r#"{{"listen":{{"address":"127.0.0.1","port":10000}},"admin":{{"address":"127.0.0.1","port":9901}},
            "providers":[],"left_out":[],"models":["chat"],"files":["{}"],"bootstrap":"/r/bootstrap.yaml"}}"#,
            room.config().display()
        );
        fs::write(room.path("answer.json"), json).unwrap();
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
    let room = Room::new("trial", "cp gateway.yaml rendered");
    let render = room.render();
    let mut watch = Watch::new(&render, Edition::first(&render).unwrap());
    room.edit("first");
    watch.look();
    assert!(watch.trial.is_some(), "Envoy had no time to refuse it yet");
    room.edit("second");
    watch.look();
    assert_eq!(fs::read_to_string(room.path("rendered")).unwrap(), "second");
}
