//! What the page saves: a page of a piece as a picture, and the names of files.

use std::path::PathBuf;
use std::sync::Arc;

use template::Template;

use super::against::{Against, path_in_production};
use super::bench::PreviewOrder;
use super::pieces::{Piece, Version};
use super::refusal::Refusal;
use super::tiles::grey_png;
use super::tiles::page_size;
use crate::failure::Failure;
use crate::job::Job;
use crate::raster::{OpenPdf, Part, draw_parts};
use crate::studio::proof::{WordingOrder, laid_out, laid_out_against, proof, wording};
use crate::studio::texts::{texts_csv, texts_html};

/// The most pixels of a page that is saved as a picture: A4 at 1200 dpi.
const MAX_PIXELS: u64 = 140_000_000;
/// How many rows are drawn at once.
const BAND: u32 = 2048;

/// A page of a piece as a PNG.
///
/// # Errors
/// A refusal if there is no such page, or its picture would be too large.
pub(super) fn page_png(piece: &Piece, page: u32, dpi: u32) -> Result<Vec<u8>, Refusal> {
    let index = page.checked_sub(1).ok_or_else(Refusal::not_found)?;
    let size = piece.sizes.get(index as usize).ok_or_else(Refusal::not_found)?;
    let (width, height) = page_size(*size, dpi);
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Refusal::bad_request("the picture would be too large: ask for 1200 dpi or less"));
    }
    let bands = (0..height).step_by(BAND as usize);
    let bands: Vec<Part> =
        bands.map(|y| Part { page, x: 0, y, width, height: BAND.min(height - y) }).collect();
    let drawn = draw_parts(&piece.id, &piece.pdf, dpi, &bands).map_err(Failure::from)?;
    let luma: Vec<u8> = drawn.into_iter().flat_map(|band| band.luma).collect();
    grey_png(width, height, &luma).ok_or_else(|| Failure::bug("the picture has another size").into())
}

/// The version that a document is compared with.
pub(super) enum Compared {
    /// What was saved before; `None` until something is saved.
    Saved(Option<Arc<Version>>),
    /// A version that lies in a folder.
    Lies(Against),
}

/// A document of all variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Document {
    /// The proof sheet for sign-off.
    Proof,
    /// Every sentence, as a page.
    TextsHtml,
    /// Every sentence, as a table.
    TextsCsv,
}

impl Document {
    /// The document at an address.
    pub(super) fn at(path: &str) -> Option<Document> {
        match path {
            "/export/proof.pdf" => Some(Document::Proof),
            "/export/texts.html" => Some(Document::TextsHtml),
            "/export/texts.csv" => Some(Document::TextsCsv),
            _ => None,
        }
    }

    /// Its media type, and the name under which it is saved.
    pub(super) fn media_type_and_name(self) -> (&'static str, &'static str) {
        match self {
            Document::Proof => ("application/pdf", "proof.pdf"),
            Document::TextsHtml => ("text/html; charset=utf-8", "texts.html"),
            Document::TextsCsv => ("text/csv; charset=utf-8", "texts.csv"),
        }
    }

    /// Makes the document of what was saved last, compared with another version if one is named. It takes some seconds.
    ///
    /// # Errors
    /// A refusal of a version that is not there; template errors; those of the job.
    pub(super) fn make(self, order: &PreviewOrder, against: Option<Compared>) -> Result<Vec<u8>, Refusal> {
        let job = order.job.as_deref().map(Job::load).transpose().map_err(Failure::from)?;
        let wording_order = WordingOrder { template: &order.template, against: None, job: job.as_ref() };
        let (new, old) = match against {
            Some(Compared::Saved(saved)) => {
                laid_out_against(&wording_order, saved.map(|version| version.template.clone()))?
            }
            Some(Compared::Lies(against)) => {
                let folder = folder_of(order, job.as_ref(), against)?;
                laid_out(&WordingOrder { against: Some(&folder), ..wording_order })?
            }
            None => laid_out(&wording_order)?,
        };
        Ok(match self {
            Document::Proof => proof(&new, old.as_ref(), job.as_ref(), order.night)?,
            Document::TextsHtml => texts_html(&wording(&new, old.as_ref())).into_bytes(),
            Document::TextsCsv => texts_csv(&wording(&new, old.as_ref())).map_err(Failure::from)?,
        })
    }
}

/// The folder of a version that is compared with.
fn folder_of(order: &PreviewOrder, job: Option<&Job>, against: Against) -> Result<PathBuf, Refusal> {
    let folder = match against {
        Against::Folder => order.against.clone(),
        Against::Production => {
            let template = Template::find(&order.template).map_err(Failure::from)?;
            job.and_then(|job| {
                path_in_production(job, template.manifest().kind, order.night, &order.template)
            })
        }
        Against::Saved => None,
    };
    folder.ok_or_else(Refusal::not_found)
}

/// The name under which a file of a piece is saved: letters, digits and hyphens of the template's name.
pub(super) fn file_name(piece: &Piece, ending: &str) -> String {
    let name = piece.laid.version.template.name();
    let name = std::path::Path::new(name).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let plain = |character: char| if character.is_ascii_alphanumeric() { character } else { '-' };
    let name: String = name.chars().map(plain).collect();
    let name = name.trim_matches('-');
    format!("{}.{ending}", if name.is_empty() { "piece" } else { name })
}

/// The grey levels of a page at a low resolution: width, height, levels.
///
/// # Errors
/// The PDF can't be drawn.
pub(super) fn page_levels(piece: &Piece, page: u32, dpi: u32) -> Result<(u32, u32, Vec<u8>), Failure> {
    let open = OpenPdf::from_bytes(&piece.id, piece.pdf.clone())?;
    let picture = open.renderer().picture(page, f64::from(dpi))?;
    Ok((picture.width(), picture.height(), picture.to_luma()))
}
