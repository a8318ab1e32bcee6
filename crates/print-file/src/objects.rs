//! The objects of a file: writes them one after the other with their cross-references, and the trailer.
//!
//! Takes objects with their numbers and writes bytes to `W`. Never seeks. Memory grows by eight bytes for each object.

use std::io::{self, Write};

use pdf_writer::{Chunk, Ref};
use sha2::{Digest, Sha256};

use super::Stock;
use super::cross_reference::CrossReferences;
use super::deflate::deflate_resource;
use super::number::push_int;
use super::object_stream::ObjectStream;

/// The objects of a file on its way to `W`.
pub(super) struct Objects<W: Write> {
    out: W,
    written: u64,
    digest: Sha256,
    cross_references: CrossReferences,
    open_stream: ObjectStream,
    next: u32,
}

impl<W: Write> Objects<W> {
    /// Writes the header and the stock. `next` is the first number that [`Objects::next_number`] returns.
    ///
    /// # Errors
    /// I/O errors of `out`.
    pub fn begin(out: W, stock: &Stock, next: u32) -> io::Result<Objects<W>> {
        let mut objects = Objects {
            out,
            written: 0,
            digest: Sha256::new(),
            cross_references: CrossReferences::default(),
            open_stream: ObjectStream::default(),
            next,
        };
        objects.write(b"%PDF-1.6\n%\xE2\xE3\xCF\xD3\n")?;
        for &(number, offset) in &stock.offsets {
            objects.cross_references.add_at(number, objects.written + offset as u64);
        }
        objects.write(&stock.objects)?;
        Ok(objects)
    }

    /// A number that no object has.
    pub fn next_number(&mut self) -> u32 {
        let number = self.next;
        self.next += 1;
        number
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.digest.update(bytes);
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// Writes an object that is complete.
    ///
    /// # Errors
    /// I/O errors of the output.
    pub fn write_chunk(&mut self, number: u32, chunk: &Chunk) -> io::Result<()> {
        self.cross_references.add_at(number, self.written);
        self.write(chunk.as_bytes())
    }

    /// Writes an object with the text of its body.
    ///
    /// # Errors
    /// I/O errors of the output.
    pub fn write_body(&mut self, number: u32, body: &[u8]) -> io::Result<()> {
        self.cross_references.add_at(number, self.written);
        self.write(format!("{number} 0 obj\n").as_bytes())?;
        self.write(body)?;
        self.write(b"\nendobj\n")
    }

    /// Writes a deflated content stream.
    ///
    /// # Errors
    /// I/O errors of the output.
    pub fn write_content(&mut self, number: u32, deflated: &[u8]) -> io::Result<()> {
        self.cross_references.add_at(number, self.written);
        let mut head = Vec::with_capacity(64);
        push_int(&mut head, i64::from(number));
        head.extend_from_slice(b" 0 obj\n<</Length ");
        push_int(&mut head, deflated.len() as i64);
        head.extend_from_slice(b"/Filter/FlateDecode>>\nstream\n");
        self.write(&head)?;
        self.write(deflated)?;
        self.write(b"\nendstream\nendobj\n")
    }

    /// Begins a small object in the open object stream. Returns the buffer for its body.
    ///
    /// # Errors
    /// I/O errors of the output.
    pub fn begin_small(&mut self, number: u32) -> io::Result<&mut Vec<u8>> {
        if self.open_stream.is_full() {
            self.close_stream()?;
        }
        if self.open_stream.is_closed() {
            let stream = self.next_number();
            self.open_stream.begin(stream);
        }
        let stream = self.open_stream.number();
        let (body, index) = self.open_stream.object(number);
        self.cross_references.add_within(number, stream, index);
        Ok(body)
    }

    /// Writes the open object stream, if there is one.
    ///
    /// # Errors
    /// I/O errors of the output.
    pub fn close_stream(&mut self) -> io::Result<()> {
        if self.open_stream.is_closed() {
            return Ok(());
        }
        self.cross_references.add_at(self.open_stream.number(), self.written);
        let stream = self.open_stream.close();
        self.write(&stream)
    }

    /// The SHA-256 of the bytes so far.
    pub fn digest(&self) -> [u8; 32] {
        self.digest.clone().finalize().into()
    }

    /// Writes the cross-reference stream, which is the trailer too (ISO 32000-1 §7.5.8). A `padded` file is filled up by a
    /// comment before its last lines. Returns the output with the SHA-256 of all bytes, in hexadecimal, and their number.
    ///
    /// # Errors
    /// I/O errors of the output.
    pub fn finish(mut self, catalog: u32, information: u32, padded: bool) -> io::Result<(W, String, u64)> {
        let id: String = hexadecimal(&self.digest()).chars().take(32).collect();
        let (start, number) = (self.written, self.next_number());
        self.cross_references.add_at(number, start);
        let offset = self.cross_references.offset_bytes();
        let deflated = deflate_resource(&self.cross_references.predicted());
        let head = format!(
            "{number} 0 obj\n<</Type/XRef/Size {}/W[1 {offset} 2]/Root {catalog} 0 R/Info {information} 0 R\
/ID[<{id}><{id}>]/Length {}/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns {}>>>>\nstream\n",
            self.cross_references.size(),
            deflated.len(),
            1 + offset + 2,
        );
        self.write(head.as_bytes())?;
        self.write(&deflated)?;
        self.write(b"\nendstream\nendobj\n")?;
        let end = format!("startxref\n{start}\n%%EOF\n");
        if padded {
            let length = self.written + end.len() as u64;
            self.write(&comment(padded_length(length) - length))?;
        }
        self.write(end.as_bytes())?;
        self.out.flush()?;
        let digest = hexadecimal(&self.digest.finalize());
        Ok((self.out, digest, self.written))
    }
}

/// A reference to the object of that number.
pub(super) fn reference(number: u32) -> Ref {
    Ref::new(number as i32)
}

/// The length of a padded file: the next multiple of 64 KiB, of a large file the next sixteenth of its power of two, which
/// is at most an eighth more.
fn padded_length(length: u64) -> u64 {
    const LEAST_STEP: u64 = 64 << 10;
    length.next_multiple_of((length.next_power_of_two() / 16).max(LEAST_STEP))
}

/// A comment of so many bytes, in lines as long as those of other objects may be (ISO 32000-1 §7.5.1).
fn comment(length: u64) -> Vec<u8> {
    const LINE: usize = 80;
    let mut bytes = vec![b'.'; length as usize];
    for line in bytes.chunks_mut(LINE) {
        line[0] = b'%';
        line[line.len() - 1] = b'\n';
    }
    bytes
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_padded_file_is_at_most_an_eighth_longer() {
        const KIBIBYTE: u64 = 1 << 10;
        assert_eq!(padded_length(1), 64 * KIBIBYTE);
        assert_eq!(padded_length(64 * KIBIBYTE), 64 * KIBIBYTE);
        assert_eq!(padded_length(64 * KIBIBYTE + 1), 128 * KIBIBYTE);
        for length in [1_000_000, 3_000_001, 70_000_000] {
            let padded = padded_length(length);
            assert!(padded >= length && padded - length <= length / 8, "{length}");
        }
    }

    #[test]
    fn a_comment_has_any_length() {
        for length in [0, 1, 2, 79, 80, 81, 160, 1000] {
            let comment = comment(length);
            assert_eq!(comment.len() as u64, length);
            assert!(comment.split(|byte| *byte == b'\n').all(|line| line.is_empty() || line[0] == b'%'));
            assert!(comment.is_empty() || comment.ends_with(b"\n"));
        }
    }
}
