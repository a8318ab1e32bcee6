//! The texts of a side: each belongs to one line of one mark, and is set as the mark says.

use preflight::{Bounds, Paint, ShownText, TextPen};
use template::{Align, Fit, TextMark};

use super::drawings::Drawn;
use super::fault::Fault;
use super::fonts::Spacing;
use super::side::{ROUNDING, SideJudge, Wanted};
use crate::night::proofing::claims::Claim;

/// The step by which texts shrink, in points.
pub(super) const STEP: f64 = 0.25;
/// An outline is drawn twice: white in this many widths of its line, then black. White is the least tint.
const WHITE_LINE: f64 = 3.3;
const WHITE: f64 = 0.02;
/// A black and a width are written in thousandths.
pub(super) const LOOK: f64 = 0.002;

/// The line of a mark that a text is on.
pub(super) struct Line<'p> {
    /// The index of the mark among those of the side.
    mark: usize,
    /// The line, from 0.
    pub(super) line: usize,
    pub(super) text: &'p ShownText,
}

/// Where a text stands, seen from a mark.
enum Standing {
    /// On that line.
    On(usize),
    /// Elsewhere.
    Elsewhere,
}

impl<'j> SideJudge<'j> {
    /// Assigns each text to the line of a mark.
    pub(super) fn texts(&mut self) -> Vec<Line<'j>> {
        let mut lines: Vec<Line<'j>> = Vec::with_capacity(self.side.plan.texts.len() + 8);
        let mut strangers: Vec<&'j ShownText> = Vec::new();
        let mut drawn: Drawn = vec![Vec::new(); self.side.plan.drawings.len()];
        let paint = self.paint;
        for text in
            paint.iter().filter_map(|paint| if let Paint::Text(text) = paint { Some(text) } else { None })
        {
            if text.drawing {
                self.drawing(text, lines.is_empty() && strangers.is_empty(), &mut drawn);
                continue;
            }
            match self.line_of(text, &lines) {
                Some((mark, line)) => lines.push(Line { mark, line, text }),
                None => strangers.push(text),
            }
        }
        self.areas(&drawn);
        strangers.into_iter().for_each(|text| self.stranger(text, &lines));
        lines
    }

    /// The free line of a mark on which a text stands.
    fn line_of(&self, text: &ShownText, lines: &[Line]) -> Option<(usize, usize)> {
        for (index, mark) in &self.side.plan.texts {
            let Standing::On(line) = self.standing(text, mark) else { continue };
            let taken = lines.iter().filter(|other| other.mark == *index && other.line == line).count();
            if taken < strokes(mark) {
                return Some((*index, line));
            }
        }
        None
    }

    /// Where a text stands, seen from a mark: its baseline on one of the lines, its beginning where the alignment puts it.
    fn standing(&self, text: &ShownText, mark: &TextMark) -> Standing {
        if text.turn != mark.turn {
            return Standing::Elsewhere;
        }
        let (x, y) = (text.origin.0 - self.left - mark.rect.x, text.origin.1 - mark.rect.y);
        let (along, below) = match mark.turn {
            90 => (y, -x),
            180 => (-x, -y),
            270 => (-y, x),
            _ => (x, y),
        };
        let line = if mark.leading > 0.0 { (below / mark.leading).round().max(0.0) } else { 0.0 };
        let slack = self.half_dot();
        if line >= mark.lines as f64 || (below - line * mark.leading).abs() > slack {
            return Standing::Elsewhere;
        }
        let room = mark.rect.width - text.length;
        // A width that is aligned counts the space after the last glyph.
        let tracked = room - mark.style.tracking;
        let begins = match mark.align {
            Align::Left => along.abs() <= slack,
            Align::Center => [room / 2.0, tracked / 2.0].iter().any(|at| (along - at).abs() <= 2.0 * slack),
            Align::Right => [room, tracked].iter().any(|at| (along - at).abs() <= 2.0 * slack),
        };
        if begins { Standing::On(line as usize) } else { Standing::Elsewhere }
    }

    /// A text on no line: that of a mark which lacks it, or one that no mark asks for.
    fn stranger(&mut self, text: &ShownText, lines: &[Line]) {
        let lacking = |index: usize| !lines.iter().any(|line| line.mark == index);
        let moved = self.side.plan.texts.iter().find(|(index, _)| {
            lacking(*index)
                && match &self.side.wanted[*index] {
                    Wanted::Claim(Claim::Lines(claimed)) => claimed.iter().any(|line| **line == *text.text),
                    Wanted::Claim(Claim::Secret(field)) => {
                        self.side.codes.is_some_and(|codes| codes.shows(*field, &text.text))
                    }
                    Wanted::Claim(claim) => claim.is_shown_by(&[&text.text]),
                    Wanted::Anything => false,
                }
        });
        match moved.map(|(index, _)| self.field(*index)) {
            Some(field) => self.find(field, Fault::TextPlace),
            None => self.find("a text", Fault::ForeignText),
        }
    }

    /// Judges the lines of each mark.
    pub(super) fn judge_texts(&mut self, lines: &[Line]) {
        let mut shown: Vec<&Line> = Vec::with_capacity(8);
        for (index, mark) in &self.side.plan.texts {
            shown.clear();
            shown.extend(lines.iter().filter(|line| line.mark == *index));
            shown.sort_by_key(|line| line.line);
            if self.judge_mark(*index, mark, &shown) {
                self.out.texts += shown.len() as u64;
            }
        }
    }

    /// Judges the lines of a mark. Returns whether they are right.
    fn judge_mark(&mut self, index: usize, mark: &TextMark, lines: &[&Line]) -> bool {
        let field = self.field(index);
        let faults = self.out.findings.len();
        let strokes = strokes(mark);
        let follows = lines.iter().enumerate().all(|(place, line)| line.line == place / strokes);
        let whole = lines.len().is_multiple_of(strokes);
        if !follows || !whole {
            if !self.is_found(field) {
                self.find(field, Fault::TextMissing);
            }
            return false;
        }
        for (place, line) in lines.iter().enumerate() {
            if let Err(fault) = self.look(mark, line, place % strokes, lines[0].text.size) {
                self.find(field, fault);
            }
        }
        let texts: Vec<&ShownText> = lines.iter().step_by(strokes).map(|line| line.text).collect();
        if self.out.findings.len() == faults && self.is_broken_otherwise(mark, &texts) {
            self.find(field, Fault::TextSize);
        }
        if strokes > 1
            && lines.chunks(strokes).any(|pair| pair.iter().any(|line| line.text.text != pair[0].text.text))
        {
            self.find(field, Fault::TextDiffers);
        }
        if let Some(fault) = self.says(index, lines, strokes) {
            // A text that was found elsewhere is not missing, too.
            let elsewhere = fault == Fault::TextMissing && self.is_found(field);
            if !elsewhere {
                self.find(field, fault);
            }
        }
        self.out.findings.len() == faults
    }

    /// Whether a fault of a field of this piece is found already.
    pub(super) fn is_found(&self, field: &str) -> bool {
        self.out.findings.iter().any(|found| found.field == field && found.of == self.side.of)
    }

    /// What is wrong with what the lines of a mark say.
    fn says(&self, index: usize, lines: &[&Line], strokes: usize) -> Option<Fault> {
        let texts: Vec<&str> = lines.iter().step_by(strokes).map(|line| line.text.text.as_str()).collect();
        let right = match &self.side.wanted[index] {
            Wanted::Anything => !texts.is_empty(),
            Wanted::Claim(Claim::Impossible) => return Some(Fault::Record),
            Wanted::Claim(Claim::Secret(field)) => {
                let shows = |text: &str| self.side.codes.is_some_and(|codes| codes.shows(*field, text));
                return match texts[..] {
                    [] => Some(Fault::TextMissing),
                    [text] if shows(text) => None,
                    _ => Some(Fault::CodeDiffers),
                };
            }
            Wanted::Claim(claim) => claim.is_shown_by(&texts),
        };
        match (right, texts.is_empty()) {
            (true, _) => None,
            (false, true) => Some(Fault::TextMissing),
            (false, false) => Some(Fault::TextDiffers),
        }
    }

    /// Whether a line looks as its mark says. `stroke` counts the paints of one line, `size` is that of the first line.
    fn look(&self, mark: &TextMark, line: &Line, stroke: usize, size: f64) -> Result<(), Fault> {
        let (fonts, text) = (self.rules.fonts, line.text);
        if fonts.template_font(text) != Some(mark.style.font) {
            return Err(Fault::TextFont);
        }
        let spacing = Spacing { groups: mark.groups, slack: self.half_dot() };
        let width = fonts.check(text, spacing)?;
        if !is_size(mark, text.size) || (text.size - size).abs() > LOOK {
            return Err(Fault::TextSize);
        }
        if (text.tracking - mark.style.tracking).abs() > LOOK {
            return Err(Fault::TextTracking);
        }
        if !is_pen(mark, text.pen, stroke) {
            return Err(Fault::TextBlack);
        }
        if !text.overprint {
            return Err(Fault::Overprint);
        }
        if !self.is_on_its_dot(mark, line, width) {
            return Err(Fault::TextPlace);
        }
        if text.length > mark.rect.width + self.half_dot() {
            return Err(Fault::TextWidth);
        }
        if text.drawing || text.clip.is_some_and(|clip| !self.is_whole(text, &clip)) {
            return Err(Fault::TextHidden);
        }
        Ok(())
    }

    /// Whether a text lies within a clip.
    fn is_whole(&self, text: &ShownText, clip: &Bounds) -> bool {
        let (over, under) = self.rules.fonts.reach(text);
        let (x, y) = text.origin;
        let (along, across) = match text.turn {
            90 => ((y, y + text.length), (x - under, x + over)),
            180 => ((x - text.length, x), (y - under, y + over)),
            270 => ((y - text.length, y), (x - over, x + under)),
            _ => ((x, x + text.length), (y - over, y + under)),
        };
        let (columns, rows) = if text.turn.is_multiple_of(180) { (along, across) } else { (across, along) };
        columns.0 >= clip.left - ROUNDING
            && columns.1 <= clip.right + ROUNDING
            && rows.0 >= clip.top - ROUNDING
            && rows.1 <= clip.bottom + ROUNDING
    }
}

/// How often each line of a mark is painted.
fn strokes(mark: &TextMark) -> usize {
    if mark.outline > 0.0 { 2 } else { 1 }
}

/// Whether a mark allows a size: its own, or one that is smaller by steps, down to its smallest.
fn is_size(mark: &TextMark, size: f64) -> bool {
    let steps = (mark.style.size - size) / STEP;
    let stepped = steps > -LOOK / STEP && (steps - steps.round()).abs() * STEP <= LOOK;
    let allowed = match mark.fit {
        Fit::Reject => steps.abs() * STEP <= LOOK,
        Fit::Shrink | Fit::Wrap => size >= mark.min_size - LOOK,
    };
    allowed && (stepped || (size - mark.min_size).abs() <= LOOK)
}

/// Whether a text is painted as its mark says.
fn is_pen(mark: &TextMark, pen: TextPen, stroke: usize) -> bool {
    let close = |one: f64, other: f64| (one - other).abs() <= LOOK;
    match (mark.outline > 0.0, pen) {
        (false, TextPen::Fill(black)) => close(black, mark.style.k),
        (true, TextPen::Outline(width, black)) => match stroke {
            0 => close(width, WHITE_LINE * mark.outline) && close(black, WHITE),
            _ => close(width, mark.outline) && close(black, 1.0),
        },
        _ => false,
    }
}
