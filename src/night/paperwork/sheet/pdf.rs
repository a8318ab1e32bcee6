//! The drawn pages as a PDF with version, title, date and identifier.
//!
//! printpdf does not write the file itself: its writer drops errors, numbers identifiers from a counter, and dates files 1970.

use lopdf::{Document, Object, StringFormat, dictionary, text_string};
use printpdf::{Op, PdfDocument, PdfFont, PdfPage, PdfParseErrorSeverity, PdfSaveOptions, Pt, Rect};
use sha2::{Digest, Sha256};

use super::PaperworkError;
use super::page::{Fonts, HEIGHT, WIDTH};
use jiff::civil::Date;

/// The version in the header, ISO 32000-1.
const VERSION: &str = "1.7";

/// What a file says of itself.
#[derive(Debug, Clone, Copy)]
pub(in crate::night::paperwork) struct Description<'a> {
    /// Its title.
    pub title: &'a str,
    /// The bureau's name.
    pub author: &'a str,
    /// The program and its version.
    pub program: &'a str,
    /// Its date.
    pub day: Date,
}

/// Writes the PDF of drawn pages.
pub(in crate::night::paperwork) fn write(
    description: &Description,
    fonts: Fonts,
    pages: Vec<Vec<Op>>,
) -> Result<Vec<u8>, PaperworkError> {
    write_with(description, fonts, pages, |_| Ok(()))
}

/// The same, with what `complete` adds to the drawn pages.
pub(super) fn write_with(
    description: &Description,
    fonts: Fonts,
    pages: Vec<Vec<Op>>,
    complete: impl FnOnce(&mut Document) -> Result<(), PaperworkError>,
) -> Result<Vec<u8>, PaperworkError> {
    let mut document = assemble(fonts, pages)?;
    complete(&mut document)?;
    document.version = VERSION.to_owned();
    describe(&mut document, description)?;
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

/// Replaces printpdf's metadata, which has dates of 1970 and an empty PDF/X version.
fn describe(document: &mut Document, description: &Description) -> Result<(), PaperworkError> {
    let Description { title, author, program, day } = *description;
    let date = format!("D:{:04}{:02}{:02}000000Z", day.year(), day.month(), day.day());
    let info = document.trailer.get(b"Info").and_then(Object::as_reference)?;
    *document.get_dictionary_mut(info)? = dictionary! {
        "Title" => text_string(title),
        "Author" => text_string(author),
        "Producer" => text_string(program),
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
