//! What the tags of a page say, and what they leave out: real scanners omit rows per strip and byte counts, or write
//! wrong ones (TIFF 6.0 p. 31–43, 66–68).

use super::directory::Directory;
use super::samples::{Meaning, Storage};
use crate::picture::{MAX_PIXELS, PictureError, check_size};

/// The most strips or tiles of a page.
const MAX_CHUNKS: usize = 1 << 17;

/// TIFF's numbers of tags.
mod tag {
    pub(super) const WIDTH: u16 = 256;
    pub(super) const HEIGHT: u16 = 257;
    pub(super) const BITS: u16 = 258;
    pub(super) const COMPRESSION: u16 = 259;
    pub(super) const PHOTOMETRIC: u16 = 262;
    pub(super) const FILL_ORDER: u16 = 266;
    pub(super) const STRIP_OFFSETS: u16 = 273;
    pub(super) const ORIENTATION: u16 = 274;
    pub(super) const SAMPLES: u16 = 277;
    pub(super) const ROWS_PER_STRIP: u16 = 278;
    pub(super) const STRIP_BYTES: u16 = 279;
    pub(super) const X_RESOLUTION: u16 = 282;
    pub(super) const Y_RESOLUTION: u16 = 283;
    pub(super) const PLANES: u16 = 284;
    pub(super) const T4_OPTIONS: u16 = 292;
    pub(super) const PREDICTOR: u16 = 317;
    pub(super) const COLOURS: u16 = 320;
    pub(super) const TILE_WIDTH: u16 = 322;
    pub(super) const TILE_HEIGHT: u16 = 323;
    pub(super) const TILE_OFFSETS: u16 = 324;
    pub(super) const TILE_BYTES: u16 = 325;
    pub(super) const EXTRA_SAMPLES: u16 = 338;
    pub(super) const SAMPLE_FORMAT: u16 = 339;
    pub(super) const JPEG_TABLES: u16 = 347;
}

/// A page of a file.
pub(super) struct Page<'a> {
    directory: Directory<'a>,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) compression: u16,
    photometric: Option<u64>,
    bits: usize,
    pub(super) samples: usize,
    /// Whether each sample of the pixels has chunks of its own.
    pub(super) planar: bool,
    tiled: bool,
    /// The pixels of a row of a strip or tile.
    pub(super) chunk_width: u32,
    /// The rows of a strip or tile.
    pub(super) chunk_height: u32,
}

/// A strip or tile.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk<'a> {
    /// Its left edge on the page.
    pub(super) x: u32,
    /// Its top edge on the page.
    pub(super) y: u32,
    /// The pixels of a row of it.
    pub(super) width: u32,
    /// Its rows.
    pub(super) height: u32,
    /// The sample that it holds, of a planar page.
    pub(super) plane: usize,
    /// Its bytes, as many as the tag says.
    pub(super) data: &'a [u8],
    /// Its bytes up to where another chunk or the file ends.
    pub(super) reach: &'a [u8],
}

impl<'a> Page<'a> {
    /// Reads the tags of a page.
    ///
    /// # Errors
    /// [`PictureError::Unreadable`] without a size, and of kinds that are not read; [`PictureError::TooLarge`].
    pub(super) fn of(directory: Directory<'a>) -> Result<Page<'a>, PictureError> {
        let number = |tag: u16| directory.number(tag);
        let side = |tag: u16| number(tag).and_then(|side| u32::try_from(side).ok()).filter(|&side| side > 0);
        let (Some(width), Some(height)) = (side(tag::WIDTH), side(tag::HEIGHT)) else {
            return Err(unreadable("a TIFF page without a size"));
        };
        check_size(width, height)?;
        let samples = number(tag::SAMPLES).unwrap_or(1).clamp(1, 16) as usize;
        let tiled = number(tag::TILE_OFFSETS).is_some();
        let chunks = directory.numbers(tag::STRIP_OFFSETS, MAX_CHUNKS).len();
        let rows = side(tag::ROWS_PER_STRIP).unwrap_or_else(|| height.div_ceil(chunks.max(1) as u32));
        let (chunk_width, chunk_height) = match tiled {
            true => (side(tag::TILE_WIDTH).unwrap_or(width), side(tag::TILE_HEIGHT).unwrap_or(height)),
            false => (width, rows.min(height)),
        };
        let page = Page {
            width,
            height,
            compression: number(tag::COMPRESSION).unwrap_or(1).min(u64::from(u16::MAX)) as u16,
            photometric: number(tag::PHOTOMETRIC),
            bits: number(tag::BITS).unwrap_or(1).min(64) as usize,
            samples,
            planar: samples > 1 && number(tag::PLANES) == Some(2),
            tiled,
            chunk_width,
            chunk_height,
            directory,
        };
        page.check()?;
        Ok(page)
    }

    /// Refuses what is not read.
    fn check(&self) -> Result<(), PictureError> {
        let across = u64::from(self.width.div_ceil(self.chunk_width));
        let down = u64::from(self.height.div_ceil(self.chunk_height));
        let area = across * u64::from(self.chunk_width) * down * u64::from(self.chunk_height);
        if across * down * self.samples as u64 > MAX_CHUNKS as u64 || area > 2 * MAX_PIXELS {
            return Err(unreadable("a TIFF page of too many or too large tiles"));
        }
        match self.compression {
            1 | 2 | 3 | 4 | 5 | 7 | 8 | 32_773 | 32_946 => {}
            6 => {
                return Err(unreadable(
                    "a TIFF page compressed as old-style JPEG, which TIFF itself withdrew",
                ));
            }
            other => return Err(unreadable(&format!("a TIFF page of compression {other}"))),
        }
        if self.directory.number(tag::SAMPLE_FORMAT).is_some_and(|format| format != 1) {
            return Err(unreadable("a TIFF page whose samples are no whole numbers above zero"));
        }
        Ok(())
    }

    /// Its chunks, with those that the file has.
    pub(super) fn chunks(&self) -> Vec<Chunk<'a>> {
        let (across, down) = (self.width.div_ceil(self.chunk_width), self.height.div_ceil(self.chunk_height));
        let in_plane = across as usize * down as usize;
        let most = in_plane * if self.planar { self.samples } else { 1 };
        let (offsets, bytes) = match self.tiled {
            true => (tag::TILE_OFFSETS, tag::TILE_BYTES),
            false => (tag::STRIP_OFFSETS, tag::STRIP_BYTES),
        };
        let (offsets, bytes) = (self.directory.numbers(offsets, most), self.directory.numbers(bytes, most));
        let mut sorted = offsets.clone();
        sorted.sort_unstable();
        let file = self.directory.file();
        let chunk = |(index, &offset): (usize, &u64)| {
            let at = usize::try_from(offset).ok().filter(|&at| at < file.len())?;
            let next = sorted.get(sorted.partition_point(|&other| other <= offset));
            let end = next.map_or(file.len(), |&next| (next as usize).min(file.len()));
            let count = bytes.get(index).and_then(|&count| usize::try_from(count).ok());
            let count = count.filter(|&count| count > 0 && count <= end - at).unwrap_or(end - at);
            let (column, row) = ((index % in_plane) as u32 % across, (index % in_plane) as u32 / across);
            let (x, y) = (column * self.chunk_width, row * self.chunk_height);
            let height = if self.tiled { self.chunk_height } else { self.chunk_height.min(self.height - y) };
            Some(Chunk {
                x,
                y,
                width: self.chunk_width,
                height,
                plane: index / in_plane,
                data: &file[at..at + count],
                reach: &file[at..end],
            })
        };
        offsets.iter().enumerate().filter_map(chunk).collect()
    }

    /// Whether the bits of a byte stand from the lowest to the highest.
    pub(super) fn reversed(&self) -> bool {
        self.directory.number(tag::FILL_ORDER) == Some(2)
    }

    /// Whether fax runs of white stand for black.
    pub(super) fn inverted(&self) -> bool {
        self.photometric == Some(1)
    }

    /// Whether Group 3 is coded in two dimensions.
    pub(super) fn two_dimensions(&self) -> bool {
        self.directory.number(tag::T4_OPTIONS).is_some_and(|options| options & 1 == 1)
    }

    /// How the page lies: TIFF's and EXIF's number, 1 to 8.
    pub(super) fn orientation(&self) -> u8 {
        self.directory.number(tag::ORIENTATION).map_or(1, |orientation| orientation.min(9) as u8)
    }

    /// The tables that all JPEG chunks share.
    pub(super) fn jpeg_tables(&self) -> &'a [u8] {
        self.directory.bytes(tag::JPEG_TABLES)
    }

    /// Whether JPEG chunks hold red, green and blue.
    pub(super) fn jpeg_in_rgb(&self) -> bool {
        self.photometric == Some(2)
    }

    /// Whether it is a fax of half the rows (204 × 98 per inch): its tags say so, and its shape is that of a page only
    /// with twice as many.
    pub(super) fn half_high(&self) -> bool {
        let resolution = |tag: u16| self.directory.fraction(tag);
        let (Some(x), Some(y)) = (resolution(tag::X_RESOLUTION), resolution(tag::Y_RESOLUTION)) else {
            return false;
        };
        (1.8..2.3).contains(&(x / y)) && self.height < self.width && self.width < 2 * self.height
    }

    /// How the samples are stored.
    ///
    /// # Errors
    /// [`PictureError::Unreadable`] for other samples than of 1, 2, 4, 8 or 16 bits.
    pub(super) fn storage(&self) -> Result<Storage, PictureError> {
        if !matches!(self.bits, 1 | 2 | 4 | 8 | 16) {
            return Err(unreadable(&format!("a TIFF page of {} bits a sample", self.bits)));
        }
        let predictor = self.directory.number(tag::PREDICTOR).unwrap_or(1);
        if predictor > 2 {
            return Err(unreadable("a TIFF page of floating-point differences"));
        }
        Ok(Storage {
            compression: self.compression,
            bits: self.bits,
            samples: if self.planar { 1 } else { self.samples },
            differences: predictor == 2,
            big_endian: self.directory.big_endian(),
        })
    }

    /// What the samples mean. Of a colour space of lightness and colours (CIE L*a*b*), the lightness is taken.
    ///
    /// # Errors
    /// [`PictureError::Unreadable`] for other colour spaces, and for too few samples.
    pub(super) fn meaning(&self) -> Result<Meaning, PictureError> {
        let most = ((1u16 << self.bits.min(8)) - 1) as u8;
        let photometric = self.photometric.unwrap_or(if self.samples >= 3 { 2 } else { 1 });
        let meaning = match photometric {
            0 => Meaning::Grey { most, inverted: true },
            1 | 8 | 9 | 10 => Meaning::Grey { most, inverted: false },
            2 => match (self.samples, self.directory.number(tag::EXTRA_SAMPLES)) {
                (4.., Some(kind @ (1 | 2))) => Meaning::Rgba { multiplied: kind == 1 },
                _ => Meaning::Rgb,
            },
            3 => Meaning::Palette(self.palette()),
            5 => Meaning::Cmyk,
            6 => return Err(unreadable("a TIFF page in YCbCr that is not compressed as JPEG")),
            other => return Err(unreadable(&format!("a TIFF page of colour space {other}"))),
        };
        match meaning.samples() > self.samples || meaning.samples() > 1 && self.bits < 8 {
            true => Err(unreadable("a TIFF page in colour with too few samples")),
            false => Ok(meaning),
        }
    }

    /// The colours of a palette: all reds, all greens, all blues, of 16 bits.
    fn palette(&self) -> Vec<[u8; 3]> {
        let levels = self.directory.numbers(tag::COLOURS, 3 << self.bits.min(8));
        // Some writers give levels of 8 bits.
        let wide = levels.iter().any(|&level| level > 255);
        let level = |level: u64| (if wide { level >> 8 } else { level }).min(255) as u8;
        let third = levels.len() / 3;
        let colour =
            |index| [index, third + index, 2 * third + index].map(|index: usize| level(levels[index]));
        (0..third).map(colour).collect()
    }
}

/// A page that can't be read.
pub(super) fn unreadable(what: &str) -> PictureError {
    PictureError::Unreadable(what.to_owned())
}
