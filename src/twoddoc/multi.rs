//! Codes that span several symbols (S326 p. 28): at most 16, each with its place in front. That they are of equal size
//! is for who reads pictures to see, not for who reads texts.
//!
//! In C40 characters the prefix is `EXYZAB`: `XYZ` names the set, `A` is the symbol's place from 0 and `B` the last
//! place, both hexadecimal. In binary it is the same in four bytes, `EE WX YZ NM`.

use super::fields::characters;
use std::collections::BTreeMap;
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
    /// Two numbers of symbols in one set.
    #[error("set `{set}` has {found} symbols by this one and {expected} by those before it")]
    Count {
        /// The set.
        set: String,
        /// Symbols by the earlier ones.
        expected: u8,
        /// Symbols by this one.
        found: u8,
    },
    /// Two different symbols of one place.
    #[error("set `{set}` has two different symbols at place {place}")]
    Place {
        /// The set.
        set: String,
        /// The place, from 1.
        place: u8,
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

/// Sets of symbols, being put together in any order.
#[derive(Debug, Default)]
pub struct Assembly(BTreeMap<String, BTreeMap<u8, Part>>);

impl Assembly {
    /// Takes a symbol; gives the whole code once its set is complete. The same symbol may come again.
    ///
    /// # Errors
    /// [`AssemblyFault`], and the symbol plays no part.
    pub fn add(&mut self, part: Part) -> Result<Option<Vec<u8>>, AssemblyFault> {
        let parts = self.0.entry(part.set.clone()).or_default();
        if let Some(other) = parts.values().next().filter(|other| other.last != part.last) {
            let (set, expected, found) = (part.set.clone(), other.count(), part.count());
            return Err(AssemblyFault::Count { set, expected, found });
        }
        let (place, count, set) = (part.place, usize::from(part.count()), part.set.clone());
        if parts.get(&place).is_some_and(|known| *known != part) {
            return Err(AssemblyFault::Place { set, place: place + 1 });
        }
        parts.insert(place, part);
        if parts.len() < count {
            return Ok(None);
        }
        let parts = self.0.remove(&set).unwrap_or_default();
        Ok(Some(parts.into_values().flat_map(|part| part.content).collect()))
    }

    /// The sets that lack symbols: name, symbols read, symbols in all.
    pub fn incomplete(&self) -> impl Iterator<Item = (&str, usize, usize)> {
        self.0.iter().map(|(set, parts)| {
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
        let count = AssemblyFault::Count { set: "AB7".into(), expected: 3, found: 2 };
        assert_eq!(assembly.add(part("EAB711two")), Err(count));
        let place = AssemblyFault::Place { set: "AB7".into(), place: 1 };
        assert_eq!(assembly.add(part("EAB702other")), Err(place));
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
