//! What the page reads: the shapes of the answers in JSON. Lengths are in millimetres from a page's top left corner, pages
//! count from 1.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use template::Rect;

/// Points to millimetres.
pub(super) const MM_PER_POINT: f64 = 25.4 / 72.0;

/// A rectangle on a page, in millimetres.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct MmRect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl From<Rect> for MmRect {
    fn from(rect: Rect) -> MmRect {
        let [x, y, width, height] = [rect.x, rect.y, rect.width, rect.height].map(mm);
        MmRect { x, y, width, height }
    }
}

/// Points as millimetres, to a thousandth.
pub(super) fn mm(points: f64) -> f64 {
    (points * MM_PER_POINT * 1000.0).round() / 1000.0
}

/// A fault of a template, or of a record on it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Fault {
    pub severity: &'static str,
    pub code: String,
    pub message: String,
    pub advice: Option<String>,
    /// What opens it in the editor.
    pub place: Option<String>,
    pub file: Option<String>,
    pub line: Option<u64>,
    pub column: Option<u64>,
    /// How many variants have it.
    pub variants: usize,
    pub boxes: Vec<FaultBox>,
}

/// Where a fault shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct FaultBox {
    /// The variant; `None` for all.
    pub variant: Option<String>,
    pub page: usize,
    #[serde(flatten)]
    pub rect: MmRect,
}

/// The answer to a view.
#[derive(Debug, Serialize)]
pub(super) struct View<'v> {
    pub client: &'v str,
    /// The version that it is compared with.
    pub against: Option<&'v str>,
    pub piece: Option<&'v str>,
    pub stale: bool,
    pub generation: u64,
    pub faults: &'v [Fault],
    pub pages: Vec<PageTiles>,
}

/// The tiles of a page that are in view.
#[derive(Debug, Serialize)]
pub(super) struct PageTiles {
    pub page: u32,
    /// The whole page's width and height, in pixels.
    pub width: u32,
    pub height: u32,
    pub tiles: Vec<TileAnswer>,
}

/// A tile, in pixels of its page.
#[derive(Debug, Serialize)]
pub(super) struct TileAnswer {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
    #[serde(serialize_with = "text")]
    pub hash: Arc<str>,
    /// The tile of the version that is compared with.
    #[serde(serialize_with = "optional_text")]
    pub before: Option<Arc<str>>,
}

fn text<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

fn optional_text<S: Serializer>(text: &Option<Arc<str>>, serializer: S) -> Result<S::Ok, S::Error> {
    text.as_deref().serialize(serializer)
}

/// A piece of a gallery.
#[derive(Debug, Serialize)]
pub(super) struct Cell {
    pub variant: String,
    pub record: String,
    pub piece: Option<String>,
    pub pages: Vec<PageTiles>,
    pub faults: Vec<Fault>,
}

/// What differs from another version in a variant.
#[derive(Debug, Serialize)]
pub(super) struct Changes {
    pub variant: String,
    pub pages: Vec<ChangedPage>,
}

/// What differs on a page.
#[derive(Debug, Serialize)]
pub(super) struct ChangedPage {
    pub page: u32,
    pub boxes: Vec<MmRect>,
}

/// Where a place of a file is on the pictures.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Located {
    pub place: String,
    pub variant: String,
    pub page: usize,
    #[serde(flatten)]
    pub rect: MmRect,
}
