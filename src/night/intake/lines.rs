//! The physical lines of a record file, in bounded memory.
//!
//! Lines are numbered from 1 and end in LF, with any number of CR before it, or a CR at the end of the file. A Ctrl-Z there, with which old programs
//! end a text, is no part of a line. Of a line longer than [`MAX_LINE`] only
//! the beginning is kept.

use std::io::{self, BufRead, BufReader, Read};

/// The most bytes that are kept of one line.
pub(super) const MAX_LINE: usize = 256 * 1024;

/// A physical line.
#[derive(Debug)]
pub(super) struct PhysicalLine {
    /// Its number, from 1.
    pub number: u64,
    /// Its bytes, then one `\n` whatever the line ends in.
    pub bytes: Vec<u8>,
    /// Whether it is longer than [`MAX_LINE`]: only its beginning was kept.
    pub cut: bool,
}

impl PhysicalLine {
    /// The bytes without the line end.
    pub(super) fn text(&self) -> &[u8] {
        self.bytes.strip_suffix(b"\n").unwrap_or(&self.bytes)
    }

    /// Whether it holds nothing except spaces, tabs and a Ctrl-Z.
    pub(super) fn is_blank(&self) -> bool {
        !self.cut && self.text().iter().all(|byte| matches!(*byte, b' ' | b'\t' | CTRL_Z))
    }
}

/// The character with which old programs end a text.
const CTRL_Z: u8 = 0x1a;

/// Reads lines.
pub(super) struct Lines<R> {
    input: BufReader<R>,
    number: u64,
}

impl<R: Read> Lines<R> {
    /// Begins at the first byte of `input`.
    pub(super) fn new(input: R) -> Self {
        Self { input: BufReader::with_capacity(64 * 1024, input), number: 0 }
    }

    /// The next line, or `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<PhysicalLine>> {
        let mut bytes = Vec::new();
        let read = self.input.by_ref().take(MAX_LINE as u64).read_until(b'\n', &mut bytes)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        let ended = bytes.pop_if(|last| *last == b'\n').is_some();
        let cut = !ended && read == MAX_LINE;
        if cut {
            self.input.skip_until(b'\n')?;
        } else {
            if !ended {
                bytes.pop_if(|last| *last == CTRL_Z);
            }
            // Several come of a transfer in text mode that was done twice.
            while bytes.pop_if(|last| *last == b'\r').is_some() {}
        }
        bytes.push(b'\n');
        Ok(Some(PhysicalLine { number: self.number, bytes, cut }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut lines = Lines::new(bytes);
        let mut read = Vec::new();
        while let Some(line) = lines.next().expect("memory can be read") {
            read.push(line.text().to_vec());
        }
        read
    }

    #[test]
    fn line_ends() {
        assert_eq!(lines(b"a\nb\r\n\nc\r"), [&b"a"[..], b"b", b"", b"c"]);
        assert_eq!(lines(b"a\r\r\nb\r\r\n\r\r\n"), [&b"a"[..], b"b", b""]);
        assert_eq!(lines(b"a\rb\n"), [b"a\rb"]);
        assert_eq!(lines(b"a\nb\r\x1a"), [b"a", b"b"]);
        assert_eq!(lines(b""), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn long_lines_are_cut() {
        let mut text = vec![b'x'; 10 * MAX_LINE];
        text.extend_from_slice(b"\nnext");
        let mut lines = Lines::new(text.as_slice());
        let first = lines.next().expect("readable").expect("a line");
        assert!(first.cut && first.bytes.len() == MAX_LINE + 1);
        let second = lines.next().expect("readable").expect("a line");
        assert_eq!((second.number, second.text()), (2, &b"next"[..]));
    }
}
