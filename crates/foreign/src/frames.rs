//! Frames, in which processes of this program speak to each other: eight bytes of length, the least first, then the bytes.

use std::io::{self, Read, Write};

/// Writes a frame of several parts.
///
/// # Errors
/// I/O errors.
pub fn write_frame(pipe: &mut impl Write, parts: &[&[u8]]) -> io::Result<()> {
    let length: u64 = parts.iter().map(|part| part.len() as u64).sum();
    pipe.write_all(&length.to_le_bytes())?;
    parts.iter().try_for_each(|part| pipe.write_all(part))?;
    pipe.flush()
}

/// Reads the next frame; `None` at the end.
///
/// # Errors
/// I/O errors; [`io::ErrorKind::InvalidData`]: a frame of more than `longest` bytes; [`io::ErrorKind::UnexpectedEof`]: one that
/// is cut off.
pub fn read_frame(pipe: &mut impl Read, longest: u64) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 8];
    match pipe.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let length = u64::from_le_bytes(length);
    if length > longest {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut frame = Vec::new();
    pipe.take(length).read_to_end(&mut frame)?;
    match frame.len() as u64 == length {
        true => Ok(Some(frame)),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_that_is_cut_off_is_no_answer() {
        let mut framed = Vec::new();
        write_frame(&mut framed, &[b"answer"]).unwrap();
        assert_eq!(read_frame(&mut &framed[..], 10).unwrap().as_deref(), Some(&b"answer"[..]));
        assert!(read_frame(&mut &framed[..framed.len() - 1], 10).is_err());
        assert!(read_frame(&mut &framed[..], 5).is_err());
        assert_eq!(read_frame(&mut &b""[..], 5).unwrap(), None);
    }
}
