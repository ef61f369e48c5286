//! While the gateway runs: renders an edited configuration again, and notices when a program ends by itself.

use std::fs;
use std::path::PathBuf;
use std::slice;
use std::thread;
use std::time::{Duration, Instant};

use super::admin;
use super::gateway::Gateway;
use super::render::{Render, Rendered};
use super::stop::Stop;
use crate::failure::{Failure, Outcome};
use crate::ui;

const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Editors write a file in more than one step; this long after the first the rest is there.
const SETTLE: Duration = Duration::from_millis(100);

/// How long Envoy may take to answer for a new configuration.
const TAKE_UP: Duration = Duration::from_millis(1500);

/// Returns when told to stop; fails when Envoy ends by itself. `seen` is what `rendered` was made from.
pub fn until_stopped(
    render: &Render,
    (mut rendered, mut seen): (Rendered, Contents),
    gateway: &mut Gateway,
    stop: &Stop,
) -> Outcome<()> {
    while !stop.asked() {
        thread::sleep(LOOK_EVERY);
        if let Some(status) = gateway.envoy.ended() {
            return Err(Failure::new(format!("Envoy ended by itself ({status})"), "read what it says above"));
        }
        if let Some(model) = gateway.model.take_if(|model| model.ended().is_some()) {
            ui::warn(&format!(
                "{} has stopped; requests go to the fallback, where there is one",
                model.name()
            ));
        }
        if seen != Contents::of(&rendered.files) {
            thread::sleep(SETTLE);
            seen = Contents::of(&rendered.files);
            if let Some(new) = take_up(render, &rendered, stop) {
                rendered = new;
                seen = seen.with(&rendered.files);
            }
        }
    }
    Ok(())
}

/// Renders again; `None` when the edit is not valid, which leaves everything as it was.
fn take_up(render: &Render, old: &Rendered, stop: &Stop) -> Option<Rendered> {
    let refused = admin::refused(&old.admin);
    let new = match render.run() {
        Ok(new) => new,
        Err(failure) => {
            ui::warn(&format!("{}; the last good configuration keeps serving", failure.what));
            return None;
        }
    };
    new.say_left_out(&old.left_out);
    let since = Instant::now();
    while since.elapsed() < TAKE_UP && !stop.asked() {
        thread::sleep(LOOK_EVERY);
    }
    if refused < admin::refused(&old.admin) {
        ui::warn("Envoy refused the new configuration as it says above; the last good one keeps serving");
    } else {
        ui::say("reloaded", &format!("{}: models {}", render.config.display(), new.models.join(", ")));
    }
    if new.admin != old.admin {
        ui::warn("the admin interface moves only when the gateway is started again");
    }
    // Envoy goes on answering for itself where it was started.
    Some(Rendered { admin: old.admin.clone(), ..new })
}

/// What is in the configuration files; a file that cannot be read has no contents.
#[derive(PartialEq)]
pub struct Contents(Vec<(PathBuf, Option<Vec<u8>>)>);

impl Contents {
    /// Renders for the first time, and remembers what was there before that: whatever is edited from here on, also while
    /// programs start, is another content.
    pub fn rendered(render: &Render) -> Outcome<(Rendered, Self)> {
        let seen = Self::of(slice::from_ref(&render.config));
        let rendered = render.run()?;
        let seen = seen.with(&rendered.files);
        Ok((rendered, seen))
    }

    fn of(files: &[PathBuf]) -> Self {
        Self(files.iter().map(|path| (path.clone(), fs::read(path).ok())).collect())
    }

    /// The same for another list of files, reading only those that are new: an edit made meanwhile must still be seen.
    fn with(self, files: &[PathBuf]) -> Self {
        let known =
            |path: &PathBuf| self.0.iter().find(|(known, _)| known == path).map(|(_, bytes)| bytes.clone());
        Self(
            files
                .iter()
                .map(|path| (path.clone(), known(path).unwrap_or_else(|| fs::read(path).ok())))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests;
