//! Shows runs of glyphs: ordinary text as one string; a letter whose accents are glyphs of their own as marked content that
//! says its text.

use super::PageContent;
use crate::number::{push_int, push_points};
use crate::text::{Cluster, Glyph, GlyphRun};

/// Where the pen stands. Lengths are in font units.
pub(super) struct Pen {
    /// How far right of its place.
    pub ahead: i32,
    /// Half a dot.
    pub half: f64,
    /// The space that a viewer adds after each glyph.
    pub tracking: i32,
    /// The same, as it is written: in dots.
    pub spacing: f64,
}

impl PageContent {
    /// Shows a run. Ordinary glyphs are strings, each cluster is shown by itself. `size` is in dots.
    pub(super) fn show(&mut self, run: &GlyphRun, size: f64, mut pen: Pen) {
        let mut next = 0;
        for cluster in &run.clusters {
            if next < cluster.first {
                self.show_glyphs(&run.glyphs[next..cluster.first], run.units_per_em, &mut pen);
            }
            next = cluster.first + cluster.rises.len();
            self.show_cluster(cluster, &run.glyphs[cluster.first..next], run.units_per_em, size, &mut pen);
        }
        if next < run.glyphs.len() || next == 0 {
            self.show_glyphs(&run.glyphs[next..], run.units_per_em, &mut pen);
        }
    }

    /// Shows the glyphs of a cluster, each at its height, as one piece of text (ISO 32000-1 §14.9.4). `size` is in dots.
    fn show_cluster(
        &mut self,
        cluster: &Cluster,
        glyphs: &[Glyph],
        units_per_em: i32,
        size: f64,
        pen: &mut Pen,
    ) {
        let dots = |units: i32| f64::from(units) * size / f64::from(units_per_em);
        self.op("/Span<</ActualText<FEFF");
        for unit in cluster.text.encode_utf16() {
            self.op(&format!("{unit:04X}"));
        }
        self.op(">>>BDC\n");
        let mut height = 0;
        for (index, (glyph, rise)) in glyphs.iter().zip(&cluster.rises).enumerate() {
            let rise = dots(*rise).round() as i64;
            self.rise(rise - height, rise);
            height = rise;
            if index + 1 < glyphs.len() {
                self.show_glyphs(std::slice::from_ref(glyph), units_per_em, pen);
                pen.ahead += pen.tracking;
            } else {
                self.show_last(glyph, units_per_em, &dots, pen);
            }
        }
        self.rise(-height, 0);
        self.op("EMC\n");
    }

    /// Shows the last glyph of a cluster. An accent ends in the middle of its letter. Character spacing moves the pen from
    /// there to the letter's end, since readers take a move between two strings for a space.
    fn show_last(&mut self, glyph: &Glyph, units_per_em: i32, dots: &impl Fn(i32) -> f64, pen: &mut Pen) {
        let before = pen.ahead - glyph.offset;
        let placed = if f64::from(before.abs()) >= pen.half { 0 } else { before };
        let end = placed + glyph.width - glyph.advance + glyph.offset;
        let moves = f64::from(end.abs()) >= pen.half;
        let spacing = |page: &mut PageContent, dots: f64| {
            push_points(&mut page.out, dots);
            page.op(" Tc\n");
        };
        if moves {
            spacing(self, dots(pen.tracking - end));
        }
        self.show_glyphs(std::slice::from_ref(glyph), units_per_em, pen);
        if moves {
            // Later lines go on with it, in any size.
            spacing(self, pen.spacing);
            pen.ahead = 0;
        }
    }

    /// Sets the text rise in dots, if it changes.
    fn rise(&mut self, change: i64, rise: i64) {
        if change != 0 {
            push_int(&mut self.out, rise);
            self.op(" Ts\n");
        }
    }

    /// Appends the codes of glyphs. Where the pen would be half a dot off or more, a correction in thousandths of an em
    /// stands between them.
    fn show_glyphs(&mut self, glyphs: &[Glyph], units_per_em: i32, pen: &mut Pen) {
        let begin = self.out.len();
        self.op("(");
        let mut corrected = false;
        for glyph in glyphs {
            pen.ahead -= glyph.offset;
            if f64::from(pen.ahead.abs()) >= pen.half {
                self.correct(pen.ahead, units_per_em);
                (pen.ahead, corrected) = (0, true);
            }
            match glyph.code {
                0 => [[0, 0], glyph.id.to_be_bytes()].concat()[1..].iter().for_each(|byte| self.byte(*byte)),
                code => self.byte(code),
            }
            pen.ahead += glyph.width - glyph.advance + glyph.offset;
        }
        if corrected {
            self.out.insert(begin, b'[');
            self.op(")]TJ\n");
        } else {
            self.op(")Tj\n");
        }
    }

    /// Appends a byte of a literal string (ISO 32000-1 §7.3.4.2).
    pub(super) fn byte(&mut self, byte: u8) {
        match byte {
            b'\r' => self.op("\\r"),
            b'(' | b')' | b'\\' => self.out.extend_from_slice(&[b'\\', byte]),
            b'I' if self.follows && self.out.last() == Some(&b'E') => self.op("\\111"),
            _ => self.out.push(byte),
        }
    }

    /// Moves the pen back by `units` font units.
    fn correct(&mut self, units: i32, units_per_em: i32) {
        self.op(")");
        push_int(&mut self.out, (f64::from(units) * 1000.0 / f64::from(units_per_em)).round() as i64);
        self.op("(");
    }
}
