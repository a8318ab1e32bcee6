//! The audit log: as it was written, and its key there.

use std::path::Path;

use super::{Finding, Scene, finding};
use crate::approvals::cosigners;
use crate::audit::{Against, AuditPlace, Checkpoint, kept_stamp, lacked_by, verify};
use crate::failure::{Failure, counted};

const LOOK: &str = "audit";
/// How many acts are listed that the ledger lacks.
const LISTED: usize = 20;

/// Verifies the log as `pli audit` does.
pub(super) fn look(scene: &mut Scene) -> Vec<Finding> {
    let found = verified(scene).and_then(|found| Ok([Some(found), lacked(scene)?]));
    match found {
        Ok(found) => found.into_iter().flatten().collect(),
        Err(failure) => vec![Finding::failure(LOOK, &failure)],
    }
}

fn verified(scene: &Scene) -> Result<Finding, Failure> {
    let place = AuditPlace::of(scene.job);
    let mut kept = kept_stamp(&place.stamp)?;
    if let Some((total, last)) = scene.ledger.as_ref().map_or(Ok(None), |ledger| ledger.audit_head())? {
        kept.push(("the ledger", Checkpoint { total, last }));
    }
    if kept.is_empty() && !has_begun(&place.folder) {
        return Ok(Finding::ok(LOOK, "no log yet: the first act begins it"));
    }
    let (_, key) = place.signer()?;
    let against = Against { kept, since: Vec::new(), cosigners: cosigners(scene.job)? };
    let found = verify(&place.folder, &key, &against)?;
    let advice = format!(
        "see `pli audit {}`, and docs/audit.md: restore the folder from a backup, or keep it for the inquiry",
        scene.job.file.display()
    );
    if let Some(fault) = found.faults.first() {
        let problem = format!("{} is not as it was written: {}", fault.file, fault.message);
        return Ok(Finding::failure(LOOK, &Failure::refused("audit_broken", problem).with_advice(advice)));
    }
    if found.anchored.is_none() && scene.job.requires_anchor() {
        let advice = format!(
            "let somebody who approves sign it: `pli audit {} cosign --key FILE`",
            scene.job.file.display()
        );
        return Ok(Finding::warning(
            LOOK,
            "audit_not_anchored",
            "nothing anchors the log, and `audit.require_anchor` asks for it",
            advice,
        ));
    }
    Ok(finding::of(LOOK, Ok(format!("{}, {}", counted(found.lines, "line"), found.in_words()))))
}

/// The acts that the ledger lacks, because it was put back to an earlier state.
fn lacked(scene: &Scene) -> Result<Option<Finding>, Failure> {
    let Some(ledger) = &scene.ledger else { return Ok(None) };
    let lacking = lacked_by(ledger, &AuditPlace::of(scene.job).folder)?;
    Ok(lacking.map(|lacking| {
        let problem = format!("the audit log has acts that the ledger lacks: {}", lacking.in_words(LISTED));
        let advice =
            "do them again, the recalls first: until then no lot is dispatched that a recall may be about";
        Finding::warning(LOOK, "ledger_lacks_acts", problem, advice)
    }))
}

/// Whether a log has a day. A first act that was cut short leaves a folder without any.
fn has_begun(folder: &Path) -> bool {
    let mut files = fs_err::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    files.any(|file| file.extension().is_some_and(|ending| ending == "head" || ending == "jsonl"))
}
