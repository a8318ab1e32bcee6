//! Progress on a terminal only: what the work is doing, and a line for each station that is done.
//!
//! What is counted has a bar with rate and time left, or the count where the end is not known; everything else has a clock, so
//! that a pause always says why. A station that counted something, or took a second, stays as a line with its time.

use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use indicatif::{HumanCount, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::console::print_aside;
use crate::night::order::{Phase, Progress};
use mail::piece::PieceKind;

/// How often a bar is drawn anew while nothing is counted.
const TICK: Duration = Duration::from_millis(100);
/// A station that counts nothing and took less leaves no line.
const WORTH_A_LINE: Duration = Duration::from_secs(1);

/// The bars of this process, on standard error; hidden where that is no terminal.
static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// Writes to the terminal while no bar is on it.
pub(super) fn without_bars<T>(write: impl FnOnce() -> T) -> T {
    BARS.suspend(write)
}

/// Shows a night's progress.
pub(super) struct ProgressBars {
    shown: bool,
    bar: Mutex<Option<(Phase, ProgressBar)>>,
}

impl ProgressBars {
    /// Bars are shown only if `shown`.
    pub(super) fn new(shown: bool) -> ProgressBars {
        ProgressBars { shown, bar: Mutex::new(None) }
    }

    fn take(&self) -> Option<(Phase, ProgressBar)> {
        self.bar.lock().ok().and_then(|mut bar| bar.take())
    }
}

impl Progress for ProgressBars {
    fn begin(&self, phase: Phase, total: u64) {
        if !self.shown {
            return;
        }
        // A station that failed was not ended.
        if let Some((_, bar)) = self.take() {
            bar.finish_and_clear();
        }
        let template = match (total, unit(phase)) {
            (0, "") => "{spinner} {msg:<26} {elapsed}",
            (0, _) => "{spinner} {msg:<26} {human_pos} {prefix}  {rate}  {elapsed}",
            _ => "  {msg:<26} {bar:24} {human_pos}/{human_len} {prefix}  {rate}  {eta} left",
        };
        // Hidden until all of it is known.
        let bar = ProgressBar::with_draw_target((total > 0).then_some(total), ProgressDrawTarget::hidden());
        let mut bar = bar.with_prefix(unit(phase)).with_message(title(phase));
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar = bar.with_style(style.with_key("rate", rate));
        }
        let bar = BARS.add(bar);
        bar.enable_steady_tick(TICK);
        if let Ok(mut shown) = self.bar.lock() {
            *shown = Some((phase, bar));
        }
    }

    fn advance(&self, by: u64) {
        if let Ok(Some((_, bar))) = self.bar.lock().as_deref() {
            bar.inc(by);
        }
    }

    fn end(&self) {
        let Some((phase, bar)) = self.take() else { return };
        let (count, took) = (bar.position(), bar.elapsed());
        bar.finish_and_clear();
        BARS.remove(&bar);
        if count > 0 || took >= WORTH_A_LINE {
            print_aside(&done(phase, count, took));
        }
    }
}

impl Drop for ProgressBars {
    fn drop(&mut self) {
        if let Some((_, bar)) = self.take() {
            bar.finish_and_clear();
        }
    }
}

/// The line of a station that is done.
fn done(phase: Phase, count: u64, took: Duration) -> String {
    let counted = match count {
        0 => String::new(),
        count => format!("{} {}", HumanCount(count), unit(phase)),
    };
    format!("  {:<26} {counted:>20} {:>8.1} s", title(phase), took.as_secs_f64())
}

/// The rate per second, without decimals.
fn rate(state: &ProgressState, out: &mut dyn std::fmt::Write) {
    // Writing to memory does not fail.
    let _ = write!(out, "{:.0}/s", state.per_sec());
}

/// What is counted; nothing in most phases.
fn unit(phase: Phase) -> &'static str {
    match phase {
        Phase::Intake => "rows",
        Phase::Checking(_) | Phase::Printing(_) | Phase::Proofing => "pieces",
        Phase::Merging => "files",
        _ => "",
    }
}

fn title(phase: Phase) -> &'static str {
    match phase {
        Phase::Ledger => "opening the ledger",
        Phase::Inbox => "checking the inbox",
        Phase::Intake => "reading records",
        Phase::Planning => "planning",
        Phase::Templates(PieceKind::Letter) => "laying out letters",
        Phase::Templates(PieceKind::Mailer) => "laying out mailers",
        Phase::Codes => "opening codes",
        Phase::Checking(PieceKind::Letter) => "checking letters",
        Phase::Checking(PieceKind::Mailer) => "checking mailers",
        Phase::Printing(PieceKind::Letter) => "printing letters",
        Phase::Printing(PieceKind::Mailer) => "printing mailers",
        Phase::Proofing => "reading back",
        Phase::Paperwork => "writing paperwork",
        Phase::Account => "doing the account",
        Phase::Release => "releasing",
        Phase::Feedback => "telling the issuer",
        Phase::Archive => "archiving the inbox",
        Phase::Merging => "checking shares",
        Phase::Assembly => "joining shares",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_station_that_is_done_says_what_it_counted_and_how_long_it_took() {
        let took = Duration::from_millis(2_340);
        let line = done(Phase::Intake, 12_345, took);
        assert!(line.contains("reading records") && line.contains("12,345 rows"), "{line}");
        assert!(line.ends_with("2.3 s"), "{line}");
        let line = done(Phase::Release, 0, took);
        assert!(line.contains("releasing") && !line.contains('0'), "{line}");
        assert!(!unit(Phase::Printing(PieceKind::Mailer)).is_empty());
    }
}
