//! Shares are read from text: typed or pasted lines of words, or what a reader says of their machine codes.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::error::SharesError;
use super::share::{CODE, KeyShare, PARTS, SHARE, SealedKey};
use super::words::{LINE, bytes_of_base32, bytes_of_line};

/// The most lines of a sealed key.
const MOST_LINES: usize = 128;

/// The bytes of a line.
type Bytes = Zeroizing<[u8; LINE]>;

/// A share whose lines are being read.
struct Draft {
    place: String,
    share: BTreeMap<usize, Bytes>,
    key: BTreeMap<usize, Bytes>,
}

/// Reads the shares of a text, which messages call `name`. Empty lines and those that begin with `#` are passed over; upper and
/// lower case are the same, and words may be parted by `-`.
///
/// # Errors
/// [`SharesError::Line`], [`SharesError::Lines`], [`SharesError::Wrong`]: what is no share, with its line.
pub(crate) fn read_shares(name: &str, text: &str) -> Result<Vec<KeyShare>, SharesError> {
    let (mut shares, mut draft): (Vec<KeyShare>, Option<Draft>) = (Vec::new(), None);
    for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let place = format!("{name}:{number}");
        if let Some(code) =
            line.get(..CODE.len()).filter(|begin| begin.eq_ignore_ascii_case(CODE)).map(|_| line)
        {
            shares.extend(draft.take().map(Draft::finish).transpose()?);
            shares.push(of_code(&code[CODE.len()..], place)?);
            continue;
        }
        let refused = |fault| SharesError::Line { file: name.to_owned(), line: number, fault };
        let (letter, index) = label(line).ok_or_else(|| refused(None))?;
        if (letter, index) == ('s', 1) {
            shares.extend(draft.take().map(Draft::finish).transpose()?);
            draft = Some(Draft { place: place.clone(), share: BTreeMap::new(), key: BTreeMap::new() });
        }
        let Some(draft) = &mut draft else {
            return Err(SharesError::Lines { place, label: "s1".to_owned(), twice: false });
        };
        let label = format!("{letter}{index}");
        let words: Vec<&str> = line.split(apart).filter(|word| !word.is_empty()).skip(1).collect();
        let bytes = bytes_of_line(&label, &words).map_err(|fault| refused(Some(fault)))?;
        let lines = if letter == 's' { &mut draft.share } else { &mut draft.key };
        if lines.insert(index, bytes).is_some() {
            return Err(SharesError::Lines { place: draft.place.clone(), label, twice: true });
        }
    }
    shares.extend(draft.take().map(Draft::finish).transpose()?);
    Ok(shares)
}

/// What parts two words.
fn apart(c: char) -> bool {
    c.is_whitespace() || c == '-'
}

/// The label with which a line begins: `s` or `k`, and a number.
fn label(line: &str) -> Option<(char, usize)> {
    let label = line.split(apart).next()?;
    let letter = label.chars().next()?.to_ascii_lowercase();
    let most = match letter {
        's' => SHARE / LINE,
        'k' => MOST_LINES,
        _ => return None,
    };
    let index = label.get(1..)?.parse().ok()?;
    (1..=most).contains(&index).then_some((letter, index))
}

impl Draft {
    fn finish(self) -> Result<KeyShare, SharesError> {
        let Draft { place, share, key } = self;
        let bytes = joined(&share, 's', SHARE / LINE, &place)?;
        let wrong = |reason| SharesError::Wrong { place: place.clone(), reason };
        let share = KeyShare::parse(&bytes, place.clone()).ok_or_else(|| wrong("its digest does not fit"))?;
        if key.is_empty() {
            return Ok(share);
        }
        let last = key.keys().next_back().copied().unwrap_or_default();
        let bytes = joined(&key, 'k', last, &place)?;
        match SealedKey::parse(&bytes) {
            Some(key) => with_key(share, key),
            // The lines that are there are sound, so the last ones lack.
            None => Err(SharesError::Lines { place, label: format!("k{}", last + 1), twice: false }),
        }
    }
}

/// The bytes of all lines from 1 to `last`.
fn joined(
    lines: &BTreeMap<usize, Bytes>,
    letter: char,
    last: usize,
    place: &str,
) -> Result<Zeroizing<Vec<u8>>, SharesError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(last * LINE));
    for number in 1..=last {
        let missing = || {
            let label = format!("{letter}{number}");
            SharesError::Lines { place: place.to_owned(), label, twice: false }
        };
        bytes.extend_from_slice(&lines.get(&number).ok_or_else(missing)?[..]);
    }
    Ok(bytes)
}

/// Reads a machine code, without its beginning.
fn of_code(code: &str, place: String) -> Result<KeyShare, SharesError> {
    let wrong = |reason| SharesError::Wrong { place: place.clone(), reason };
    let parts = code
        .split_once(PARTS)
        .and_then(|(share, key)| Some((bytes_of_base32(share)?, bytes_of_base32(key)?)));
    let (share, key) = parts.ok_or_else(|| wrong("its code is cut short, or was misread"))?;
    let share = KeyShare::parse(&share, place.clone()).ok_or_else(|| wrong("its digest does not fit"))?;
    let key = SealedKey::parse(&key).ok_or_else(|| wrong("its code is cut short, or was misread"))?;
    with_key(share, key)
}

/// A share with the sealed key that was given with it.
fn with_key(share: KeyShare, key: SealedKey) -> Result<KeyShare, SharesError> {
    match key.set() == share.set && (key.needed, key.count) == (share.needed, share.count) {
        true => Ok(KeyShare { key: Some(key), ..share }),
        false => {
            let reason = "its sealed key (the lines `k1` and on) is of another set";
            Err(SharesError::Wrong { place: share.place, reason })
        }
    }
}
