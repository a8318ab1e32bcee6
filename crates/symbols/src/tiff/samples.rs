//! The samples of a page: decompressed, and turned into grey levels or colours (TIFF 6.0 p. 17–40).

use std::borrow::Cow;
use std::io::Cursor;

use image::codecs::tiff::TiffDecoder;
use image::{DynamicImage, GrayImage, ImageDecoder, RgbImage};

use crate::picture::{MAX_BYTES, limits};

/// The bits of each byte, the highest first.
const BITS: [[u8; 8]; 256] = {
    let mut bits = [[0; 8]; 256];
    let mut at = 0;
    while at < 8 * 256 {
        bits[at / 8][at % 8] = ((at / 8) >> (7 - at % 8)) as u8 & 1;
        at += 1;
    }
    bits
};

/// How the samples of a chunk are stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Storage {
    /// TIFF's number of the compression: none, LZW, Deflate or PackBits.
    pub(super) compression: u16,
    /// Bits of a sample: 1, 2, 4, 8 or 16.
    pub(super) bits: usize,
    /// Samples of a pixel.
    pub(super) samples: usize,
    /// Whether samples are differences to the pixel before.
    pub(super) differences: bool,
    /// Whether samples of 16 bits have their high byte first.
    pub(super) big_endian: bool,
}

impl Storage {
    /// The bytes of a row of pixels.
    pub(super) fn row_bytes(&self, width: usize) -> usize {
        (width * self.samples * self.bits).div_ceil(8)
    }

    /// The decompressed rows of a chunk. `None` if it is damaged; not compressed ones may be cut off.
    pub(super) fn rows<'a>(&self, data: Cow<'a, [u8]>, width: usize, height: usize) -> Option<Cow<'a, [u8]>> {
        let length = self.row_bytes(width);
        let mut rows = match self.compression {
            1 => data,
            compression => Cow::Owned(decompressed(&data, compression, length, height)?),
        };
        if self.differences && self.bits >= 8 {
            rows.to_mut().chunks_exact_mut(length.max(1)).for_each(|row| self.summed(row));
        }
        Some(rows)
    }

    /// Turns differences into samples (TIFF 6.0 p. 64).
    fn summed(&self, row: &mut [u8]) {
        let (bytes, step) = (self.bits / 8, self.bits / 8 * self.samples);
        for at in (step..row.len()).step_by(bytes) {
            if bytes == 1 {
                row[at] = row[at].wrapping_add(row[at - step]);
                continue;
            }
            let read = |row: &[u8], at: usize| match self.big_endian {
                true => u16::from_be_bytes([row[at], row[at + 1]]),
                false => u16::from_le_bytes([row[at], row[at + 1]]),
            };
            let sum = read(row, at).wrapping_add(read(row, at - step));
            let sum = if self.big_endian { sum.to_be_bytes() } else { sum.to_le_bytes() };
            row[at..at + 2].copy_from_slice(&sum);
        }
    }

    /// Unpacks a row into every `stride`-th byte, as many samples of each pixel as `kept`. Samples of less than 8 bits
    /// keep their value, those of 16 bits their high byte.
    pub(super) fn unpack(&self, row: &[u8], kept: usize, stride: usize, unpacked: &mut [u8]) {
        if self.bits == 8 && self.samples == kept && kept == stride {
            let length = row.len().min(unpacked.len());
            unpacked[..length].copy_from_slice(&row[..length]);
            return;
        }
        let (bits, mask) = (self.bits, ((1u16 << self.bits.min(8)) - 1) as u8);
        if bits == 1 && self.samples == 1 && stride == 1 {
            for (byte, unpacked) in row.iter().zip(unpacked.chunks_mut(8)) {
                unpacked.copy_from_slice(&BITS[usize::from(*byte)][..unpacked.len()]);
            }
            return;
        }
        let high = if self.big_endian { 0 } else { 1 };
        let sample = |index: usize| match bits {
            16 => row.get(2 * index + high).copied(),
            8 => row.get(index).copied(),
            _ => row.get(index * bits / 8).map(|byte| byte >> (8 - bits - index * bits % 8) & mask),
        };
        for (pixel, unpacked) in unpacked.chunks_mut(stride).enumerate() {
            for (offset, unpacked) in unpacked.iter_mut().take(kept).enumerate() {
                let Some(sample) = sample(pixel * self.samples + offset) else { return };
                *unpacked = sample;
            }
        }
    }
}

/// Decompresses a chunk, as a TIFF of one strip of bytes.
fn decompressed(data: &[u8], compression: u16, width: usize, height: usize) -> Option<Vec<u8>> {
    let size = width.checked_mul(height).filter(|&size| size as u64 <= MAX_BYTES)?;
    let number = |number: usize| u32::try_from(number).ok();
    let tags = [
        (256, number(width)?),
        (257, number(height)?),
        (258, 8),
        (259, u32::from(compression)),
        (262, 1),
        (273, 8),
        (277, 1),
        (278, number(height)?),
        (279, number(data.len())?),
    ];
    let mut file = Vec::with_capacity(data.len() + 14 + 12 * tags.len());
    file.extend(b"II*\0");
    // The directory follows the data, at an even offset.
    file.extend(number(8 + data.len().next_multiple_of(2))?.to_le_bytes());
    file.extend(data);
    file.resize(8 + data.len().next_multiple_of(2), 0);
    file.extend((tags.len() as u16).to_le_bytes());
    for (tag, value) in tags {
        file.extend((tag as u16).to_le_bytes());
        file.extend([4, 0, 1, 0, 0, 0]);
        file.extend(value.to_le_bytes());
    }
    file.extend([0; 4]);
    let mut decoder = TiffDecoder::new(Cursor::new(file)).ok()?;
    let mut limits = limits();
    (limits.max_image_width, limits.max_image_height) = (None, None);
    decoder.set_limits(limits).ok()?;
    let mut rows = vec![0; size];
    decoder.read_image(&mut rows).ok()?;
    Some(rows)
}

/// What samples mean.
#[derive(Debug, Clone)]
pub(super) enum Meaning {
    /// Grey levels up to `most`; inverted if 0 is white.
    Grey {
        /// The value of the lightest, or of the darkest if inverted.
        most: u8,
        /// Whether 0 is white.
        inverted: bool,
    },
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue, alpha; with colours that are multiplied by it already, or not.
    Rgba {
        /// Whether they are.
        multiplied: bool,
    },
    /// Cyan, magenta, yellow, black.
    Cmyk,
    /// Numbers of colours.
    Palette(Vec<[u8; 3]>),
}

impl Meaning {
    /// How many samples of a pixel are used.
    pub(super) fn samples(&self) -> usize {
        match self {
            Meaning::Grey { .. } | Meaning::Palette(_) => 1,
            Meaning::Rgb => 3,
            Meaning::Rgba { .. } | Meaning::Cmyk => 4,
        }
    }

    /// The sample of a pixel that is not known, which is shown white.
    pub(super) fn unknown(&self) -> u8 {
        match self {
            Meaning::Grey { inverted: true, .. } | Meaning::Cmyk => 0,
            Meaning::Grey { most, .. } => *most,
            Meaning::Rgb | Meaning::Rgba { .. } | Meaning::Palette(_) => u8::MAX,
        }
    }

    /// Unpacked samples as a picture.
    pub(super) fn picture(self, width: u32, height: u32, mut samples: Vec<u8>) -> Option<DynamicImage> {
        let grey = |samples| GrayImage::from_raw(width, height, samples).map(DynamicImage::ImageLuma8);
        let colour = |samples| RgbImage::from_raw(width, height, samples).map(DynamicImage::ImageRgb8);
        match self {
            Meaning::Grey { most: u8::MAX, inverted: false } => grey(samples),
            Meaning::Grey { most, inverted } => {
                let levels: Vec<u8> = (0..=u8::MAX).map(|value| level(value, most, inverted)).collect();
                samples.iter_mut().for_each(|sample| *sample = levels[usize::from(*sample)]);
                grey(samples)
            }
            Meaning::Rgb => colour(samples),
            Meaning::Rgba { multiplied } => {
                let over = |level: u8, alpha: u8| match multiplied {
                    true => level.saturating_add(u8::MAX - alpha),
                    false => product(level, alpha).saturating_add(u8::MAX - alpha),
                };
                let pixels = samples.chunks_exact(4);
                colour(pixels.flat_map(|p| [over(p[0], p[3]), over(p[1], p[3]), over(p[2], p[3])]).collect())
            }
            Meaning::Cmyk => {
                let lit = |ink: u8, black: u8| product(u8::MAX - ink, u8::MAX - black);
                let pixels = samples.chunks_exact(4);
                colour(pixels.flat_map(|p| [lit(p[0], p[3]), lit(p[1], p[3]), lit(p[2], p[3])]).collect())
            }
            Meaning::Palette(colours) => {
                let shown = |sample: &u8| colours.get(usize::from(*sample)).copied().unwrap_or([u8::MAX; 3]);
                match colours.iter().all(|[red, green, blue]| red == green && green == blue) {
                    true => grey(samples.iter().map(|sample| shown(sample)[0]).collect()),
                    false => colour(samples.iter().flat_map(shown).collect()),
                }
            }
        }
    }
}

/// A grey value of 0 to `most` as a level of 0 to 255.
fn level(value: u8, most: u8, inverted: bool) -> u8 {
    let level = (u16::from(value.min(most)) * 255 / u16::from(most.max(1))) as u8;
    if inverted { u8::MAX - level } else { level }
}

/// The product of two levels, where 255 stands for one.
fn product(one: u8, other: u8) -> u8 {
    (u16::from(one) * u16::from(other) / 255) as u8
}
