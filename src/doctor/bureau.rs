//! What pieces say about the sender: nothing of another bureau.

use super::{Finding, Scene};

const LOOK: &str = "bureau";

/// Looks for facts that the job file leaves out. Their defaults are those of another bureau.
pub(super) fn look(scene: &mut Scene) -> Vec<Finding> {
    let bureau = scene.job.bureau();
    let default = |key: &str| -> String {
        bureau.texts().filter(|(found, _)| *found == key).map(|(_, text)| text).collect::<Vec<_>>().join(", ")
    };
    let left_out = scene.job.bureau_left_out();
    if left_out.is_empty() {
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
    left_out.iter().map(finding).collect()
}
