//! The muster: whether all shares of a night are there, each exactly once, sound, and of one plan.
//!
//! Takes the folder of the night's shares, and what the merge planned. Gives the shares in order, or everything that is
//! wrong, share by share, with what to do.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use jiff::civil::Date;
use rayon::prelude::*;

use super::Shard;
use super::agreement::Agreement;
use super::folder::{complete, shares_folder};
use super::share::{Description, Share};

use crate::failure::Failure;
use crate::job::Job;
use crate::night::Watch;
use crate::night::numbering::Series;
use crate::night::proofing::Prove;
use mail::piece::PieceKind;

/// How many problems are told.
const TOLD: usize = 20;

/// The shares of a night as they lie there.
pub(super) struct Muster<'a> {
    job: &'a Job,
    night: Date,
    /// Those whose description can be read.
    pub shares: Vec<Share>,
    /// The others, and why.
    unreadable: Vec<(PathBuf, String)>,
}

impl<'a> Muster<'a> {
    /// Finds the shares of a night.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn call(job: &'a Job, night: Date) -> io::Result<Muster<'a>> {
        let mut muster = Muster { job, night, shares: Vec::new(), unreadable: Vec::new() };
        for folder in complete(job, night)? {
            match Share::read(&folder) {
                Ok(share) => muster.shares.push(share),
                Err(problem) => muster.unreadable.push((folder, problem)),
            }
        }
        muster.shares.sort_by_key(|share| share.description.shard);
        Ok(muster)
    }

    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.shares.is_empty() && self.unreadable.is_empty()
    }

    /// Refuses what is not one whole set of shares: missing ones, one that is there twice, two splits.
    ///
    /// # Errors
    /// All that is wrong.
    pub fn stand_together(&self) -> Result<(), Failure> {
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

    /// Refuses shares of another plan, of different makings, or whose files are not what they say.
    ///
    /// # Errors
    /// All that is wrong.
    pub fn stand_by(
        &self,
        agreement: &Agreement,
        series: &[Series],
        watch: &dyn Watch,
    ) -> Result<(), Failure> {
        let Some(first) = self.shares.first() else { return Ok(()) };
        let faults: Vec<Option<String>> = self
            .shares
            .par_iter()
            .map(|share| {
                let fault = self.fault(share, &first.description, agreement, series);
                watch.advance(share.file_count() as u64);
                fault
            })
            .collect();
        let tell = |(share, fault): (&Share, Option<String>)| {
            let Description { shard, shards, .. } = share.description;
            fault.map(|fault| format!("share {shard}: {fault}; {}", self.run_again(shard, shards)))
        };
        self.refused(self.shares.iter().zip(faults).filter_map(tell).collect())
    }

    fn fault(
        &self,
        share: &Share,
        first: &Description,
        agreement: &Agreement,
        series: &[Series],
    ) -> Option<String> {
        let own = &share.description;
        if let Some(what) = own.agreement.difference(agreement) {
            return Some(format!("of another plan, by {what}"));
        }
        if let Some(what) = own.makings.difference(&first.makings) {
            return Some(format!("not made like share {}, by {what}", first.shard));
        }
        if own.rulings != first.rulings {
            return Some(format!("its check found otherwise than that of share {}", first.shard));
        }
        share.damage(series, !self.job.sections.output.unsealed)
    }

    /// The command that makes a share anew.
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
                Prove::All => command.push_str(" --prove all"),
                Prove::Sample => {}
            }
        }
        format!("{command} --shard {number}/{of}`")
    }

    fn refused(&self, problems: Vec<String>) -> Result<(), Failure> {
        if problems.is_empty() {
            return Ok(());
        }
        let mut told: Vec<&str> = problems.iter().map(String::as_str).take(TOLD).collect();
        let rest = format!("… and {} more", problems.len().saturating_sub(TOLD));
        if problems.len() > TOLD {
            told.push(&rest);
        }
        Err(Failure::Refused(format!(
            "the shares of the night of {} can't be merged; nothing was released\n  {}",
            self.night,
            told.join("\n  ")
        )))
    }
}
