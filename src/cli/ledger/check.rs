//! `pli ledger JOB check`

use super::{Console, Failure, Job, Outcome};
use crate::failure::counted;
use crate::night::care::{self, CheckReport};

pub(super) fn check(job: &Job, console: &Console) -> Result<Outcome, Failure> {
    let report = care::check(job)?;
    console.result(&report, |_| text(&report))?;
    Ok(match (report.sound, report.damaged) {
        (true, _) => Outcome::Done,
        (false, false) => Outcome::NeedsAPerson,
        (false, true) => Outcome::Refused,
    })
}

fn text(report: &CheckReport) -> String {
    let CheckReport { ledger, reach, counts, files, faults, .. } = report;
    let mut lines = vec![
        format!("{ledger}  {}  release {} of the night of {}", reach.id, reach.release, reach.night),
        format!(
            "{}, {}, {} in {}, {}, {}; {} read",
            counted(counts.records, "record"),
            counted(counts.duties, "duty"),
            counted(counts.pieces, "piece"),
            counted(counts.lots, "lot"),
            counted(counts.events, "event"),
            counted(counts.findings, "finding"),
            counted(files, "file")
        ),
    ];
    match faults.is_empty() {
        true => lines.push("sound".to_owned()),
        false => lines.extend(faults.iter().map(|fault| {
            let how = if fault.damaged { "damaged" } else { "to see" };
            format!("{how:<8}  {:<9}  {}", fault.part, fault.message)
        })),
    }
    lines.join("\n")
}
