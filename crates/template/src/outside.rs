//! What can be seen of a folded piece. A code or a card number of a mailer is never seen from outside.

use mail::piece::PieceKind;

use crate::check::MarkFault;
use crate::fault::Problem;
use crate::folded::{Side, Strip, folded_piece, visible_strips};
use crate::folding::{POINTS_PER_MM, Play};
use crate::kind::FaultKind;
use crate::manifest::Manifest;
use crate::marks::{AreaKind, Mark, Rect};
use crate::placement::PlacedMark;
use crate::printed::Printed;
use crate::windows::window_faults;

/// The faults of a piece, whose pages have these marks and print all this.
pub(crate) fn outside_faults(
    manifest: &Manifest,
    pages: &[&[PlacedMark]],
    printed: &[Vec<Printed>],
) -> Vec<MarkFault> {
    let mut faults = fold_faults(manifest, pages);
    let is_address = |placed: &&PlacedMark| matches!(&placed.mark, Mark::Text(text) if text.field.is_none());
    let bearers: Vec<Option<&PlacedMark>> = pages.iter().map(|marks| marks.iter().find(is_address)).collect();
    // The fault of a piece without an address is reported elsewhere.
    let Some(front) = bearers.iter().position(Option::is_some) else { return faults };
    let Some(address) = bearers[front] else { return faults };
    let rect = address.mark.printed_rect();
    let lines = manifest.fold.lines_on(front, manifest.turn);
    let middle = rect.y + rect.height / 2.0;
    let Some(strips) = visible_strips(manifest.fold.kind(), &lines, middle) else {
        let message = "the address lies inside once the sheet is folded as `fold` says";
        let advice =
            "move it to the first or the last panel, or write `fold = { kind = \"c\" }` in template.toml";
        let problem = Problem::new(FaultKind::AddressInside, message).with_advice(advice);
        faults.push(MarkFault::new(front, address, problem));
        return faults;
    };
    let bearers = bearers.iter().map(Option::is_some).collect();
    let size = folded_piece(&lines, middle);
    let play = manifest.envelope.play(&size);
    let piece = Piece { manifest, pages, printed, strips, front, bearers, size, play };
    faults.extend(piece.panel_faults());
    faults.extend(window_faults(&piece));
    faults
}

/// Folds that the template draws where `template.toml` has none.
fn fold_faults(manifest: &Manifest, pages: &[&[PlacedMark]]) -> Vec<MarkFault> {
    const SLACK: f64 = 0.1 * POINTS_PER_MM;
    let mm = |y: f64| (y / POINTS_PER_MM * 100.0).round() / 100.0;
    let mut faults = Vec::new();
    for (page, marks) in pages.iter().enumerate() {
        let lines = manifest.fold.lines_on(page, manifest.turn);
        let stated: Vec<String> = lines.iter().map(|line| format!("{} mm", mm(*line))).collect();
        let stated = if stated.is_empty() { "none".to_owned() } else { stated.join(" and ") };
        for (_, rect, fold) in areas(marks).filter(|(kind, ..)| **kind == AreaKind::Fold) {
            if lines.iter().any(|line| (line - rect.y).abs() <= SLACK) {
                continue;
            }
            let at = mm(rect.y);
            let message = format!(
                "a fold at {at} mm, where `fold` in template.toml has none: its lines on this page: {stated}"
            );
            let advice = format!(
                "draw the fold where `fold` has it, or state it, as in `fold = {{ kind = \"half\", at_mm = [{at}] }}`"
            );
            let problem = Problem::new(FaultKind::FoldContradicts, message).with_advice(advice);
            faults.push(MarkFault::new(page, fold, problem));
        }
    }
    faults
}

/// The unprinted areas among marks.
pub(crate) fn areas(marks: &[PlacedMark]) -> impl Iterator<Item = (&AreaKind, &Rect, &PlacedMark)> {
    marks.iter().filter_map(|placed| match &placed.mark {
        Mark::Area(area) => Some((&area.kind, &area.rect, placed)),
        _ => None,
    })
}

/// The marks that are printed.
pub(crate) fn printed(marks: &[PlacedMark]) -> impl Iterator<Item = &PlacedMark> {
    marks.iter().filter(|placed| placed.mark.says_something())
}

/// A folded piece.
pub(crate) struct Piece<'a> {
    pub manifest: &'a Manifest,
    /// The marks of each page.
    pub pages: &'a [&'a [PlacedMark]],
    /// All that each page prints.
    pub printed: &'a [Vec<Printed>],
    pub strips: Vec<Strip>,
    /// The first page with an address.
    pub front: usize,
    /// Whether each page has an address.
    bearers: Vec<bool>,
    /// The rectangle that it fills, as it lies on the front.
    pub size: Rect,
    /// How far it moves in its envelope.
    pub play: Play,
}

impl Piece<'_> {
    /// The side of the folded piece that a page is.
    pub(crate) fn side(&self, page: usize) -> Side {
        if self.bearers[page] { Side::Address } else { Side::Other }
    }

    /// A rectangle of a page as it lies on the side with the address.
    pub(crate) fn on_front(&self, page: usize, rect: &Rect) -> Rect {
        match page % 2 == self.front % 2 {
            true => *rect,
            false => self.manifest.turn.turned(rect),
        }
    }

    /// Whether a part of a page can be seen from outside. The side with the address counts as seen, its tucked panels too: a
    /// wrong fold must not betray a code.
    fn is_seen(&self, page: usize, rect: &Rect) -> bool {
        let on_front = self.on_front(page, rect);
        let side = self.side(page);
        side == Side::Address || self.strips.iter().any(|strip| strip.side == side && strip.shows(&on_front))
    }

    /// Panels keep to the fold. Codes and card numbers of a mailer lie on inside panels (pieces.md §2).
    fn panel_faults(&self) -> Vec<MarkFault> {
        let mut faults = Vec::new();
        for (page, marks) in self.pages.iter().enumerate() {
            let inside = areas(marks).filter(|(kind, ..)| **kind == AreaKind::Inside);
            let seen = inside.filter(|(_, rect, _)| self.is_seen(page, rect));
            faults.extend(
                seen.map(|(_, rect, panel)| MarkFault::new(page, panel, self.panel_shows(page, rect))),
            );
            faults.extend(printed(marks).filter_map(|placed| {
                self.place_of_secret(page, marks, placed).map(|problem| MarkFault::new(page, placed, problem))
            }));
        }
        faults
    }

    fn panel_shows(&self, page: usize, panel: &Rect) -> Problem {
        let why = match self.side(page) {
            Side::Address => "the side that bears the address is outside",
            Side::Other if self.manifest.fold.lines_on(page, self.manifest.turn).is_empty() => {
                "`fold` in template.toml says that the sheet is not folded"
            }
            Side::Other => "`fold` in template.toml leaves it, or a part of it, outside",
        };
        let (y, height) = (panel.y / POINTS_PER_MM, panel.height / POINTS_PER_MM);
        let message = format!("the panel of {height:.0} mm at {y:.0} mm does not lie inside: {why}");
        let advice = "write `panel(\"outside\", …)`, or state in template.toml how the sheet is folded";
        Problem::new(FaultKind::PanelShows, message).with_advice(advice)
    }

    /// The fault of a code or a card number that is not on an inside panel.
    fn place_of_secret(&self, page: usize, marks: &[PlacedMark], placed: &PlacedMark) -> Option<Problem> {
        let field = placed.mark.field().filter(|field| field.is_code() || field.is_card_number())?;
        let rect = placed.mark.printed_rect();
        let name = field.name();
        let mailer = self.manifest.kind == PieceKind::Mailer;
        let shown = |kind: FaultKind, message: String| {
            let advice = "move it onto an inside panel of the side without the address";
            Some(Problem::new(kind, message).with_advice(advice))
        };
        if areas(marks).any(|(kind, panel, _)| *kind == AreaKind::Outside && panel.overlaps(&rect)) {
            return shown(FaultKind::ShownOutside, format!("`{name}` shows on an outside panel"));
        }
        if mailer && self.side(page) == Side::Address {
            let message = format!("`{name}` shows on the side that bears the address, which is outside");
            return shown(FaultKind::ShownOutside, message);
        }
        if mailer && self.is_seen(page, &rect) {
            let message = format!("`{name}` shows outside once the sheet is folded as `fold` says");
            return shown(FaultKind::ShownOutside, message);
        }
        let within = areas(marks).any(|(kind, panel, _)| *kind == AreaKind::Inside && panel.contains(&rect));
        match mailer && !within {
            true => shown(FaultKind::OutsidePanel, format!("`{name}` must lie on an inside panel")),
            false => None,
        }
    }
}
