//! Who can open the backup of the ledger's keys.

use super::{Finding, Scene, finding};
use crate::night::care::MAKING_RECOVERY;
use crate::vault::recovery_recipients;

const LOOK: &str = "recovery";

/// Reads the recipients of `ledger.recovery`, as a backup does. Before the first night there is nothing to back up.
pub(super) fn look(scene: &mut Scene) -> Vec<Finding> {
    let texts = scene.job.ledger_recovery();
    if texts.is_empty() {
        let problem =
            "backups of the ledger have no keys: without `keys/ledger/` no name in them can be read";
        return vec![match scene.begun {
            true => Finding::warning(LOOK, "no_recovery", problem, MAKING_RECOVERY),
            false => Finding::ok(LOOK, "name `ledger.recovery` before the first backup of the ledger"),
        }];
    }
    let recipients = recovery_recipients(texts, |text| scene.job.path(text));
    let opened =
        recipients.map(|_| "a backup of the ledger has its keys, sealed to `ledger.recovery`".to_owned());
    vec![finding::of(LOOK, opened.map_err(Into::into))]
}
