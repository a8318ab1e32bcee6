//! What the engine is asked.

use std::sync::Arc;
use std::time::Instant;

use serde::Deserialize;
use tokio::sync::oneshot::Sender;

use super::against::Against;
use super::answers::{Cell, Changes, Located};
use super::pieces::Version;
use super::refusal::Refusal;
use super::specimens::Shown;

/// Where an answer goes.
pub(super) type Reply<T> = Sender<Result<T, Refusal>>;

/// An order to the engine.
pub(super) enum Order {
    /// Files have changed, at this time.
    Saved(Instant),
    /// The tiles of what a page has in view.
    View(ViewRequest, Reply<Arc<str>>),
    /// One piece.
    Show(PieceRequest, Reply<Shown>),
    /// Whole pieces of a gallery.
    Cells(CellsRequest, Reply<Vec<Cell>>),
    /// What differs from another version, in every variant.
    Changes(Against, Reply<Vec<Changes>>),
    /// The version that was saved before; `None` until something is saved.
    SavedBefore(Reply<Option<Arc<Version>>>),
    /// Where a place of a file is on the pictures.
    Reveal(RevealRequest, Reply<Located>),
    /// The preview ends.
    End,
}

/// A variant and a record.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct PieceRequest {
    /// The variant's identifier.
    pub variant: String,
    /// The record's identifier.
    pub record: String,
}

/// What a page has in view.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ViewRequest {
    /// The browser's tab.
    pub client: String,
    #[serde(flatten)]
    pub piece: PieceRequest,
    /// The version to compare with.
    pub against: Option<String>,
    /// Pixels per inch.
    pub dpi: u32,
    /// The parts in view, page by page.
    pub pages: Vec<PagePart>,
}

/// A part of a page, in pixels.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct PagePart {
    /// The page, from 1.
    pub page: u32,
    /// Left edge; below zero left of the page.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// Pieces of a gallery.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct CellsRequest {
    /// Pixels per inch.
    pub dpi: u32,
    /// The pieces.
    pub cells: Vec<PieceRequest>,
}

/// A place in a file, as an editor names it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct RevealRequest {
    /// The file's path in full.
    pub file: std::path::PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

/// The resolutions that are drawn, in pixels per inch.
const DPI: std::ops::RangeInclusive<u32> = 20..=2400;
/// The most pixels per inch of a gallery's pieces, which are small.
const CELL_DPI: u32 = 300;
/// The longest identifier.
const MAX_ID: usize = 200;
/// The most pages or cells of one request.
const MAX_PARTS: usize = 200;

impl ViewRequest {
    /// The request, if it can be answered.
    ///
    /// # Errors
    /// A refusal of the value that can't be used.
    pub(super) fn checked(self) -> Result<ViewRequest, Refusal> {
        check_dpi(self.dpi)?;
        check_ids([&self.client, &self.piece.variant, &self.piece.record].into_iter().chain(&self.against))?;
        check_count(self.pages.len())?;
        let finite =
            |part: &PagePart| [part.x, part.y, part.width, part.height].iter().all(|n| n.is_finite());
        match self.pages.iter().all(finite) {
            true => Ok(self),
            false => Err(Refusal::bad_request("`pages` has a number that is none")),
        }
    }
}

impl CellsRequest {
    /// The request, if it can be answered.
    ///
    /// # Errors
    /// A refusal of the value that can't be used.
    pub(super) fn checked(self) -> Result<CellsRequest, Refusal> {
        check_dpi(self.dpi)?;
        if self.dpi > CELL_DPI {
            return Err(Refusal::bad_request(format!("`dpi` of cells is {CELL_DPI} at most")));
        }
        check_ids(self.cells.iter().flat_map(|cell| [&cell.variant, &cell.record]))?;
        check_count(self.cells.len())?;
        Ok(self)
    }
}

/// Refuses a resolution that is not drawn.
///
/// # Errors
/// A refusal that says which are.
pub(super) fn check_dpi(dpi: u32) -> Result<(), Refusal> {
    match DPI.contains(&dpi) {
        true => Ok(()),
        false => Err(Refusal::bad_request(format!("`dpi` is {} to {}", DPI.start(), DPI.end()))),
    }
}

fn check_ids<'a>(ids: impl IntoIterator<Item = &'a String>) -> Result<(), Refusal> {
    match ids.into_iter().all(|id| id.len() <= MAX_ID) {
        true => Ok(()),
        false => Err(Refusal::bad_request("an identifier is too long")),
    }
}

fn check_count(count: usize) -> Result<(), Refusal> {
    match count <= MAX_PARTS {
        true => Ok(()),
        false => Err(Refusal::bad_request(format!("more than {MAX_PARTS} pages or cells"))),
    }
}
