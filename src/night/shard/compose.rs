//! One shard: the whole night planned and checked, its own files composed and proved.

use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use super::agreement::{Agreement, Makings};
use super::folder::{Attempt, share_folder};
use super::rulings::Unchecked;
use super::share::{DESCRIPTION, Description, FORMAT, LotShare, Share};
use super::{Shard, folder};
use crate::failure::Failure;
use crate::ledger::Ledger;
use crate::night::Watch;
use crate::night::control_file::control_file_name;
use crate::night::locking;
use crate::night::lots::PressRoom;
use crate::night::numbering::Series;
use crate::night::place::NightPlace;
use crate::night::pressed::{Pressed, file_summary};
use crate::night::release::{digest, sync_folders, write_whole};
use crate::night::report::{FileSummary, ProofSummary, Seconds};
use crate::night::run::{Night, NightOrder, refuse_interrupted, warn_of_date};
use mail::piece::PieceKind;

/// What a shard made.
#[derive(Debug, Clone, Serialize)]
pub struct ShareReport {
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
    pub files: Vec<FileSummary>,
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
/// As [`Failure`] tells; there is no share then, and the same command makes it.
pub fn run_shard(order: &NightOrder, shard: Shard, watch: &dyn Watch) -> Result<ShareReport, Failure> {
    let started = Instant::now();
    let job = order.job;
    let _lock = locking::among_shards(job)?;
    let ledger = Ledger::read(&job.ledger_file())?;
    refuse_interrupted(&ledger)?;
    warn_of_date(order, &ledger)?;
    let attempt = Attempt::begin(job, order.night, shard)?;
    let staging = attempt.folder().to_owned();
    let files = NightPlace::of(job, order.night)?.staged_in(&staging);
    let mut night = Night::plan(order, &files, &ledger, &staging, watch)?;
    night.within_limits(&ledger)?;
    let series = Series::tonight(order, &ledger, &night.plan)?;
    let agreement = Agreement::of(order, &night.files, &night.plan, &series)?;
    let makings = Makings::of(job, &series)?;
    let place = share_folder(job, order.night, shard);
    let present = Share::read(&place).ok().filter(|share| {
        let own = &share.description;
        let this = (own.shard, own.shards) == (shard.number(), shard.of());
        let same = this && own.agreement == agreement && own.makings == makings;
        same && share.damage(&series, !job.sections.output.unsealed).is_none()
    });
    if let Some(share) = present {
        return Ok(told(&share.description, &place, true));
    }
    let replaces = place.exists();
    if replaces {
        tracing::warn!("{}: of another plan, or damaged; it is made anew", place.display());
    }
    let unchecked = Unchecked::note(&night.plan);
    let press = PressRoom { staging: &staging, series: &series, shard: Some(shard) };
    let pressed = night.press(press, None, &ledger, watch)?;
    if night.is_idle() && !ledger.runs(order.night)?.is_empty() {
        return Ok(released_before(order, shard));
    }
    let lots = pressed.into_iter().map(|lot| lot_share(lot, &staging)).collect::<Result<_, _>>()?;
    let description = Description {
        format: FORMAT,
        shard: shard.number(),
        shards: shard.of(),
        agreement,
        makings,
        rulings: unchecked.write_rulings(&mut night.plan, &staging)?,
        rejects: night.plan.rejected(),
        lots,
        seconds: Seconds { total: started.elapsed().as_secs_f64(), ..night.seconds.clone() },
    };
    let json = serde_json::to_vec_pretty(&description).map_err(std::io::Error::from)?;
    write_whole(&staging.join(DESCRIPTION), &json)?;
    let paths = description.lots.iter().flat_map(|lot| &lot.files).map(|file| file.path.clone());
    sync_folders(&staging, &paths.collect::<Vec<_>>())?;
    let placed = attempt.complete(replaces)?;
    Ok(told(&description, &place, !placed))
}

/// A shard can't finish what a run left in the middle: it writes nothing but its share.
fn lot_share(lot: Pressed, staging: &Path) -> Result<LotShare, Failure> {
    let Series { lot: name, kind, .. } = &lot.series;
    Ok(LotShare {
        kind: *kind,
        lot: name.to_string(),
        control_file: digest(&staging.join(control_file_name(*kind, name)))?,
        manifest: lot.printed.manifest_sha256,
        turn: lot.layout.turn,
        files: lot.printed.files.iter().map(file_summary).collect(),
        proof: lot.proof,
    })
}

fn told(description: &Description, place: &Path, already_done: bool) -> ShareReport {
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
        folder: place.display().to_string(),
        letters: pieces(PieceKind::Letter),
        mailers: pieces(PieceKind::Mailer),
        rejects: description.rejects,
        files: description.lots.iter().flat_map(|lot| lot.files.clone()).collect(),
        proof,
        agreement: description.agreement.digest(),
        seconds: description.seconds.clone(),
    }
}

/// Nothing is left of the night to share.
fn released_before(order: &NightOrder, shard: Shard) -> ShareReport {
    ShareReport {
        night: order.night.to_string(),
        shard: shard.number(),
        shards: shard.of(),
        already_done: true,
        folder: folder::shares_folder(order.job, order.night).display().to_string(),
        letters: 0,
        mailers: 0,
        rejects: 0,
        files: Vec::new(),
        proof: ProofSummary::default(),
        agreement: String::new(),
        seconds: Seconds::default(),
    }
}
