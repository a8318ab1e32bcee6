//! Who runs the program, and what that user prints.

use super::{Finding, Scene};
use crate::approvals::permit;
use crate::files::working_user;
use crate::job::Job;
use mail::piece::PieceKind;

const LOOK: &str = "user";

/// Looks what this user prints. Where letters and mailers have users of their own, the looks that follow are about that kind.
pub(super) fn look(scene: &mut Scene) -> Vec<Finding> {
    if !scene.job.roles().separate() {
        return vec![Finding::ok(LOOK, "one user prints letters and mailers")];
    }
    let [letters, mailers] = PieceKind::ALL.map(|kind| permit(scene.job, Some(kind)));
    match (letters, mailers) {
        (Err(_), Err(_)) if oversees(scene.job) => vec![Finding::ok(LOOK, seen_by_the_office(scene.job))],
        (Err(failure), Err(_)) => vec![Finding::failure(LOOK, &failure)],
        (letters, mailers) => {
            let kinds = [(PieceKind::Letter, letters.is_ok()), (PieceKind::Mailer, mailers.is_ok())];
            scene.kinds = kinds.into_iter().filter(|(_, may)| *may).map(|(kind, _)| kind).collect();
            let names: Vec<&str> = scene.kinds.iter().map(|kind| kind.folder()).collect();
            vec![Finding::ok(LOOK, format!("this user prints {}", names.join(" and ")))]
        }
    }
}

/// Whether the job is this user's, or this is root, who read all of it and may look at both kinds.
fn oversees(job: &Job) -> bool {
    let this = working_user();
    this == Some(0) || this.is_some() && this == job.owner().map(|owner| owner.numbers.user)
}

fn seen_by_the_office(job: &Job) -> String {
    let [letters, mailers] = PieceKind::ALL.map(|kind| job.roles().users(kind).join(", "));
    format!(
        "letters are printed by {letters}, mailers by {mailers}; this user prints neither, and looks at both"
    )
}
