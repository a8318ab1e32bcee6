//! `pli ledger JOB restore`

use std::path::PathBuf;

use clap::Args;

use super::{Console, Failure, Job, Outcome, today};
use crate::audit::Lacking;
use crate::night::care::{self, RestoreOrder, RestoreReport};

/// How many acts are listed that the ledger lacks.
const LISTED: usize = 20;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The backup
    file: PathBuf,
    /// The sealed keys; default: `FILE.keys.age`
    #[arg(long, value_name = "FILE", requires = "identity")]
    keys: Option<PathBuf>,
    /// The secret of `ledger.recovery`, which opens the sealed keys; not needed where the folder of `ledger.keys` is there
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// Leave the ledger that is there, and restore only the keys that are missing
    #[arg(long, requires = "identity", conflicts_with = "force")]
    keys_only: bool,
    /// Rename a ledger that is older than the backup, or damaged, and restore in its place
    #[arg(long)]
    force: bool,
}

pub(super) fn restore(job: &Job, arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let order = RestoreOrder {
        file: &arguments.file,
        keys: arguments.keys.as_deref(),
        identity: arguments.identity.as_deref(),
        force: arguments.force,
        day: today(),
    };
    let report = match arguments.keys_only {
        true => care::restore_keys_alone(job, &order)?,
        false => care::restore(job, &order)?,
    };
    console.result(&report, |_| text(&report))?;
    Ok(if report.needs_a_person() { Outcome::NeedsAPerson } else { Outcome::Done })
}

fn text(report: &RestoreReport) -> String {
    let RestoreReport { ledger, reach, aside, keys, forgotten, .. } = report;
    let mut lines = vec![format!("{ledger}: release {} of the night of {}", reach.release, reach.night)];
    lines.extend(aside.iter().map(|aside| format!("{}: the ledger that was there", aside.display())));
    if !keys.is_empty() {
        lines.push(format!("keys restored: {}", keys.join(", ")));
    }
    if !forgotten.is_empty() {
        lines.push(format!("forgotten, and not restored: {}", forgotten.join(", ")));
    }
    lines.extend(report.lacking_unknown.map(|why| {
        format!("which acts were done since the backup can't be known: {why}; see what was recalled and dispatched since")
    }));
    lines.extend(report.lacking.as_ref().map(lacking));
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// The acts that are to be done again; nothing where there are none.
fn lacking(Lacking { known_to, acts }: &Lacking) -> String {
    let count = match acts.len() {
        0 => return String::new(),
        1 => "1 act of the audit log is later, and the ledger lacks it: do it again".to_owned(),
        count => format!(
            "{count} acts of the audit log are later, and the ledger lacks them: do them again, the recalls first"
        ),
    };
    let listed = acts.iter().take(LISTED).map(|act| format!("\n  {}  {act}", act.at));
    let more = acts.len().saturating_sub(LISTED);
    let rest = (more > 0).then(|| format!("\n  and {more} more: `--json` has them all"));
    format!("the backup knows the acts up to {known_to}\n{count}{}", listed.chain(rest).collect::<String>())
}
