//! Lines of codes, as hand scanners and files hold them.

use std::io::{self, BufRead};

use crate::failure::Failure;

/// The longest line that is read, in bytes: 16 symbols hold fewer.
pub(super) const LONGEST_LINE: usize = 64 * 1024;

/// A line of the input.
pub(super) enum Line {
    /// Its bytes.
    Code(Vec<u8>),
    /// It has more than [`LONGEST_LINE`] bytes.
    TooLong,
}

/// The next line, without its end: LF, CR or both, of which the second gives an empty line. A line that is too long is skipped.
///
/// # Errors
/// `input`: the input can't be read.
pub(super) fn next_line(input: &mut impl BufRead) -> Result<Option<Line>, Failure> {
    let failed =
        |error: io::Error| Failure::usage("input", format!("standard input: {error}")).caused_by(error);
    let (mut line, mut length) = (Vec::new(), 0);
    loop {
        let buffer = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            buffer => buffer.map_err(failed)?,
        };
        let end = buffer.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let text = &buffer[..end.unwrap_or(buffer.len())];
        let (over, read) = (buffer.is_empty(), text.len());
        length += read;
        if length <= LONGEST_LINE {
            line.extend_from_slice(text);
        }
        input.consume(read + usize::from(end.is_some()));
        match () {
            () if over && length == 0 => return Ok(None),
            () if end.is_none() && !over => {}
            () if length > LONGEST_LINE => return Ok(Some(Line::TooLong)),
            () => return Ok(Some(Line::Code(line))),
        }
    }
}

/// A line without what scanners and editors put around a code: byte order mark, symbology identifier (`]d1`, ISO/IEC
/// 15424), blanks, line ends.
pub(super) fn without_scanner_marks(line: &[u8]) -> &[u8] {
    let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line).trim_ascii();
    match line {
        [b']', b'd', b'0'..=b'6', code @ ..] => code.trim_ascii_start(),
        code => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_skipped_and_the_next_one_is_read() {
        let mut input = io::Cursor::new([&vec![b'A'; LONGEST_LINE + 9][..], b"\nDC04\n"].concat());
        assert!(matches!(next_line(&mut input), Ok(Some(Line::TooLong))));
        assert!(matches!(next_line(&mut input), Ok(Some(Line::Code(line))) if line == b"DC04"));
        assert!(matches!(next_line(&mut input), Ok(None)));
    }

    #[test]
    fn lines_end_as_every_scanner_ends_them() {
        for text in ["1\n2\n", "1\r2\r", "1\r\n2", "\r1\n\r2"] {
            let mut input = io::BufReader::with_capacity(1, text.as_bytes());
            let mut lines = Vec::new();
            while let Some(Line::Code(line)) = next_line(&mut input).unwrap() {
                lines.extend((!line.is_empty()).then_some(line));
            }
            assert_eq!(lines, [b"1", b"2"], "{text:?}");
        }
    }

    #[test]
    fn what_scanners_add_is_removed() {
        for line in ["DC04", "]d1DC04\r\n", "\u{FEFF} DC04 ", "]d2 DC04"] {
            assert_eq!(without_scanner_marks(line.as_bytes()), b"DC04", "{line:?}");
        }
        assert_eq!(without_scanner_marks(b"]C1DC04"), b"]C1DC04", "another symbology's");
    }
}
