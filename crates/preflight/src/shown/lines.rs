//! Lines of text: where one begins, what it says, and where it ends.

use zeroize::Zeroize;

use super::interpret::Interpreter;
use super::marked::Mark;
use super::state::State;
use super::{Bounds, Paint, ShownText, TextPen};

/// A line that is being shown.
pub(super) struct Line {
    /// The line so far.
    pub shown: ShownText,
    /// The operator that set its colour, if it is not of black ink alone.
    ink: Option<&'static str>,
    /// Where the pen stood when it began.
    pub begin: f64,
    /// Points in a unit of text space.
    pub scale: f64,
}

impl Interpreter<'_, '_> {
    /// Whether text overprints.
    fn overprints(&self) -> bool {
        let State { fill, stroke, leaves_other_inks, text, .. } = &self.state;
        *leaves_other_inks && if text.mode == 1 { stroke.overprint } else { fill.overprint }
    }

    fn pen(&self) -> (TextPen, Option<&'static str>) {
        let state = &self.state;
        match state.text.mode {
            0 => (TextPen::Fill(state.fill.black()), state.fill.ink.other),
            1 => {
                let width = state.line_width.abs() * state.ctm.scale();
                (TextPen::Outline(width, state.stroke.black()), state.stroke.ink.other)
            }
            _ => (TextPen::Fill(0.0), None),
        }
    }

    /// Goes on with the line if it is shown with the same font, size and pen; else begins a new one. Makes room for `codes`
    /// more.
    pub fn begin_line(&mut self, font: usize, turn: u16, codes: usize) {
        let placed = self.placed();
        let scale = placed.scale();
        let size = self.state.text.size * scale;
        let (pen, ink) = self.pen();
        let overprint = self.overprints();
        let drawing = self.marks.iter().any(|mark| mark.actual.as_ref().is_some_and(|text| text.is_empty()));
        let goes_on = self.text.as_ref().and_then(|text| text.line.as_ref()).is_some_and(|line| {
            let shown = &line.shown;
            let same = (shown.font, shown.size, shown.pen, shown.drawing, line.ink);
            same == (font, size, pen, drawing, ink) && shown.overprint == overprint
        });
        if !goes_on {
            self.end_line();
            let begin = self.text.as_ref().map_or(0.0, |text| text.pen);
            let origin = self.on_page(placed.apply((begin, 0.0)));
            let whole = self.whole();
            let (text, glyphs) = self.buffers.take();
            let shown = ShownText {
                text,
                glyphs,
                drawing,
                font,
                size,
                tracking: self.state.text.character_spacing * scale,
                pen,
                overprint,
                origin,
                turn,
                length: 0.0,
                clip: self.state.clip.filter(|clip| !clip.holds(&whole)),
            };
            if let Some(text) = &mut self.text {
                text.line = Some(Line { shown, ink, begin, scale });
            }
        }
        if let Some(line) = self.text.as_mut().and_then(|text| text.line.as_mut()) {
            make_room(&mut line.shown.glyphs, codes);
            make_room_for_text(&mut line.shown.text, codes);
        }
    }

    /// Lets the outermost mark that says its own text say it, once. Returns where its text begins in the line.
    pub fn say_mark(&mut self) -> Option<u32> {
        let mark = self.marks.iter_mut().find(|mark| mark.actual.is_some())?;
        let line = self.text.as_mut()?.line.as_mut()?;
        let text = &mut line.shown.text;
        match &mark.actual {
            Some(actual) if !mark.said => {
                mark.said = true;
                let begin = text.len() as u32;
                mark.begin = begin;
                push_text(text, actual);
                Some(begin)
            }
            _ => Some(mark.begin),
        }
    }

    /// Ends the line.
    pub fn end_line(&mut self) {
        let Some(line) = self.text.as_mut().and_then(|text| text.line.take()) else { return };
        let Line { shown, ink, .. } = line;
        // A mark that goes on says nothing more in the next line.
        self.marks.iter_mut().for_each(|mark| mark.begin = 0);
        if let Some(operator) = ink {
            let (bounds, black) = (bounds(&shown), black(&shown));
            self.other(operator, bounds, black);
        }
        self.page.paint.push(Paint::Text(shown));
    }

    /// Ends marked content. A text that it says and that no glyph shows is a line without glyphs.
    pub fn end_mark(&mut self, mark: Mark) {
        let outer = self.marks.iter().any(|mark| mark.actual.is_some());
        let Some(actual) = mark.actual.filter(|text| !outer && !mark.said && !text.is_empty()) else {
            return;
        };
        self.end_line();
        let pen = self.text.as_ref().map_or(0.0, |text| text.pen);
        let origin = self.on_page(self.placed().apply((pen, 0.0)));
        let mut shown = ShownText::default();
        (shown.origin, shown.pen) = (origin, TextPen::Fill(0.0));
        push_text(&mut shown.text, &actual);
        self.page.paint.push(Paint::Text(shown));
    }
}

/// The rectangle that a line can reach: an em on all sides of its baseline.
fn bounds(shown: &ShownText) -> Bounds {
    let ((x, y), length) = (shown.origin, shown.length);
    let end = match shown.turn {
        90 => (x, y + length),
        180 => (x - length, y),
        270 => (x, y - length),
        _ => (x + length, y),
    };
    Bounds::around([(x, y), end]).unwrap_or_default().grown(shown.size)
}

fn black(shown: &ShownText) -> f64 {
    match shown.pen {
        TextPen::Fill(black) | TextPen::Outline(_, black) => black,
    }
}

/// Makes room for more values. Values that move are wiped where they were.
pub(super) fn make_room<T: Copy + Zeroize>(values: &mut Vec<T>, more: usize) {
    if values.capacity() - values.len() < more {
        let mut wider = Vec::with_capacity((values.len() + more).max(2 * values.capacity()));
        wider.extend_from_slice(values);
        values.zeroize();
        *values = wider;
    }
}

fn make_room_for_text(text: &mut String, more: usize) {
    if text.capacity() - text.len() < more {
        let mut wider = String::with_capacity((text.len() + more).max(2 * text.capacity()));
        wider.push_str(text);
        text.zeroize();
        *text = wider;
    }
}

pub(super) fn push_text(text: &mut String, more: &str) {
    make_room_for_text(text, more.len());
    text.push_str(more);
}
