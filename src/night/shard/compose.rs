//! One shard: the whole night planned and checked, its own files composed and proved.

use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use crate::vault::ShareKey;
use mail::piece::PieceKind;

use super::agreement::{Agreement, PieceInputs};
use super::attempt::{Attempt, share_folder};
use super::decisions::BeforeCheck;
use super::share::{Description, FORMAT, LotShare, Share};
use crate::approvals;
use crate::failure::Failure;
use crate::files::{sha256_of_file, sync_folders};
use crate::ledger::Ledger;
use crate::night::lot::{Lot, LotNumbers, PrintFile};
use crate::night::order::{NightOrder, Phase, Progress, Shard, during, refuse_open_places};
use crate::night::paperwork::control_file_path;
use crate::night::production::LotOutput;
use crate::night::release::{NightOutput, lock_among_shards, open_ledger, share_key_file, shares_folder};
use crate::night::report::{ProofSummary, Seconds};
use crate::night::run::{Night, refuse_cut_mailers, refuse_interrupted};

/// What a shard made.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ShareReport {
    /// The night's date.
    pub night: String,
    /// Which share, from 1.
    pub shard: u32,
    /// Of how many.
    pub shards: u32,
    /// Whether there was nothing to do: the share is there already, or the night was released.
    pub already_done: bool,
    /// The share's folder.
    pub folder: String,
    /// Letters in it.
    pub letters: u64,
    /// Mailers in it.
    pub mailers: u64,
    /// Refused records and pieces of the whole night.
    pub rejects: u64,
    /// Its print files, relative to its folder.
    pub files: Vec<PrintFile>,
    /// What proofing found.
    pub proof: ProofSummary,
    /// SHA-256 of what all shares of the night must agree on.
    pub agreement: String,
    /// Seconds spent, by station.
    pub seconds: Seconds,
}

/// Composes and proves a share of a night, and leaves it for the merge. Releases nothing.
///
/// # Errors
/// `approval_needed`: production has not used a template or key of it, or mailers were cut; errors of every station up to proofing. No share is
/// left, and the same command makes it.
pub(crate) fn run_shard(
    order: &NightOrder,
    shard: Shard,
    progress: &dyn Progress,
) -> Result<ShareReport, Failure> {
    let started = Instant::now();
    let job = order.job;
    approvals::permit(job, order.only)?;
    refuse_open_places(job, order.night)?;
    let _lock = lock_among_shards(job)?;
    let ledger = during(progress, Phase::Ledger, || open_ledger(job, Ledger::read))?;
    refuse_interrupted(&ledger)?;
    refuse_cut_mailers(job, &ledger, order.night)?;
    let attempt = Attempt::begin(job, order.night, shard)?;
    let staging = attempt.folder().to_owned();
    let output = NightOutput::of(job, order.night)?.staged_in(&staging);
    // All of the plan is of one state of the ledger, whoever writes it meanwhile.
    let snapshot = ledger.snapshot()?;
    let mut night = Night::plan(order, &output, &ledger, progress)?;
    night.within_limits(&ledger)?;
    night.known_only(&ledger)?;
    let lots = LotNumbers::tonight(order, &ledger, &night.plan)?;
    drop(snapshot);
    let agreement = Agreement::of(order, &night.files, &night.plan, &lots, night.mark.clone())?;
    let inputs = PieceInputs::of(job, &lots, ledger.last_night()?.is_some())?;
    let target = share_folder(job, order.night, shard);
    let key = ShareKey::open(&share_key_file(job))?;
    let present = Share::read(&target, &key).ok().filter(|share| {
        let own = &share.description;
        let this = (own.shard, own.shards) == (shard.number(), shard.of());
        let same = this && own.agreement == agreement && own.inputs == inputs;
        same && share.damage(&lots, job.seals(PieceKind::Mailer)).is_none()
    });
    if let Some(share) = present {
        return Ok(report(&share.description, &target, true));
    }
    let replaces = target.exists();
    if replaces {
        tracing::warn!(
            code = "share_made_anew",
            "{}: of another plan, or damaged; it is made anew",
            target.display()
        );
    }
    let before_check = BeforeCheck::of(&night.plan);
    let mark = night.mark.clone();
    let lot_output =
        LotOutput { staging: &staging, lots: &lots, shard: Some(shard), mark: &mark, salts: None };
    let lots = night.produce(lot_output, None, &ledger, progress)?;
    if night.is_idle() && ledger.knows_night(order.night)? {
        return Ok(released_before(order, shard));
    }
    refuse_changed_template(&agreement, &lots)?;
    let lots = lots.into_iter().map(|lot| lot_share(lot, &staging)).collect::<Result<_, _>>()?;
    let description = Description {
        format: FORMAT,
        shard: shard.number(),
        shards: shard.of(),
        agreement,
        inputs,
        decisions: before_check.write_decisions(&mut night.plan, &staging)?,
        rejects: night.plan.rejected(),
        lots,
        seconds: Seconds { total: started.elapsed().as_secs_f64(), ..night.seconds.clone() },
    };
    Share::write(&staging, &description, &key)?;
    let paths = description.lots.iter().flat_map(|lot| &lot.files).map(|file| file.path.clone());
    sync_folders(&staging, &paths.collect::<Vec<_>>())?;
    let placed = attempt.complete(replaces)?;
    Ok(report(&description, &target, !placed))
}

/// Refuses a share whose template was changed after the shares' agreement was made.
fn refuse_changed_template(agreement: &Agreement, lots: &[Lot]) -> Result<(), Failure> {
    let agreed = |lot: &&Lot| agreement.templates.get(&lot.kind().to_string()) == Some(&lot.template.version);
    match lots.iter().find(|lot| !agreed(lot)) {
        None => Ok(()),
        Some(lot) => {
            let problem =
                format!("the template of the {}s was changed while this share was made", lot.kind());
            Err(Failure::midway("template_changed", problem).with_advice("run the same command again"))
        }
    }
}

/// The description of a share's part of a lot.
fn lot_share(lot: Lot, staging: &Path) -> Result<LotShare, Failure> {
    let (kind, name) = (lot.kind(), lot.name());
    Ok(LotShare {
        kind,
        lot: name.to_string(),
        control_file: sha256_of_file(&staging.join(control_file_path(kind, name)))?,
        manifest: lot.manifest_sha256,
        turn: lot.layout.turn,
        files: lot.files,
        proof: lot.proof,
    })
}

/// The report of a share.
fn report(description: &Description, folder: &Path, already_done: bool) -> ShareReport {
    let pieces = |kind| {
        let lots = description.lots.iter().filter(|lot| lot.kind == kind);
        lots.flat_map(|lot| &lot.files).map(|file| u64::from(file.pieces)).sum()
    };
    let mut proof = ProofSummary::default();
    for lot in &description.lots {
        proof.pieces += lot.proof.pieces;
        proof.barcodes += lot.proof.barcodes;
    }
    ShareReport {
        night: description.agreement.night.clone(),
        shard: description.shard,
        shards: description.shards,
        already_done,
        folder: folder.display().to_string(),
        letters: pieces(PieceKind::Letter),
        mailers: pieces(PieceKind::Mailer),
        rejects: description.rejects,
        files: description.lots.iter().flat_map(|lot| lot.files.clone()).collect(),
        proof,
        agreement: description.agreement.digest(),
        seconds: description.seconds.clone(),
    }
}

/// The report where the night was released before.
fn released_before(order: &NightOrder, shard: Shard) -> ShareReport {
    ShareReport {
        night: order.night.to_string(),
        shard: shard.number(),
        shards: shard.of(),
        already_done: true,
        folder: shares_folder(order.job, order.night).display().to_string(),
        letters: 0,
        mailers: 0,
        rejects: 0,
        files: Vec::new(),
        proof: ProofSummary::default(),
        agreement: String::new(),
        seconds: Seconds::default(),
    }
}
