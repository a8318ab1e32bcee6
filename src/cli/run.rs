//! `pli run`

use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;

use super::Outcome;
use super::acts::Act;
use super::approve::RequestKey;
use super::console::Console;
use super::metrics::{Metrics, SeenReport};
use super::names::marked;
use super::progress::ProgressBars;
use super::shard_option::ShardChoice;
use crate::failure::{Failure, counted};
use crate::job::Job;
use crate::night::order::{NightOrder, Prove};
use crate::night::report::Report;
use crate::night::{ShareReport, run as run_night, run_shard};
use mail::piece::PieceKind;

/// Run a night: records to proved, released print files.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pli run job.toml\n  pli run job.toml --date 2026-11-23 --only mailers --prove all\n  pli run job.toml --archive archive --metrics /var/lib/prometheus/node-exporter/pli.prom\n  pli run job.toml --date 2026-11-23 --shard 2/8\n\nExit codes: 0 done; 1 done, and a person must look at rejects; 2 usage or configuration;\n3 refused for safety, nothing released; 4 failed midway, the same command resumes."
)]
pub(super) struct Arguments {
    /// The job file, or the folder that holds it
    pub job: PathBuf,
    /// The night's date; default: today
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::night_date::parse)]
    pub date: Option<Date>,
    /// Send only one kind of piece; the other waits
    #[arg(long)]
    pub only: Option<Only>,
    /// How much is read back before release
    #[arg(long, default_value = "all")]
    pub prove: ProveLevel,
    /// Compose and prove, release nothing
    #[arg(long)]
    pub dry_run: bool,
    /// A file of cards (`card_number,reason`) whose codes are sent again although the ledger does not know card or address
    #[arg(long, value_name = "FILE")]
    pub release_reissues: Option<PathBuf>,
    /// Compose and prove one share of the night for `pli merge`: the K-th of N; `auto` reads both from a Slurm array,
    /// `auto/N` the number from an array of Slurm or an indexed job of Kubernetes
    #[arg(long, value_name = "K/N|auto|auto/N", conflicts_with = "dry_run")]
    pub shard: Option<ShardChoice>,
    /// After the release, move the record files that were taken in, with their signatures, to a folder of the night below DIR
    #[arg(long, value_name = "DIR", conflicts_with_all = ["dry_run", "shard"])]
    pub archive: Option<PathBuf>,
    /// Write the numbers of this run, also of one that fails, to FILE for Prometheus
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dry_run", "shard"])]
    pub metrics: Option<PathBuf>,
    /// The report of this run, for the metrics
    #[arg(skip)]
    pub seen: SeenReport,
    #[command(flatten)]
    pub request: RequestKey,
}

/// A kind of piece on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Only {
    /// Card carrier letters
    Letters,
    /// PIN/PUK mailers
    Mailers,
}

impl From<Only> for PieceKind {
    fn from(only: Only) -> PieceKind {
        match only {
            Only::Letters => PieceKind::Letter,
            Only::Mailers => PieceKind::Mailer,
        }
    }
}

/// How much is read back.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ProveLevel {
    /// Nothing
    None,
    /// The symbols of the first and last letter of each file, and of one in a hundred, from pictures
    Sample,
    /// Every piece: all texts, symbols and signatures, from the bytes
    All,
}

impl From<ProveLevel> for Prove {
    fn from(level: ProveLevel) -> Prove {
        match level {
            ProveLevel::None => Prove::None,
            ProveLevel::Sample => Prove::Sample,
            ProveLevel::All => Prove::All,
        }
    }
}

/// Today's date in the machine's time zone.
#[allow(clippy::disallowed_methods, reason = "only this function and `now` ask the clock")]
pub(super) fn today() -> Date {
    jiff::Zoned::now().date()
}

/// The present moment, for the audit log and for the life of a request for approval. No print file shows it.
#[allow(clippy::disallowed_methods, reason = "only this function and `today` ask the clock")]
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

impl Arguments {
    /// The metrics that this run is to write.
    pub(super) fn metrics(&self) -> Option<Metrics> {
        Some(Metrics {
            file: self.metrics.clone()?,
            job: self.job.clone(),
            only: match self.only {
                None => "both",
                Some(Only::Letters) => "letters",
                Some(Only::Mailers) => "mailers",
            },
            night: self.date.unwrap_or_else(today),
            seen: self.seen.clone(),
            began: Instant::now(),
        })
    }

    /// What the audit log has of it. A share is an act once it is merged; a rehearsal is one where it opens codes.
    pub(super) fn act(&self) -> Option<Act> {
        let of_letters = matches!(self.only, Some(Only::Letters));
        if (self.dry_run && of_letters) || self.shard.is_some() {
            return None;
        }
        let only = match self.only {
            None => "",
            Some(Only::Letters) => "only=letters",
            Some(Only::Mailers) => "only=mailers",
        };
        let unproved = !matches!(self.prove, ProveLevel::All);
        let act = Act::new(&self.job, "run")
            .requests(self.request.requests())
            .night(self.date.unwrap_or_else(today))
            .option(self.dry_run, "dry_run");
        let act = act.option(self.only.is_some(), only).option(unproved, "prove=less");
        Some(
            act.option(self.release_reissues.is_some(), "release_reissues")
                .list(self.release_reissues.as_deref()),
        )
    }
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let job = Job::load(&arguments.job)?;
    let order = NightOrder {
        job: &job,
        night: arguments.date.unwrap_or_else(today),
        only: arguments.only.map(PieceKind::from),
        prove: arguments.prove.into(),
        dry_run: arguments.dry_run,
        release_reissues: arguments.release_reissues.clone(),
        today: Some(today()),
        asking: arguments.request.asking()?,
        archive: arguments.archive.clone(),
    };
    let progress = ProgressBars::new(console.shows_progress());
    if let Some(choice) = &arguments.shard {
        let shard = choice.resolve(|name| std::env::var(name).ok())?;
        let share = run_shard(&order, shard, &progress)?;
        // Rejects are the night's: the merge reports them.
        console.result(&share, |console| share_summary(&share, console))?;
        return Ok(Outcome::Done);
    }
    let report = run_night(&order, &progress)?;
    drop(progress);
    arguments.seen.keep(&report);
    console.result(&report, |console| summary(&report, console))?;
    Ok(if report.needs_a_person() { Outcome::NeedsAPerson } else { Outcome::Done })
}

/// A share's report as text.
fn share_summary(share: &ShareReport, console: &Console) -> String {
    let ShareReport { night, shard, shards, .. } = share;
    let mut lines = vec![console.strong(&format!("Share {shard} of {shards} of the night of {night}"))];
    if share.already_done {
        lines.push("  was there already; nothing new".to_owned());
    }
    lines.push(format!("  letters           {:>9}", share.letters));
    lines.push(format!("  mailers           {:>9}", share.mailers));
    if share.rejects > 0 {
        lines.push(console.alert(&format!("  rejected          {:>9}  of the whole night", share.rejects)));
    }
    lines.push(console.dim(&format!("  {:.2} s; in {}", share.seconds.total, share.folder)));
    lines.join("\n")
}

/// A night's report as text.
pub(super) fn summary(report: &Report, console: &Console) -> String {
    // A check and a rehearsal write no lists.
    let list = |name: &str| match report.folder.is_empty() || report.dry_run {
        true => String::new(),
        false => format!("  see {name}"),
    };
    let only = report.only.as_ref().map(|kind| format!(", {kind} only")).unwrap_or_default();
    let mut lines = vec![console.strong(&format!("Night of {}{only}", report.night))];
    if report.already_done {
        lines.push("  everything was done by an earlier run; nothing new".to_owned());
    }
    if report.dry_run {
        lines.push("  a rehearsal: nothing was released".to_owned());
    }
    let row = |label: &str, count: u64| format!("  {label:<18}{count:>9}");
    lines.push(row("records", report.rows));
    lines.push(row("had waited", report.carried_over));
    lines.push(console.strong(&row("letters", report.letters)));
    lines.push(console.strong(&row("mailers", report.mailers)));
    let deferred = row("deferred", report.deferred);
    lines.push(match (report.deferred, report.dry_run) {
        (0, _) => deferred,
        // What a rehearsal defers is in no ledger yet.
        (_, true) => format!("{deferred}  due on a later day"),
        (_, false) => format!("{deferred}  see `pli status JOB --state planned`"),
    });
    if report.held > 0 {
        let held = row("… held back", report.held);
        lines.push(console.alert(&(held + &list("warnings.csv"))));
    }
    lines.push(row("nothing to send", report.nothing_to_send));
    if report.recalled > 0 {
        lines.push(console.alert(&format!("{}  see warnings.csv", row("recalled", report.recalled))));
    }
    if report.cancelled > 0 {
        lines.push(console.alert(&format!("{}  see warnings.csv", row("cancelled", report.cancelled))));
    }
    if report.released_reissues > 0 {
        let released = row("codes released", report.released_reissues);
        lines.push(console.alert(&format!("{released}  see warnings.csv")));
    }
    let rejects = row("rejected", report.rejects);
    lines.push(if report.rejects > 0 { console.alert(&(rejects + &list("rejects.csv"))) } else { rejects });
    lines.push(row("warnings", report.warnings));
    let waiting = row("waiting hereafter", report.waiting);
    let of_both = if report.only.is_some() && report.waiting > 0 { "  of both kinds" } else { "" };
    lines.push(waiting + of_both);
    if !report.archived.is_empty() {
        lines.push(row("files archived", report.archived.len() as u64));
    }
    if let Some(merged) = &report.merged {
        lines.push(format!("  merged from {}", counted(merged.shares, "share")));
    }
    for lot in &report.lots {
        let name = marked(&lot.lot, &lot.kind);
        lines.push(format!("  lot {name} ({}): {} … {}", lot.kind, lot.first_piece, lot.last_piece));
    }
    for recipient in &report.recipients {
        lines.push(format!("  sealed to {}  {}", recipient.fingerprint, recipient.source));
    }
    if report.proof.pieces > 0 {
        let proof = &report.proof;
        let pieces = counted(proof.pieces, "piece");
        let (symbols, failures) = (counted(proof.barcodes, "symbol"), counted(proof.failures, "failure"));
        lines.push(match (proof.texts, proof.signatures) {
            (0, _) => format!("  read back: {pieces}, {symbols}, {failures}"),
            (texts, signatures) => format!(
                "  proved: {pieces}, {}, {symbols}, {}, {failures}",
                counted(texts, "text"),
                counted(signatures, "signature")
            ),
        });
    }
    lines.extend(report.alerts.iter().map(|alert| console.alert(&format!("  ! {}", alert.message))));
    if !report.folder.is_empty() {
        lines.push(console.dim(&format!("  {:.2} s; in {}", report.seconds.total, report.folder)));
    }
    lines.join("\n")
}
