//! The fonts of a file, held against those of the template: for each glyph, whether its outline is the one that the template's
//! font has for what the glyph says. So a wrong map to Unicode can't hide a wrong glyph.

use preflight::{Outline, ShownFont, ShownGlyph, ShownText};
use rustybuzz::ttf_parser::{GlyphId, OutlineBuilder};
use rustybuzz::{Face, UnicodeBuffer};
use template::CompiledTemplate;
use unicode_normalization::UnicodeNormalization;

use super::fault::Fault;

/// The fonts of a file.
pub(super) struct FileFonts<'a> {
    fonts: Vec<FileFont<'a>>,
}

/// A font of a file.
struct FileFont<'a> {
    /// The template's font, and its index.
    face: Option<(usize, &'a Face<'a>)>,
    /// By glyph.
    glyphs: Vec<FileGlyph>,
}

/// A glyph of a file's font.
#[derive(Default)]
struct FileGlyph {
    /// What it says, as far as the template's font draws that just so.
    says: Vec<Box<str>>,
    outline: Outline,
    /// Its advance in the template's font, in ems; 0 where `says` is empty.
    advance: f32,
    /// How far it reaches under and over the baseline, in ems.
    reach: (f32, f32),
}

impl<'a> FileFonts<'a> {
    /// Compares the fonts of a file with those of the template.
    pub(super) fn of(shown: &[ShownFont], template: &'a CompiledTemplate) -> FileFonts<'a> {
        let font = |font: &ShownFont| {
            let id = font.name.strip_prefix('F').and_then(|id| id.parse::<usize>().ok());
            let face = id.and_then(|id| Some((id, template.fonts.get(id)?.program().face)));
            FileFont { face, glyphs: face.map_or_else(Vec::new, |(_, face)| glyphs(font, face)) }
        };
        FileFonts { fonts: shown.iter().map(font).collect() }
    }

    /// The index among the template's fonts of the font that a text is set in; `None` for a foreign one.
    pub(super) fn template_font(&self, text: &ShownText) -> Option<usize> {
        Some(self.fonts.get(text.font)?.face?.0)
    }

    /// Checks that the glyphs of a text are those that the template's font has for what the text says, each in its place.
    /// `gap` is how much wider than the font has it a step may be, in ems: the thin space of groups.
    ///
    /// # Errors
    /// [`Fault::Font`], [`Fault::Glyph`] or [`Fault::GlyphPlace`].
    pub(super) fn check(&self, text: &ShownText, gap: f32) -> Result<(), Fault> {
        let font = self.fonts.get(text.font).ok_or(Fault::Font)?;
        let (_, face) = font.face.ok_or(Fault::Font)?;
        match font.says(text) {
            Some(true) => font.are_placed(text, gap),
            Some(false) => font.is_shaped(text, face),
            None => Err(Fault::Glyph),
        }
    }

    /// How far a text reaches over and under its baseline, in points.
    pub(super) fn reach(&self, text: &ShownText) -> (f64, f64) {
        let Some(font) = self.fonts.get(text.font) else { return (text.size, text.size) };
        let (mut under, mut over) = (0.0f64, 0.0f64);
        for shown in &text.glyphs {
            let Some(glyph) = font.glyphs.get(usize::from(shown.glyph)) else { continue };
            under = under.min(f64::from(glyph.reach.0) * text.size + f64::from(shown.rise));
            over = over.max(f64::from(glyph.reach.1) * text.size + f64::from(shown.rise));
        }
        (over, -under)
    }
}

/// How far a step may be from the advance of its glyph, in ems: kerning.
const KERNING: f32 = 0.3;

impl FileFont<'_> {
    /// Whether each glyph says just its part of the text; `None` for a glyph that the font does not have, or a text without
    /// its glyphs.
    fn says(&self, text: &ShownText) -> Option<bool> {
        let mut simple = true;
        let mut covered = 0;
        for (index, shown) in text.glyphs.iter().enumerate() {
            let glyph = self.glyphs.get(usize::from(shown.glyph))?;
            let begin = shown.byte as usize;
            let end = text.glyphs.get(index + 1).map_or(text.text.len(), |next| next.byte as usize);
            let part = text.text.get(begin..end);
            let says = part.is_some_and(|part| glyph.says.iter().any(|says| **says == *part));
            simple &= begin == covered && says && shown.rise == 0.0;
            covered = end;
        }
        if covered == text.text.len() { Some(simple) } else { None }
    }

    /// Checks that each glyph stands where the one before it ends, but for kerning.
    fn are_placed(&self, text: &ShownText, gap: f32) -> Result<(), Fault> {
        let (size, tracking) = (text.size as f32, text.tracking as f32);
        let mut end: Option<f32> = None;
        for shown in &text.glyphs {
            let off = (shown.along - end.unwrap_or(0.0)) / size;
            let most = if end.is_some() { KERNING } else { 0.01 };
            if !(-most..=most + gap).contains(&off) {
                return Err(Fault::GlyphPlace);
            }
            let advance = self.glyphs.get(usize::from(shown.glyph)).map_or(0.0, |glyph| glyph.advance);
            end = Some(shown.along + advance * size + tracking);
        }
        Ok(())
    }

    /// Checks a text with accents off their letters, ligatures or glyphs of their context: as a shaper has them, or letter by
    /// letter with the accents by themselves.
    fn is_shaped(&self, text: &ShownText, face: &Face) -> Result<(), Fault> {
        let outlines: Vec<&Outline> = text.glyphs.iter().filter_map(|glyph| self.outline(glyph.glyph)).collect();
        let same = |glyphs: Vec<u16>| {
            glyphs.len() == outlines.len()
                && glyphs.iter().zip(&outlines).all(|(glyph, shown)| outline_of(face, *glyph) == **shown)
        };
        if outlines.len() == text.glyphs.len() && same(shaped(face, &text.text)) {
            return Ok(());
        }
        // Group by group: the glyphs that say one part of the text.
        let mut begin = 0;
        while begin < text.glyphs.len() {
            let byte = text.glyphs[begin].byte;
            let length = text.glyphs[begin..].iter().take_while(|glyph| glyph.byte == byte).count();
            let end = text.glyphs.get(begin + length).map_or(text.text.len(), |next| next.byte as usize);
            let part = text.text.get(byte as usize..end).ok_or(Fault::Glyph)?;
            self.is_cluster(&text.glyphs[begin..begin + length], part, face, text.size)?;
            begin += length;
        }
        Ok(())
    }

    /// Checks the glyphs that say one part of a text.
    fn is_cluster(
        &self,
        glyphs: &[ShownGlyph],
        part: &str,
        face: &Face,
        size: f64,
    ) -> Result<(), Fault> {
        let outlines: Vec<&Outline> = glyphs.iter().filter_map(|glyph| self.outline(glyph.glyph)).collect();
        let is = |wanted: &[u16]| {
            wanted.len() == outlines.len()
                && wanted.iter().zip(&outlines).all(|(glyph, shown)| outline_of(face, *glyph) == **shown)
        };
        let nominal = |text: &mut dyn Iterator<Item = char>| -> Option<Vec<u16>> {
            text.map(|character| face.glyph_index(character).map(|glyph| glyph.0)).collect()
        };
        let apart = |text: Option<Vec<u16>>| text.is_some_and(|glyphs| is(&glyphs));
        let drawn = is(&shaped(face, part))
            || apart(nominal(&mut part.nfd()))
            || apart(nominal(&mut part.nfc()));
        let first = glyphs.first().map_or(0.0, |glyph| glyph.along);
        // An accent stands over or under its letter.
        let near = glyphs.iter().all(|glyph| {
            f64::from((glyph.along - first).abs()) <= 1.5 * size && f64::from(glyph.rise.abs()) <= size
        });
        match (drawn && outlines.len() == glyphs.len(), near) {
            (true, true) => Ok(()),
            (true, false) => Err(Fault::GlyphPlace),
            (false, _) => Err(Fault::Glyph),
        }
    }

    fn outline(&self, glyph: u16) -> Option<&Outline> {
        self.glyphs.get(usize::from(glyph)).map(|glyph| &glyph.outline)
    }
}

/// The glyphs of a file's font.
fn glyphs(font: &ShownFont, face: &Face) -> Vec<FileGlyph> {
    let em = f32::from(font.units_per_em.max(1));
    let mut glyphs: Vec<FileGlyph> = font
        .outlines
        .iter()
        .map(|outline| FileGlyph { reach: reach_of(outline, em), outline: outline.clone(), ..FileGlyph::default() })
        .collect();
    let same_em = i32::from(font.units_per_em) == face.units_per_em();
    for (glyph, says) in font.says.iter().filter(|_| same_em) {
        let Some(shown) = glyphs.get_mut(usize::from(*glyph)) else { continue };
        let mut characters = says.chars();
        let nominal = match (characters.next(), characters.next()) {
            (Some(only), None) => face.glyph_index(only).map(|glyph| glyph.0),
            _ => None,
        };
        let is = |wanted: &u16| outline_of(face, *wanted) == shown.outline;
        let drawn = nominal.filter(is).or_else(|| match shaped(face, says)[..] {
            [only] => Some(only).filter(is),
            _ => None,
        });
        if let Some(drawn) = drawn {
            let advance = face.glyph_hor_advance(GlyphId(drawn)).unwrap_or(0);
            shown.advance = f32::from(advance) / em;
            shown.says.push(says.as_str().into());
        }
    }
    glyphs
}

/// The glyphs of a text by itself.
fn shaped(face: &Face, text: &str) -> Vec<u16> {
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    buffer.guess_segment_properties();
    let shaped = rustybuzz::shape(face, &[], buffer);
    shaped.glyph_infos().iter().map(|glyph| glyph.glyph_id as u16).collect()
}

/// The lowest and the highest point of an outline, in ems.
fn reach_of(outline: &Outline, em: f32) -> (f32, f32) {
    let (mut low, mut high) = (0.0f32, 0.0f32);
    let mut rest = outline.0.as_slice();
    while let Some((operator, after)) = rest.split_first() {
        let coordinates = match *operator as u8 {
            0 | 1 => 2,
            2 => 4,
            3 => 6,
            _ => 0,
        };
        let (points, after) = after.split_at(after.len().min(coordinates));
        for y in points.iter().skip(1).step_by(2) {
            (low, high) = (low.min(y / em), high.max(y / em));
        }
        rest = after;
    }
    (low, high)
}

/// An outline of the template's font, as [`Outline`] has those of a file.
fn outline_of(face: &Face, glyph: u16) -> Outline {
    let mut pen = Pen(Vec::new());
    face.outline_glyph(GlyphId(glyph), &mut pen);
    Outline(pen.0)
}

/// Notes an outline: of each operator its number, then its coordinates.
struct Pen(Vec<f32>);

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.extend_from_slice(&[0.0, x, y]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.extend_from_slice(&[1.0, x, y]);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.extend_from_slice(&[2.0, x1, y1, x, y]);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.extend_from_slice(&[3.0, x1, y1, x2, y2, x, y]);
    }

    fn close(&mut self) {
        self.0.push(4.0);
    }
}
