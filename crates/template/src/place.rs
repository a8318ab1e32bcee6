//! Where a page may print: on the sheet, within the safe area, clear of folds, of the card, and of what seals the piece.

use crate::check::MarkFault;
use crate::fault::Problem;
use crate::folding::POINTS_PER_MM;
use crate::kind::FaultKind;
use crate::marks::{AreaKind, Mark, Rect};
use crate::placement::PlacedMark;
use crate::printed::{Class, Printed, mm};

/// What is no fault, in points: a fifth of a millimetre.
const SLACK: f64 = 0.2 * POINTS_PER_MM;

/// One side of a sheet, with all that it prints.
pub(crate) struct Places<'a> {
    /// The page, from 0.
    pub page: usize,
    pub sheet: Rect,
    pub marks: &'a [PlacedMark],
    /// The fold lines of `template.toml`.
    pub folds: &'a [f64],
    pub printed: &'a [Printed],
}

impl Places<'_> {
    /// All faults of places.
    pub(crate) fn faults(&self) -> Vec<MarkFault> {
        let mut faults = Vec::new();
        for item in self.printed {
            let found = match self.off_page(item) {
                Some(fault) => Some(fault),
                None => self.outside_safe_area(item),
            };
            faults.extend(found);
            faults.extend(self.across_fold(item));
            faults.extend(self.under_card(item));
            faults.extend(self.on_seal(item));
        }
        faults
    }

    fn areas(&self, wanted: AreaKind) -> impl Iterator<Item = &Rect> {
        self.marks.iter().filter_map(move |placed| match &placed.mark {
            Mark::Area(area) if area.kind == wanted => Some(&area.rect),
            _ => None,
        })
    }

    fn fault(&self, item: &Printed, at: Rect, problem: Problem) -> MarkFault {
        MarkFault::at(item.span, problem.shown(self.page, at))
    }

    /// The sheet has an edge, and no bleed.
    fn off_page(&self, item: &Printed) -> Option<MarkFault> {
        let beyond = Beyond::of(item, &self.sheet)?;
        let message = format!("{} lies off the page by {}", item.name, beyond.in_words());
        let problem = Problem::new(FaultKind::OutsidePage, message).with_advice(beyond.advice());
        Some(self.fault(item, beyond.part, problem.by(beyond.worst() / POINTS_PER_MM)))
    }

    /// What a press can't print well near the edges, where the template says so.
    fn outside_safe_area(&self, item: &Printed) -> Option<MarkFault> {
        if item.class == Class::Machine {
            return None;
        }
        let areas = self.areas(AreaKind::Safe).map(|safe| Beyond::of(item, safe));
        let nearest = areas.min_by(|a, b| {
            let worst = |beyond: &Option<Beyond>| beyond.as_ref().map_or(0.0, Beyond::worst);
            worst(a).total_cmp(&worst(b))
        });
        let beyond = nearest.flatten()?;
        let message = format!("{} lies outside the safe area by {}", item.name, beyond.in_words());
        let problem = Problem::new(FaultKind::OutsideSafeArea, message).with_advice(beyond.advice());
        Some(self.fault(item, beyond.part, problem.by(beyond.worst() / POINTS_PER_MM)))
    }

    /// Text that is folded is hard to read, and cracks. Symbols have a rule of their own; lines and artwork may cross.
    fn across_fold(&self, item: &Printed) -> Option<MarkFault> {
        if !item.has_text() {
            return None;
        }
        let drawn = self.areas(AreaKind::Fold).map(|fold| fold.y);
        let mut lines = self.folds.iter().copied().chain(drawn);
        let (fold, part) = lines.find_map(|fold| {
            let crossing =
                item.parts.iter().filter(|part| part.y + SLACK < fold && fold < part.bottom() - SLACK);
            Some((fold, crossing.copied().reduce(|one, other| one.around(&other))?))
        })?;
        let bounds = item.bounds();
        let (up, down) = (bounds.bottom() - fold, fold - bounds.y);
        let message = format!("{} runs over the fold at {} mm", item.name, mm(fold));
        let advice = format!("move it up by {} mm, or down by {} mm", mm(up), mm(down));
        let problem = Problem::new(FaultKind::FoldInText, message).with_advice(advice);
        Some(self.fault(item, part, problem.by(up.min(down) / POINTS_PER_MM)))
    }

    /// Nothing of the stock lies under the card (pieces.md §1). Marks have a rule of their own.
    fn under_card(&self, item: &Printed) -> Option<MarkFault> {
        if item.is_mark() {
            return None;
        }
        let (card, part) = self.areas(AreaKind::Card).find_map(|card| {
            let under = item.parts.iter().filter(|part| depth(part, card) > SLACK);
            Some((card, under.copied().reduce(|one, other| one.around(&other))?))
        })?;
        let depth = depth(&part, card);
        let message = format!("{} lies under the card by {} mm", item.name, mm(depth));
        let advice = format!(
            "keep {} to {} mm across and {} to {} mm down clear: nothing but `card_number` is printed under the card",
            mm(card.x),
            mm(card.right()),
            mm(card.y),
            mm(card.bottom())
        );
        let problem = Problem::new(FaultKind::UnderCard, message).with_advice(advice);
        Some(self.fault(item, part, problem.by(depth / POINTS_PER_MM)))
    }

    /// Toner and ink keep glue from holding; what lies across a perforation is torn.
    fn on_seal(&self, item: &Printed) -> Option<MarkFault> {
        if let Some((glue, part)) = self.areas(AreaKind::Glue).find_map(|glue| {
            let part = item.parts.iter().find(|part| depth(part, glue) > SLACK)?;
            Some((glue, *part))
        }) {
            let message = format!("{} is printed where the sheet is glued", item.name);
            let advice = format!("move it off the glue: {} to {} mm down", mm(glue.y), mm(glue.bottom()));
            return Some(self.fault(
                item,
                part,
                Problem::new(FaultKind::InkOnGlue, message).with_advice(advice),
            ));
        }
        if !(item.has_text() || item.is_mark()) {
            return None;
        }
        let perforations = self.areas(AreaKind::Perforation).copied();
        let mut lines = perforations.chain(self.areas(AreaKind::TearStrip).flat_map(edges));
        let part = lines.find_map(|line| item.parts.iter().find(|part| part.overlaps(&line)).copied())?;
        let message = format!("{} lies across a perforation or the edge of a tear strip", item.name);
        let advice = "move it to one side of the line";
        Some(self.fault(item, part, Problem::new(FaultKind::AcrossPerforation, message).with_advice(advice)))
    }
}

/// The long edges of a tear strip.
fn edges(strip: &Rect) -> [Rect; 2] {
    match strip.width > strip.height {
        true => [Rect { height: 0.0, ..*strip }, Rect { y: strip.bottom(), height: 0.0, ..*strip }],
        false => [Rect { width: 0.0, ..*strip }, Rect { x: strip.right(), width: 0.0, ..*strip }],
    }
}

/// How far a part must move to leave an area; 0 where it lies outside.
pub(crate) fn depth(part: &Rect, area: &Rect) -> f64 {
    let moves =
        [part.right() - area.x, area.right() - part.x, part.bottom() - area.y, area.bottom() - part.y];
    moves.into_iter().fold(f64::INFINITY, f64::min).max(0.0)
}

/// How far something lies beyond an area, in points to each side.
pub(crate) struct Beyond {
    left: f64,
    right: f64,
    above: f64,
    below: f64,
    /// The rectangle around the parts that lie beyond.
    pub part: Rect,
}

impl Beyond {
    /// `None` where all of it lies within.
    pub(crate) fn of(item: &Printed, area: &Rect) -> Option<Beyond> {
        let wide = Rect {
            x: area.x - SLACK,
            y: area.y - SLACK,
            width: area.width + 2.0 * SLACK,
            height: area.height + 2.0 * SLACK,
        };
        let out = item.parts.iter().filter(|part| !wide.contains(part)).copied();
        Some(Beyond::of_rect(out.reduce(|one, other| one.around(&other))?, area))
    }

    /// That of one rectangle.
    pub(crate) fn of_rect(part: Rect, area: &Rect) -> Beyond {
        Beyond {
            left: (area.x - part.x).max(0.0),
            right: (part.right() - area.right()).max(0.0),
            above: (area.y - part.y).max(0.0),
            below: (part.bottom() - area.bottom()).max(0.0),
            part,
        }
    }

    /// The most to any side.
    pub(crate) fn worst(&self) -> f64 {
        [self.left, self.right, self.above, self.below].into_iter().fold(0.0, f64::max)
    }

    /// `3.2 mm at the left and 1 mm at the foot`.
    pub(crate) fn in_words(&self) -> String {
        let sides = [
            (self.left, "at the left"),
            (self.right, "at the right"),
            (self.above, "at the head"),
            (self.below, "at the foot"),
        ];
        listed(&sides)
    }

    /// What brings it back.
    pub(crate) fn advice(&self) -> String {
        let both = |one: f64, other: f64| one > SLACK / 2.0 && other > SLACK / 2.0;
        if both(self.left, self.right) || both(self.above, self.below) {
            return "make it smaller: it has no room here".to_owned();
        }
        let moves = [
            (self.left, "to the right"),
            (self.right, "to the left"),
            (self.above, "down"),
            (self.below, "up"),
        ];
        format!("move it {}, or make it smaller", listed(&moves))
    }
}

fn listed(lengths: &[(f64, &str)]) -> String {
    let said = lengths.iter().filter(|(points, _)| *points > SLACK / 2.0);
    said.map(|(points, side)| format!("{} mm {side}", mm(*points))).collect::<Vec<_>>().join(" and ")
}
