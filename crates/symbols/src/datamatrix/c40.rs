//! A message as C40 codewords (ISO/IEC 16022 5.2.5), ended by the rules of 2D-DOC (specification 3.2.6 §10.3.2).

use super::SymbolSize;
use thiserror::Error;

const LATCH_TO_C40: u8 = 230;
const UNLATCH: u8 = 254;
const PAD: u8 = 129;
const UPPER_SHIFT_ASCII: u8 = 235;

const SHIFT_1: u8 = 0;
const SHIFT_2: u8 = 1;
const SHIFT_3: u8 = 2;
const UPPER_SHIFT: u8 = 30;

/// The C40 values of every byte, and their number.
static VALUES: [([u8; 4], u8); 256] = values_of_bytes();

/// A message that no square symbol holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the message needs {needed} Data Matrix codewords, and the largest symbol holds 1558")]
pub struct TooLong {
    /// Data codewords needed.
    pub needed: usize,
}

/// Where C40 ends: after the most whole characters whose values fill triples, or all but one value of the last triple.
struct Split {
    /// Bytes encoded in C40.
    c40_bytes: usize,
    /// The number of their values.
    c40_values: usize,
    /// Codewords of the bytes after them, encoded in ASCII.
    ascii_codewords: usize,
}

/// The number of C40 values of `message`: 1 for a digit, a capital or a space, 2 for another ASCII character, 3 or 4 for
/// any other byte.
pub(super) fn value_count(message: &[u8]) -> usize {
    message.iter().map(|&byte| count_of(byte)).sum()
}

/// The smallest size that holds `message`, found without encoding it.
///
/// # Errors
/// [`TooLong`] if 144 × 144 modules do not hold it.
pub fn required_size(message: &[u8]) -> Result<SymbolSize, TooLong> {
    size_for(&split(message, value_count(message)))
}

/// The data codewords of `message`, padded to the smallest square's capacity.
///
/// # Errors
/// [`TooLong`] if 144 × 144 modules do not hold it.
pub(super) fn data_codewords(message: &[u8]) -> Result<(SymbolSize, Vec<u8>), TooLong> {
    let mut values = values(message);
    let split = split(message, values.len());
    let size = size_for(&split)?;
    let capacity = size.data_codewords();
    // Room for the error correction too, so that the symbol is one allocation.
    let mut codewords = Vec::with_capacity(capacity + size.error_codewords());
    codewords.push(LATCH_TO_C40);
    values.truncate(split.c40_values);
    // If two values are left, Shift 1 is the third.
    values.resize(split.c40_values.next_multiple_of(3), SHIFT_1);
    pack(&values, &mut codewords);
    if codewords.len() + split.ascii_codewords < capacity {
        codewords.push(UNLATCH);
    }
    for &byte in &message[split.c40_bytes..] {
        push_ascii(byte, &mut codewords);
    }
    pad(&mut codewords, capacity);
    Ok((size, codewords))
}

const fn values_of_bytes() -> [([u8; 4], u8); 256] {
    let mut table = [([0; 4], 0); 256];
    let mut byte = 0;
    while byte < 256 {
        let low = (byte % 128) as u8;
        let (values, count) = values_of_ascii(low);
        table[byte] = if byte < 128 {
            ([values[0], values[1], 0, 0], count)
        } else {
            ([SHIFT_2, UPPER_SHIFT, values[0], values[1]], count + 2)
        };
        byte += 1;
    }
    table
}

/// ISO/IEC 16022 table C.1: the base set, or a shift and a value of its set.
const fn values_of_ascii(character: u8) -> ([u8; 2], u8) {
    match character {
        b' ' => ([3, 0], 1),
        b'0'..=b'9' => ([character - b'0' + 4, 0], 1),
        b'A'..=b'Z' => ([character - b'A' + 14, 0], 1),
        0..32 => ([SHIFT_1, character], 2),
        b'!'..=b'/' => ([SHIFT_2, character - b'!'], 2),
        b':'..=b'@' => ([SHIFT_2, character - b':' + 15], 2),
        b'['..=b'_' => ([SHIFT_2, character - b'[' + 22], 2),
        _ => ([SHIFT_3, character - b'`'], 2),
    }
}

fn count_of(byte: u8) -> usize {
    usize::from(VALUES[usize::from(byte)].1)
}

/// Splits a message of `values` C40 values.
fn split(message: &[u8], values: usize) -> Split {
    let mut split = Split { c40_bytes: message.len(), c40_values: values, ascii_codewords: 0 };
    // If one value is left over, its character is encoded in ASCII instead. So is a character of two values that
    // straddles the last triple; Shift 1 then replaces its first value.
    while split.c40_values % 3 == 1 {
        split.c40_bytes -= 1;
        let byte = message[split.c40_bytes];
        split.c40_values -= count_of(byte);
        split.ascii_codewords += if byte < 128 { 1 } else { 2 };
    }
    split
}

/// The smallest size that holds the split message.
///
/// A single ASCII codeword that exactly fills the symbol needs no unlatch (ISO/IEC 16022 5.2.5.2 d). Table 1 of the 2D-DOC
/// specification takes this into account.
fn size_for(split: &Split) -> Result<SymbolSize, TooLong> {
    let in_c40 = 1 + 2 * split.c40_values.div_ceil(3);
    let unlatched = match split.ascii_codewords {
        0 => in_c40,
        ascii => in_c40 + 1 + ascii,
    };
    let implicit = in_c40 + split.ascii_codewords;
    SymbolSize::all()
        .find(|size| match size.data_codewords() {
            capacity if capacity >= unlatched => true,
            capacity => split.ascii_codewords == 1 && capacity == implicit,
        })
        .ok_or(TooLong { needed: unlatched })
}

/// The C40 values of a message.
fn values(message: &[u8]) -> Vec<u8> {
    // Each character writes four values; the next character overwrites those that are not its own.
    let mut values = vec![0; message.len() * 4];
    let mut filled = 0;
    for &byte in message {
        let (padded, count) = VALUES[usize::from(byte)];
        values[filled..filled + 4].copy_from_slice(&padded);
        filled += usize::from(count);
    }
    values.truncate(filled);
    values
}

/// Packs each three values in two codewords.
fn pack(values: &[u8], codewords: &mut Vec<u8>) {
    for triple in values.chunks_exact(3) {
        let [first, second, third] = [0, 1, 2].map(|index| u16::from(triple[index]));
        codewords.extend_from_slice(&(first * 1600 + second * 40 + third + 1).to_be_bytes());
    }
}

fn push_ascii(byte: u8, codewords: &mut Vec<u8>) {
    if byte < 128 {
        codewords.push(byte + 1);
    } else {
        codewords.extend_from_slice(&[UPPER_SHIFT_ASCII, byte - 127]);
    }
}

/// Appends 129, then pads of the 253-state algorithm (ISO/IEC 16022 B.1), up to `capacity`.
fn pad(codewords: &mut Vec<u8>, capacity: usize) {
    if codewords.len() < capacity {
        codewords.push(PAD);
    }
    while codewords.len() < capacity {
        let position = codewords.len() + 1;
        let pseudo_random = (149 * position) % 253 + 1;
        let sum = usize::from(PAD) + pseudo_random;
        codewords.push(if sum <= 254 { sum } else { sum - 254 } as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(codewords: &[u8]) -> String {
        codewords.iter().map(|c| format!("{c:02x}")).collect()
    }

    fn encoded(message: &str) -> Vec<u8> {
        data_codewords(message.as_bytes()).unwrap().1
    }

    #[test]
    fn one_value_left_goes_to_ascii_after_an_unlatch() {
        // Specification 3.2.6 §10.3.2 p. 139.
        assert_eq!(hex(&encoded("2D-DOC")[..7]), "e6282a4dc5fe44");
    }

    #[test]
    fn whole_triples_are_those_of_the_specification() {
        assert_eq!(hex(&encoded("FRA")), "e67ba7");
        assert_eq!(hex(&encoded("FR0112345")[1..7]), "7b9d200f2d0a");
        assert_eq!(hex(&encoded("AFNOR1")[1..5]), "5a94b3de");
    }

    #[test]
    fn two_values_left_are_padded_with_shift_1() {
        let pair = (14 * 1600 + 15 * 40 + 1u16).to_be_bytes();
        assert_eq!(encoded("AB"), [230, pair[0], pair[1]]);
    }

    #[test]
    fn a_character_that_straddles_the_last_triple_leaves_whole() {
        let pair = (14 * 1600 + 15 * 40 + 1u16).to_be_bytes();
        assert_eq!(encoded("AB-")[..5], [230, pair[0], pair[1], 254, b'-' + 1]);
    }

    #[test]
    fn a_last_codeword_that_fills_the_symbol_needs_no_unlatch() {
        // 8 data codewords: 3 pairs hold 9 values, the tenth is alone in the last codeword.
        let codewords = encoded("ABCDEFGHIJ");
        assert_eq!((codewords.len(), codewords[7]), (8, b'J' + 1));
        assert_eq!(SymbolSize::of_side(14).c40_capacity(), 10);
    }

    #[test]
    fn capacities_are_those_of_table_1() {
        let free = |side, header: usize| {
            let size = SymbolSize::of_side(side);
            size.c40_capacity().checked_sub(header + 2 + 103)
        };
        let rows = [(40, 42), (44, 87), (48, 132), (52, 177), (64, 291), (72, 423), (144, 2208)];
        for (side, values) in rows {
            assert_eq!(free(side, 22), Some(values));
            assert_eq!(free(side, 26), Some(values - 4));
        }
    }

    #[test]
    fn every_length_takes_the_size_it_announces() {
        for length in 0..400 {
            let message = vec![b'A'; length];
            let (size, codewords) = data_codewords(&message).unwrap();
            assert_eq!(required_size(&message), Ok(size));
            assert_eq!(codewords.len(), size.data_codewords());
            assert_eq!(SymbolSize::all().find(|s| s.c40_capacity() >= length), Some(size));
        }
    }

    #[test]
    fn beyond_the_largest_symbol_is_an_error() {
        assert!(data_codewords(&[b'A'; 2335]).is_ok());
        assert_eq!(data_codewords(&[b'A'; 2336]), Err(TooLong { needed: 1559 }));
    }
}
