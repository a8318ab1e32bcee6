//! One side of a piece: everything that is painted belongs to a mark, and every mark shows what it must.

use preflight::{Bounds, Paint, ShownForm, ShownMask, ShownText};
use template::Mark;

use super::fault::{Fault, Finding, field_of};
use super::fonts::FileFonts;
use super::plan::{PressDots, SidePlan};
use crate::certificate::PieceDigest;
use crate::night::proofing::claims::Claim;
use crate::vault::ShownCodes;
use twoddoc::KeyVerifier;

/// What a mark must show.
pub(super) enum Wanted<'a> {
    /// What the record says.
    Claim(Claim<'a>),
    /// Any text: a count on a sheet of the lot.
    Anything,
}

/// What one side is judged by.
pub(super) struct SideToProve<'s> {
    /// The printed reference, or what stands in its place.
    pub of: &'s str,
    /// The side, prepared.
    pub plan: &'s SidePlan<'s>,
    /// The object of its stock form.
    pub form: Option<u32>,
    /// What each of its marks must show.
    pub wanted: Vec<Wanted<'s>>,
    /// The text of the signed block in the manifest.
    pub block: Option<&'s str>,
    /// Compares the codes of the card; `None` where a piece has none.
    pub codes: Option<&'s ShownCodes>,
}

/// What all sides of a file share.
pub(super) struct SideRules<'r> {
    /// The press.
    pub press: PressDots,
    /// The fonts of the file.
    pub fonts: &'r FileFonts<'r>,
    /// Verifies signatures.
    pub key: Option<&'r KeyVerifier>,
}

/// What a proof found and counted.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Lines of text that are right.
    pub texts: u64,
    /// Symbols that are right.
    pub symbols: u64,
    /// Signatures that verify.
    pub signatures: u64,
    /// What pieces show, digested, by their index in the file.
    pub digests: Vec<(usize, PieceDigest)>,
}

impl Outcome {
    /// Adds what another found.
    pub(super) fn add(&mut self, other: Outcome) {
        self.findings.extend(other.findings);
        self.texts += other.texts;
        self.symbols += other.symbols;
        self.signatures += other.signatures;
        self.digests.extend(other.digests);
    }
}

/// How far a place that is not on the dots may be off, in points: files round to a thousandth.
pub(super) const ROUNDING: f64 = 0.02;

/// A4 exactly, as the template has it.
const A4_HEIGHT: f64 = 297.0 / 25.4 * 72.0;

/// The judge of one side.
pub(super) struct SideJudge<'j> {
    pub(super) rules: &'j SideRules<'j>,
    pub(super) side: &'j SideToProve<'j>,
    /// What is painted, behind the stock.
    pub(super) paint: &'j [Paint],
    /// The left edge of the side on its page, in points.
    pub(super) left: f64,
    pub(super) out: &'j mut Outcome,
}

impl SideJudge<'_> {
    /// Judges what is painted on a side: `form`, then the paint.
    pub(super) fn judge(&mut self, form: &ShownForm) {
        self.form(form);
        let texts = self.texts();
        self.judge_texts(&texts);
        let masks = self.masks();
        self.quiet_zones(&masks);
        for paint in self.paint {
            if let Paint::Other(other) = paint {
                self.find(foreign(&other.operator), Fault::ForeignPaint);
            }
        }
    }

    /// Notes a fault.
    pub(super) fn find(&mut self, field: &'static str, fault: Fault) {
        self.out.findings.push(Finding::new(self.side.of, field, fault));
    }

    /// Half a dot, and what a file rounds.
    pub(super) fn half_dot(&self) -> f64 {
        self.rules.press.grid.dot() / 2.0 + ROUNDING
    }

    /// The stock form: the variant's own, upright, in its place.
    fn form(&mut self, form: &ShownForm) {
        let (x, y) = form.origin;
        let placed = (x - self.left).abs() <= ROUNDING && (y - A4_HEIGHT).abs() <= ROUNDING;
        if self.side.form != Some(form.object) || !form.upright || !placed {
            self.find("stock", Fault::Form);
        }
    }

    /// Whether other paint lies in the quiet zone of a symbol, under it or over it.
    fn quiet_zones(&mut self, masks: &[(&'static str, &ShownMask, Bounds)]) {
        for (field, symbol, zone) in masks {
            let disturbs = |paint: &Paint| match paint {
                Paint::Form(_) => false,
                Paint::Mask(mask) => !std::ptr::eq(mask, *symbol) && overlap(&mask.bounds, zone),
                Paint::Other(other) => overlap(&other.bounds, zone),
                Paint::Text(text) => {
                    overlap(&line_bounds(text, 1.5, 0.75), zone) && {
                        let (over, under) = self.rules.fonts.reach(text);
                        overlap(&line_bounds(text, over / text.size, under / text.size), zone)
                    }
                }
            };
            if self.paint.iter().any(disturbs) {
                self.find(field, Fault::QuietZone);
            }
        }
    }

    /// The mark with that index.
    pub(super) fn mark(&self, index: usize) -> &Mark {
        &self.side.plan.side.marks[index]
    }

    /// What the mark with that index is called.
    pub(super) fn field(&self, index: usize) -> &'static str {
        field_of(self.mark(index))
    }
}

/// Whether two rectangles share any area that is more than rounding.
fn overlap(one: &Bounds, other: &Bounds) -> bool {
    let most = |a: f64, b: f64| a.max(b) + ROUNDING;
    let least = |a: f64, b: f64| a.min(b);
    most(one.left, other.left) < least(one.right, other.right)
        && most(one.top, other.top) < least(one.bottom, other.bottom)
}

/// The rectangle of a line that reaches so far over and under its baseline, in ems.
fn line_bounds(text: &ShownText, over: f64, under: f64) -> Bounds {
    let (x, y) = text.origin;
    let (over, under, length) = (over * text.size, under * text.size, text.length);
    let (left, top, right, bottom) = match text.turn {
        90 => (x - under, y, x + over, y + length),
        180 => (x - length, y - under, x, y + over),
        270 => (x - over, y - length, x + under, y),
        _ => (x, y - over, x + length, y + under),
    };
    Bounds { left, top, right, bottom }
}

/// The words for paint that no mark asks for.
fn foreign(operator: &str) -> &'static str {
    match operator {
        "f" | "F" | "f*" | "B" | "B*" | "b" | "b*" => "an area",
        "S" | "s" => "a line",
        "sh" => "a shading",
        "Do" | "BI" | "EI" => "a picture",
        _ => "other paint",
    }
}
