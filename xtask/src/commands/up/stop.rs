//! Hears that the gateway should stop: Ctrl-C, SIGTERM, or a terminal that was closed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::failure::{OrFail, Outcome};

/// Remembers that a signal came.
pub struct Stop {
    asked: Arc<AtomicBool>,
}

impl Stop {
    /// From here on the signals no longer end the process by themselves.
    pub fn listen() -> Outcome<Self> {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&asked))
                .or_fail("listen for signals", "run it again")?;
        }
        Ok(Self { asked })
    }

    /// Has a signal come?
    pub fn asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}
