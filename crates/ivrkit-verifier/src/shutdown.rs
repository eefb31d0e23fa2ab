//! Asking a running server to stop.
//!
//! A [`Trigger`] is pulled once; every [`Signal`] of it then says so. A trigger that is dropped
//! counts as pulled, so that nothing runs on without an owner.

use tokio::sync::watch;

/// Asks everything that holds the signal to stop.
#[derive(Debug)]
pub struct Trigger(watch::Sender<bool>);

/// Tells when it is time to stop.
#[derive(Debug, Clone)]
pub struct Signal(watch::Receiver<bool>);

/// A trigger and its signal.
pub fn pair() -> (Trigger, Signal) {
    let (sender, receiver) = watch::channel(false);
    (Trigger(sender), Signal(receiver))
}

impl Trigger {
    /// Asks to stop; asking twice does nothing more.
    pub fn pull(&self) {
        self.0.send_replace(true);
    }
}

impl Signal {
    /// Whether it is time to stop.
    pub fn is_pulled(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Waits until it is.
    pub async fn pulled(&mut self) {
        // An error says that the trigger is gone, which counts as pulled.
        let _ = self.0.wait_for(|pulled| *pulled).await;
    }
}
