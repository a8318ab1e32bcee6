//! The lines of a report, which may still be growing.

use std::borrow::Cow;

use mail::Encoding;

/// The character with which old programs end a text.
const CTRL_Z: u8 = 0x1a;

/// UTF-8's byte order mark.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The lines of a text, numbered from 1. They end in LF or CR LF; in a text without any LF, in CR.
#[derive(Debug, Clone)]
pub(super) struct Lines<'b> {
    rest: &'b [u8],
    end: u8,
    number: u64,
    closed: bool,
}

/// A line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'b> {
    /// Its number, from 1.
    pub number: u64,
    /// Its bytes without the line end.
    pub bytes: &'b [u8],
    /// Whether it is whole: it has its line end, or is the last line of a text that is closed.
    pub whole: bool,
}

impl<'b> Lines<'b> {
    /// The lines of a file, without its byte order mark and the zero bytes that pad it. The last line is whole without its
    /// line end where `closed` says so, or a Ctrl-Z ends the file.
    pub(super) fn new(bytes: &'b [u8], closed: bool) -> Lines<'b> {
        let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        let length = text.iter().rposition(|byte| !matches!(*byte, 0 | CTRL_Z)).map_or(0, |last| last + 1);
        let (text, padding) = text.split_at(length);
        let end = if text.contains(&b'\n') { b'\n' } else { b'\r' };
        Lines { rest: text, end, number: 0, closed: closed || padding.contains(&CTRL_Z) }
    }

    /// Whether no line is left that holds anything.
    pub(super) fn is_blank(&self) -> bool {
        self.rest.iter().all(u8::is_ascii_whitespace)
    }
}

impl<'b> Iterator for Lines<'b> {
    type Item = Line<'b>;

    fn next(&mut self) -> Option<Line<'b>> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.iter().position(|byte| *byte == self.end);
        let (bytes, rest) = match end {
            Some(end) => (&self.rest[..end], &self.rest[end + 1..]),
            None => (self.rest, &[][..]),
        };
        self.rest = rest;
        self.number += 1;
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        Some(Line { number: self.number, bytes, whole: end.is_some() || self.closed })
    }
}

/// A line as text. A byte that is no character of UTF-8 becomes U+FFFD.
pub(super) fn decoded(bytes: &[u8], encoding: Encoding) -> Cow<'_, str> {
    match encoding {
        Encoding::Utf8 => String::from_utf8_lossy(bytes),
        Encoding::Windows1252 => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<(u64, String, bool)> {
        let text =
            |line: Line<'_>| (line.number, decoded(line.bytes, Encoding::Utf8).into_owned(), line.whole);
        Lines::new(bytes, false).map(text).collect()
    }

    #[test]
    fn line_ends() {
        let whole = |number, text: &str| (number, text.to_owned(), true);
        for bytes in [
            &b"a\nb\n"[..],
            b"a\r\nb\r\n",
            b"a\rb\r",
            b"\xef\xbb\xbfa\nb\n",
            b"a\nb\n\0\0\0",
            b"a\r\nb\r\n\x1a",
        ] {
            assert_eq!(lines(bytes), [whole(1, "a"), whole(2, "b")], "{bytes:?}");
        }
        assert_eq!(lines(b"a\rb\n"), [whole(1, "a\rb")]);
        assert_eq!(lines(b"\n\na\n")[2], whole(3, "a"));
        assert_eq!(lines(b"a\nb"), [whole(1, "a"), (2, "b".to_owned(), false)]);
        assert_eq!(lines(b"a\nb\0\0")[1], (2, "b".to_owned(), false), "padding ends no line");
        assert_eq!(lines(b"a\nb\x1a")[1], whole(2, "b"));
        assert_eq!(lines(b"\0\0"), []);
        assert!(Lines::new(b"a", true).all(|line| line.whole));
    }

    #[test]
    fn encodings() {
        assert_eq!(decoded(b"Pr\xfcfzeit", Encoding::Windows1252), "Prüfzeit");
        assert_eq!(decoded(b"Pr\xfcfzeit", Encoding::Utf8), "Pr\u{fffd}fzeit");
    }
}
