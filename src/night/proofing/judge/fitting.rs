//! How texts fit their marks: each on its dot, in the largest size in which it fits, broken where it must be.

use preflight::ShownText;
use template::{Align, Fit, TextMark};

use super::side::SideJudge;
use super::texts::{LOOK, Line, STEP};

/// What the numbers of a file round away of half a dot, in dots.
const HALF: f64 = 0.02;

impl SideJudge<'_> {
    /// Whether a text of that width begins on the dot that is nearest to where its mark has it. Accents off their letters
    /// leave the width open, and so the beginning of a text that is not aligned at the left.
    pub(super) fn is_on_its_dot(&self, mark: &TextMark, line: &Line, width: Option<f64>) -> bool {
        let shift = match (mark.align, width) {
            (Align::Left, _) => 0.0,
            (_, None) => return true,
            (Align::Center, Some(width)) => (mark.rect.width - width) / 2.0,
            (Align::Right, Some(width)) => mark.rect.width - width,
        };
        let (x, y) = mark.place(shift, line.line as f64 * mark.leading);
        let dot = self.rules.press.grid.dot();
        let nearest = |shown: f64, meant: f64| {
            let dots = (shown / dot).round();
            (shown / dot - dots).abs() <= 0.1 && (dots - meant / dot).abs() <= 0.5 + HALF
        };
        nearest(line.text.origin.0 - self.left, x) && nearest(line.text.origin.1, y)
    }

    /// Whether the lines of a mark are smaller than they need to be, or a text that wraps is broken elsewhere.
    pub(super) fn is_broken_otherwise(&self, mark: &TextMark, texts: &[&ShownText]) -> bool {
        let Some(size) = texts.first().map(|text| text.size) else { return false };
        let wraps = mark.fit == Fit::Wrap && mark.field.is_some();
        let said: String = texts.iter().map(|text| text.text.as_str()).collect::<Vec<_>>().join(" ");
        if wraps && texts.len() > 1 {
            let broken = self.broken(mark, texts[0], &said, size);
            if broken.iter().map(String::as_str).ne(texts.iter().map(|text| text.text.as_str())) {
                return true;
            }
        }
        let Some(larger) = larger(mark, size) else { return false };
        let fits = |shown: &ShownText, text: &str| {
            self.rules.fonts.shaper(shown).is_some_and(|shaper| {
                let groups = text.chars().count().saturating_sub(1).checked_div(mark.groups).unwrap_or(0);
                shaper.width(text, larger, mark.style.tracking) + 0.2 * larger * groups as f64
                    <= mark.rect.width
            })
        };
        match wraps {
            false => texts.iter().all(|text| fits(text, &text.text)),
            true => {
                let broken = self.broken(mark, texts[0], &said, larger);
                broken.len() <= mark.lines && broken.iter().all(|line| fits(texts[0], line))
            }
        }
    }

    /// The lines into which a text is broken at a size: each has as many words as fit.
    fn broken(&self, mark: &TextMark, shown: &ShownText, text: &str, size: f64) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        let Some(shaper) = self.rules.fonts.shaper(shown) else { return lines };
        for word in text.split(' ') {
            let longer = lines.last().map(|line| format!("{line} {word}"));
            let fits =
                |line: &String| shaper.width(line, size, mark.style.tracking) <= mark.rect.width + 0.01;
            match (longer.filter(fits), lines.last_mut()) {
                (Some(line), Some(last)) => *last = line,
                _ => lines.push(word.to_owned()),
            }
        }
        lines
    }
}

/// The next larger size that a mark allows; `None` for its own.
fn larger(mark: &TextMark, size: f64) -> Option<f64> {
    let own = mark.style.size;
    if mark.fit == Fit::Reject && mark.field.is_some() || size >= own - LOOK {
        return None;
    }
    let steps = ((own - size) / STEP - LOOK / STEP).ceil() - 1.0;
    Some(own - steps.max(0.0) * STEP)
}
