//! The drawn pages as a PDF with version, title, date and identifier.
//!
//! printpdf does not write the file itself: its writer drops errors, numbers identifiers from a counter, and dates files 1970.

use lopdf::{Document, Object, StringFormat, dictionary, text_string};
use printpdf::{Op, PdfDocument, PdfFont, PdfPage, PdfParseErrorSeverity, PdfSaveOptions, Pt, Rect};
use sha2::{Digest, Sha256};

use super::front::kind_name;
use super::page::{Fonts, HEIGHT, WIDTH};
use super::{PaperworkError, WorkOrder};

/// The version in the header, ISO 32000-1.
const VERSION: &str = "1.7";

/// Writes the PDF of drawn pages.
pub(super) fn write(order: &WorkOrder, fonts: Fonts, pages: Vec<Vec<Op>>) -> Result<Vec<u8>, PaperworkError> {
    let mut document = assemble(fonts, pages)?;
    document.version = VERSION.to_owned();
    describe(&mut document, order)?;
    document.compress();
    identify(&mut document)?;
    save(&mut document)
}

/// Builds the document from pages and fonts. A warning of printpdf is an error.
fn assemble(fonts: Fonts, pages: Vec<Vec<Op>>) -> Result<Document, PaperworkError> {
    let mut sheet = PdfDocument::new("");
    sheet.resources.fonts.map =
        fonts.into_resources().into_iter().map(|(id, font)| (id, PdfFont::new(font))).collect();
    sheet.pages = pages.into_iter().map(a4).collect();
    let mut doubts = Vec::new();
    let document = sheet.to_lopdf_document(&PdfSaveOptions::default(), &mut doubts);
    match doubts.into_iter().find(|doubt| doubt.severity != PdfParseErrorSeverity::Info) {
        Some(doubt) => Err(PaperworkError::Composition(doubt.msg)),
        None => Ok(document),
    }
}

fn a4(ops: Vec<Op>) -> PdfPage {
    let edges = Rect::from_wh(Pt(WIDTH), Pt(HEIGHT));
    PdfPage { media_box: edges.clone(), trim_box: edges.clone(), crop_box: edges, ops }
}

/// Replaces printpdf's metadata, which has dates of 1970 and an empty PDF/X version, by the lot's.
fn describe(document: &mut Document, order: &WorkOrder) -> Result<(), PaperworkError> {
    let night = order.night;
    let date = format!("D:{:04}{:02}{:02}000000Z", night.year(), night.month(), night.day());
    let info = document.trailer.get(b"Info").and_then(Object::as_reference)?;
    *document.get_dictionary_mut(info)? = dictionary! {
        "Title" => text_string(&format!("Ordre de fabrication {} — {}", order.lot, kind_name(order.kind))),
        "Author" => text_string(order.bureau),
        "Producer" => text_string(order.program),
        "CreationDate" => Object::string_literal(date.clone()),
        "ModDate" => Object::string_literal(date),
    };
    let catalog = document.catalog_mut()?;
    catalog.set("Lang", Object::string_literal("fr-FR"));
    catalog.set("ViewerPreferences", dictionary! { "DisplayDocTitle" => true });
    Ok(())
}

/// Sets the file's identifier to a digest of everything else in it.
fn identify(document: &mut Document) -> Result<(), PaperworkError> {
    document.trailer.remove(b"ID");
    let digest = Sha256::digest(save(document)?);
    let id = Object::String(digest[..16].to_vec(), StringFormat::Hexadecimal);
    document.trailer.set("ID", vec![id.clone(), id]);
    Ok(())
}

fn save(document: &mut Document) -> Result<Vec<u8>, PaperworkError> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).map_err(lopdf::Error::from)?;
    Ok(bytes)
}
