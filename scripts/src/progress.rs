//! Progress on standard error, hidden when that is not a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Where progress is shown. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Progress {
    quiet: bool,
}

impl Progress {
    /// Shown when standard error is a terminal.
    pub fn visible() -> Self {
        Self { quiet: false }
    }

    /// Never shown: for tests and for callers that draw their own.
    pub fn silent() -> Self {
        Self { quiet: true }
    }

    /// A spinner for a step of unknown length. It disappears when dropped or finished.
    pub fn spinner(&self, message: impl Into<String>) -> ProgressBar {
        let bar = self.attach(ProgressBar::new_spinner());
        bar.set_message(message.into());
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    }

    /// A bar of `steps` steps.
    pub fn bar(&self, steps: u64, message: impl Into<String>) -> ProgressBar {
        let bar = self.attach(ProgressBar::new(steps));
        // The template is a constant; should it ever be malformed, the default style is as good.
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {elapsed} {msg}") {
            bar.set_style(style);
        }
        bar.set_message(message.into());
        bar
    }

    fn attach(&self, bar: ProgressBar) -> ProgressBar {
        let target = if self.quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        bar.set_draw_target(target);
        bar
    }
}
