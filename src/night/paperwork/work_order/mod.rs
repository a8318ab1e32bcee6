//! The work order (« ordre de fabrication »): the sheet of paper that goes with a lot from the press to the post.
//!
//! It is an A4 PDF in the bureau's language with the lot's name, counts, files and digests. The same lot makes the same bytes; neither clock
//! nor disk is read. It has no holder's name and no code, since [`WorkOrder`] has none.

mod front;
mod proved;
mod sign_off;
mod table;

#[cfg(test)]
mod tests;

use jiff::civil::Date;

use crate::night::lot::{PrintFile, SheetLayout};
use crate::night::order::Prove;
use crate::vault::RecipientSummary;
use mail::Language;
use mail::piece::PieceKind;
use template::Seal;

use super::BundleSpan;
use super::sheet::{self, Description, Fonts, Page, PaperworkError, kind_name};

/// The contents of a work order.
#[derive(Debug, Clone)]
pub(super) struct WorkOrder<'a> {
    /// The bureau's language.
    pub language: Language,
    /// The bureau's name.
    pub bureau: &'a str,
    /// The lot with its kind, `L26327A`: printed large and as Code 39.
    pub lot: &'a str,
    /// The kind of its pieces.
    pub kind: PieceKind,
    /// The night that made the lot; also the PDF's date.
    pub night: Date,
    /// Pieces of the lot: the sum over the files.
    pub pieces: u32,
    /// Printed pages of the lot: the sum over the files.
    pub pages: u32,
    /// Sheets of paper that the press uses.
    pub sheets: u32,
    /// How pieces lie on its sheets.
    pub layout: SheetLayout,
    /// Whether the lot has sheets at its ends, which pages and sheets count.
    pub lot_sheets: bool,
    /// Printed references of the first and the last piece.
    pub ends: [String; 2],
    /// The print files, in the order of the press.
    pub files: &'a [PrintFile],
    /// The template's name.
    pub template: &'a str,
    /// The template's digest, SHA-256 in hexadecimal; printed abridged.
    pub template_version: &'a str,
    /// Fingerprint of the key that signed the pieces.
    pub key: Option<&'a str>,
    /// The paper that the press loads.
    pub media: &'a str,
    /// The least opacity of that paper in per cent (ISO 2471), where the template asks for one.
    pub opacity: Option<f64>,
    /// Whether the files are sealed.
    pub sealed: bool,
    /// Who can open the sealed files.
    pub recipients: &'a [RecipientSummary],
    /// The envelope's name and its maker's reference, where the template names one.
    pub envelope: Option<(&'a str, &'a str)>,
    /// What closes a piece.
    pub seal: Seal,
    /// The postal weight classes of its pieces in grams, the least first.
    pub weight_classes: &'a [u32],
    /// The lot's bundles, in order; none where it is not broken into such.
    pub bundles: &'a [BundleSpan],
    /// The fewest pieces that the post takes at this rate, where the lot has fewer.
    pub too_few: Option<u32>,
    /// The keys that end soon, each with its last day, in words.
    pub ending: &'a [String],
    /// Where the audit log stood before this night, where the job wants anchors.
    pub audit: Option<&'a str>,
    /// What was proved of the lot.
    pub proved: ProvedFacts,
    /// The program and its version, at the foot of the sheet.
    pub program: &'a str,
}

/// What was proved of a lot, and by which rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ProvedFacts {
    /// How much was asked for.
    pub extent: Prove,
    /// The version of the rules.
    pub rules: u32,
    /// Pieces that were read back.
    pub pieces: u64,
    /// Their texts that are right.
    pub texts: u64,
    /// Their symbols that are right.
    pub symbols: u64,
    /// Their signatures that verify.
    pub signatures: u64,
    /// Pieces that were drawn and read as a scanner reads them.
    pub drawn: u64,
}

/// Makes the work order of a lot with the two weights of IBM Plex Sans.
///
/// # Errors
/// [`PaperworkError`]: sums disagree, a font lacks a character, a text is too long, or Code 39 can't encode the lot's name.
pub(super) fn work_order(
    order: &WorkOrder,
    regular: &'static [u8],
    bold: &'static [u8],
) -> Result<Vec<u8>, PaperworkError> {
    check_sum(order, "pieces", order.pieces, |file| file.pieces)?;
    check_sum(order, "pages", order.pages, |file| file.pages)?;
    let fonts = Fonts::parse(regular, bold)?;
    let pages = draw(order, &fonts)?;
    let title =
        format!("{} {} — {}", title(order.language), order.lot, kind_name(order.language, order.kind));
    let (author, program, day) = (order.bureau, order.program, order.night);
    sheet::write(&Description { title: &title, author, program, day }, fonts, pages)
}

/// The name of the sheet.
fn title(language: Language) -> &'static str {
    language.of("Ordre de fabrication", "Work order")
}

/// Refuses sums that disagree: a sheet that contradicts itself must not reach the press.
fn check_sum(
    order: &WorkOrder,
    what: &'static str,
    said: u32,
    of: fn(&PrintFile) -> u32,
) -> Result<(), PaperworkError> {
    let files = order.files.iter().map(|file| u64::from(of(file))).sum();
    if files == u64::from(said) {
        return Ok(());
    }
    Err(PaperworkError::Sum { lot: order.lot.to_owned(), what, files, order: said })
}

/// Draws the front, then as many pages as the list of files needs.
fn draw(order: &WorkOrder, fonts: &Fonts) -> Result<Vec<Vec<printpdf::Op>>, PaperworkError> {
    let mut page = Page::new(fonts);
    let mut top = front::front(&mut page, order)?;
    sign_off::draw(&mut page, order.language, order.kind)?;
    let lists = table::spread(order.files, top);
    let mut pages = Vec::with_capacity(lists.len());
    for (index, rows) in lists.iter().enumerate() {
        if index > 0 {
            top = front::continuation(&mut page, order)?;
        }
        let next = (index + 1 < lists.len()).then_some(index + 2);
        table::draw(&mut page, top, order, rows, next)?;
        sheet::footer(&mut page, order.language, order.program, index + 1, lists.len())?;
        pages.push(std::mem::replace(&mut page, Page::new(fonts)).into_operations());
    }
    Ok(pages)
}
