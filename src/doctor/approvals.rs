//! Those who approve what nobody does alone.

use super::{Finding, Scene, finding};
use crate::approvals::{approvers, tied_key};
use crate::failure::{Failure, counted};
use crate::ledger::SystemUser;
use crate::vault::describe;

const LOOK: &str = "approvals";

/// Reads the keys of those who approve, as the gate does, and the key with which this user asks.
pub(super) fn look(scene: &mut Scene) -> Vec<Finding> {
    if !scene.job.lists_approvers() {
        return vec![Finding::ok(LOOK, "no act takes an approval")];
    }
    vec![finding::of(LOOK, usable(scene))]
}

fn usable(scene: &Scene) -> Result<String, Failure> {
    let found = approvers(scene.job)?;
    if let Some(key) = tied_key(scene.job, &SystemUser::of_process()?) {
        describe(&key)?;
    }
    Ok(format!("{} of {} approve", scene.job.approvals().required, counted(found.len(), "person")))
}
