//! Signals that end a command in an orderly way.

use crate::error::Exit;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::sync::{Arc, atomic::AtomicBool};

/// Set by the first signal, so that work in hand ends in order; the second ends the program at once.
pub(super) fn catch_signals() -> Arc<AtomicBool> {
    let interrupt = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        let exit = Exit::Interrupted as i32;
        // Without the handlers a signal ends the program at once, which is safe too.
        let _set =
            signal_hook::flag::register_conditional_shutdown(signal, exit, Arc::clone(&interrupt));
        let _set = signal_hook::flag::register(signal, Arc::clone(&interrupt));
    }
    interrupt
}
