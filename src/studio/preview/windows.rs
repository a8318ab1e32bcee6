//! What the windows of the envelope show and lose of a sheet that has moved in it.

use serde::Serialize;
use template::{Mark, Rect, SheetSide};

use super::answers::{MM_PER_POINT, mm};
use super::marks::{holds, kind_and_name};
use super::pieces::Piece;

/// A window and what is seen in it.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Window {
    id: String,
    shows: Vec<Shows>,
    loses: Vec<Loses>,
}

/// A mark that a window shows.
#[derive(Debug, PartialEq, Serialize)]
struct Shows {
    id: String,
    name: &'static str,
    /// The part of it that is seen.
    part_percent: f64,
}

/// A mark that a window holds and does not show whole.
#[derive(Debug, PartialEq, Serialize)]
struct Loses {
    id: String,
    name: &'static str,
    /// How much of it lies beyond the window's edge.
    by_mm: f64,
}

/// What each window shows of a piece whose sheet lies `dx` mm to the right of where it is drawn, and `dy` mm below.
pub(super) fn seen(piece: &Piece, dx: f64, dy: f64) -> Vec<Window> {
    let prefix = piece.laid.short_id();
    let sides = piece.laid.sides().iter().enumerate();
    sides.flat_map(|(page, side)| on_page(side, &format!("m{prefix}-{}-", page + 1), dx, dy)).collect()
}

fn on_page(side: &SheetSide, prefix: &str, dx: f64, dy: f64) -> Vec<Window> {
    let moved = |mark: &Mark| {
        let rect = mark.inked_rect();
        Rect { x: rect.x + dx / MM_PER_POINT, y: rect.y + dy / MM_PER_POINT, ..rect }
    };
    let printed: Vec<(usize, &Mark, Rect)> = side
        .marks
        .iter()
        .enumerate()
        .filter(|(_, mark)| !matches!(mark, Mark::Area(_)))
        .map(|(number, mark)| (number, mark, moved(mark)))
        .collect();
    let windows = side.marks.iter().enumerate().filter(|(_, mark)| kind_and_name(mark).0 == "window");
    let window = |(number, window): (usize, &Mark)| {
        let (area, held) = (window.printed_rect(), holds(window));
        let id = |number: usize| format!("{prefix}{number}");
        let shows = printed.iter().filter_map(|(number, mark, rect)| {
            let part = shared_part(&area, rect);
            let part_percent = (1000.0 * part).round() / 10.0;
            let name = kind_and_name(mark).1;
            (part_percent > 0.0).then(|| Shows { id: id(*number), name, part_percent })
        });
        let loses = printed.iter().filter(|(_, mark, _)| {
            let (function, argument) = mark.call();
            held.iter().any(|name| name == function || (name == argument && !argument.is_empty()))
        });
        let loses = loses.filter_map(|(number, mark, rect)| {
            let by_mm = mm(beyond(&area, rect));
            (by_mm > 0.0).then(|| Loses { id: id(*number), name: kind_and_name(mark).1, by_mm })
        });
        Window { id: id(number), shows: shows.collect(), loses: loses.collect() }
    };
    windows.map(window).collect()
}

/// The part of a rectangle that lies in an area, 0 to 1.
fn shared_part(area: &Rect, rect: &Rect) -> f64 {
    let overlap = |from: f64, length: f64, other_from: f64, other_length: f64| {
        ((from + length).min(other_from + other_length) - from.max(other_from)).max(0.0)
    };
    let width = overlap(area.x, area.width, rect.x, rect.width);
    let height = overlap(area.y, area.height, rect.y, rect.height);
    let whole = rect.width * rect.height;
    if whole > 0.0 { width * height / whole } else { 0.0 }
}

/// How far a rectangle reaches over an area's edges, in points.
fn beyond(area: &Rect, rect: &Rect) -> f64 {
    let over = [
        area.x - rect.x,
        area.y - rect.y,
        rect.x + rect.width - area.x - area.width,
        rect.y + rect.height - area.y - area.height,
    ];
    over.into_iter().fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_at_the_edge_is_seen_in_part() {
        let area = Rect { x: 10.0, y: 10.0, width: 100.0, height: 40.0 };
        let mark = |x: f64| Rect { x, y: 20.0, width: 20.0, height: 10.0 };
        assert_eq!((shared_part(&area, &mark(20.0)), beyond(&area, &mark(20.0))), (1.0, 0.0));
        assert_eq!((shared_part(&area, &mark(100.0)), beyond(&area, &mark(100.0))), (0.5, 10.0));
        assert_eq!((shared_part(&area, &mark(200.0)), beyond(&area, &mark(200.0))), (0.0, 110.0));
    }
}
