//! The rows of a table that name a person, whatever its columns: found, and cut out without a change to any other byte.

use std::collections::BTreeSet;

/// A row of a table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NamingRow {
    /// The line on which it begins; the header is line 1.
    pub line: u64,
    /// Its text.
    pub text: String,
}

/// The rows of a table that have one of these words, and the table without them; `None` where no row has one. Words stand
/// alone: no letter or digit is before or after them. The header is no row.
pub(super) fn without_rows(table: &[u8], words: &BTreeSet<String>) -> Option<(Vec<NamingRow>, Vec<u8>)> {
    without(table, |bytes, _| words.iter().any(|word| has_word(bytes, word.as_bytes())))
}

/// The rows of a table that `is_of` finds by their bytes or cells, and the table without them; `None` where there is none.
/// The header is no row.
pub(super) fn without(
    table: &[u8],
    is_of: impl Fn(&[u8], &csv::ByteRecord) -> bool,
) -> Option<(Vec<NamingRow>, Vec<u8>)> {
    let begins = begins(table);
    let ends = begins.iter().skip(1).copied().chain([table.len()]);
    let (mut rows, mut rest) = (Vec::new(), Vec::with_capacity(table.len()));
    rest.extend_from_slice(&table[..begins.first().map_or(table.len(), |begin| *begin)]);
    let (mut reader, mut row) = (reader(table), csv::ByteRecord::new());
    for (number, (&begin, end)) in begins.iter().zip(ends).enumerate() {
        let bytes = &table[begin..end];
        let is_row = reader.read_byte_record(&mut row).unwrap_or(false) && number > 0;
        if is_row && is_of(bytes, &row) {
            rows.push(NamingRow {
                line: 1 + table[..begin].iter().filter(|byte| **byte == b'\n').count() as u64,
                text: String::from_utf8_lossy(bytes).trim().to_owned(),
            });
        } else {
            rest.extend_from_slice(bytes);
        }
    }
    (!rows.is_empty()).then_some((rows, rest))
}

/// Where each row of a table begins.
fn begins(table: &[u8]) -> Vec<usize> {
    let (mut reader, mut row) = (reader(table), csv::ByteRecord::new());
    let mut begins = Vec::new();
    while reader.read_byte_record(&mut row).unwrap_or(false) {
        let begin = row.position().map_or(0, |at| at.byte() as usize);
        // After `\r\n` a row's position is that of the `\n`, which belongs to the row before.
        let after = begin > 0 && table[begin - 1] == b'\r' && table.get(begin) == Some(&b'\n');
        begins.push(begin + usize::from(after));
    }
    begins
}

fn reader(table: &[u8]) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().delimiter(delimiter(table)).flexible(true).has_headers(false).from_reader(table)
}

/// The delimiter of a table, by its header: as the intake finds it.
fn delimiter(table: &[u8]) -> u8 {
    let header = table.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| header.iter().filter(|byte| **byte == delimiter).count();
    if count(b';') > count(b',') { b';' } else { b',' }
}

/// Whether bytes have a word, with no letter or digit before or after it.
fn has_word(bytes: &[u8], word: &[u8]) -> bool {
    let joins = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let alone = |at: &usize| {
        !joins(at.checked_sub(1).map(|before| &bytes[before])) && !joins(bytes.get(at + word.len()))
    };
    let mut places =
        bytes.windows(word.len().max(1)).enumerate().filter(|(_, it)| *it == word).map(|(at, _)| at);
    places.any(|at| alone(&at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(table: &str, words: &[&str]) -> Option<(Vec<u64>, String)> {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        let (rows, rest) = without_rows(table.as_bytes(), &words)?;
        let lines = rows.iter().map(|row| row.line).collect();
        Some((lines, String::from_utf8(rest).expect("UTF-8")))
    }

    #[test]
    fn rows_are_cut_and_every_other_byte_stays() {
        let table = "card,name\r\n2400140649,\"A\r\nB\"\r\n2400140650,C 2400140649\r\n2400140651,D\r\n";
        let (lines, rest) = cut(table, &["2400140650"]).expect("a row");
        assert_eq!(
            (lines, rest.as_str()),
            (vec![4], "card,name\r\n2400140649,\"A\r\nB\"\r\n2400140651,D\r\n")
        );
        let (lines, rest) = cut(table, &["2400140649"]).expect("two rows");
        assert_eq!((lines.len(), rest.as_str()), (2, "card,name\r\n2400140651,D\r\n"));
        let (_, rest) = cut(table, &["2400140651"]).expect("the last row");
        assert!(rest.ends_with("C 2400140649\r\n"), "{rest:?}");
        assert_eq!(cut(table, &["240014065"]), None, "a part of a number is none");
        assert_eq!(cut(table, &["card"]), None, "the header stays");
        let (_, rest) = cut("a;b\n1,5;\"x;\n2400140649\"\nlast;row", &["2400140649"]).expect("a row");
        assert_eq!(rest, "a;b\nlast;row");
    }
}
