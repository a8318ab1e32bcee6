//! Pictures of pages in tiles. A tile is named by what it shows, so equal names are equal pictures.
//!
//! A page is drawn whole up to [`WHOLE`] pixels, otherwise in blocks of tiles that are always the same: what a tile shows
//! depends on the PDF, the page and the resolution, and never on what is in view.

use std::io::Cursor;
use std::sync::{Arc, Mutex};

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::lru::Lru;
use super::orders::PagePart;
use super::pieces::Piece;
use super::shared::locked;
use crate::files::hexadecimal;
use crate::raster::{OpenPdf, Part, PartPicture, RasterError, draw_parts};

/// The side of a tile in pixels.
pub(super) const TILE: u32 = 512;
/// The side of a block in pixels.
const BLOCK: u32 = 4 * TILE;
/// The most pixels of a page that is drawn whole.
const WHOLE: u64 = 16_000_000;
/// The most bytes of tiles that are kept.
const PIXELS_SIZE: usize = 384 << 20;
/// The most blocks whose tiles are known.
const MAX_BLOCKS: usize = 4096;

/// A tile's place on its page, in pixels, and the name of what it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tile {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
    pub hash: Arc<str>,
}

/// A block of a page of a piece at a resolution.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct BlockKey {
    piece: String,
    page: u32,
    dpi: u32,
    /// The block's left and top edge.
    corner: (u32, u32),
}

/// The grey levels of a tile.
struct TilePixels {
    width: u32,
    height: u32,
    luma: Vec<u8>,
}

/// The tiles that were drawn.
pub(super) struct Tiles {
    pixels: Mutex<Lru<Arc<str>, Arc<TilePixels>>>,
    blocks: Mutex<Lru<BlockKey, Arc<[Tile]>>>,
}

impl Default for Tiles {
    fn default() -> Tiles {
        Tiles { pixels: Mutex::new(Lru::new(PIXELS_SIZE)), blocks: Mutex::new(Lru::new(MAX_BLOCKS)) }
    }
}

/// The width and height of a page in pixels.
pub(super) fn page_size((width, height): (f64, f64), dpi: u32) -> (u32, u32) {
    // The renderer's own arithmetic.
    let scale = (f64::from(dpi) / 72.0) as f32;
    ((width as f32 * scale) as u32, (height as f32 * scale) as u32)
}

impl Tiles {
    /// The tiles of a part of a page, what is nearest its middle first.
    ///
    /// # Errors
    /// The PDF can't be drawn.
    pub(super) fn of_part(&self, piece: &Piece, part: &PagePart, dpi: u32) -> Result<Vec<Tile>, RasterError> {
        let Some(size) = piece.sizes.get(part.page.saturating_sub(1) as usize) else { return Ok(Vec::new()) };
        let shows = |x: u32, y: u32, width: u32, height: u32| {
            f64::from(x) < part.x + part.width
                && f64::from(y) < part.y + part.height
                && f64::from(x + width) > part.x
                && f64::from(y + height) > part.y
        };
        let blocks = blocks(page_size(*size, dpi)).into_iter();
        let blocks: Vec<_> = blocks.filter(|&(x, y, width, height)| shows(x, y, width, height)).collect();
        let mut tiles = self.of_blocks(piece, part.page, dpi, &blocks)?;
        tiles.retain(|tile| shows(tile.x, tile.y, tile.width, tile.height));
        let middle = (part.x + part.width / 2.0, part.y + part.height / 2.0);
        tiles.sort_by_key(|tile| {
            let off = |edge: u32, side: u32, middle: f64| f64::from(edge) + f64::from(side) / 2.0 - middle;
            let (x, y) = (off(tile.x, tile.width, middle.0), off(tile.y, tile.height, middle.1));
            (x * x + y * y) as u64
        });
        Ok(tiles)
    }

    /// A tile as a PNG; `None` if it is not kept any more.
    pub(super) fn png(&self, hash: &str) -> Option<Vec<u8>> {
        let tile = locked(&self.pixels).get(&Arc::from(hash))?;
        grey_png(tile.width, tile.height, &tile.luma)
    }

    /// Where two tiles differ: left, top, right and bottom edge of the smallest rectangle around all pixels that do. `None` if
    /// they are the same, or not kept any more.
    pub(super) fn difference(&self, one: &str, other: &str) -> Option<(u32, u32, u32, u32)> {
        let tile = |hash: &str| locked(&self.pixels).get(&Arc::from(hash));
        let (one, other) = (tile(one)?, tile(other)?);
        if (one.width, one.height) != (other.width, other.height) {
            return Some((0, 0, one.width, one.height));
        }
        let pairs = one.luma.iter().zip(&other.luma).zip(0u32..);
        let differ = pairs.filter(|((one, other), _)| one != other);
        let places = differ.map(|(_, index)| (index % one.width, index / one.width));
        places
            .map(|(x, y)| (x, y, x + 1, y + 1))
            .reduce(|a, b| (a.0.min(b.0), a.1.min(b.1), a.2.max(b.2), a.3.max(b.3)))
    }

    /// The tiles of these blocks, which are drawn unless they are known.
    fn of_blocks(
        &self,
        piece: &Piece,
        page: u32,
        dpi: u32,
        blocks: &[(u32, u32, u32, u32)],
    ) -> Result<Vec<Tile>, RasterError> {
        let key = |&(x, y, ..): &(u32, u32, u32, u32)| BlockKey {
            piece: piece.bytes_id.clone(),
            page,
            dpi,
            corner: (x, y),
        };
        let mut tiles = Vec::new();
        let mut missing = Vec::new();
        for block in blocks {
            match self.known(&key(block)) {
                Some(known) => tiles.extend_from_slice(&known),
                None => missing.push(*block),
            }
        }
        let part = |&(x, y, width, height): &(u32, u32, u32, u32)| Part { page, x, y, width, height };
        // Each thread reads the PDF once.
        let share = missing.len().div_ceil(rayon::current_num_threads().max(1)).max(1);
        let drawn: Result<Vec<_>, RasterError> = missing
            .par_chunks(share)
            .map(|share| draw(piece, dpi, &share.iter().map(part).collect::<Vec<_>>()))
            .collect();
        for (block, picture) in missing.iter().zip(drawn?.into_iter().flatten()) {
            let cut = self.cut(&picture, (block.0, block.1));
            locked(&self.blocks).put(key(block), cut.clone(), 1);
            tiles.extend_from_slice(&cut);
        }
        Ok(tiles)
    }

    /// The tiles of a block that was drawn, if all are still kept.
    fn known(&self, key: &BlockKey) -> Option<Arc<[Tile]>> {
        let tiles = locked(&self.blocks).get(key)?;
        let mut pixels = locked(&self.pixels);
        tiles.iter().all(|tile| pixels.get(&tile.hash).is_some()).then_some(tiles)
    }

    /// Cuts a picture whose corner is at this pixel of its page, and keeps the tiles.
    fn cut(&self, picture: &PartPicture, (left, top): (u32, u32)) -> Arc<[Tile]> {
        let corners: Vec<(u32, u32)> = (0..picture.height.div_ceil(TILE))
            .flat_map(|row| (0..picture.width.div_ceil(TILE)).map(move |column| (column * TILE, row * TILE)))
            .collect();
        let cut: Vec<(Tile, TilePixels)> = corners
            .par_iter()
            .map(|&(x, y)| {
                let (width, height) = (TILE.min(picture.width - x), TILE.min(picture.height - y));
                let rows = picture.luma.chunks(picture.width as usize).skip(y as usize);
                let rows = rows.take(height as usize).map(|row| &row[x as usize..(x + width) as usize]);
                let luma: Vec<u8> = rows.collect::<Vec<_>>().concat();
                let hash = name(width, height, &luma);
                (Tile { x: left + x, y: top + y, width, height, hash }, TilePixels { width, height, luma })
            })
            .collect();
        let mut pixels = locked(&self.pixels);
        let keep = |(tile, of_tile): (Tile, TilePixels)| {
            let size = of_tile.luma.len();
            pixels.put(tile.hash.clone(), Arc::new(of_tile), size);
            tile
        };
        cut.into_iter().map(keep).collect()
    }
}

/// The blocks of a page: left edge, top edge, width, height.
fn blocks((width, height): (u32, u32)) -> Vec<(u32, u32, u32, u32)> {
    if u64::from(width) * u64::from(height) <= WHOLE {
        return vec![(0, 0, width, height)];
    }
    let rows = (0..height).step_by(BLOCK as usize);
    rows.flat_map(|y| (0..width).step_by(BLOCK as usize).map(move |x| (x, y)))
        .map(|(x, y)| (x, y, BLOCK.min(width - x), BLOCK.min(height - y)))
        .collect()
}

/// Draws blocks of a page: a whole page, or parts.
fn draw(piece: &Piece, dpi: u32, parts: &[Part]) -> Result<Vec<PartPicture>, RasterError> {
    let whole = |part: &Part| {
        let size = piece.sizes.get(part.page as usize - 1).map(|size| page_size(*size, dpi));
        size == Some((part.width, part.height))
    };
    match parts {
        [part] if whole(part) => {
            let open = OpenPdf::from_bytes(&piece.id, piece.pdf.clone())?;
            let picture = open.renderer().picture(part.page, f64::from(dpi))?;
            let (width, height) = (picture.width(), picture.height());
            Ok(vec![PartPicture { width, height, luma: picture.to_luma() }])
        }
        parts => draw_parts(&piece.id, &piece.pdf, dpi, parts),
    }
}

fn name(width: u32, height: u32, luma: &[u8]) -> Arc<str> {
    let mut digest = Sha256::new();
    digest.update(width.to_be_bytes());
    digest.update(height.to_be_bytes());
    digest.update(luma);
    hexadecimal(&digest.finalize()[..16]).into()
}

/// Grey levels as a PNG; `None` for a size that is not theirs.
pub(super) fn grey_png(width: u32, height: u32, luma: &[u8]) -> Option<Vec<u8>> {
    let mut png = Cursor::new(Vec::with_capacity(luma.len() / 8));
    let encoder = PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Up);
    encoder.write_image(luma, width, height, ExtendedColorType::L8).ok()?;
    Some(png.into_inner())
}
