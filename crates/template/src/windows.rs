//! What the windows of an envelope show of a folded piece: what they hold and nothing else, wherever the piece lies in its
//! envelope. Where the template names an envelope, its windows are the envelope's.

use mail::piece::PieceKind;

use crate::check::{MarkFault, Position};
use crate::compiled::SheetSide;
use crate::envelope::EnvelopeWindow;
use crate::fault::Problem;
use crate::fields::FieldName;
use crate::folded::{Side, Strip, View, folded_piece};
use crate::folding::{A4, POINTS_PER_MM, Play};
use crate::kind::FaultKind;
use crate::manifest::Manifest;
use crate::marks::{Area, AreaKind, Mark, Rect};
use crate::outside::{Piece, areas, printed};
use crate::place::{Beyond, depth};
use crate::placement::PlacedMark;
use crate::printed::{Printed, mm};

/// How far a drawn window may lie from that of the envelope, in points: half a millimetre.
const NEAR: f64 = 0.5 * POINTS_PER_MM;
/// What is no fault, in points.
const SLACK: f64 = 0.1 * POINTS_PER_MM;

/// The windows of the envelope that the manifest names, on the page with the address; none without an envelope in stock.
pub(crate) fn windows_of_envelope(
    manifest: &Manifest,
    pages: &[&[PlacedMark]],
) -> Option<(usize, Vec<Area>)> {
    let stock = manifest.envelope.stock.as_ref()?;
    let is_address = |placed: &PlacedMark| matches!(&placed.mark, Mark::Text(text) if text.field.is_none());
    let (front, address) = pages
        .iter()
        .enumerate()
        .find_map(|(page, marks)| Some((page, marks.iter().find(|m| is_address(m))?)))?;
    let rect = address.mark.printed_rect();
    let piece = folded_piece(&manifest.fold.lines_on(front, manifest.turn), rect.y + rect.height / 2.0);
    let area = |window: &EnvelopeWindow| Area {
        kind: AreaKind::Window(window.holds.clone()),
        rect: stock.over(window, &piece),
    };
    Some((front, stock.windows.iter().map(area).collect()))
}

/// How far the folded piece moves in its envelope: to the left and to the right, up and down.
pub fn play_in_envelope(manifest: &Manifest, sides: &[SheetSide]) -> Play {
    let is_address = |mark: &&Mark| matches!(mark, Mark::Text(text) if text.field.is_none());
    let address = sides
        .iter()
        .enumerate()
        .find_map(|(page, side)| Some((page, side.marks.iter().find(is_address)?.printed_rect())));
    let (page, rect) = address.unwrap_or((0, A4));
    let lines = manifest.fold.lines_on(page, manifest.turn);
    manifest.envelope.play(&folded_piece(&lines, rect.y + rect.height / 2.0))
}

/// The faults of a piece's windows.
pub(crate) fn window_faults(piece: &Piece) -> Vec<MarkFault> {
    let mut faults = Vec::new();
    let own = piece
        .pages
        .iter()
        .enumerate()
        .flat_map(|(page, marks)| areas(marks).map(move |(kind, rect, area)| (page, kind, rect, area)));
    let own = own.filter_map(|(page, kind, rect, area)| match kind {
        AreaKind::Window(holds) => Some((page, holds, rect, area)),
        _ => None,
    });
    match windows_of_envelope(piece.manifest, piece.pages) {
        None => {
            for (page, holds, rect, area) in own {
                faults.extend(piece.of_window(page, holds, rect, Position::Span(area.call)));
            }
        }
        Some((front, windows)) => {
            faults.extend(piece.too_large());
            for (page, _, rect, area) in own {
                faults.extend(piece.contradicting(page, rect, area, (front, &windows)));
            }
            for Area { kind, rect } in &windows {
                if let AreaKind::Window(holds) = kind {
                    faults.extend(piece.of_window(front, holds, rect, Position::Key("envelope")));
                }
            }
        }
    }
    faults
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

impl Window<'_> {
    fn holds(&self, function: &str) -> bool {
        self.holds.iter().any(|held| held == function)
    }

    /// The window in messages.
    fn name(&self) -> String {
        match self.holds {
            [] => format!("the window at {}, {} mm", mm(self.rect.x), mm(self.rect.y)),
            held => format!("the window of `{}`", held.join("`, `")),
        }
    }
}

impl Piece<'_> {
    /// The faults of one window, which is drawn on a page.
    fn of_window(&self, page: usize, holds: &[String], rect: &Rect, position: Position) -> Vec<MarkFault> {
        let (rect, side) = (self.on_front(page, rect), self.side(page));
        let of_envelope = matches!(position, Position::Key(_));
        let over = self.strips.iter().find(|strip| {
            strip.side == side && strip.bears(&rect) && (strip.view == View::Front || !of_envelope)
        });
        let Some(strip) = over else {
            let message = "the window lies over paper that is inside once the sheet is folded as `fold` says";
            let advice = "move it onto a panel that shows, or correct `fold` in template.toml";
            let problem = Problem::new(FaultKind::WindowInside, message).with_advice(advice);
            return vec![MarkFault::positioned(position, problem.shown(page, rect))];
        };
        let window = Window { page, strip, rect: strip.folded(&rect), holds };
        let mut faults = self.held_faults(&window, position);
        faults.extend(self.shown_faults(&window));
        faults.extend(self.foreign_faults(&window));
        faults
    }

    /// A folded piece that does not go into its envelope.
    fn too_large(&self) -> Option<MarkFault> {
        let stock = self.manifest.envelope.stock.as_ref()?;
        let (width, height) = (self.size.width / POINTS_PER_MM, self.size.height / POINTS_PER_MM);
        let fits = width <= stock.width_mm && height <= stock.height_mm;
        let message = format!(
            "the folded piece of {width:.1} × {height:.1} mm does not go into the envelope of {} × {} mm",
            stock.width_mm, stock.height_mm
        );
        let advice = "name a larger envelope, or fold the sheet once more with `fold` in template.toml";
        let problem = || Problem::new(FaultKind::Envelope, message).with_advice(advice);
        (!fits).then(|| MarkFault::positioned(Position::Key("envelope"), problem()))
    }

    /// A drawn window that the envelope does not have.
    fn contradicting(
        &self,
        page: usize,
        rect: &Rect,
        area: &PlacedMark,
        (front, windows): (usize, &[Area]),
    ) -> Option<MarkFault> {
        let near = |one: f64, other: f64| (one - other).abs() <= NEAR;
        let same = |window: &Area| {
            let Rect { x, y, width, height } = window.rect;
            near(x, rect.x) && near(y, rect.y) && near(width, rect.width) && near(height, rect.height)
        };
        if page == front && windows.iter().any(same) {
            return None;
        }
        let name = self.manifest.envelope.name.as_deref().unwrap_or_default();
        let message = format!("the envelope `{name}` has no window here");
        let advice = "take the `window` out of the template: its windows are those of the envelope";
        let problem = Problem::new(FaultKind::WindowContradicts, message).with_advice(advice);
        Some(MarkFault::new(page, area, problem))
    }

    /// What a window holds is there, and shows in it wherever the piece lies.
    fn held_faults(&self, window: &Window, position: Position) -> Vec<MarkFault> {
        let mut faults = Vec::new();
        let always = self.play.narrowed(&window.rect);
        for wanted in window.holds {
            let mut held =
                printed(self.pages[window.page]).filter(|held| held.mark.call().0 == wanted).peekable();
            if held.peek().is_none() {
                let message = format!("the window holds no `{wanted}` of this page");
                let advice = format!("place `{wanted}` in the window, or take it from `holds`");
                let problem = Problem::new(FaultKind::EmptyWindow, message).with_advice(advice);
                faults.push(MarkFault::positioned(position, problem.shown(window.page, window.rect)));
            }
            for mark in held {
                let rect = self.on_front(window.page, &mark.mark.printed_rect());
                let folded = window.strip.folded(&rect);
                if !window.strip.holds(&rect) || !always.contains(&folded) {
                    faults.push(self.lost(window, mark, &Beyond::of_rect(folded, &always)));
                }
            }
        }
        faults
    }

    fn lost(&self, window: &Window, mark: &PlacedMark, beyond: &Beyond) -> MarkFault {
        let (name, how) = (mark.mark.call().0, self.when_moved());
        let by = if beyond.worst() > 0.0 { format!(" by {}", beyond.in_words()) } else { String::new() };
        let message = format!("`{name}` lies outside its window{by}, quiet zones included{how}");
        let advice = match by.is_empty() {
            true => "move it off the fold beside its window".to_owned(),
            false => format!("{}, or enlarge the window", beyond.advice()),
        };
        let problem = Problem::new(FaultKind::OutsideWindow, message).with_advice(advice);
        MarkFault::new(window.page, mark, problem.by(beyond.worst() / POINTS_PER_MM))
    }

    /// Codes, card numbers and control marks that a window shows and does not hold.
    fn shown_faults(&self, window: &Window) -> Vec<MarkFault> {
        let mut faults = Vec::new();
        let ever = self.play.widened(&window.rect);
        for (page, marks) in self.pages.iter().enumerate() {
            for placed in printed(marks) {
                let Some(mut problem) = self.kept_from(window, &placed.mark) else { continue };
                let by = |rect: &Rect, through: &Rect| {
                    let parts = self.seen_through(window, page, rect).map(|(_, part)| depth(&part, through));
                    parts.fold(0.0, f64::max)
                };
                let mark = &placed.mark;
                let by = by(&mark.printed_rect(), &window.rect).max(by(&mark.inked_rect(), &ever));
                if by > 0.0 {
                    problem.message += &format!(" by {} mm{}", mm(by), self.when_moved());
                    let problem = problem.by(by / POINTS_PER_MM);
                    faults.push(MarkFault::new(page, placed, problem));
                }
            }
        }
        faults
    }

    /// The parts of a rectangle of a page that can be seen from where the window is seen, each with its strip.
    fn seen_through<'s>(
        &'s self,
        window: &'s Window,
        page: usize,
        rect: &Rect,
    ) -> impl Iterator<Item = (&'s Strip, Rect)> {
        let (rect, side) = (self.on_front(page, rect), self.side(page));
        let seen =
            self.strips.iter().filter(move |strip| strip.view == window.strip.view && strip.side == side);
        seen.filter_map(move |strip| Some((strip, strip.part(&rect)?)))
    }

    /// Everything else that a window shows: text and artwork of the stock, and fields that it does not hold.
    fn foreign_faults(&self, window: &Window) -> Vec<MarkFault> {
        let ever = self.play.widened(&window.rect);
        let held = printed(self.pages[window.page]).filter(|held| window.holds(held.mark.call().0));
        let held: Vec<_> = held.map(|held| held.call).collect();
        let mut faults = Vec::new();
        for (page, items) in self.printed.iter().enumerate() {
            for item in items {
                if held.contains(&item.span) || self.is_told(window, page, item) {
                    continue;
                }
                let parts = item.parts.iter().flat_map(|part| self.seen_through(window, page, part));
                let seen = parts.filter(|(_, part)| depth(part, &ever) > SLACK);
                let own = page == window.page && window.strip.side == Side::Address;
                let Some(part) = seen.map(|(_, part)| part).reduce(|one, other| one.around(&other)) else {
                    continue;
                };
                faults.push(MarkFault::at(item.span, self.foreign(window, page, item, (part, own))));
            }
        }
        faults
    }

    /// Whether another rule says what is wrong with a mark in a window, or that nothing is.
    fn is_told(&self, window: &Window, page: usize, item: &Printed) -> bool {
        if !item.is_mark() {
            return false;
        }
        let mark = self.pages[page].iter().find(|placed| placed.call == item.span);
        mark.is_some_and(|placed| {
            self.kept_from(window, &placed.mark).is_some() || self.is_number_of_letter(window, &placed.mark)
        })
    }

    fn foreign(&self, window: &Window, page: usize, item: &Printed, (part, own): (Rect, bool)) -> Problem {
        let ever = self.play.widened(&window.rect);
        let by = depth(&part, &ever);
        let message =
            format!("{} shows in {} by {} mm{}", item.name, window.name(), mm(by), self.when_moved());
        let moves = [
            (part.bottom() - ever.y, "up"),
            (ever.bottom() - part.y, "down"),
            (part.right() - ever.x, "to the left"),
            (ever.right() - part.x, "to the right"),
        ];
        let nearest = moves.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
        let advice = match nearest.filter(|_| own) {
            Some((points, side)) => format!("move it {} mm {side}", mm(points)),
            None => "move it away from where the window lies".to_owned(),
        };
        let shown = item.bounds();
        let problem = Problem::new(FaultKind::ForeignInWindow, message).with_advice(advice);
        problem.by(by / POINTS_PER_MM).shown(page, shown)
    }

    /// The end of a message about what a window shows or loses.
    fn when_moved(&self) -> String {
        let round = |mm: f64| (mm * 10.0).round() / 10.0;
        let (x, y) = (round(self.play.x), round(self.play.y));
        match x > 0.0 || y > 0.0 {
            true => format!(", in a piece that moves by {x} mm across and {y} mm down its envelope"),
            false => String::new(),
        }
    }

    /// Whether a mark is the card's number of a letter in a window of `code39`, where it is meant to be.
    fn is_number_of_letter(&self, window: &Window, mark: &Mark) -> bool {
        let letter = self.manifest.kind == PieceKind::Letter;
        letter && mark.field() == Some(FieldName::CardNumber) && window.holds("code39")
    }

    /// The fault of a secret or a control mark that a window may not show; `None` for any other mark.
    fn kept_from(&self, window: &Window, mark: &Mark) -> Option<Problem> {
        if matches!(mark, Mark::Omr(_) | Mark::ControlCode(_)) && !window.holds(mark.call().0) {
            let message = format!("{} shows in {}, which does not hold it,", mark.label(), window.name());
            let advice = format!("name `{}` in the window's `holds`, or move it away", mark.call().0);
            return Some(Problem::new(FaultKind::UndeclaredInWindow, message).with_advice(advice));
        }
        let secret = match mark {
            Mark::TwoDDoc(_) => self.manifest.kind == PieceKind::Letter && !window.holds("two-d-doc"),
            _ => mark.field().is_some_and(|field| {
                (field.is_code() || field.is_card_number()) && !self.is_number_of_letter(window, mark)
            }),
        };
        secret.then(|| {
            let message = format!("{} can be seen through {}", mark.label(), window.name());
            let advice = "move it away from the window, by more than the piece moves in its envelope";
            Problem::new(FaultKind::ShownInWindow, message).with_advice(advice)
        })
    }
}
