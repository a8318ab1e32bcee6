//! The cells of a row: columns with a delimiter between them.

use std::borrow::Cow;

/// A cell whose quotes do not fit: one is not closed, or text stands behind the closing one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct QuoteFault;

/// The cells of a line, without the spaces around them. A cell in quotes may hold the delimiter; two quotes in it are one.
///
/// # Errors
/// [`QuoteFault`].
pub(super) fn cells(line: &str, delimiter: char) -> Result<Vec<Cow<'_, str>>, QuoteFault> {
    let mut found = Vec::new();
    let mut rest = line;
    loop {
        let begin = rest.trim_start_matches(' ');
        let (cell, after) = match begin.strip_prefix('"') {
            Some(quoted) => quoted_cell(quoted)?,
            None => {
                let end = rest.find(delimiter).unwrap_or(rest.len());
                (Cow::Borrowed(rest[..end].trim_matches(is_space)), &rest[end..])
            }
        };
        found.push(cell);
        let after = if after.starts_with(delimiter) { after } else { after.trim_start_matches(is_space) };
        match after.strip_prefix(delimiter) {
            Some(next) => rest = next,
            None if after.is_empty() => return Ok(found),
            None => return Err(QuoteFault),
        }
    }
}

/// The cell behind an opening quote, and what follows its closing one.
fn quoted_cell(text: &str) -> Result<(Cow<'_, str>, &str), QuoteFault> {
    let mut from = 0;
    loop {
        let end = from + text[from..].find('"').ok_or(QuoteFault)?;
        if !text[end + 1..].starts_with('"') {
            let cell = &text[..end];
            let cell = if from == 0 { Cow::Borrowed(cell) } else { Cow::Owned(cell.replace("\"\"", "\"")) };
            return Ok((cell, &text[end + 1..]));
        }
        from = end + 2;
    }
}

/// A blank at the end of a cell. A tab is none: it may separate cells.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\r' | '\u{a0}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_every_manner() {
        for (line, delimiter, wanted) in [
            ("a,b,c", ',', &["a", "b", "c"][..]),
            (" a ; b;", ';', &["a", "b", ""]),
            ("a\t\tb c", '\t', &["a", "", "b c"]),
            ("\"a;b\";\"c\"\"d\" ; \"\"", ';', &["a;b", "c\"d", ""]),
            ("\"\"\"\"", ',', &["\""]),
            ("a\"b,c\"", ',', &["a\"b", "c\""]),
            ("a  b", ' ', &["a", "", "b"]),
            ("", ',', &[""]),
            ("é|ü", '|', &["é", "ü"]),
        ] {
            let found = cells(line, delimiter).expect("sound quotes");
            assert_eq!(found, wanted, "{line}");
        }
    }

    #[test]
    fn quotes_that_do_not_fit() {
        for line in ["\"a,b", "\"a\"b,c", "a,\"", "\"a\"\""] {
            assert_eq!(cells(line, ','), Err(QuoteFault), "{line}");
        }
    }
}
