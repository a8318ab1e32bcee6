//! The codes that wait: the job's identity opens every file.

use super::patience::{FETCHING, within};
use super::{Finding, Scene};
use crate::failure::{Failure, counted};
use crate::job::ObjectUrl;
use crate::night::{OpenedCodes, open_waiting_codes};
use mail::piece::PieceKind;

const LOOK: &str = "codes";

/// Has the mailer stage open the codes files. What comes back are counts.
pub(super) fn look(scene: &mut Scene) -> Vec<Finding> {
    if !scene.prints(PieceKind::Mailer) {
        return vec![Finding::ok(LOOK, "this user opens no codes")];
    }
    match opened(scene) {
        Ok(codes) => findings(&codes),
        Err(failure) => vec![Finding::failure(LOOK, &failure)],
    }
}

fn opened(scene: &Scene) -> Result<OpenedCodes, Failure> {
    let (job, night, begun) = (scene.job, scene.night, scene.begun);
    let far = job.input().codes.iter().any(|pattern| ObjectUrl::parse(pattern).is_some());
    if !far {
        return open_waiting_codes(job, night, begun);
    }
    let own = job.clone();
    within(FETCHING, "the object store of the codes files", move || open_waiting_codes(&own, night, begun))
}

fn findings(codes: &OpenedCodes) -> Vec<Finding> {
    let warning = |finding: &crate::ledger::Finding| {
        let problem = format!("{}:{}: {}", finding.source_file, finding.line, finding.in_english());
        Finding::warning(
            LOOK,
            &finding.code,
            problem,
            "ask whoever makes the codes, and have the file sealed again",
        )
    };
    let mut found: Vec<Finding> = codes.warnings.iter().map(warning).collect();
    if found.is_empty() {
        let cards: u64 = codes.files.iter().map(|(_, rows)| rows).sum();
        let files = counted(codes.files.len(), "codes file");
        found.push(Finding::ok(LOOK, format!("opened: {files}, {}", counted(cards, "row"))));
    }
    found
}
