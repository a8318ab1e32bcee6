//! Shards: a night split over the machines of a batch engine.
//!
//! Every shard takes in, plans and checks the whole night against the ledger as it is, so all of them agree on every
//! number without talking; each composes and proves its own print files and leaves them as a *share* under the output
//! folder. A merge plans the night once more, holds the shares against the plan and each other, and releases it as a
//! whole run would. A shard never writes the ledger; a merge never composes, and needs neither codes nor keys.

mod agreement;
mod assembly;
mod compose;
mod folder;
mod merge;
mod muster;
mod rulings;
mod share;

pub use compose::{ShareReport, run_shard};
pub(super) use folder::{clear, complete, shares_beginning};
pub use merge::{MergeOrder, merge};

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::failure::Failure;
use crate::job::Job;
use mail::piece::PieceKind;

/// Into how many shares a night can be split. Each plans and checks the whole night: more would only do that.
pub const MAX_SHARDS: u32 = 1000;

/// A share of a night. A lot's files go round the shares, letters from the first on and mailers from the last back: so the
/// shares are even, and whose a file is is known before the lot's last piece is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    number: u32,
    of: u32,
}

/// What is wrong with a share's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShardFault {
    /// Not two numbers.
    #[error("`{0}` is no share; write K/N, such as 2/8 for the second of eight")]
    Shape(String),
    /// Too many shares, or none.
    #[error("a night is split into 1 to {MAX_SHARDS} shares, not into {0}")]
    Count(u32),
    /// A share that there is not.
    #[error("there is no share {0} of {1}; shares count from 1")]
    Number(u32, u32),
}

impl Shard {
    /// The share of that number, from 1, of so many.
    ///
    /// # Errors
    /// Numbers out of bounds.
    pub fn new(number: u32, of: u32) -> Result<Shard, ShardFault> {
        match (of, number) {
            (0, _) => Err(ShardFault::Count(0)),
            (of, _) if of > MAX_SHARDS => Err(ShardFault::Count(of)),
            (of, number) if number == 0 || number > of => Err(ShardFault::Number(number, of)),
            (of, number) => Ok(Shard { number, of }),
        }
    }

    /// Its number, from 1.
    pub fn number(self) -> u32 {
        self.number
    }

    /// How many shares there are.
    pub fn of(self) -> u32 {
        self.of
    }

    /// Whether it has a lot's file of that rank, from 0.
    pub(super) fn holds_file(self, kind: PieceKind, rank: u32) -> bool {
        holder(kind, rank, self.of) == self.number
    }

    /// The ranks of the files that it has of a lot, from 0 and without end.
    fn ranks(self, kind: PieceKind) -> impl Iterator<Item = u32> {
        let first = match kind {
            PieceKind::Letter => self.number - 1,
            PieceKind::Mailer => self.of - self.number,
        };
        (first..).step_by(self.of as usize)
    }
}

/// The number of the share that has a lot's file of that rank, from 0.
fn holder(kind: PieceKind, rank: u32, of: u32) -> u32 {
    match kind {
        PieceKind::Letter => rank % of + 1,
        PieceKind::Mailer => of - rank % of,
    }
}

impl FromStr for Shard {
    type Err = ShardFault;

    fn from_str(text: &str) -> Result<Shard, ShardFault> {
        let shape = || ShardFault::Shape(text.to_owned());
        let (number, of) = text.split_once('/').ok_or_else(shape)?;
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(number) || !digits(of) {
            return Err(shape());
        }
        Shard::new(number.parse().map_err(|_| shape())?, of.parse().map_err(|_| shape())?)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

/// Refuses to run a night whole of which shares are there: they would be of no use afterwards, and were meant to be. What
/// killed shards left is removed: the caller is alone.
///
/// # Errors
/// Complete shares of the night; those of the disk.
pub(super) fn refuse_beside_shares(job: &Job, night: Date) -> Result<(), Failure> {
    let shares = folder::complete(job, night)?;
    if shares.is_empty() {
        return Ok(folder::clear(job, night)?);
    }
    let folder = folder::shares_folder(job, night);
    Err(Failure::Refused(format!(
        "{}: {} complete shares of this night wait to be merged\n  run `pli merge` once all are there; to run the night whole instead, remove that folder first",
        folder.display(),
        shares.len()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_in_one_share() {
        for of in [1, 2, 3, 7] {
            for rank in 0..50 {
                for kind in PieceKind::ALL {
                    let shards = (1..=of).map(|number| Shard { number, of });
                    let holding: Vec<Shard> = shards.filter(|shard| shard.holds_file(kind, rank)).collect();
                    assert_eq!(holding.len(), 1, "{rank} of {of}");
                    assert_eq!(holding[0].ranks(kind).nth((rank / of) as usize), Some(rank));
                }
            }
        }
    }

    #[test]
    fn shares_are_written_as_fractions() {
        assert_eq!("2/8".parse::<Shard>().map(|shard| shard.to_string()), Ok("2/8".to_owned()));
        for text in ["", "2", "2/", "/8", "+2/8", "2/8/9", "two/8", "2 / 8", "99999999999/8"] {
            assert_eq!(text.parse::<Shard>(), Err(ShardFault::Shape(text.to_owned())));
        }
        assert_eq!("0/8".parse::<Shard>(), Err(ShardFault::Number(0, 8)));
        assert_eq!("9/8".parse::<Shard>(), Err(ShardFault::Number(9, 8)));
        assert_eq!("1/0".parse::<Shard>(), Err(ShardFault::Count(0)));
        assert_eq!("1/1001".parse::<Shard>(), Err(ShardFault::Count(1001)));
    }
}
