//! Codes that span up to 16 symbols (S326 p. 28). A prefix in each symbol says which part it is.
//!
//! In C40 characters the prefix is `EXYZAB`: `XYZ` names the set, `A` is the symbol's index from 0, and `B` the last
//! index, both hexadecimal. In binary it is four bytes, `EE WX YZ NM`. The rule that all symbols have one size is not
//! checked here: it concerns pictures.

use super::fields::characters;
use std::collections::{BTreeMap, VecDeque};
use thiserror::Error;

/// First byte of a binary prefix.
const BINARY_MARK: u8 = 0xEE;

/// One symbol of a code that spans several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The set's name: three characters; in binary, four hexadecimal digits.
    pub set: String,
    /// The symbol's index in the set, from 0.
    pub index: u8,
    /// The last index: the number of symbols less one.
    pub last: u8,
    /// The symbol's part of the code.
    pub content: Vec<u8>,
}

/// Why a symbol does not continue its set.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AssemblyError {
    /// The symbol has an index that is taken, or another number of symbols. A new set of that name starts with it.
    #[error("set `{set}` was left with {read} of its {count} symbols: another of that name began")]
    Restarted {
        /// The set's name.
        set: String,
        /// Number of symbols read of the abandoned set.
        read: usize,
        /// Number of symbols of the abandoned set.
        count: u8,
    },
}

impl Part {
    /// Parses the content of a symbol; `None` if it does not start with a prefix.
    #[must_use]
    pub fn parse(symbol: &[u8]) -> Option<Part> {
        let part = match symbol.first()? {
            &BINARY_MARK => {
                let ([_, w, y, indexes], content) = symbol.split_first_chunk::<4>()?;
                let set = format!("{w:02X}{y:02X}");
                Part { set, index: indexes >> 4, last: indexes & 0xF, content: content.to_vec() }
            }
            b'E' => {
                let ([_, set @ .., index, last], content) = symbol.split_first_chunk::<6>()?;
                let named = set.iter().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
                let set = named.then(|| characters(set))?;
                Part { set, index: nibble(*index)?, last: nibble(*last)?, content: content.to_vec() }
            }
            _ => return None,
        };
        (part.index <= part.last).then_some(part)
    }

    /// Number of symbols in the set.
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

/// Number of complete sets whose symbols are still recognised.
const MAX_COMPLETE: usize = 64;

/// Collects symbols, in any order, into complete codes.
#[derive(Debug, Default)]
pub struct Assembly {
    incomplete: BTreeMap<String, BTreeMap<u8, Part>>,
    /// The sets completed last. Their symbols may be read again.
    complete: VecDeque<BTreeMap<u8, Part>>,
}

impl Assembly {
    /// Adds a symbol. Returns the whole code once its set is complete. A symbol may be added more than once, and a whole
    /// set too.
    ///
    /// # Errors
    /// [`AssemblyError::Restarted`] if the symbol contradicts those of its set. The symbols read so far are dropped, and
    /// the symbol starts a new set.
    pub fn add(&mut self, part: Part) -> Result<Option<Vec<u8>>, AssemblyError> {
        let (set, count) = (part.set.clone(), usize::from(part.count()));
        let abandoned = self.abandon_contradicted(&part);
        let parts = self.incomplete.entry(set.clone()).or_default();
        parts.insert(part.index, part);
        if let Some(fault) = abandoned {
            return Err(fault);
        }
        if parts.len() < count {
            return Ok(None);
        }
        let parts = self.incomplete.remove(&set).unwrap_or_default();
        let code = parts.values().flat_map(|part| part.content.iter().copied()).collect();
        if self.complete.len() == MAX_COMPLETE {
            self.complete.pop_front();
        }
        self.complete.push_back(parts);
        Ok(Some(code))
    }

    /// Drops the incomplete set of a symbol's name if the symbol contradicts it.
    fn abandon_contradicted(&mut self, part: &Part) -> Option<AssemblyError> {
        let begun = self.incomplete.get(&part.set)?;
        let other = begun.values().find(|other| other.last != part.last);
        let rival = begun.get(&part.index).filter(|known| *known != part);
        let count = other.or(rival)?.count();
        let begun = self.incomplete.remove(&part.set)?;
        Some(AssemblyError::Restarted { set: part.set.clone(), read: begun.len(), count })
    }

    /// The sets that lack symbols: name, number of symbols read, number of symbols. Symbols of a complete set that were
    /// read again are not counted as a new set.
    pub fn incomplete(&self) -> impl Iterator<Item = (&str, usize, usize)> {
        let again = |parts: &BTreeMap<u8, Part>| {
            self.complete.iter().any(|known| parts.iter().all(|(index, part)| known.get(index) == Some(part)))
        };
        self.incomplete.iter().filter(move |(_, parts)| !again(parts)).map(|(set, parts)| {
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
    fn prefixes_are_read_in_characters_and_binary() {
        let part = Part::parse(b"EAB712DC04FR").unwrap();
        assert_eq!((part.set.as_str(), part.index, part.last, part.count()), ("AB7", 1, 2, 3));
        assert_eq!(part.content, b"DC04FR");
        let part = Part::parse(&[0xEE, 0x12, 0xAB, 0x0F, 0xDC]).unwrap();
        assert_eq!((part.set.as_str(), part.index, part.count()), ("12AB", 0, 16));
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
            assert_eq!(Part::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn contradicting_symbols_are_an_error() {
        let part = |text: &str| Part::parse(text.as_bytes()).unwrap();
        let mut assembly = Assembly::default();
        assert_eq!(assembly.add(part("EAB702one")), Ok(None));
        assert_eq!(assembly.add(part("EAB702one")), Ok(None));
        let left = |read, count| AssemblyError::Restarted { set: "AB7".into(), read, count };
        assert_eq!(assembly.add(part("EAB711two")), Err(left(1, 3)));
        assert_eq!(assembly.add(part("EAB711other")), Err(left(1, 2)));
        assert_eq!(assembly.add(part("EAB701one")).unwrap().as_deref(), Some(&b"oneother"[..]));
        // The same symbols again, as from a page that was scanned twice.
        assert_eq!(assembly.add(part("EAB711other")), Ok(None));
        assert_eq!(assembly.incomplete().count(), 0);
        assert_eq!(assembly.add(part("EAB701one")).unwrap().as_deref(), Some(&b"oneother"[..]));
        // Another code with the same name.
        assert_eq!(assembly.add(part("EAB702new")), Ok(None));
        assert_eq!(assembly.incomplete().collect::<Vec<_>>(), [("AB7", 1, 3)]);
    }

    proptest! {
        #[test]
        fn any_parts_are_assembled_in_any_order(
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
                .map(|(index, piece)| [format!("EXYZ{index:X}{:X}", count - 1).as_bytes(), piece].concat())
                .collect();
            symbols.rotate_left(turn % usize::from(count));
            let mut assembly = Assembly::default();
            let read: Vec<_> =
                symbols.iter().map(|symbol| assembly.add(Part::parse(symbol).unwrap()).unwrap()).collect();
            prop_assert!(read[..read.len() - 1].iter().all(Option::is_none));
            prop_assert_eq!(read.last().unwrap().as_deref(), Some(&code[..]));
            prop_assert_eq!(assembly.incomplete().count(), 0);
        }
    }
}
