//! A share of a night: `K/N`.

use std::fmt;
use std::str::FromStr;

use mail::piece::PieceKind;

/// The most shares of a night. Each shard plans and checks the whole night, so more shares would not save time.
pub(super) const MAX_SHARDS: u32 = 1000;

/// A share of a night. The files of a lot are dealt to the shares in turn: letters from the first share on, mailers from the
/// last one back. So shares are even, and the share of a file is known before the lot's last piece is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    number: u32,
    of: u32,
}

/// Why a text or a number is no share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ShardFault {
    /// The text is not `K/N`.
    #[error("`{0}` is no share; write K/N, such as 2/8 for the second of eight")]
    Shape(String),
    /// There are too many shares, or none.
    #[error("a night is split into 1 to {MAX_SHARDS} shares, not into {0}")]
    Count(u32),
    /// The number is 0 or larger than the count.
    #[error("there is no share {0} of {1}; shares count from 1")]
    Number(u32, u32),
}

impl Shard {
    /// The share `number`, from 1, of `of` shares.
    ///
    /// # Errors
    /// [`ShardFault::Count`], [`ShardFault::Number`]: a number out of range.
    pub(crate) fn new(number: u32, of: u32) -> Result<Shard, ShardFault> {
        match (of, number) {
            (0, _) => Err(ShardFault::Count(0)),
            (of, _) if of > MAX_SHARDS => Err(ShardFault::Count(of)),
            (of, number) if number == 0 || number > of => Err(ShardFault::Number(number, of)),
            (of, number) => Ok(Shard { number, of }),
        }
    }

    /// Its number, from 1.
    pub(crate) fn number(self) -> u32 {
        self.number
    }

    /// How many shares there are.
    pub(crate) fn of(self) -> u32 {
        self.of
    }

    /// The number of the share, of `of` shares, that has a lot's file with this index, from 0.
    pub(crate) fn holder(kind: PieceKind, index: u32, of: u32) -> u32 {
        match kind {
            PieceKind::Letter => index % of + 1,
            PieceKind::Mailer => of - index % of,
        }
    }

    /// Whether it has a lot's file with this index, from 0.
    pub(crate) fn holds_file(self, kind: PieceKind, index: u32) -> bool {
        Shard::holder(kind, index, self.of) == self.number
    }

    /// The indices of the files that it has of a lot, from 0 and without end.
    pub(crate) fn file_indices(self, kind: PieceKind) -> impl Iterator<Item = u32> {
        let first = match kind {
            PieceKind::Letter => self.number - 1,
            PieceKind::Mailer => self.of - self.number,
        };
        (first..).step_by(self.of as usize)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_in_one_share() {
        for of in [1, 2, 3, 7] {
            for index in 0..50 {
                for kind in PieceKind::ALL {
                    let shards = (1..=of).map(|number| Shard { number, of });
                    let holding: Vec<Shard> = shards.filter(|shard| shard.holds_file(kind, index)).collect();
                    assert_eq!(holding.len(), 1, "{index} of {of}");
                    assert_eq!(holding[0].file_indices(kind).nth((index / of) as usize), Some(index));
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
