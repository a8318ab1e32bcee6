//! Who can open the mailers.

use super::{Finding, Scene};
use crate::night::{MAILERS_IN_CLEAR, recipients_of_mailers};
use mail::piece::PieceKind;

const LOOK: &str = "press_key";

/// Reads the recipients of mailers, as the run does.
pub(super) fn look(scene: &mut Scene) -> Vec<Finding> {
    if !scene.prints(PieceKind::Mailer) {
        return vec![Finding::ok(LOOK, "this user seals no mailers")];
    }
    match recipients_of_mailers(scene.job) {
        Ok(None) => {
            let advice = format!("take `unsealed = true` out of {}", scene.job.file.display());
            vec![Finding::warning(LOOK, "mailers_unsealed", MAILERS_IN_CLEAR, advice)]
        }
        Ok(Some(recipients)) => {
            let named: Vec<String> = recipients.summaries().into_iter().map(|one| one.fingerprint).collect();
            vec![Finding::ok(LOOK, format!("mailers are sealed to {}", named.join(", ")))]
        }
        Err(error) => vec![Finding::failure(LOOK, &error.into())],
    }
}
