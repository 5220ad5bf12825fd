//! Progress bars on stderr: on work over two seconds, silent when stderr is no terminal.

use std::{io::IsTerminal, sync::mpsc, thread, time::Duration};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that is over sooner needs no bar.
const PATIENCE: Duration = Duration::from_secs(2);

/// A progress bar; it disappears when this is dropped.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    /// Its end tells the thread that would show the bar that the work is over.
    _working: mpsc::Sender<()>,
}

impl Progress {
    /// A bar that is never shown.
    pub fn hidden() -> Self {
        Self {
            bar: ProgressBar::hidden(),
            _working: mpsc::channel().0,
        }
    }

    pub(super) fn new(bars: &MultiProgress, title: &str, steps: u64) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self::hidden();
        }
        let (bar, template) = match steps {
            0 => (ProgressBar::no_length(), "{spinner} {prefix} {wide_msg}"),
            _ => (
                ProgressBar::new(steps),
                "{prefix} [{bar:24}] {pos}/{len} {elapsed} {wide_msg}",
            ),
        };
        bar.set_draw_target(ProgressDrawTarget::hidden());
        bar.set_style(ProgressStyle::with_template(template).expect("the template is valid"));
        bar.set_prefix(title.to_owned());
        let (working, over) = mpsc::channel();
        let (later, bars) = (bar.clone(), bars.clone());
        thread::spawn(move || {
            if over.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
                bars.add(later.clone());
                later.enable_steady_tick(Duration::from_millis(125));
            }
        });
        Self {
            bar,
            _working: working,
        }
    }

    /// Says what is being done.
    pub fn say(&self, what: &str) {
        self.bar.set_message(what.to_owned());
    }

    /// Sets how many steps are done.
    pub fn done(&self, steps: u64) {
        self.bar.set_position(steps);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
