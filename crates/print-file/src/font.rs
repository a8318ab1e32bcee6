//! The fonts of variable text: subset to the glyphs of one file, embedded with widths, encoding and Unicode map.
//!
//! The encoding maps the character codes of the file's pages to the glyphs of its subset.

use std::collections::BTreeMap;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo};
use pdf_writer::{Chunk, Filter, Finish, Name, Rect, Ref, Str};
use rustybuzz::ttf_parser::GlyphId;
use rustybuzz::{Face, ShapePlan};
use subsetter::GlyphRemapper;

use super::deflate::deflate_resource;
use super::glyph_table::GlyphTable;
use super::text::GlyphText;

const IDENTITY: SystemInfo =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// The number of objects of a font in a file.
pub(super) const OBJECTS_PER_FONT: u32 = 6;

/// A font with TrueType outlines.
#[derive(Clone, Copy)]
pub struct FontProgram<'a> {
    /// The font file.
    pub program: &'a [u8],
    /// The face's index within it.
    pub index: u32,
    /// The face.
    pub face: &'a Face<'a>,
    /// The plan of [`shaping_plan`](crate::shaping_plan) for the face.
    pub plan: &'a ShapePlan,
    /// The table of ordinary text for the face.
    pub table: &'a GlyphTable,
    /// The PostScript name.
    pub name: &'a str,
}

/// The objects of a font, subset to `glyphs`. They are numbered from `first`, which is the Type 0 font.
///
/// # Errors
/// [`subsetter::Error`] if the font can't be subset.
pub(super) fn write_font(
    font: &FontProgram,
    first: u32,
    glyphs: &BTreeMap<u16, GlyphText>,
) -> Result<Vec<Chunk>, subsetter::Error> {
    let reference = |n: u32| Ref::new((first + n) as i32);
    let mut remapper = GlyphRemapper::new();
    glyphs.keys().for_each(|&glyph| {
        remapper.remap(glyph);
    });
    let subset = subsetter::subset(font.program, font.index, &remapper)?;
    let name = format!("{}+{}", tag(glyphs), font.name);
    let codes = font.table.codes();
    // Each subset has maps of its own name, since some interpreters cache maps by name.
    let (encoding, unicode) = (format!("{name}-Codes"), format!("{name}-Unicode"));
    Ok(vec![
        type0(&name, reference),
        cid_font(font, &name, glyphs, reference),
        descriptor(font, &name, reference),
        font_file(reference(3), &subset),
        character_map(reference(4), &encoding, &codes.encoding(&encoding, glyphs)),
        character_map(reference(5), &unicode, &codes.unicode(&unicode, glyphs)),
    ])
}

fn type0(name: &str, reference: impl Fn(u32) -> Ref) -> Chunk {
    let mut chunk = Chunk::new();
    let mut font = chunk.type0_font(reference(0));
    font.base_font(Name(name.as_bytes())).encoding_cmap(reference(4));
    font.descendant_font(reference(1)).to_unicode(reference(5));
    font.finish();
    chunk
}

fn cid_font(
    font: &FontProgram,
    name: &str,
    glyphs: &BTreeMap<u16, GlyphText>,
    reference: impl Fn(u32) -> Ref,
) -> Chunk {
    let mut chunk = Chunk::new();
    let mut cid = chunk.cid_font(reference(1));
    cid.subtype(CidFontType::Type2).base_font(Name(name.as_bytes())).system_info(IDENTITY);
    cid.font_descriptor(reference(2)).default_width(0.0).cid_to_gid_map_predefined(Name(b"Identity"));
    let mut widths = cid.widths();
    let advance = |glyph: &u16| font.face.glyph_hor_advance(GlyphId(*glyph)).unwrap_or(0);
    widths.consecutive(1, glyphs.keys().map(|glyph| thousandths(font, i32::from(advance(glyph)))));
    widths.finish();
    cid.finish();
    chunk
}

fn descriptor(font: &FontProgram, name: &str, reference: impl Fn(u32) -> Ref) -> Chunk {
    let face = font.face;
    let bounds = face.global_bounding_box();
    let scale = |units: i16| thousandths(font, i32::from(units));
    let mut flags = FontFlags::SYMBOLIC;
    flags.set(FontFlags::FIXED_PITCH, face.is_monospaced());
    flags.set(FontFlags::ITALIC, face.is_italic());
    let mut chunk = Chunk::new();
    let mut descriptor = chunk.font_descriptor(reference(2));
    descriptor.name(Name(name.as_bytes())).flags(flags);
    descriptor.bbox(Rect::new(
        scale(bounds.x_min),
        scale(bounds.y_min),
        scale(bounds.x_max),
        scale(bounds.y_max),
    ));
    descriptor
        .italic_angle(face.italic_angle())
        .ascent(scale(face.ascender()))
        .descent(scale(face.descender()));
    descriptor.cap_height(scale(face.capital_height().unwrap_or(face.ascender())));
    descriptor.stem_v(10.0 + 220.0 * (f32::from(face.weight().to_number()) - 50.0) / 900.0);
    descriptor.font_file2(reference(3));
    descriptor.finish();
    chunk
}

/// A length in font units as thousandths of an em.
fn thousandths(font: &FontProgram, units: i32) -> f32 {
    units as f32 * 1000.0 / font.face.units_per_em() as f32
}

fn font_file(id: Ref, program: &[u8]) -> Chunk {
    let deflated = deflate_resource(program);
    let mut chunk = Chunk::new();
    let mut stream = chunk.stream(id, &deflated);
    stream.filter(Filter::FlateDecode).pair(Name(b"Length1"), program.len() as i32);
    stream.finish();
    chunk
}

/// A map of character codes as an object.
fn character_map(id: Ref, name: &str, map: &[u8]) -> Chunk {
    let deflated = deflate_resource(map);
    let mut chunk = Chunk::new();
    let mut stream = chunk.cmap(id, &deflated);
    stream.name(Name(name.as_bytes())).system_info(IDENTITY).filter(Filter::FlateDecode);
    stream.finish();
    chunk
}

/// The tag of a subset: six capital letters from a hash of its glyphs (ISO 32000-1 §9.6.4).
fn tag(glyphs: &BTreeMap<u16, GlyphText>) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for glyph in glyphs.keys() {
        hash = (hash ^ u64::from(*glyph)).wrapping_mul(0x0100_0000_01b3);
    }
    (0..6).map(|index| char::from(b'A' + (hash >> (8 * index)) as u8 % 26)).collect()
}
