//! The folded piece: which strips of paper can be seen from outside, and where they lie.
//!
//! All is measured on the side with the address, from the head of that page. The panel with the address lies where it
//! lies on the page; the others are folded behind it.

use crate::folding::{A4, FoldKind};
use crate::marks::Rect;

/// A side of the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The side that bears the address.
    Address,
    /// The other side.
    Other,
}

/// The direction from which a folded piece is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// Towards the address.
    Front,
    /// Towards the back of the envelope.
    Back,
}

/// A strip of paper, as wide as the sheet, that can be seen from outside.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Strip {
    /// From where it is seen.
    pub view: View,
    /// The side of the sheet that it shows.
    pub side: Side,
    /// Its first line on the page.
    top: f64,
    /// Its last line on the page.
    bottom: f64,
    folded: Line,
}

/// Where a line of the page lies on the folded piece: `sign * y + offset`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Line {
    sign: f64,
    offset: f64,
}

impl Line {
    fn of(self, y: f64) -> f64 {
        self.sign * y + self.offset
    }

    /// Folded over at a line of the page.
    fn reflected(self, fold: f64) -> Line {
        Line { sign: -self.sign, offset: 2.0 * self.sign * fold + self.offset }
    }

    fn span(self, (top, bottom): (f64, f64)) -> (f64, f64) {
        let (a, b) = (self.of(top), self.of(bottom));
        (a.min(b), a.max(b))
    }
}

impl Strip {
    /// Whether the middle of a rectangle of the page lies on the strip.
    pub(crate) fn bears(&self, rect: &Rect) -> bool {
        let middle = rect.y + rect.height / 2.0;
        (self.top..=self.bottom).contains(&middle)
    }

    /// Whether all of a rectangle lies on the strip.
    pub(crate) fn holds(&self, rect: &Rect) -> bool {
        Rect { x: rect.x, y: self.top, width: rect.width, height: self.bottom - self.top }.contains(rect)
    }

    /// Whether the strip shows any part of a rectangle.
    pub(crate) fn shows(&self, rect: &Rect) -> bool {
        self.part(rect).is_some()
    }

    /// A rectangle of the page as it lies on the folded piece.
    pub(crate) fn folded(&self, rect: &Rect) -> Rect {
        let (top, bottom) = self.folded.span((rect.y, rect.y + rect.height));
        Rect { y: top, height: bottom - top, ..*rect }
    }

    /// The part of a rectangle that the strip shows, as it lies on the folded piece.
    pub(crate) fn part(&self, rect: &Rect) -> Option<Rect> {
        const LEAST: f64 = 0.05;
        let (top, bottom) = (rect.y.max(self.top), (rect.y + rect.height).min(self.bottom));
        (bottom - top > LEAST).then(|| self.folded(&Rect { y: top, height: bottom - top, ..*rect }))
    }
}

/// The strips that can be seen of a sheet folded at `lines`, with the address around the line `address`; `None` if the
/// fold hides the address. Lines are in points, ascending.
pub(crate) fn visible_strips(kind: FoldKind, lines: &[f64], address: f64) -> Option<Vec<Strip>> {
    let edges: Vec<f64> = [0.0].into_iter().chain(lines.iter().copied()).chain([A4.height]).collect();
    let panels: Vec<(f64, f64)> = edges.windows(2).map(|edge| (edge[0], edge[1])).collect();
    let front = panels.iter().position(|panel| address < panel.1).unwrap_or(panels.len() - 1);
    let order = stack(kind, front)?;
    let folded = folded_lines(&edges, front);
    let layers = |order: &[usize]| -> Vec<_> { order.iter().map(|&n| (panels[n], folded[n])).collect() };
    let mut strips = seen(View::Front, &layers(&order));
    let behind: Vec<usize> = order.into_iter().rev().collect();
    strips.extend(seen(View::Back, &layers(&behind)));
    Some(strips)
}

/// The rectangle that a folded sheet fills, as it lies on the page with the address. Lines and address as in
/// [`visible_strips`].
pub(crate) fn folded_piece(lines: &[f64], address: f64) -> Rect {
    let edges: Vec<f64> = [0.0].into_iter().chain(lines.iter().copied()).chain([A4.height]).collect();
    let panels: Vec<(f64, f64)> = edges.windows(2).map(|edge| (edge[0], edge[1])).collect();
    let front = panels.iter().position(|panel| address < panel.1).unwrap_or(panels.len() - 1);
    let spans = folded_lines(&edges, front).into_iter().zip(panels).map(|(line, panel)| line.span(panel));
    let (top, bottom) = spans.fold((f64::INFINITY, f64::NEG_INFINITY), |(top, bottom), span| {
        (top.min(span.0), bottom.max(span.1))
    });
    Rect { x: 0.0, y: top, width: A4.width, height: bottom - top }
}

/// The panels from the front to the back.
fn stack(kind: FoldKind, front: usize) -> Option<Vec<usize>> {
    match (kind, front) {
        (FoldKind::None, _) => Some(vec![0]),
        (FoldKind::Half, _) => Some(vec![front, 1 - front]),
        // The last panel is tucked in behind the first.
        (FoldKind::C, 0) => Some(vec![0, 2, 1]),
        (FoldKind::C, 1) => Some(vec![1, 2, 0]),
        (FoldKind::C, _) => Some(vec![2, 0, 1]),
        (FoldKind::Z, 0) => Some(vec![0, 1, 2]),
        (FoldKind::Z, 1) => None,
        (FoldKind::Z, _) => Some(vec![2, 1, 0]),
    }
}

/// Where the lines of each panel lie on the folded piece.
fn folded_lines(edges: &[f64], front: usize) -> Vec<Line> {
    let panels = edges.len() - 1;
    let mut folded = vec![Line { sign: 1.0, offset: 0.0 }; panels];
    for panel in front + 1..panels {
        folded[panel] = folded[panel - 1].reflected(edges[panel]);
    }
    for panel in (0..front).rev() {
        folded[panel] = folded[panel + 1].reflected(edges[panel + 1]);
    }
    folded
}

/// The strips of panels that lie one behind the other, the nearest first.
fn seen(view: View, layers: &[((f64, f64), Line)]) -> Vec<Strip> {
    let mut strips = Vec::new();
    for (index, (panel, line)) in layers.iter().enumerate() {
        let mut open = vec![line.span(*panel)];
        for (nearer, its_line) in &layers[..index] {
            open = without(&open, its_line.span(*nearer));
        }
        let faces_front = line.sign > 0.0;
        let side = if faces_front == (view == View::Front) { Side::Address } else { Side::Other };
        strips.extend(open.into_iter().map(|(from, to)| {
            let back = Line { sign: line.sign, offset: -line.sign * line.offset };
            let (top, bottom) = back.span((from, to));
            Strip { view, side, top, bottom, folded: *line }
        }));
    }
    strips
}

/// Spans without what another covers. What is left of less than a tenth of a millimetre is no span.
fn without(spans: &[(f64, f64)], covered: (f64, f64)) -> Vec<(f64, f64)> {
    const LEAST: f64 = 0.28;
    let rest = |&(from, to): &(f64, f64)| [(from, to.min(covered.0)), (from.max(covered.1), to)];
    spans.iter().flat_map(rest).filter(|(from, to)| to - from > LEAST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folding::POINTS_PER_MM;

    /// The strips seen from a view: their side, and their lines in millimetres.
    fn strips(kind: FoldKind, lines: &[f64], address: f64, view: View) -> Vec<(Side, i64, i64)> {
        let lines: Vec<f64> = lines.iter().map(|mm| mm * POINTS_PER_MM).collect();
        let strips = visible_strips(kind, &lines, address * POINTS_PER_MM).unwrap();
        let mm = |y: f64| (y / POINTS_PER_MM).round() as i64;
        let of_view = strips.into_iter().filter(|strip| strip.view == view);
        of_view.map(|strip| (strip.side, mm(strip.top), mm(strip.bottom))).collect()
    }

    #[test]
    fn a_sheet_that_is_not_folded_shows_both_sides() {
        assert_eq!(strips(FoldKind::None, &[], 50.0, View::Front), [(Side::Address, 0, 297)]);
        assert_eq!(strips(FoldKind::None, &[], 50.0, View::Back), [(Side::Other, 0, 297)]);
    }

    #[test]
    fn a_c_shows_the_side_with_the_address_alone() {
        let folds = [99.0, 198.0];
        for (address, behind) in [(50.0, (99, 198)), (250.0, (99, 198)), (150.0, (0, 99))] {
            let back = strips(FoldKind::C, &folds, address, View::Back);
            assert_eq!(back, [(Side::Address, behind.0, behind.1)]);
            assert_eq!(strips(FoldKind::C, &folds, address, View::Front).len(), 1);
        }
    }

    #[test]
    fn a_z_shows_the_back_of_its_last_panel() {
        let folds = [99.0, 198.0];
        assert_eq!(strips(FoldKind::Z, &folds, 50.0, View::Front), [(Side::Address, 0, 99)]);
        assert_eq!(strips(FoldKind::Z, &folds, 50.0, View::Back), [(Side::Other, 198, 297)]);
        assert_eq!(strips(FoldKind::Z, &folds, 250.0, View::Back), [(Side::Other, 0, 99)]);
        assert_eq!(visible_strips(FoldKind::Z, &[280.0, 561.0], 400.0), None, "the middle is inside");
    }

    #[test]
    fn what_a_shorter_panel_does_not_cover_is_seen() {
        let front = strips(FoldKind::Half, &[100.0], 50.0, View::Front);
        assert_eq!(front, [(Side::Address, 0, 100), (Side::Other, 200, 297)]);
        let front = strips(FoldKind::C, &[90.0, 190.0], 50.0, View::Front);
        assert_eq!(front[0], (Side::Address, 0, 90));
        assert!(front[1..].iter().any(|(side, ..)| *side == Side::Address), "the tucked panel is longer");
        assert!(front[1..].iter().all(|(_, top, bottom)| bottom - top <= 17), "{front:?}");
    }

    #[test]
    fn a_folded_piece_is_as_high_as_its_longest_panel() {
        let lines = [90.0, 190.0].map(|mm| mm * POINTS_PER_MM);
        let piece = folded_piece(&lines, 50.0 * POINTS_PER_MM);
        let mm = |points: f64| (points / POINTS_PER_MM).round();
        assert_eq!((mm(piece.y), mm(piece.height), mm(piece.width)), (-10.0, 107.0, 210.0));
        assert_eq!(folded_piece(&[], 50.0), A4);
    }

    #[test]
    fn a_strip_knows_where_its_paper_lies() {
        let strips = visible_strips(FoldKind::Half, &[300.0], 100.0).unwrap();
        let peeking = strips.iter().find(|strip| strip.side == Side::Other).unwrap();
        let mark = Rect { x: 10.0, y: 700.0, width: 50.0, height: 10.0 };
        assert!(peeking.holds(&mark) && peeking.bears(&mark));
        assert_eq!(peeking.part(&mark), Some(Rect { y: -110.0, ..mark }), "above the head of the front");
        let hidden = Rect { y: 400.0, ..mark };
        assert!(!peeking.shows(&hidden));
    }
}
