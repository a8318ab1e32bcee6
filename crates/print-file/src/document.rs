//! What a file has once: catalog, information, metadata, resources and graphics states, as objects.
//!
//! Takes a label and object numbers and returns objects. Never reads the clock.

use pdf_writer::types::TrappingStatus;
use pdf_writer::{Chunk, Date, Finish, Name, TextStr};

use super::font::OBJECTS_PER_FONT;
use super::number::push_points;
use super::objects::reference;
use super::output_intent::OutputIntent;
use super::xmp::{CREATOR, PRODUCER, packet};
use super::{OVERPRINT_STATES, Stock};

/// The object numbers that every file uses; [`OVERPRINT_STATES`] is 5 to 8.
pub(super) const CATALOG: u32 = 1;
pub(super) const PAGE_TREE: u32 = 2;
pub(super) const INFORMATION: u32 = 3;
pub(super) const RESOURCES: u32 = 4;
pub(super) const PART_ROOT: u32 = 9;
pub(super) const TOP_PART: u32 = 10;
pub(super) const METADATA: u32 = 11;
pub(super) const PROFILE: u32 = 12;

/// The standards that a file claims to meet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Conformance {
    /// None: a picture for a designer, with unprinted areas in colour.
    Plain,
    /// PDF/X-4 and PDF/VT-1.
    #[default]
    Press,
    /// PDF/X-4, PDF/VT-1 and PDF/A-2b, for the archive.
    PressAndArchive,
}

/// What a file says about itself.
#[derive(Debug, Clone)]
pub struct FileLabel {
    /// The title.
    pub title: String,
    /// The lot of the file's pieces.
    pub lot: String,
    /// Year, month and day of the night run. All dates in the file are this day at midnight UTC.
    pub day: (u16, u8, u8),
    /// The standards that the file claims to meet.
    pub conformance: Conformance,
}

/// The four graphics states in which fills and strokes overprint or not (ISO 32000-1 §8.6.7), with their numbers.
pub(super) fn overprint_states() -> impl Iterator<Item = (u32, String)> {
    (OVERPRINT_STATES..).zip(0..4u8).map(|(number, index)| {
        let (fills, strokes) = (index & 1 == 0, index & 2 == 0);
        (number, format!("<</Type/ExtGState/OP {strokes}/op {fills}/OPM 1>>"))
    })
}

/// The resources of all pages: the stock's forms, `fonts` fonts from number `first_font`, and the state that overprints.
pub(super) fn resources(stock: &Stock, first_font: u32, fonts: usize) -> Chunk {
    let mut chunk = Chunk::new();
    let mut resources = chunk.indirect(reference(RESOURCES)).start::<pdf_writer::writers::Resources>();
    let mut forms = resources.x_objects();
    for (index, form) in stock.forms.iter().enumerate() {
        forms.pair(Name(format!("S{index}").as_bytes()), reference(*form));
    }
    forms.finish();
    let mut names = resources.fonts();
    for index in 0..fonts {
        let font = first_font + index as u32 * OBJECTS_PER_FONT;
        names.pair(Name(format!("F{index}").as_bytes()), reference(font));
    }
    names.finish();
    resources.ext_g_states().pair(Name(b"G0"), reference(OVERPRINT_STATES));
    resources.finish();
    chunk
}

/// The end of a page's dictionary: its boxes. A sheet is not trimmed, so all boxes are the sheet (ISO 32000-1 §14.11.2).
pub(super) fn boxes((width, height): (f64, f64)) -> Vec<u8> {
    let mut boxes = Vec::new();
    for name in ["MediaBox", "BleedBox", "TrimBox"] {
        boxes.extend_from_slice(format!("/{name}[0 0 ").as_bytes());
        push_points(&mut boxes, width);
        boxes.push(b' ');
        push_points(&mut boxes, height);
        boxes.push(b']');
    }
    boxes.extend_from_slice(b">>");
    boxes
}

/// The XMP packet, unfiltered (ISO 19005-2 §6.6.2.1). The file's identifier is made from `digest`, that of all bytes before.
pub(super) fn metadata(label: &FileLabel, imposed: bool, digest: &[u8; 32]) -> Chunk {
    let packet = packet(label, imposed, digest);
    let mut chunk = Chunk::new();
    chunk.metadata(reference(METADATA), packet.as_bytes());
    chunk
}

/// The document information, which agrees with the XMP packet.
pub(super) fn information(label: &FileLabel) -> Chunk {
    let (year, month, day) = label.day;
    let date = Date::new(year).month(month).day(day).hour(0).minute(0).second(0).utc_offset_hour(0);
    let mut chunk = Chunk::new();
    let mut info = chunk.indirect(reference(INFORMATION)).start::<pdf_writer::writers::DocumentInfo>();
    info.title(TextStr(&label.title)).creator(TextStr(CREATOR)).producer(TextStr(PRODUCER));
    info.creation_date(date).modified_date(date).trapped(TrappingStatus::NotTrapped);
    info.finish();
    chunk
}

/// The catalog.
pub(super) fn catalog(intent: &OutputIntent, conformance: Conformance) -> Chunk {
    let mut chunk = Chunk::new();
    let mut catalog = chunk.indirect(reference(CATALOG)).start::<pdf_writer::writers::Catalog>();
    catalog.pages(reference(PAGE_TREE));
    catalog.metadata(reference(METADATA));
    if conformance != Conformance::Plain {
        let archived = conformance == Conformance::PressAndArchive;
        intent.write(&mut catalog, reference(PROFILE), archived);
    }
    catalog.pair(Name(b"DPartRoot"), reference(PART_ROOT));
    catalog.finish();
    chunk
}
