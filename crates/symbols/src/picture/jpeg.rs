//! JPEG files that would take too long: progressive ones of very many scans (ITU-T T.81). 38 kB can take a minute.

use super::decode::{MAX_BYTES, too_much_memory};
use super::{MAX_PIXELS, PictureError};

/// The most scans of a file, with those of its thumbnails. Encoders write about ten.
const MAX_SCANS: u64 = 64;

/// The most pixels that all scans together go through.
const MAX_SCANNED: u64 = 10 * MAX_PIXELS;

/// The most scans of a picture that is not progressive: one a component.
const SEQUENTIAL_SCANS: u64 = 4;

/// Marker codes after 0xFF: start of scan, and start of a progressive frame.
const START_OF_SCAN: u8 = 0xDA;
const PROGRESSIVE_FRAME: u8 = 0xC2;

/// Refuses a JPEG file of `width` × `height` pixels of `components` bytes whose scans would take too long or too much
/// memory. Markers are counted wherever they stand, so that none can hide. Other files are left to their decoders.
///
/// # Errors
/// [`PictureError::TooLaborious`].
pub(super) fn check(bytes: &[u8], width: u32, height: u32, components: u8) -> Result<(), PictureError> {
    if !bytes.starts_with(&[0xFF, 0xD8]) {
        return Ok(());
    }
    let pixels = u64::from(width) * u64::from(height);
    let scans = count(bytes, START_OF_SCAN);
    if scans > MAX_SCANS || scans > SEQUENTIAL_SCANS && scans * pixels > MAX_SCANNED {
        return Err(PictureError::TooLaborious(format!(
            "a JPEG of {width} × {height} pixels in {scans} scans would take too long"
        )));
    }
    // Coefficients of two bytes are kept until the last scan, beside the samples.
    let progressive = || scans > SEQUENTIAL_SCANS || count(bytes, PROGRESSIVE_FRAME) > 0;
    match pixels * 3 * u64::from(components) > MAX_BYTES && progressive() {
        true => Err(too_much_memory(width, height)),
        false => Ok(()),
    }
}

/// Refuses a JPEG file of more scans than a sequential one has.
///
/// # Errors
/// [`PictureError::TooLaborious`].
pub(super) fn check_sequential(bytes: &[u8]) -> Result<(), PictureError> {
    match count(bytes, START_OF_SCAN) > SEQUENTIAL_SCANS {
        true => Err(PictureError::TooLaborious("progressive JPEG inside a TIFF".to_owned())),
        false => Ok(()),
    }
}

/// How often a marker stands in a file.
fn count(bytes: &[u8], marker: u8) -> u64 {
    bytes.windows(2).filter(|pair| *pair == [0xFF, marker]).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_scans_are_refused_before_they_are_decoded() {
        let file = |scans: usize| {
            let mut bytes = vec![0xFF, 0xD8, 0xFF, PROGRESSIVE_FRAME, 0, 17];
            (0..scans).for_each(|_| bytes.extend([0xFF, START_OF_SCAN, 0, 8, 0xFF, 0, 34]));
            bytes
        };
        for (side, scans) in [(8, 64), (5000, 10), (5000, 40), (7000, 3)] {
            assert!(check(&file(scans), side, side, 3).is_ok(), "{side} {scans}");
        }
        for (side, scans) in [(8, 65), (8, 100_000), (5000, 41), (9000, 3)] {
            let refused = check(&file(scans), side, side, 3);
            assert!(matches!(refused, Err(PictureError::TooLaborious(_))), "{side} {scans}");
        }
        assert!(check(b"no JPEG", 9000, 9000, 3).is_ok());
    }
}
