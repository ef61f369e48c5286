//! Runs other programs to their end: silently behind a bar, or with their own output on the terminal.
//!
//! A program that fails becomes a [`Failure`] with its last lines; a program that outlives xtask is not possible on
//! Linux, where the kernel ends it with its parent.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{Failure, OrFail, Outcome};
use crate::ui::Step;

/// How many of a failed program's last lines are shown.
const TAIL_LINES_MAX: usize = 30;

/// How long a program may take to show a sign of life.
pub struct Patience {
    /// The text in one of its lines that counts as the sign.
    pub sign: &'static str,
    /// It is ended when the sign has not come by then.
    pub wait: Duration,
}

/// Runs a program with its own output on the terminal.
pub fn loud(command: &mut Command, what: &str, remedy: &str) -> Outcome<()> {
    end_with_parent(command);
    let status = command.status().or_fail(format!("{what}: cannot start `{}`", shown(command)), remedy)?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("{what} failed ({status})"), remedy))
}

/// Runs a program behind a bar; its output is shown only when it fails.
pub fn quiet(command: &mut Command, what: &str, remedy: &str) -> Outcome<()> {
    let step = Step::begin(what);
    let ended = watched(command, &step, None);
    finish(step, ended, what, remedy)
}

/// As [`quiet`], for a program that may hang before it has begun to work.
pub fn quiet_within(command: &mut Command, what: &str, remedy: &str, patience: &Patience) -> Outcome<()> {
    let step = Step::begin(what);
    let ended = watched(command, &step, Some(patience));
    finish(step, ended, what, remedy)
}

/// Runs a short program and returns what it printed on standard output.
pub fn output(command: &mut Command, what: &str, remedy: &str) -> Outcome<String> {
    let Output { status, stdout, stderr } = command
        .stdin(Stdio::null())
        .output()
        .or_fail(format!("{what}: cannot start `{}`", shown(command)), remedy)?;
    if status.success() {
        return Ok(String::from_utf8_lossy(&stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&stderr);
    Err(Failure::new(format!("{what} failed ({status}): {}", said.trim()), remedy))
}

/// Asks the kernel to end the program when xtask is gone, however that came about.
pub fn end_with_parent(command: &mut Command) {
    #[cfg(target_os = "linux")]
    #[expect(
        unsafe_code,
        reason = "the closure only makes one system call, which is allowed between fork and exec"
    )]
    // SAFETY: prctl(2) is async-signal-safe and the closure touches no memory of the parent.
    unsafe {
        command.pre_exec(|| {
            rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::TERM))
                .map_err(Into::into)
        });
    }
    #[cfg(not(target_os = "linux"))]
    let _ = command;
}

fn finish(step: Step, ended: Outcome<()>, what: &str, remedy: &str) -> Outcome<()> {
    match ended {
        Ok(()) => {
            step.end();
            Ok(())
        }
        Err(cause) => {
            step.abandon();
            Err(Failure::new(format!("{what}: {}", cause.what), remedy))
        }
    }
}

fn watched(command: &mut Command, step: &Step, patience: Option<&Patience>) -> Outcome<()> {
    end_with_parent(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .or_fail(format!("cannot start `{}`", shown(command)), "")?;
    let lines = lines_of(&mut child);
    let mut tail = VecDeque::with_capacity(TAIL_LINES_MAX);
    let started = Instant::now();
    let mut waiting = patience;
    loop {
        match lines.recv_timeout(Duration::from_millis(200)) {
            Ok(line) => {
                waiting = waiting.filter(|patience| !line.contains(patience.sign));
                step.note(&line);
                if tail.len() == TAIL_LINES_MAX {
                    tail.pop_front();
                }
                tail.push_back(line);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if waiting.is_some_and(|patience| started.elapsed() > patience.wait) {
            let _ = child.kill();
            let _ = child.wait();
            return Err(Failure::new(format!("no answer within {} s", started.elapsed().as_secs()), ""));
        }
    }
    let status = child.wait().or_fail("wait for the program", "")?;
    if status.success() {
        return Ok(());
    }
    let said: Vec<String> = tail.into_iter().map(|line| format!("\n    {line}")).collect();
    Err(Failure::new(format!("`{}` ended with {status}{}", shown(command), said.concat()), ""))
}

/// Both outputs of the program as one stream of lines, which ends when both are closed.
fn lines_of(child: &mut Child) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        forward(stdout, sender.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        forward(stderr, sender);
    }
    receiver
}

fn forward(source: impl Read + Send + 'static, sender: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(source).split(b'\n').map_while(Result::ok) {
            if sender.send(String::from_utf8_lossy(&line).trim_end().to_owned()).is_err() {
                break;
            }
        }
    });
}

/// The program's name and its first arguments, short enough for one line.
fn shown(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args().take(4) {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn failed_program_is_reported_with_its_last_lines_and_the_remedy() {
        let failure =
            quiet(&mut shell("echo first; echo last >&2; exit 3"), "try it", "do this").unwrap_err();
        assert!(failure.what.contains("first") && failure.what.contains("last"), "{failure}");
        assert!(failure.what.starts_with("try it"), "{failure}");
        assert_eq!(failure.remedy, "do this");
    }

    #[test]
    fn program_without_a_sign_of_life_is_ended() {
        let patience = Patience { sign: "working", wait: Duration::from_millis(300) };
        let started = Instant::now();
        let ended = quiet_within(&mut shell("exec sleep 30"), "hang", "", &patience);
        assert!(ended.is_err());
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn program_that_gave_its_sign_may_take_its_time() {
        let patience = Patience { sign: "working", wait: Duration::from_millis(300) };
        assert!(quiet_within(&mut shell("echo working; sleep 0.6"), "work", "", &patience).is_ok());
    }

    #[test]
    fn missing_program_is_a_failure_and_not_a_panic() {
        assert!(output(&mut Command::new("no-such-program-anywhere"), "look", "install it").is_err());
    }
}
