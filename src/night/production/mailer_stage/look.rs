//! The codes that wait, opened by the stage for somebody who only looks: counts come back, and no code.

use jiff::civil::Date;

use super::desk::Answers;
use super::message::{Report, StageOrder, Task};
use super::with_stage;
use crate::approvals::Allowed;
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::Finding;
use crate::night::order::{NoProgress, Prove};
use crate::night::production::StockCache;

/// The codes files that wait.
#[derive(Debug, Default)]
pub(crate) struct OpenedCodes {
    /// Each by name, with how many of its rows name a card.
    pub files: Vec<(String, u64)>,
    /// What a person should know of them.
    pub warnings: Vec<Finding>,
}

impl Answers for OpenedCodes {
    fn answer(&mut self, report: Report) -> Result<Option<Vec<u8>>, Failure> {
        match report {
            Report::Warnings(findings) => self.warnings.extend(findings),
            Report::Opened(files) => self.files.extend(files),
            _ => return Err(Failure::bug("the mailer stage tells what nobody asked")),
        }
        Ok(None)
    }
}

/// Has the stage open the codes files of a night with the job's identity. Writes nothing. `begun`: the ledger has released a night.
///
/// # Errors
/// Those of the codes identity, of the codes files and of the stage.
pub(crate) fn open_waiting_codes(job: &Job, night: Date, begun: bool) -> Result<OpenedCodes, Failure> {
    let (job_digest, allowed) = (job.digest().to_owned(), Allowed::default());
    let order = StageOrder { job: job_digest, night, prove: Prove::None, begun, allowed, task: Task::Look };
    let (stock, mut opened) = (StockCache::of(job), OpenedCodes::default());
    with_stage(job, &NoProgress, &stock, |stage| stage.ask(&order, &mut opened))?;
    Ok(opened)
}
