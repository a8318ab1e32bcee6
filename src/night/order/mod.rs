//! The order of a night: job, date, kinds, how much is proved, and the share to make.

mod places;
mod progress;
mod reissues;
mod shard;

pub(in crate::night) use places::refuse_link;
pub(crate) use places::refuse_open_places;
pub(in crate::night) use progress::during;
pub use progress::{NoProgress, Phase, Progress};
pub(crate) use reissues::ReleasedReissues;
pub(crate) use shard::{Shard, ShardFault};

use std::path::PathBuf;

use jiff::civil::Date;
use mail::piece::PieceKind;
use serde::{Deserialize, Serialize};

use crate::approvals::Asking;
use crate::failure::Failure;
use crate::job::Job;

/// The order of a night.
#[derive(Debug, Clone)]
pub struct NightOrder<'a> {
    /// The job.
    pub job: &'a Job,
    /// The night's date.
    pub night: Date,
    /// The only kind to send; `None` for both.
    pub only: Option<PieceKind>,
    /// How much is read back.
    pub prove: Prove,
    /// Whether to compose and prove only, and release nothing.
    pub dry_run: bool,
    /// The file that lists the codes which a person released (`--release-reissues`).
    pub release_reissues: Option<PathBuf>,
    /// Today's date, against which the night's is held; `None` for a night that is only replayed.
    pub today: Option<Date>,
    /// With what approvals are asked for; nothing where nobody is there to ask.
    pub asking: Asking,
    /// Where the files that were taken in move to after the release (`--archive`).
    pub archive: Option<PathBuf>,
}

impl<'a> NightOrder<'a> {
    /// A whole night of both kinds, every piece proved.
    pub fn new(job: &'a Job, night: Date) -> NightOrder<'a> {
        NightOrder {
            job,
            night,
            only: None,
            prove: Prove::default(),
            dry_run: false,
            release_reissues: None,
            today: None,
            asking: Asking::default(),
            archive: None,
        }
    }

    /// The codes that a person released; none without a file.
    ///
    /// # Errors
    /// `reissues`: the file can't be used.
    pub(crate) fn reissues(&self) -> Result<ReleasedReissues, Failure> {
        self.release_reissues.as_deref().map_or(Ok(ReleasedReissues::default()), ReleasedReissues::read)
    }
}

/// How much of a lot is read back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Prove {
    /// Nothing.
    None,
    /// Symbols of the first and last piece of each file, and of one in a hundred, from pictures of their pages.
    Sample,
    /// Every piece, from the bytes of its file; beside it a small sample from pictures.
    #[default]
    All,
}
