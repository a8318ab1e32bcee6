//! The merge: the shares of a night are assembled and released like a whole run.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use jiff::civil::Date;

use mail::piece::PieceKind;

use super::agreement::Agreement;
use super::assembly::assemble;
use super::decisions;
use super::share::Share;
use super::share_set::ShareSet;
use crate::approvals::{self, Asking};
use crate::failure::Failure;
use crate::feedback;
use crate::job::Job;
use crate::ledger::Ledger;
use crate::night::archiving::Archive;
use crate::night::intake::record_files;
use crate::night::lot::{Lot, LotNumbers};
use crate::night::order::{NightOrder, Phase, Progress, Prove, during, refuse_open_places};
use crate::night::production::Production;
use crate::night::release::{NightOutput, clear_shares, complete_shares, lock_alone, shares_folder};
use crate::night::report::{MergeSummary, Report, Seconds};
use crate::night::run::{Night, resumed_ledger};

/// The order of a merge. The kinds to send and how much was proved are in the shares.
#[derive(Debug, Clone)]
pub(crate) struct MergeOrder<'a> {
    /// The job.
    pub job: &'a Job,
    /// The night's date.
    pub night: Date,
    /// The file of released codes that the shards were given.
    pub release_reissues: Option<PathBuf>,
    /// Today's date.
    pub today: Date,
    /// With what approvals are asked for.
    pub asking: Asking,
    /// Where record files go that were taken in, after the release.
    pub archive: Option<PathBuf>,
}

/// Merges the shares of a night and releases it.
///
/// # Errors
/// `shares_missing`, `shares_unmergeable`; those of planning and release. Nothing is released then, the shares stay, and
/// the same command merges them or resumes. Those of the archive: the night is released, and the same command moves what is left.
pub(crate) fn merge(order: &MergeOrder, progress: &dyn Progress) -> Result<Report, Failure> {
    let started = Instant::now();
    let MergeOrder { job, night: date, .. } = *order;
    refuse_open_places(job, date)?;
    let archive = Archive::of(job, date, order.archive.as_deref())?;
    let _lock = lock_alone(job)?;
    let ledger = during(progress, Phase::Ledger, || resumed_ledger(job, &order.asking))?;
    let mut archived = archive.as_ref().map_or(Ok(Vec::new()), |archive| archive.finish_earlier(&ledger))?;
    let mut take_all = || {
        let Some(archive) = &archive else { return Ok(Vec::new()) };
        archived.extend(during(progress, Phase::Archive, || archive.take_all(&ledger))?);
        Ok::<_, Failure>(std::mem::take(&mut archived))
    };
    let shares = ShareSet::find(job, date)?;
    if let Some(report) = released_before(order, &shares, &ledger)? {
        clear_shares(job, date)?;
        NightOutput::of(job, date)?.clear()?;
        feedback::write(job, &ledger)?;
        return Ok(Report { archived: take_all()?, ..report });
    }
    shares.check_complete()?;
    let first = shares.shares.first().ok_or_else(|| no_shares(order))?;
    let split = (first.description.shards, first.description.agreement.digest());
    let agreed = &first.description.agreement;
    approvals::permit(job, agreed.only)?;
    let order = NightOrder {
        only: agreed.only,
        prove: agreed.prove,
        release_reissues: order.release_reissues.clone(),
        today: Some(order.today),
        asking: order.asking.clone(),
        ..NightOrder::new(job, date)
    };
    let output = NightOutput::of(job, date)?;
    output.check()?;
    let snapshot = ledger.snapshot()?;
    let mut night = Night::plan(&order, &output, &ledger, progress)?;
    drop(snapshot);
    night.within_limits(&ledger)?;
    let numbers = LotNumbers::tonight(&order, &ledger, &night.plan)?;
    let agreement = Agreement::of(&order, &night.files, &night.plan, &numbers, night.mark.clone())?;
    progress.begin(Phase::Merging, shares.shares.iter().map(|share| share.file_count() as u64).sum());
    shares.check_against(&agreement, &numbers, progress)?;
    progress.end();
    decisions::apply(&first.folder, &mut night.plan)?;
    night.within_limits(&ledger)?;
    night.permitted(&ledger)?;
    archive.as_ref().map_or(Ok(()), |archive| archive.expect(&night.files))?;
    output.fresh_staging()?;
    let mut lots: Vec<Lot> = Vec::new();
    during(progress, Phase::Assembly, || {
        for numbers in &numbers {
            lots.extend(assemble(&order, &night.plan, numbers, &shares.shares, output.staging())?);
        }
        Ok::<_, Failure>(())
    })?;
    let begun = ledger.last_night()?.is_some();
    let stock = Arc::clone(&night.stock);
    let allowed = night.allowed.clone();
    let production =
        Production { order: &order, progress, stock: &stock, begun, allowed: &allowed, output: None };
    for lot in lots.iter().filter(|lot| lot.kind() == PieceKind::Letter && order.prove != Prove::None) {
        production.prove_merged(&night.plan, lot, output.staging())?;
    }
    night.seconds.composition = longest(&shares.shares, |seconds| seconds.composition);
    night.seconds.proof = longest(&shares.shares, |seconds| seconds.proof);
    night.merged = Some(MergeSummary { shares: split.0, agreement: split.1 });
    night.beside_mailer_check(begun, |_| ());
    let writer = night.ledger_writer(&ledger)?;
    let report = night.finish(lots, writer, &ledger, started, progress)?;
    clear_shares(job, date)?;
    during(progress, Phase::Feedback, || feedback::write(job, &ledger))?;
    Ok(Report { archived: take_all()?, ..report })
}

/// The kinds that the shares of a night were made of; none where there is no share that can be read.
pub(crate) fn kinds_of_shares(job: &Job, night: Date) -> Vec<PieceKind> {
    let there = complete_shares(job, night).is_ok_and(|folders| !folders.is_empty());
    let set = there.then(|| ShareSet::find(job, night).ok()).flatten();
    let only = set.and_then(|set| Some(set.shares.first()?.description.agreement.only));
    PieceKind::ALL
        .into_iter()
        .filter(|kind| only.is_some_and(|only| only.is_none_or(|only| only == *kind)))
        .collect()
}

/// The report of an earlier merge that released these shares. Without shares: the report of the merge that released the
/// night, unless new records have come since.
fn released_before(
    order: &MergeOrder,
    shares: &ShareSet,
    ledger: &Ledger,
) -> Result<Option<Report>, Failure> {
    let last = ledger.runs(order.night)?.pop();
    let Some(report) = last.and_then(|body| serde_json::from_str::<Report>(&body).ok()) else {
        return Ok(None);
    };
    let Some(merged) = &report.merged else { return Ok(None) };
    let same = |share: &Share| share.description.agreement.digest() == merged.agreement;
    let done = match shares.is_empty() {
        // With `Mailer`, files of other nights are passed over.
        true => record_files(order.job, order.night, Some(PieceKind::Mailer), ledger)?.fresh.is_empty(),
        false => !shares.shares.is_empty() && shares.shares.iter().all(same),
    };
    Ok(done.then_some(Report { already_done: true, ..report }))
}

fn no_shares(order: &MergeOrder) -> Failure {
    let (job, night) = (order.job.file.display(), order.night);
    Failure::refused("shares_missing", "no share of this night")
        .in_file(shares_folder(order.job, night).display())
        .with_advice(format!(
            "make them first, each on a machine of its own: `pli run {job} --date {night} --shard K/N`"
        ))
}

/// The longest time of any share: they are made side by side.
fn longest(shares: &[Share], seconds: impl Fn(&Seconds) -> f64) -> f64 {
    shares.iter().map(|share| seconds(&share.description.seconds)).fold(0.0, f64::max)
}
