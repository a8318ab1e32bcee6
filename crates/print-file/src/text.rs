//! Variable text, shaped by the typesetter's own shaper so that it looks like the stock around it.

use std::fmt;

use rustybuzz::ttf_parser::GlyphId;
use rustybuzz::{Direction, Face, GlyphInfo, GlyphPosition, Language, ShapePlan, UnicodeBuffer, script};

use super::accents::{self, Reach};
use super::font::FontProgram;

/// The font lacks a character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingGlyph {
    /// The character.
    pub character: char,
    /// The character with the letter and the accents that it is written with.
    pub cluster: String,
}

impl MissingGlyph {
    /// The first character of a cluster that the font lacks.
    fn of(face: &Face, cluster: &str) -> MissingGlyph {
        let lacks = |character: &char| face.glyph_index(*character).is_none();
        let character = cluster.chars().find(lacks).or(cluster.chars().next());
        MissingGlyph { character: character.unwrap_or('\u{FFFD}'), cluster: cluster.to_owned() }
    }
}

impl fmt::Display for MissingGlyph {
    /// Names the accent of a letter by its number alone, since an accent can't stand without a letter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MissingGlyph { character, cluster } = self;
        let code = u32::from(*character);
        match cluster.starts_with(*character) {
            true => write!(f, "the font has no character `{character}` (U+{code:04X})"),
            false => write!(f, "the font has no accent U+{code:04X} for `{cluster}`"),
        }
    }
}

impl std::error::Error for MissingGlyph {}

/// The text that a glyph stands for: up to four characters, then NUL.
pub(crate) type GlyphText = [char; 4];

/// One glyph of a run. Lengths are in font units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Glyph {
    /// The glyph's number in the font.
    pub id: u16,
    /// How far the pen moves after the glyph.
    pub advance: i32,
    /// The glyph's width in the font.
    pub width: i32,
    /// How far right of the pen the glyph is drawn.
    pub offset: i32,
    /// The glyph's character code of one byte; 0 if it has a code of three bytes.
    pub code: u8,
}

/// Glyphs that stand for a text together, some of them off the baseline, such as a capital and the accent over it; or one
/// glyph whose code stands for another text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cluster {
    /// The index of its first glyph in the run.
    pub first: usize,
    /// How far above the baseline each of its glyphs is drawn.
    pub rises: Vec<i32>,
    /// The text.
    pub text: String,
}

/// A shaped line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlyphRun {
    /// The glyphs from left to right.
    pub(crate) glyphs: Vec<Glyph>,
    /// The glyphs without a code of one byte, with their text. The text of the others follows from the code.
    pub(crate) others: Vec<(u16, GlyphText)>,
    /// The glyphs that are more than their codes say, from left to right. Ordinary text has none.
    pub(crate) clusters: Vec<Cluster>,
    /// How far the clusters reach.
    pub(crate) reach: Reach,
    /// Font units per em.
    pub(crate) units_per_em: i32,
}

impl GlyphRun {
    /// The run's width in points at a size in points, with `tracking` points after each glyph, except between an accent and
    /// its letter.
    pub fn width(&self, size: f64, tracking: f64) -> f64 {
        let units: i64 = self.glyphs.iter().map(|glyph| i64::from(glyph.advance)).sum();
        let within: usize = self.clusters.iter().map(|cluster| cluster.rises.len() - 1).sum();
        let tracked = self.glyphs.len() - within;
        units as f64 / f64::from(self.units_per_em) * size + tracking * tracked as f64
    }

    /// Adds a space of `gap` ems after each group of `every` glyphs, except after the last. Does nothing for groups of none.
    pub fn group(&mut self, every: usize, gap: f64) {
        let gap = (gap * f64::from(self.units_per_em)).round() as i32;
        let last = self.glyphs.len().saturating_sub(1);
        for (glyph, index) in self.glyphs[..last].iter_mut().zip(1..) {
            if every > 0 && index % every == 0 {
                glyph.advance += gap;
            }
        }
    }

    /// How far letters that the font has no glyph for reach above and below the baseline with their accents, in ems; 0 for a
    /// run without such letters.
    pub fn reach(&self) -> (f64, f64) {
        let ems = |units: i32| f64::from(units) / f64::from(self.units_per_em);
        (ems(self.reach.0), ems(-self.reach.1))
    }
}

/// The shaping plan of a font for French text in Latin script. Computed once for each font.
pub fn shaping_plan(face: &Face) -> ShapePlan {
    ShapePlan::new(face, Direction::LeftToRight, Some(script::LATIN), french().as_ref(), &[])
}

fn french() -> Option<Language> {
    "fr".parse().ok()
}

/// Shapes a line of French text with kerning and ligatures.
///
/// # Errors
/// [`MissingGlyph`] with the first character that the font lacks.
pub fn shape(font: &FontProgram, text: &str) -> Result<GlyphRun, MissingGlyph> {
    match font.table.run(text, |part| shape_fully(font, part).ok()) {
        Some(run) => Ok(run),
        None => shape_fully(font, text),
    }
}

/// Shapes a line with the shaper, without the font's glyph table.
pub(super) fn shape_fully(font: &FontProgram, text: &str) -> Result<GlyphRun, MissingGlyph> {
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    if let Some(french) = french() {
        buffer.set_language(french);
    }
    buffer.set_direction(Direction::LeftToRight);
    buffer.set_script(script::LATIN);
    let shaped = rustybuzz::shape_with_plan(font.face, font.plan, buffer);
    let infos = shaped.glyph_infos();
    let mut run = GlyphRun {
        glyphs: Vec::with_capacity(infos.len()),
        others: Vec::new(),
        clusters: Vec::new(),
        reach: (0, 0),
        units_per_em: font.face.units_per_em(),
    };
    for glyphs in infos.chunk_by(|one, next| one.cluster == next.cluster) {
        let first = run.glyphs.len();
        let start = glyphs.first().map_or(0, |glyph| glyph.cluster as usize);
        let end = infos.get(first + glyphs.len()).map_or(text.len(), |next| next.cluster as usize);
        let positions = &shaped.glyph_positions()[first..first + glyphs.len()];
        push_cluster(&mut run, font, text.get(start..end).unwrap_or_default(), glyphs, positions)?;
    }
    Ok(run)
}

/// Appends the glyphs that stand for `text` together.
///
/// # Errors
/// [`MissingGlyph`] if one of them is the glyph of what is missing.
fn push_cluster(
    run: &mut GlyphRun,
    font: &FontProgram,
    text: &str,
    glyphs: &[GlyphInfo],
    positions: &[GlyphPosition],
) -> Result<(), MissingGlyph> {
    let (first, codes) = (run.glyphs.len(), font.table.codes());
    for (index, (info, position)) in glyphs.iter().zip(positions).enumerate() {
        let id = info.glyph_id as u16;
        if id == 0 {
            return Err(MissingGlyph::of(font.face, text));
        }
        let code = codes.byte(id);
        if code == 0 {
            run.others.push((id, codes.text(id).unwrap_or_else(|| part(text, index, glyphs.len()))));
        }
        let width = font.face.glyph_hor_advance(GlyphId(id)).map_or(0, i32::from);
        run.glyphs.push(Glyph { id, advance: position.x_advance, width, offset: position.x_offset, code });
    }
    let mut rises: Vec<i32> = positions.iter().map(|position| position.y_offset).collect();
    let plain = matches!((glyphs, &rises[..]), ([one], [0]) if codes.says(one.glyph_id as u16, text));
    if !plain {
        let reach = accents::place(font.face, codes, &mut run.glyphs[first..], &mut rises);
        run.reach = accents::joined(run.reach, reach);
        run.clusters.push(Cluster { first, rises, text: text.to_owned() });
    }
    Ok(())
}

/// What the glyph at `index` of `count` glyphs stands for: its own character if there are as many as glyphs; otherwise
/// the last glyph stands for the whole text.
fn part(text: &str, index: usize, count: usize) -> GlyphText {
    let characters = text.chars().count();
    let (skipped, taken) = match characters == count {
        true => (index, 1),
        false if index + 1 == count => (0, characters),
        false => (0, 0),
    };
    glyph_text(text.chars().skip(skipped).take(taken))
}

/// The first four characters of a text.
pub(super) fn glyph_text(characters: impl Iterator<Item = char>) -> GlyphText {
    let mut text = ['\0'; 4];
    text.iter_mut().zip(characters).for_each(|(slot, character)| *slot = character);
    text
}

#[cfg(test)]
mod tests;
