//! What pieces say about the sender: nothing of another bureau.

use super::{Finding, Scene};
use mail::piece::PieceKind;

const LOOK: &str = "bureau";

/// Looks for facts that the job file leaves out. Their defaults are those of another bureau.
pub(super) fn look(scene: &mut Scene) -> Vec<Finding> {
    let bureau = scene.job.bureau();
    let default = |key: &str| -> String {
        bureau.texts().filter(|(found, _)| *found == key).map(|(_, text)| text).collect::<Vec<_>>().join(", ")
    };
    let (left_out, tracking) = (scene.job.bureau_left_out(), invented_tracking(scene));
    if left_out.is_empty() && tracking.is_none() {
        return vec![Finding::ok(LOOK, format!("pieces are sent by {}", bureau.name))];
    }
    let finding = |key: &&str| {
        let problem =
            format!("`bureau.{key}` is left out, and pieces bear another bureau's: {}", default(key));
        let example = match key.ends_with("address") {
            true => "[\"…\", \"…\"]",
            false => "\"…\"",
        };
        let advice = format!("write `{key} = {example}` under `[bureau]` in {}", scene.job.file.display());
        Finding::warning(LOOK, "bureau_fact_missing", problem, advice)
    };
    left_out.iter().map(finding).chain(tracking).collect()
}

/// Mailers that bear a tracking number which no post follows; `None` where the job says which prefix the post gave out.
fn invented_tracking(scene: &Scene) -> Option<Finding> {
    if !scene.prints(PieceKind::Mailer) || !scene.job.tracking_prefix_left_out() {
        return None;
    }
    let problem = format!(
        "`mailers.tracking_prefix` is left out, and mailers bear an invented tracking number: {} …",
        scene.job.mailers().tracking_prefix
    );
    let advice = format!(
        "write `tracking_prefix = \"…\"`, the product code that the post gave you, under `[mailers]` in {}; `\"XX\"` written there says that nobody follows them",
        scene.job.file.display()
    );
    Some(Finding::warning(LOOK, "tracking_prefix_missing", problem, advice))
}
