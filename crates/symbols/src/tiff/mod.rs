//! TIFF files as scanners and fax servers write them: every strip and tile is decoded by itself, and what one of them
//! does not tell stays white.
//!
//! LZW, Deflate and PackBits are left to the crate `tiff`, JPEG to `image`, runs of fax machines to `hayro-ccitt`. Tags are
//! read here, since those of scanners are missing or wrong. Resolutions are not believed.

mod directory;
mod fax;
mod page;
mod samples;

use std::borrow::Cow;

use image::metadata::Orientation;
use image::{DynamicImage, imageops};

pub(crate) use directory::{Directories, Directory};

use crate::picture::{PictureError, decoded_jpeg};
use fax::{Coding, Paper};
use page::{Chunk, Page, unreadable};
use samples::{Meaning, Storage};

/// An Adobe marker of a JPEG file that says that it is in red, green and blue.
const RGB_MARKER: [u8; 16] = *b"\xFF\xEE\0\x0EAdobe\0\x64\0\0\0\0\0";

/// The marker at the end of a JPEG file.
const END_OF_PICTURE: [u8; 2] = [0xFF, 0xD9];

/// Pixels by which a JPEG strip may be larger than the page says: its largest block.
const BLOCK: u32 = 16;

/// Decodes a page, upright.
///
/// # Errors
/// [`PictureError::Unreadable`] for kinds that are not read, and if no strip or tile can be; [`PictureError::TooLarge`].
pub(crate) fn decode(directory: Directory<'_>) -> Result<DynamicImage, PictureError> {
    let page = Page::of(directory)?;
    let chunks = within_file(page.chunks(), directory.file().len());
    let mut picture = match page.compression {
        2..=4 => of_fax(&page, &chunks),
        7 => of_jpeg(&page, &chunks),
        _ => of_samples(&page, &chunks, page.storage()?, page.meaning()?),
    }?;
    if page.half_high() {
        picture = with_rows_twice(&picture);
    }
    if let Some(orientation) = Orientation::from_exif(page.orientation()) {
        picture.apply_orientation(orientation);
    }
    Ok(picture)
}

/// The chunks from the first on that together have at most twice as many bytes as the file: more overlap.
fn within_file(chunks: Vec<Chunk<'_>>, file: usize) -> Vec<Chunk<'_>> {
    let mut left = 2 * file;
    let fits = |chunk: &Chunk<'_>| {
        let fits = chunk.reach.len() <= left;
        left = left.saturating_sub(chunk.reach.len());
        fits
    };
    chunks.into_iter().take_while(fits).collect()
}

/// A page as fax machines compress it.
fn of_fax(page: &Page<'_>, chunks: &[Chunk<'_>]) -> Result<DynamicImage, PictureError> {
    let coding = match page.compression {
        2 => Coding::Runs,
        3 if page.two_dimensions() => Coding::Group3TwoDimensions,
        3 => Coding::Group3,
        _ => Coding::Group4,
    };
    if page.samples > 1 {
        return Err(unreadable("a TIFF page of fax data in colour"));
    }
    let (stride, height) = (page.width as usize, page.height as usize);
    let mut pixels = vec![u8::MAX; stride * height];
    let mut read = 0;
    for chunk in chunks {
        let (x, y) = (chunk.x as usize, chunk.y as usize);
        let mut paper = Paper {
            pixels: &mut pixels[y * stride + x..],
            stride,
            width: (chunk.width as usize).min(stride - x),
            rows: (chunk.height as usize).min(height - y),
        };
        let paint = |data: &[u8], paper: &mut Paper<'_>| {
            let data = in_order(data, page.reversed());
            fax::paint(&data, coding, chunk.width, chunk.height, page.inverted(), paper)
        };
        let mut rows = paint(chunk.data, &mut paper);
        if rows < chunk.height && chunk.data.len() < chunk.reach.len() {
            paper.wipe(0..chunk.height as usize);
            rows = rows.max(paint(chunk.reach, &mut paper));
        }
        read += rows;
    }
    let grey = image::GrayImage::from_raw(page.width, page.height, pixels).filter(|_| read > 0);
    grey.map(DynamicImage::ImageLuma8).ok_or_else(|| unreadable("a TIFF page of damaged fax data"))
}

/// A page whose strips or tiles are JPEG files without the tables that they share.
fn of_jpeg(page: &Page<'_>, chunks: &[Chunk<'_>]) -> Result<DynamicImage, PictureError> {
    if page.planar {
        return Err(unreadable("a TIFF page of JPEG data with colours apart"));
    }
    if page.samples > 3 {
        return Err(unreadable("a TIFF page of JPEG data in CMYK"));
    }
    let grey = page.samples < 3;
    let mut whole = match grey {
        true => DynamicImage::ImageLuma8(image::GrayImage::from_pixel(page.width, page.height, [255].into())),
        false => {
            DynamicImage::ImageRgb8(image::RgbImage::from_pixel(page.width, page.height, [255; 3].into()))
        }
    };
    let mut fault = None;
    let mut read = 0;
    for chunk in chunks {
        let decoded = |data| {
            let file = jpeg_file(data, page.jpeg_tables(), page.jpeg_in_rgb() && !grey);
            decoded_jpeg(&file, page.chunk_width + BLOCK, page.chunk_height + BLOCK)
        };
        let ends = chunk.data.windows(2).any(|marker| marker == END_OF_PICTURE);
        match decoded(if ends { chunk.data } else { chunk.reach }) {
            Ok(picture) => {
                read += 1;
                let (x, y) = (i64::from(chunk.x), i64::from(chunk.y));
                let picture = picture.crop_imm(0, 0, chunk.width, chunk.height);
                match &mut whole {
                    DynamicImage::ImageLuma8(whole) => imageops::replace(whole, &picture.into_luma8(), x, y),
                    DynamicImage::ImageRgb8(whole) => imageops::replace(whole, &picture.into_rgb8(), x, y),
                    _ => {}
                }
            }
            Err(error) => fault = fault.or(Some(error)),
        }
    }
    match fault.filter(|_| read == 0) {
        Some(fault) => Err(fault),
        None if read == 0 => Err(unreadable("a TIFF page without strips")),
        None => Ok(whole),
    }
}

/// A chunk as a JPEG file of its own, up to the end of the picture.
fn jpeg_file<'a>(chunk: &'a [u8], tables: &[u8], in_rgb: bool) -> Cow<'a, [u8]> {
    let end = chunk.windows(2).position(|marker| marker == END_OF_PICTURE);
    let chunk = end.map_or(chunk, |end| &chunk[..end + 2]);
    let tables = tables.strip_prefix(b"\xFF\xD8").unwrap_or(tables);
    let tables = tables.strip_suffix(&END_OF_PICTURE).unwrap_or(tables);
    match chunk.strip_prefix(b"\xFF\xD8") {
        Some(chunk) if in_rgb => Cow::Owned([b"\xFF\xD8".as_slice(), &RGB_MARKER, tables, chunk].concat()),
        Some(chunk) if !tables.is_empty() => Cow::Owned([b"\xFF\xD8".as_slice(), tables, chunk].concat()),
        _ => Cow::Borrowed(chunk),
    }
}

/// A page of samples.
fn of_samples(
    page: &Page<'_>,
    chunks: &[Chunk<'_>],
    storage: Storage,
    meaning: Meaning,
) -> Result<DynamicImage, PictureError> {
    let used = meaning.samples();
    let (width, height) = (page.width as usize, page.height as usize);
    let mut pixels = vec![meaning.unknown(); width * height * used];
    let mut read = 0;
    for chunk in chunks.iter().filter(|chunk| chunk.plane < used) {
        let (columns, rows) = (chunk.width as usize, chunk.height as usize);
        // Not compressed, the length follows from the size.
        let data = match page.compression {
            1 => &chunk.reach[..chunk.reach.len().min(rows * storage.row_bytes(columns))],
            _ => chunk.data,
        };
        let unpacked = |data| storage.rows(in_order(data, page.reversed()), columns, rows);
        let longer = || Some(chunk.reach).filter(|reach| reach.len() > data.len()).and_then(unpacked);
        let Some(packed) = unpacked(data).or_else(longer) else { continue };
        read += 1;
        let shown = columns.min(width - chunk.x as usize);
        let offset = if page.planar { chunk.plane } else { 0 };
        let kept = if page.planar { 1 } else { used };
        let packed = packed.chunks(storage.row_bytes(columns).max(1)).take(rows);
        let to = pixels.chunks_exact_mut(width * used).skip(chunk.y as usize);
        for (packed, row) in packed.zip(to) {
            let start = chunk.x as usize * used;
            storage.unpack(packed, kept, used, &mut row[start + offset..start + shown * used]);
        }
    }
    let picture = meaning.picture(page.width, page.height, pixels).filter(|_| read > 0);
    picture.ok_or_else(|| unreadable("a TIFF page without a strip that can be read"))
}

/// Bytes whose highest bit is the first.
fn in_order(data: &[u8], reversed: bool) -> Cow<'_, [u8]> {
    match reversed {
        true => Cow::Owned(data.iter().map(|byte| byte.reverse_bits()).collect()),
        false => Cow::Borrowed(data),
    }
}

/// A picture with each row twice.
fn with_rows_twice(picture: &DynamicImage) -> DynamicImage {
    picture.resize_exact(picture.width(), 2 * picture.height(), imageops::FilterType::Nearest)
}
