//! What can be seen of a folded piece in its envelope. A code or a card number of a mailer is never seen from outside, and
//! a window shows what it holds, and no card number that it does not hold, wherever the piece lies in the envelope.

use mail::piece::PieceKind;

use crate::check::MarkFault;
use crate::fault::Problem;
use crate::fields::FieldName;
use crate::folded::{Side, Strip, visible_strips};
use crate::folding::POINTS_PER_MM;
use crate::kind::FaultKind;
use crate::manifest::Manifest;
use crate::marks::{AreaKind, Mark, Rect};
use crate::placement::PlacedMark;

/// The faults of a piece, whose pages have these marks.
pub(crate) fn outside_faults(manifest: &Manifest, pages: &[&[PlacedMark]]) -> Vec<MarkFault> {
    let mut faults = fold_faults(manifest, pages);
    let is_address = |placed: &&PlacedMark| matches!(&placed.mark, Mark::Text(text) if text.field.is_none());
    let bearers: Vec<Option<&PlacedMark>> = pages.iter().map(|marks| marks.iter().find(is_address)).collect();
    // The fault of a piece without an address is reported elsewhere.
    let Some(front) = bearers.iter().position(Option::is_some) else { return faults };
    let Some(address) = bearers[front] else { return faults };
    let rect = address.mark.printed_rect();
    let lines = manifest.fold.lines_on(front, manifest.turn);
    let Some(strips) = visible_strips(manifest.fold.kind(), &lines, rect.y + rect.height / 2.0) else {
        let message = "the address lies inside once the sheet is folded as `fold` says";
        let advice =
            "move it to the first or the last panel, or write `fold = { kind = \"c\" }` in template.toml";
        let problem = Problem::new(FaultKind::AddressInside, message).with_advice(advice);
        faults.push(MarkFault::new(address, problem));
        return faults;
    };
    let bearers = bearers.iter().map(Option::is_some).collect();
    let piece = Piece { manifest, pages, strips, front, bearers };
    faults.extend(piece.panel_faults());
    faults.extend(piece.window_faults());
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
            faults.push(MarkFault::new(fold, problem));
        }
    }
    faults
}

/// The unprinted areas among marks.
fn areas(marks: &[PlacedMark]) -> impl Iterator<Item = (&AreaKind, &Rect, &PlacedMark)> {
    marks.iter().filter_map(|placed| match &placed.mark {
        Mark::Area(area) => Some((&area.kind, &area.rect, placed)),
        _ => None,
    })
}

/// The marks that are printed.
fn printed(marks: &[PlacedMark]) -> impl Iterator<Item = &PlacedMark> {
    marks.iter().filter(|placed| placed.mark.says_something())
}

/// A folded piece.
struct Piece<'a> {
    manifest: &'a Manifest,
    pages: &'a [&'a [PlacedMark]],
    strips: Vec<Strip>,
    /// The first page with an address.
    front: usize,
    /// Whether each page has an address.
    bearers: Vec<bool>,
}

impl Piece<'_> {
    /// The side of the folded piece that a page is.
    fn side(&self, page: usize) -> Side {
        if self.bearers[page] { Side::Address } else { Side::Other }
    }

    /// A rectangle of a page as it lies on the side with the address.
    fn on_front(&self, page: usize, rect: &Rect) -> Rect {
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
            faults.extend(seen.map(|(_, rect, panel)| MarkFault::new(panel, self.panel_shows(page, rect))));
            faults.extend(printed(marks).filter_map(|placed| {
                self.place_of_secret(page, marks, placed).map(|problem| MarkFault::new(placed, problem))
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

    fn window_faults(&self) -> Vec<MarkFault> {
        let mut faults = Vec::new();
        for (page, marks) in self.pages.iter().enumerate() {
            for (kind, rect, area) in areas(marks) {
                let AreaKind::Window(holds) = kind else { continue };
                let (rect, side) = (self.on_front(page, rect), self.side(page));
                let over = self.strips.iter().find(|strip| strip.side == side && strip.bears(&rect));
                let Some(strip) = over else {
                    let message =
                        "the window lies over paper that is inside once the sheet is folded as `fold` says";
                    let advice = "move it onto a panel that shows, or correct `fold` in template.toml";
                    let problem = Problem::new(FaultKind::WindowInside, message).with_advice(advice);
                    faults.push(MarkFault::new(area, problem));
                    continue;
                };
                let window = Window { page, strip, rect: strip.folded(&rect), holds };
                faults.extend(self.held_faults(&window, area));
                faults.extend(self.shown_faults(&window));
            }
        }
        faults
    }

    /// What a window holds is there, and shows in it wherever the piece lies.
    fn held_faults(&self, window: &Window, area: &PlacedMark) -> Vec<MarkFault> {
        let mut faults = Vec::new();
        let always = self.manifest.envelope.play_mm.narrowed(&window.rect);
        for wanted in window.holds {
            let mut held =
                printed(self.pages[window.page]).filter(|held| held.mark.call().0 == wanted).peekable();
            if held.peek().is_none() {
                let message = format!("the window holds no `{wanted}` of this page");
                faults.push(MarkFault::new(area, Problem::new(FaultKind::EmptyWindow, message)));
            }
            let lost = held.filter(|held| {
                let rect = self.on_front(window.page, &held.mark.printed_rect());
                !window.strip.holds(&rect) || !always.contains(&window.strip.folded(&rect))
            });
            let message =
                format!("`{wanted}` lies outside its window, quiet zones included{}", self.when_moved());
            let advice = "make it smaller, move it to the middle of the window, or enlarge the window";
            let problem = Problem::new(FaultKind::OutsideWindow, message).with_advice(advice);
            faults.extend(lost.map(|held| MarkFault::new(held, problem.clone())));
        }
        faults
    }

    /// Codes, card numbers and control marks that a window shows and does not hold.
    fn shown_faults(&self, window: &Window) -> Vec<MarkFault> {
        let mut faults = Vec::new();
        let ever = self.manifest.envelope.play_mm.widened(&window.rect);
        for (page, marks) in self.pages.iter().enumerate() {
            for placed in printed(marks) {
                let Some(problem) = self.kept_from(window, &placed.mark) else { continue };
                let shows = |rect: &Rect, through: &Rect| {
                    let rect = self.on_front(page, rect);
                    let seen = self
                        .strips
                        .iter()
                        .filter(|strip| strip.view == window.strip.view && strip.side == self.side(page));
                    seen.filter_map(|strip| strip.part(&rect)).any(|part| part.overlaps(through))
                };
                let mark = &placed.mark;
                if shows(&mark.printed_rect(), &window.rect) || shows(&mark.inked_rect(), &ever) {
                    faults.push(MarkFault::new(placed, problem));
                }
            }
        }
        faults
    }

    /// The end of a message about what a window shows or loses.
    fn when_moved(&self) -> String {
        let play = self.manifest.envelope.play_mm;
        match play.x > 0.0 || play.y > 0.0 {
            true => {
                format!(", in a piece that moves by {} mm across and {} mm down its envelope", play.x, play.y)
            }
            false => String::new(),
        }
    }

    /// The fault of a mark that a window may not show; `None` for a mark that it may show.
    fn kept_from(&self, window: &Window, mark: &Mark) -> Option<Problem> {
        let holds = |function: &str| window.holds.iter().any(|held| held == function);
        match mark {
            Mark::Omr(_) | Mark::ControlCode(_) if !holds(mark.call().0) => {
                let message = "shows in a window that does not hold it: name it in `holds`, or move it";
                Some(Problem::new(FaultKind::UndeclaredInWindow, message))
            }
            _ => {
                let letter = self.manifest.kind == PieceKind::Letter;
                let secret = match mark {
                    Mark::TwoDDoc(_) => letter && !holds("two-d-doc"),
                    _ => mark.field().is_some_and(|field| {
                        let whole = field == FieldName::CardNumber;
                        let meant = letter && whole && holds("code39");
                        (field.is_code() || field.is_card_number()) && !meant
                    }),
                };
                secret.then(|| {
                    let message =
                        format!("{} can be seen through a window{}", mark.label(), self.when_moved());
                    let advice = "move it away from the window, by more than `envelope.play_mm`";
                    Problem::new(FaultKind::ShownInWindow, message).with_advice(advice)
                })
            }
        }
    }
}

/// A window over a strip of the folded piece.
struct Window<'a> {
    page: usize,
    strip: &'a Strip,
    /// Where it lies over the folded piece.
    rect: Rect,
    /// The functions of the marks that it holds.
    holds: &'a [String],
}
