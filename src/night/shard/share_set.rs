//! The set of a night's shares: whether all are there, each exactly once, undamaged, and of one plan.
//!
//! Reports everything that is wrong, share by share, with what to do.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::civil::Date;
use rayon::prelude::*;

use super::agreement::Agreement;
use super::share::{Description, Share, ShareFault};
use crate::failure::Failure;
use crate::job::Job;
use crate::night::lot::LotNumbers;
use crate::night::order::{Progress, Prove, Shard};
use crate::night::release::{complete_shares, share_key_file, shares_folder};
use crate::vault::ShareKey;
use mail::piece::PieceKind;

/// How many problems are listed.
const SHOWN: usize = 20;

/// The shares of a night.
pub(super) struct ShareSet<'a> {
    job: &'a Job,
    night: Date,
    /// The shares whose description can be read, by number.
    pub shares: Vec<Share>,
    /// The others, and why.
    unreadable: Vec<(PathBuf, ShareFault)>,
}

impl<'a> ShareSet<'a> {
    /// Finds the shares of a night.
    ///
    /// # Errors
    /// Key errors; I/O errors.
    pub(super) fn find(job: &'a Job, night: Date) -> Result<ShareSet<'a>, Failure> {
        let key = ShareKey::open(&share_key_file(job))?;
        let mut set = ShareSet { job, night, shares: Vec::new(), unreadable: Vec::new() };
        for folder in complete_shares(job, night)? {
            match Share::read(&folder, &key) {
                Ok(share) => set.shares.push(share),
                Err(problem) => set.unreadable.push((folder, problem)),
            }
        }
        set.shares.sort_by_key(|share| share.description.shard);
        Ok(set)
    }

    /// Whether there is no share at all.
    pub(super) fn is_empty(&self) -> bool {
        self.shares.is_empty() && self.unreadable.is_empty()
    }

    /// Refuses a set that is not complete: missing shares, a share that is there twice, shares of two splits.
    ///
    /// # Errors
    /// `shares_unmergeable`, with every problem.
    pub(super) fn check_complete(&self) -> Result<(), Failure> {
        let splits: BTreeSet<u32> = self.shares.iter().map(|share| share.description.shards).collect();
        if splits.len() > 1 {
            let splits: Vec<String> = splits.iter().map(u32::to_string).collect();
            return self.refused(vec![format!(
                "shares of {} lie side by side in {}: remove the folders of all splits but one",
                splits.join(" and of "),
                shares_folder(self.job, self.night).display()
            )]);
        }
        let mut problems = Vec::new();
        for (folder, problem) in &self.unreadable {
            problems.push(format!("{}: {problem}; remove it and run that share again", folder.display()));
        }
        let of = splits.first().copied().unwrap_or(0);
        for number in 1..=of {
            let found: Vec<&Share> =
                self.shares.iter().filter(|share| share.description.shard == number).collect();
            match found.as_slice() {
                [] => problems.push(format!("share {number}: missing; {}", self.run_again(number, of))),
                [_] => {}
                [_, strays @ ..] => {
                    problems.extend(strays.iter().map(|share| {
                        format!("share {number}: there twice; remove {}", share.folder.display())
                    }))
                }
            }
        }
        for share in &self.shares {
            let Description { shard, shards, .. } = share.description;
            if Shard::new(shard, shards).is_err() {
                problems.push(format!(
                    "{}: says that it is share {shard} of {shards}; remove it",
                    share.folder.display()
                ));
            }
        }
        self.refused(problems)
    }

    /// Refuses shares of another plan, from other inputs, or with other files than their description says.
    ///
    /// # Errors
    /// `shares_unmergeable`, with every problem.
    pub(super) fn check_against(
        &self,
        agreement: &Agreement,
        lots: &[LotNumbers],
        progress: &dyn Progress,
    ) -> Result<(), Failure> {
        let Some(first) = self.shares.first() else { return Ok(()) };
        let faults: Vec<Option<String>> = self
            .shares
            .par_iter()
            .map(|share| {
                let fault = self.fault(share, &first.description, agreement, lots);
                progress.advance(share.file_count() as u64);
                fault
            })
            .collect();
        let problem = |(share, fault): (&Share, Option<String>)| {
            let Description { shard, shards, .. } = share.description;
            fault.map(|fault| format!("share {shard}: {fault}; {}", self.run_again(shard, shards)))
        };
        self.refused(self.shares.iter().zip(faults).filter_map(problem).collect())
    }

    fn fault(
        &self,
        share: &Share,
        first: &Description,
        agreement: &Agreement,
        lots: &[LotNumbers],
    ) -> Option<String> {
        let own = &share.description;
        if let Some(what) = own.agreement.difference(agreement) {
            return Some(format!("of another plan, by {what}"));
        }
        if let Some(what) = own.inputs.difference(&first.inputs) {
            return Some(format!("not made like share {}, by {what}", first.shard));
        }
        if own.decisions != first.decisions {
            return Some(format!("its check found otherwise than that of share {}", first.shard));
        }
        share.damage(lots, self.job.seals(PieceKind::Mailer))
    }

    /// Advice on a share: the command that makes it again.
    fn run_again(&self, number: u32, of: u32) -> String {
        let mut command = format!("run `pli run {} --date {}", self.job.file.display(), self.night);
        if let Some(first) = self.shares.first() {
            match first.description.agreement.only {
                Some(PieceKind::Letter) => command.push_str(" --only letters"),
                Some(PieceKind::Mailer) => command.push_str(" --only mailers"),
                None => {}
            }
            match first.description.agreement.prove {
                Prove::None => command.push_str(" --prove none"),
                Prove::Sample => command.push_str(" --prove sample"),
                Prove::All => {}
            }
        }
        format!("{command} --shard {number}/{of}`")
    }

    fn refused(&self, problems: Vec<String>) -> Result<(), Failure> {
        if problems.is_empty() {
            return Ok(());
        }
        let count = problems.len();
        let mut parts: Vec<Failure> =
            problems.into_iter().take(SHOWN).map(|problem| Failure::refused("share", problem)).collect();
        if count > SHOWN {
            parts.push(Failure::refused("share", format!("… and {} more", count - SHOWN)));
        }
        let problem =
            format!("the shares of the night of {} can't be merged; nothing was released", self.night);
        Err(Failure::refused("shares_unmergeable", problem).with_parts(parts))
    }
}
