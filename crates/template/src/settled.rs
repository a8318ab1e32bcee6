//! The faults of all variants as one list: each once, in the order of the text, with how many variants have it.

use std::collections::BTreeMap;

use crate::fault::{Problem, TemplateFault};
use crate::kind::FaultKind;

/// The most faults that are reported.
const MAX_FAULTS: usize = 100;
/// The most places that are kept of one fault.
const MAX_PLACES: usize = 24;

/// The faults of one variant, each once. All of them count for one variant.
pub(crate) fn of_one_variant(faults: Vec<TemplateFault>) -> Vec<TemplateFault> {
    merged(faults.into_iter().map(|fault| TemplateFault { variants: 1, ..fault }).collect(), |_, _| 1)
}

/// The faults of all variants in the order of the text, each once, without those that only follow from another.
pub fn settled(faults: Vec<TemplateFault>) -> Vec<TemplateFault> {
    let faults = merged(faults, |one, other| one + other);
    let faults = said_once(without_consequences(faults), FaultKind::Glyph, |_| String::new());
    let mut faults = said_once(faults, FaultKind::SmallText, |fault| fault.file.clone());
    let more = faults.split_off(faults.len().min(MAX_FAULTS));
    if let Some(next) = more.first() {
        let problem = Problem::new(next.kind, format!("and {} more faults, from here on", more.len()));
        let (line, column) = next.location.unwrap_or((1, 1));
        let severity = more.iter().map(|fault| fault.severity).min().unwrap_or_default();
        faults.push(TemplateFault { severity, ..problem.at(&next.file, line, column) });
    }
    faults
}

/// The faults in the order of the text, each once. Of faults that differ by a measure alone, the worst is kept.
fn merged(mut faults: Vec<TemplateFault>, count: fn(usize, usize) -> usize) -> Vec<TemplateFault> {
    faults.sort_by(|a, b| key(a).cmp(&key(b)));
    let mut once: Vec<TemplateFault> = Vec::new();
    for fault in faults {
        match once.last_mut().filter(|last| key(last) == key(&fault)) {
            Some(last) => last.merge(fault, count),
            None => once.push(fault),
        }
    }
    once
}

/// What faults have in common that are one.
fn key(fault: &TemplateFault) -> (&str, Option<(usize, usize)>, &'static str, String) {
    let message = match fault.excess_mm {
        None => fault.message.clone(),
        Some(_) => without_quotes_and_numbers(&fault.message),
    };
    (&fault.file, fault.location, fault.code(), message)
}

/// A message without what may differ between two places of one fault.
fn without_quotes_and_numbers(message: &str) -> String {
    let mut quoted = false;
    let kept = message.chars().filter(|&c| {
        quoted = (quoted || c == '“') && c != '”';
        !quoted && !c.is_ascii_digit() && c != '.'
    });
    kept.collect()
}

impl TemplateFault {
    fn merge(&mut self, other: TemplateFault, count: fn(usize, usize) -> usize) {
        let variants = count(self.variants, other.variants);
        let mut places = std::mem::take(&mut self.places);
        for place in &other.places {
            if places.len() < MAX_PLACES && !places.contains(place) {
                places.push(*place);
            }
        }
        if other.excess_mm > self.excess_mm {
            *self = other;
        }
        (self.variants, self.places) = (variants, places);
    }
}

/// Without the syntax errors of a file that follow a delimiter without its partner: it makes code of all that comes after.
fn without_consequences(mut faults: Vec<TemplateFault>) -> Vec<TemplateFault> {
    let mut open: Option<String> = None;
    faults.retain(|fault| {
        if fault.kind != FaultKind::Syntax {
            return true;
        }
        if open.as_ref() == Some(&fault.file) {
            return false;
        }
        if fault.message.starts_with("unclosed") || fault.message.starts_with("unexpected closing") {
            open = Some(fault.file.clone());
        }
        true
    });
    faults
}

/// Faults of a kind that say the same are one, where it first stands. `of` divides the template into parts that each say it.
fn said_once(
    mut faults: Vec<TemplateFault>,
    kind: FaultKind,
    of: fn(&TemplateFault) -> String,
) -> Vec<TemplateFault> {
    let mut said: BTreeMap<(String, String), Vec<TemplateFault>> = BTreeMap::new();
    for fault in faults.iter().filter(|fault| fault.kind == kind) {
        said.entry((of(fault), fault.message.clone())).or_default().push(fault.clone());
    }
    faults.retain_mut(|fault| {
        if fault.kind != kind {
            return true;
        }
        let Some(all) = said.remove(&(of(fault), fault.message.clone())) else { return false };
        for other in &all[1..] {
            fault.merge(other.clone(), usize::max);
        }
        if all.len() > 1 {
            fault.message += &format!(" (here and in {} more places)", all.len() - 1);
        }
        true
    });
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{FaultPlace, Severity};
    use crate::marks::Rect;

    fn fault(kind: FaultKind, message: &str, line: usize) -> TemplateFault {
        Problem::new(kind, message).at("a.typ", line, 1)
    }

    #[test]
    fn one_parenthesis_is_one_fault() {
        let faults = vec![
            fault(FaultKind::Syntax, "the character `#` is not valid in code", 9),
            fault(FaultKind::Syntax, "unclosed delimiter", 3),
            fault(FaultKind::Syntax, "unknown variable: x", 1),
            fault(FaultKind::Syntax, "unclosed delimiter", 3),
        ];
        let lines: Vec<_> = settled(faults).into_iter().filter_map(|fault| fault.location).collect();
        assert_eq!(lines, [(1, 1), (3, 1)]);
    }

    #[test]
    fn one_character_is_one_fault() {
        let faults = (1..=3).map(|line| fault(FaultKind::Glyph, "the font has no character `x`", line));
        let settled = settled(faults.collect());
        assert_eq!(settled.len(), 1);
        assert_eq!(settled[0].message, "the font has no character `x` (here and in 2 more places)");
    }

    #[test]
    fn faults_without_end_are_counted() {
        let settled = settled((1..=300).map(|line| fault(FaultKind::Colour, "red", line)).collect());
        assert_eq!(
            (settled.len(), settled[100].message.as_str()),
            (101, "and 200 more faults, from here on")
        );
        assert_eq!(settled[100].severity, Severity::Error);
    }

    #[test]
    fn a_fault_of_several_variants_is_told_once_at_its_worst() {
        let place = |y: f64| FaultPlace { page: 0, rect: Rect { x: 0.0, y, width: 1.0, height: 1.0 } };
        let by = |mm: f64| {
            let problem = Problem::new(FaultKind::OutsidePage, format!("{mm} mm off the page"));
            problem.by(mm).shown(0, place(mm).rect).at("a.typ", 2, 1)
        };
        let one = of_one_variant(vec![by(1.5), by(2.0), by(2.0)]);
        assert_eq!((one.len(), one[0].variants, one[0].places.len()), (1, 1, 2));
        let other = of_one_variant(vec![by(12.25)]);
        let settled = settled(one.into_iter().chain(other).collect());
        assert_eq!((settled.len(), settled[0].variants), (1, 2));
        assert_eq!(settled[0].message, "12.25 mm off the page");
        assert_eq!(settled[0].places, [place(1.5), place(2.0), place(12.25)]);
    }
}
