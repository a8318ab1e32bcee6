//! Progress bars with rate and time left, on a terminal only.

use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::night::order::{Phase, Progress};
use mail::piece::PieceKind;

/// Shows a night's progress.
pub(super) struct ProgressBars {
    shown: bool,
    bar: Mutex<Option<ProgressBar>>,
}

impl ProgressBars {
    /// Bars are shown only if `shown`.
    pub(super) fn new(shown: bool) -> ProgressBars {
        ProgressBars { shown, bar: Mutex::new(None) }
    }

    fn with_bar(&self, work: impl FnOnce(&ProgressBar)) {
        if let Ok(Some(bar)) = self.bar.lock().as_deref() {
            work(bar);
        }
    }
}

impl Progress for ProgressBars {
    fn begin(&self, phase: Phase, total: u64) {
        if !self.shown {
            return;
        }
        let bar = match total {
            0 => ProgressBar::new_spinner(),
            total => ProgressBar::new(total),
        };
        let template = "{msg:<22} {bar:32} {pos}/{len}  {rate}  {eta} left";
        if total > 0
            && let Ok(style) = ProgressStyle::with_template(template)
        {
            bar.set_style(style.with_key("rate", rate));
        }
        bar.set_message(title(phase));
        if let Ok(mut shown) = self.bar.lock() {
            *shown = Some(bar);
        }
    }

    fn advance(&self, by: u64) {
        self.with_bar(|bar| bar.inc(by));
    }

    fn end(&self) {
        self.with_bar(ProgressBar::finish_and_clear);
    }
}

/// The rate per second, without decimals.
fn rate(state: &ProgressState, out: &mut dyn std::fmt::Write) {
    // Writing to memory does not fail.
    let _ = write!(out, "{:.0}/s", state.per_sec());
}

fn title(phase: Phase) -> &'static str {
    match phase {
        Phase::Intake => "reading records",
        Phase::Templates(PieceKind::Letter) => "laying out letters",
        Phase::Templates(PieceKind::Mailer) => "laying out mailers",
        Phase::Printing(PieceKind::Letter) => "printing letters",
        Phase::Printing(PieceKind::Mailer) => "printing mailers",
        Phase::Proofing => "reading back",
        Phase::Merging => "checking shares",
    }
}
