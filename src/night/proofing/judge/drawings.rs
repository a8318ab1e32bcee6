//! The drawings of a side: layers of digits around and under codes. They lie under all other texts, and fill their area.

use preflight::{Bounds, ShownText, TextPen};
use template::ConfusionMark;

use super::fault::Fault;
use super::side::SideJudge;
use super::texts::LOOK;

/// How far digits reach above their baseline, in ems.
const REACH: f64 = 0.72;

/// The texts that were drawn in each area.
pub(super) type Drawn<'j> = Vec<Vec<&'j ShownText>>;

impl<'j> SideJudge<'j> {
    /// Notes a text that is a drawing. It lies in an area, and is the `first` to be painted or follows other drawings.
    pub(super) fn drawing(&mut self, text: &'j ShownText, first: bool, drawn: &mut Drawn<'j>) {
        let close = |one: f64, other: f64| (one - other).abs() <= self.half_dot();
        let area = self.side.plan.drawings.iter().position(|(_, area)| {
            text.clip.is_some_and(|Bounds { left, top, right, bottom }| {
                let rect = &area.rect;
                close(left - self.left, rect.x)
                    && close(top, rect.y)
                    && close(right - left, rect.width)
                    && close(bottom - top, rect.height)
            })
        });
        let Some(area) = area else { return self.find("a drawing", Fault::Drawing) };
        let (index, mark) = self.side.plan.drawings[area];
        drawn[area].push(text);
        let black =
            black_of(text).is_some_and(|black| mark.layers.iter().any(|layer| is_black(*layer, black)));
        let foreign = self.rules.fonts.template_font(text).is_none();
        if !first || !black || foreign || text.turn != 0 {
            self.find(self.field(index), Fault::Drawing);
        }
    }

    /// Finds the areas that their digits do not fill, layer by layer.
    pub(super) fn areas(&mut self, drawn: &Drawn<'j>) {
        for (drawn, (index, mark)) in drawn.iter().zip(&self.side.plan.drawings) {
            if !mark.layers.iter().all(|layer| self.fills(drawn, mark, *layer))
                && !self.is_found(self.field(*index))
            {
                self.find(self.field(*index), Fault::Drawing);
            }
        }
    }

    /// Whether the digits of a layer fill their area: line under line, and each line from edge to edge.
    fn fills(&self, drawn: &[&ShownText], mark: &ConfusionMark, layer: f64) -> bool {
        let dot = self.rules.press.grid.dot() + 0.02;
        let rect = &mark.rect;
        let of_layer = drawn.iter().filter(|text| black_of(text).is_some_and(|black| is_black(layer, black)));
        let mut digits: Vec<&ShownText> = of_layer.copied().collect();
        // Baselines to a hundredth of a point.
        let row = |text: &ShownText| (text.origin.1 * 100.0).round();
        digits.sort_by(|one, other| {
            row(one).total_cmp(&row(other)).then(one.origin.0.total_cmp(&other.origin.0))
        });
        let (mut low, mut size): (f64, f64) = (rect.y, 0.0);
        for line in digits.chunk_by(|one, other| row(one) == row(other)) {
            let Some(first) = line.first() else { continue };
            if first.origin.1 - low > mark.pitch + dot {
                return false;
            }
            let mut filled = rect.x + self.left;
            for text in line {
                if text.origin.0 > filled + text.tracking.max(0.0) + 1.5 * dot {
                    return false;
                }
                filled = filled.max(text.origin.0 + text.length);
            }
            if filled + first.tracking.max(0.0) + 1.5 * dot < rect.x + self.left + rect.width {
                return false;
            }
            (low, size) = (first.origin.1, first.size);
        }
        // Layers of one black are judged together: each has its own lines, all of which begin at the edge.
        let layers = mark.layers.iter().filter(|other| is_black(**other, layer)).count();
        let lines = digits.iter().filter(|text| text.origin.0 <= rect.x + self.left + dot).count();
        let bottom = rect.y + rect.height + REACH * size;
        let least = ((bottom - rect.y) / mark.pitch).floor() as usize;
        size > 0.0 && low + mark.pitch + dot >= bottom && lines >= layers * least.saturating_sub(1)
    }
}

/// The black of a filled text.
fn black_of(text: &ShownText) -> Option<f64> {
    match text.pen {
        TextPen::Fill(black) => Some(black),
        TextPen::Outline(..) => None,
    }
}

fn is_black(layer: f64, black: f64) -> bool {
    (layer - black).abs() <= LOOK
}
