//! The merge: shares of a night, all there and of one plan, become the night, released as a whole run's is.

use std::time::Instant;

use jiff::civil::Date;

use super::agreement::Agreement;
use super::assembly::assemble;
use super::folder::{clear, shares_folder};
use super::muster::Muster;
use super::rulings;
use super::share::Share;
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::Ledger;
use crate::night::locking;
use crate::night::numbering::Series;
use crate::night::place::NightPlace;
use crate::night::pressed::Pressed;
use crate::night::report::{MergeSummary, Report, Seconds};
use crate::night::run::{Night, NightOrder, ready_ledger, warn_of_date};
use crate::night::sources::record_files;
use crate::night::{Phase, Watch};
use mail::piece::PieceKind;

/// What is asked of a merge. What kinds leave and how they were proved, the shares say.
#[derive(Debug, Clone)]
pub struct MergeOrder<'a> {
    /// The job.
    pub job: &'a Job,
    /// The night's date.
    pub night: Date,
}

/// Merges the shares of a night and releases it.
///
/// # Errors
/// As [`Failure`] tells; nothing is released then, the shares stay, and the same command merges them or resumes.
pub fn merge(order: &MergeOrder, watch: &dyn Watch) -> Result<Report, Failure> {
    let started = Instant::now();
    let MergeOrder { job, night: date } = *order;
    let _lock = locking::alone(job)?;
    let ledger = ready_ledger(job)?;
    let muster = Muster::call(job, date)?;
    if let Some(report) = released_before(order, &muster, &ledger)? {
        clear(job, date)?;
        NightPlace::of(job, date)?.clear()?;
        return Ok(report);
    }
    muster.stand_together()?;
    let first = muster.shares.first().ok_or_else(|| none_there(order))?;
    let split = (first.description.shards, first.description.agreement.digest());
    let agreed = &first.description.agreement;
    let order = NightOrder { job, night: date, only: agreed.only, prove: agreed.prove, dry_run: false };
    warn_of_date(&order, &ledger)?;
    let place = NightPlace::of(job, date)?;
    place.check()?;
    let held = ledger.hold()?;
    let mut night = Night::plan(&order, &place, &ledger, ledger.file(), watch)?;
    drop(held);
    night.within_limits(&ledger)?;
    let series = Series::tonight(&order, &ledger, &night.plan)?;
    let agreement = Agreement::of(&order, &night.files, &night.plan, &series)?;
    watch.begin(Phase::Merging, muster.shares.iter().map(|share| share.file_count() as u64).sum());
    muster.stand_by(&agreement, &series, watch)?;
    watch.end();
    rulings::apply(&first.folder, &mut night.plan)?;
    night.within_limits(&ledger)?;
    place.fresh_staging()?;
    let mut pressed: Vec<Pressed> = Vec::new();
    for series in &series {
        pressed.extend(assemble(job, &night.plan, series, &muster.shares, place.staging())?);
    }
    night.seconds.composition = longest(&muster.shares, |seconds| seconds.composition);
    night.seconds.proof = longest(&muster.shares, |seconds| seconds.proof);
    night.merged = Some(MergeSummary { shares: split.0, agreement: split.1 });
    let keeper = night.keeper(&ledger)?;
    let report = night.conclude(pressed, keeper, &ledger, started)?;
    clear(job, date)?;
    Ok(report)
}

/// The report of the merge that has released these shares; where none are left, of the one that released the night, if
/// nothing has come since.
fn released_before(order: &MergeOrder, muster: &Muster, ledger: &Ledger) -> Result<Option<Report>, Failure> {
    let last = ledger.runs(order.night)?.pop();
    let Some(report) = last.and_then(|body| serde_json::from_str::<Report>(&body).ok()) else {
        return Ok(None);
    };
    let Some(merged) = &report.merged else { return Ok(None) };
    let same = |share: &Share| share.description.agreement.digest() == merged.agreement;
    let done = match muster.is_empty() {
        // Files of other nights are no matter here.
        true => record_files(order.job, order.night, Some(PieceKind::Mailer), ledger)?.fresh.is_empty(),
        false => !muster.shares.is_empty() && muster.shares.iter().all(same),
    };
    Ok(done.then_some(Report { already_done: true, ..report }))
}

fn none_there(order: &MergeOrder) -> Failure {
    Failure::Refused(format!(
        "{}: no share of this night\n  make them first, each on a machine of its own: `pli run {} --date {} --shard K/N`",
        shares_folder(order.job, order.night).display(),
        order.job.file.display(),
        order.night
    ))
}

/// Shares are made side by side: the longest counts.
fn longest(shares: &[Share], seconds: impl Fn(&Seconds) -> f64) -> f64 {
    shares.iter().map(|share| seconds(&share.description.seconds)).fold(0.0, f64::max)
}
