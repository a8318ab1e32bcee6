//! Codes that span several symbols (S326 p. 28): at most 16, each with its place in front. That they are of equal size
//! is for who reads pictures to see, not for who reads texts.
//!
//! In C40 characters the prefix is `EXYZAB`: `XYZ` names the set, `A` is the symbol's place from 0 and `B` the last
//! place, both hexadecimal. In binary it is the same in four bytes, `EE WX YZ NM`.

use super::fields::characters;
use std::collections::{BTreeMap, VecDeque};
use thiserror::Error;

/// The first byte of a prefix in binary.
const BINARY_MARK: u8 = 0xEE;

/// One symbol of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What names the set: three characters, or four hexadecimal digits.
    pub set: String,
    /// The symbol's place, from 0.
    pub place: u8,
    /// The last place: one less than the number of symbols.
    pub last: u8,
    /// What the symbol holds of the code.
    pub content: Vec<u8>,
}

/// Symbols that do not go together.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AssemblyFault {
    /// Another symbol at a place that is taken, or another number of symbols: the set begins anew with this one.
    #[error("set `{set}` was left with {read} of its {count} symbols: another of that name began")]
    BeganAnew {
        /// The set.
        set: String,
        /// Symbols read of the one that was left.
        read: usize,
        /// Symbols it has.
        count: u8,
    },
}

impl Part {
    /// The symbol's part of a set; `None` if it does not begin with a prefix.
    #[must_use]
    pub fn read(symbol: &[u8]) -> Option<Part> {
        let part = match symbol.first()? {
            &BINARY_MARK => {
                let ([_, w, y, places], content) = symbol.split_first_chunk::<4>()?;
                let set = format!("{w:02X}{y:02X}");
                Part { set, place: places >> 4, last: places & 0xF, content: content.to_vec() }
            }
            b'E' => {
                let ([_, set @ .., place, last], content) = symbol.split_first_chunk::<6>()?;
                let named = set.iter().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
                let set = named.then(|| characters(set))?;
                Part { set, place: nibble(*place)?, last: nibble(*last)?, content: content.to_vec() }
            }
            _ => return None,
        };
        (part.place <= part.last).then_some(part)
    }

    /// Symbols in its set.
    #[must_use]
    pub fn count(&self) -> u8 {
        self.last + 1
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// How many complete sets are remembered.
const REMEMBERED: usize = 64;

/// Sets of symbols, being put together in any order.
#[derive(Debug, Default)]
pub struct Assembly {
    begun: BTreeMap<String, BTreeMap<u8, Part>>,
    /// The last sets that were complete, whose symbols may come again.
    complete: VecDeque<BTreeMap<u8, Part>>,
}

impl Assembly {
    /// Takes a symbol; gives the whole code once its set is complete. The same symbol may come again, and after that the
    /// whole set too.
    ///
    /// # Errors
    /// [`AssemblyFault::BeganAnew`]: the symbol is taken, and what had been read of its set is lost.
    pub fn add(&mut self, part: Part) -> Result<Option<Vec<u8>>, AssemblyFault> {
        let (set, count) = (part.set.clone(), usize::from(part.count()));
        let left = self.left_for(&part);
        let parts = self.begun.entry(set.clone()).or_default();
        parts.insert(part.place, part);
        if let Some(fault) = left {
            return Err(fault);
        }
        if parts.len() < count {
            return Ok(None);
        }
        let parts = self.begun.remove(&set).unwrap_or_default();
        let code = parts.values().flat_map(|part| part.content.iter().copied()).collect();
        if self.complete.len() == REMEMBERED {
            self.complete.pop_front();
        }
        self.complete.push_back(parts);
        Ok(Some(code))
    }

    /// Leaves the begun set of a symbol's name, if the symbol can't belong to it.
    fn left_for(&mut self, part: &Part) -> Option<AssemblyFault> {
        let begun = self.begun.get(&part.set)?;
        let other = begun.values().find(|other| other.last != part.last);
        let rival = begun.get(&part.place).filter(|known| *known != part);
        let count = other.or(rival)?.count();
        let begun = self.begun.remove(&part.set)?;
        Some(AssemblyFault::BeganAnew { set: part.set.clone(), read: begun.len(), count })
    }

    /// The sets that lack symbols, but for those whose symbols came again: name, symbols read, symbols in all.
    pub fn incomplete(&self) -> impl Iterator<Item = (&str, usize, usize)> {
        let again = |parts: &BTreeMap<u8, Part>| {
            self.complete.iter().any(|known| parts.iter().all(|(place, part)| known.get(place) == Some(part)))
        };
        self.begun.iter().filter(move |(_, parts)| !again(parts)).map(|(set, parts)| {
            let count = parts.values().next().map_or(0, |part| usize::from(part.count()));
            (set.as_str(), parts.len(), count)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prefixes_are_read_in_both_forms() {
        let part = Part::read(b"EAB712DC04FR").unwrap();
        assert_eq!((part.set.as_str(), part.place, part.last, part.count()), ("AB7", 1, 2, 3));
        assert_eq!(part.content, b"DC04FR");
        let part = Part::read(&[0xEE, 0x12, 0xAB, 0x0F, 0xDC]).unwrap();
        assert_eq!((part.set.as_str(), part.place, part.count()), ("12AB", 0, 16));
        for wrong in [
            &b"EAB721DC"[..],
            b"EAB7G2DC",
            b"EAb712DC",
            b"EAB71",
            b"DC04FR",
            b"",
            &[0xEE, 1, 2],
            &[0xEE, 1, 2, 0x21],
        ] {
            assert_eq!(Part::read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn symbols_that_do_not_go_together_are_told() {
        let part = |text: &str| Part::read(text.as_bytes()).unwrap();
        let mut assembly = Assembly::default();
        assert_eq!(assembly.add(part("EAB702one")), Ok(None));
        assert_eq!(assembly.add(part("EAB702one")), Ok(None));
        let left = |read, count| AssemblyFault::BeganAnew { set: "AB7".into(), read, count };
        assert_eq!(assembly.add(part("EAB711two")), Err(left(1, 3)));
        assert_eq!(assembly.add(part("EAB711other")), Err(left(1, 2)));
        assert_eq!(assembly.add(part("EAB701one")).unwrap().as_deref(), Some(&b"oneother"[..]));
        // The same symbols again, as a page scanned twice gives them.
        assert_eq!(assembly.add(part("EAB711other")), Ok(None));
        assert_eq!(assembly.incomplete().count(), 0);
        assert_eq!(assembly.add(part("EAB701one")).unwrap().as_deref(), Some(&b"oneother"[..]));
        // Another code under the same name.
        assert_eq!(assembly.add(part("EAB702new")), Ok(None));
        assert_eq!(assembly.incomplete().collect::<Vec<_>>(), [("AB7", 1, 3)]);
    }

    proptest! {
        #[test]
        fn any_split_comes_back_in_any_order(
            code in prop::collection::vec(any::<u8>(), 0..200),
            count in 1u8..=16,
            turn in 0usize..16,
        ) {
            let length = code.len().div_ceil(usize::from(count)).max(1);
            let mut pieces: Vec<Vec<u8>> = code.chunks(length).map(<[u8]>::to_vec).collect();
            pieces.resize(usize::from(count), Vec::new());
            let mut symbols: Vec<Vec<u8>> = pieces
                .iter()
                .enumerate()
                .map(|(place, piece)| [format!("EXYZ{place:X}{:X}", count - 1).as_bytes(), piece].concat())
                .collect();
            symbols.rotate_left(turn % usize::from(count));
            let mut assembly = Assembly::default();
            let read: Vec<_> =
                symbols.iter().map(|symbol| assembly.add(Part::read(symbol).unwrap()).unwrap()).collect();
            prop_assert!(read[..read.len() - 1].iter().all(Option::is_none));
            prop_assert_eq!(read.last().unwrap().as_deref(), Some(&code[..]));
            prop_assert_eq!(assembly.incomplete().count(), 0);
        }
    }
}
