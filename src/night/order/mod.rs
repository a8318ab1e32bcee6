//! The order of a night: job, date, kinds, how much is proved, and the share to make.

mod progress;
mod shard;

pub use progress::{NoProgress, Phase, Progress};
pub(crate) use shard::{Shard, ShardFault};

use jiff::civil::Date;
use mail::piece::PieceKind;
use serde::{Deserialize, Serialize};

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
}

/// How much of a lot is read back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Prove {
    /// Nothing.
    None,
    /// The first and last piece of each file, and one in a hundred.
    #[default]
    Sample,
    /// Every piece.
    All,
}
