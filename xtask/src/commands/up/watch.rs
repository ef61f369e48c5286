//! While the gateway runs: renders an edited configuration again, and notices when a program ends by itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::slice;
use std::thread;
use std::time::{Duration, Instant};

use super::admin;
use super::gateway::Gateway;
use super::local_model;
use super::render::{Endpoint, Render, Rendered};
use super::stop::Stop;
use crate::failure::{Failure, Outcome};
use crate::ports;
use crate::ui;

const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Editors write a file in more than one step; this long after the first the rest is there.
const SETTLE: Duration = Duration::from_millis(100);

/// How long Envoy may take to answer for a new configuration.
const TAKE_UP: Duration = Duration::from_millis(1500);

/// Returns when told to stop; fails when Envoy ends by itself.
pub fn until_stopped(mut watch: Watch<'_>, gateway: &mut Gateway, stop: &Stop) -> Outcome<()> {
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
        watch.look();
    }
    Ok(())
}

/// A configuration that was rendered, and what the files held that it was made from.
pub struct Edition {
    /// What it says.
    pub rendered: Rendered,
    contents: Contents,
}

impl Edition {
    /// Renders for the first time. Whatever is edited from here on, also while programs start, differs from it.
    pub fn first(render: &Render) -> Outcome<Self> {
        let contents = Contents::of(slice::from_ref(&render.config));
        let rendered = render.run()?;
        let contents = contents.with(&rendered.files);
        Ok(Self { rendered, contents })
    }
}

/// Follows the configuration. What Envoy was given is on trial until it has had the time to refuse it, and edits are
/// taken up meanwhile.
pub struct Watch<'a> {
    render: &'a Render,
    /// What Envoy has taken.
    good: Edition,
    /// What Envoy was given since, and when.
    trial: Option<(Edition, Instant)>,
    /// What the files held at the last look.
    seen: Contents,
    /// How many configurations Envoy had refused before the trial.
    refused: u64,
    /// Where the local model serves, if it runs.
    model: Option<u16>,
}

impl<'a> Watch<'a> {
    /// Begins with what Envoy was started with.
    pub fn new(render: &'a Render, first: Edition, model: Option<u16>) -> Self {
        Self { render, seen: first.contents.clone(), good: first, trial: None, refused: 0, model }
    }

    /// Judges what is on trial, and takes up an edit.
    fn look(&mut self) {
        self.judge();
        if self.seen == Contents::of(&self.given().files) {
            return;
        }
        thread::sleep(SETTLE);
        self.seen = Contents::of(&self.given().files);
        if let Err(failure) = self.take_up() {
            ui::warn(&format!("{}; the last good configuration keeps serving", failure.what));
        }
    }

    /// What Envoy was given last.
    fn given(&self) -> &Rendered {
        self.trial.as_ref().map_or(&self.good.rendered, |(edition, _)| &edition.rendered)
    }

    /// Renders again; a failure leaves everything as it was.
    fn take_up(&mut self) -> Outcome<()> {
        self.require_port(&self.render.plan()?)?;
        if self.trial.is_none() {
            self.refused = admin::refused(&self.good.rendered.admin).unwrap_or(self.refused);
        }
        let rendered = self.render.run()?;
        rendered.say_left_out(&self.given().left_out);
        self.seen = self.seen.with(&rendered.files);
        self.trial = Some((Edition { rendered, contents: self.seen.clone() }, Instant::now()));
        Ok(())
    }

    /// Envoy takes up everything else of a configuration whose port it cannot have, so it is not given one.
    fn require_port(&self, planned: &Rendered) -> Outcome<()> {
        let Endpoint { address, port } = &planned.listen;
        // Where Envoy listens already it may listen on another address too, which only Envoy can tell.
        if *port == self.given().listen.port {
            return Ok(());
        }
        ports::require_free(address, *port, "clients", "write another `listen.port`")
    }

    fn judge(&mut self) {
        let Some((_, since)) = &self.trial else { return };
        let is_refused =
            admin::refused(&self.good.rendered.admin).is_some_and(|refused| refused > self.refused);
        if !is_refused && since.elapsed() < TAKE_UP {
            return;
        }
        match self.trial.take() {
            Some(_) if is_refused => self.go_back(),
            Some((edition, _)) => self.accept(edition),
            None => {}
        }
    }

    fn accept(&mut self, edition: Edition) {
        let models = edition.rendered.models.join(", ");
        ui::say("reloaded", &format!("{}: models {models}", self.render.config.display()));
        self.unmoved(&edition.rendered).iter().for_each(|what| {
            ui::warn(&format!("{what} moves only when the gateway is started again"));
        });
        let old = self.good.rendered.admin.clone();
        // Envoy goes on answering for itself where it was started.
        self.good = Edition { rendered: Rendered { admin: old, ..edition.rendered }, ..edition };
    }

    /// What the new configuration has elsewhere than where it was started.
    fn unmoved(&self, new: &Rendered) -> Vec<&'static str> {
        let admin = (new.admin != self.good.rendered.admin).then_some("the admin interface");
        let is_elsewhere = self.model.zip(local_model::port(new)).is_some_and(|(old, new)| old != new);
        admin.into_iter().chain(is_elsewhere.then_some("the local model")).collect()
    }

    /// Envoy refuses a configuration part by part and serves the rest of it, so it is given the last good one again.
    fn go_back(&self) {
        let refused = "Envoy refused a part of the new configuration as it says above";
        let text = self.good.contents.text(&self.render.config);
        let again = match text {
            Some(text) => self.render.again(text),
            None => Err(Failure::new("it was not read", "")),
        };
        match again {
            Ok(()) => ui::warn(&format!("{refused}; the last good one is in force again")),
            Err(failure) => ui::warn(&format!(
                "{refused}; the rest of it is in force, because the last good one cannot be rendered again: {}",
                failure.what
            )),
        }
    }
}

/// What is in the configuration files; a file that cannot be read has no contents.
#[derive(Clone, PartialEq)]
struct Contents(Vec<(PathBuf, Option<Vec<u8>>)>);

impl Contents {
    fn of(files: &[PathBuf]) -> Self {
        Self(files.iter().map(|path| (path.clone(), fs::read(path).ok())).collect())
    }

    /// What was in one of the files.
    fn text(&self, path: &Path) -> Option<&[u8]> {
        self.0.iter().find(|(known, _)| known == path)?.1.as_deref()
    }

    /// The same for another list of files, reading only those that are new: an edit made meanwhile must still be seen.
    fn with(&self, files: &[PathBuf]) -> Self {
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
