//! Programs that run beside xtask until it ends: started in a process group of their own, stopped with the group.
//!
//! Dropping a [`Running`] stops it, so a panic or an early return leaves nothing behind; on Linux the kernel ends it
//! even when xtask is killed.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::command::end_with_parent;
use crate::failure::{Failure, OrFail, Outcome};

/// How long a program may take to end by itself.
const GRACE: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A program that was started and has not been stopped.
pub struct Running {
    name: String,
    child: Child,
    /// What hands on its messages, where some of them are left out.
    messages: Option<JoinHandle<()>>,
}

impl Running {
    /// Starts the program. Call it from the main thread: the kernel's signal on the parent's death follows the thread.
    pub fn start(name: &str, command: &mut Command) -> Outcome<Self> {
        end_with_parent(command);
        let child = command
            .process_group(0)
            .stdin(Stdio::null())
            .spawn()
            .or_fail(format!("start {name}"), "run it again; the program's file may be damaged")?;
        Ok(Self { name: name.to_owned(), child, messages: None })
    }

    /// As [`Running::start`], without the lines of its standard error that are noise.
    pub fn start_without(noise: fn(&str) -> bool, name: &str, command: &mut Command) -> Outcome<Self> {
        let mut running = Self::start(name, command.stderr(Stdio::piped()))?;
        running.messages =
            running.child.stderr.take().map(|from| thread::spawn(move || hand_on(from, io::stderr(), noise)));
        Ok(running)
    }

    /// The name it was started under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits until `ready` says yes; fails when the program ends before that, or when the time is over.
    pub fn wait_until(&mut self, ready: impl Fn() -> bool, limit: Duration, remedy: &str) -> Outcome<()> {
        let started = Instant::now();
        while !ready() {
            if let Some(status) = self.ended() {
                return Err(Failure::new(
                    format!("{} ended before it was ready ({status})", self.name),
                    remedy,
                ));
            }
            if started.elapsed() > limit {
                return Err(Failure::new(
                    format!("{} was not ready after {} s", self.name, limit.as_secs()),
                    remedy,
                ));
            }
            thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.signal(Signal::TERM);
        let started = Instant::now();
        while self.ended().is_none() && started.elapsed() < GRACE {
            thread::sleep(LOOK_EVERY);
        }
        // The leader may be gone and a child of its own still there.
        self.signal(Signal::KILL);
        let _ = self.child.wait();
        if let Some(messages) = self.messages.take() {
            let _ = messages.join();
        }
    }
}

/// Copies line by line; nobody is left to tell if it cannot be written.
fn hand_on(from: impl Read, mut to: impl Write, noise: fn(&str) -> bool) {
    for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
        if !noise(&String::from_utf8_lossy(&line)) {
            let _ = to.write_all(&[line.as_slice(), b"\n"].concat());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alive(id: u32) -> bool {
        Pid::from_raw(i32::try_from(id).unwrap())
            .is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
    }

    #[test]
    fn dropped_program_is_gone() {
        let running = Running::start("sleep", Command::new("sleep").arg("60")).unwrap();
        let id = running.id();
        assert!(alive(id));
        drop(running);
        assert!(!alive(id));
    }

    #[test]
    fn noise_is_left_out_of_what_a_program_says() {
        let mut said = Vec::new();
        hand_on(&b"one\nnoise\n\xfftwo\n"[..], &mut said, |line| line == "noise");
        assert_eq!(said, b"one\n\xfftwo\n");
    }

    #[test]
    fn program_that_ends_early_is_reported_with_its_name() {
        let mut running = Running::start("the model", &mut Command::new("false")).unwrap();
        let failure = running.wait_until(|| false, Duration::from_secs(20), "look").unwrap_err();
        assert!(failure.what.contains("the model ended before it was ready"), "{failure}");
    }
}
