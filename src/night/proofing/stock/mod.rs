//! The stock of a lot, drawn once at the press's resolution: what must stay clear of it is looked at dot by dot.
//!
//! Takes the laid-out template and gives findings. Symbols with their quiet zones, the marks of inserters, the address, the
//! codes of mailers and what hides them must have no dot of the stock; so must windows and glue, unless the template's check
//! has warned of what stands there. The check asks the layout for it; this asks the bytes that are printed, through a renderer
//! that shares no code with either. A window is looked at where it lies over a piece that has not moved in its envelope.

mod drawing;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use print_file::Grid;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use template::{AreaKind, CompiledTemplate, FaultKind, Mark, Rect, SheetSide, variant_name};

use super::judge::{Fault, Finding, field_of};
use drawing::{Patch, drawn_patches};

/// The rules by which stock is drawn: another number lets all of it be drawn anew.
const RULES: &[u8] = b"pli: drawn stock, rules 1\n";
/// How far ink may reach into a window or onto glue, in points: a tenth of a millimetre, as the template's check has it.
const SLACK: f64 = 0.1 * 72.0 / 25.4;
/// What is no part of a dot, in dots: rounding.
const ROUNDING: f64 = 0.001;
/// The most dots that a thread draws at a time, of 4 bytes each.
const MOST_DOTS: u32 = 1_000_000;

/// What must stay clear on one side.
struct ClearArea {
    /// The variant, or the sheet of the lot.
    of: String,
    field: &'static str,
    fault: Fault,
    patch: Patch,
}

/// The proof of a lot's stock.
pub(in crate::night) struct StockProof<'t> {
    template: &'t CompiledTemplate,
    grid: Grid,
    areas: Vec<ClearArea>,
}

impl<'t> StockProof<'t> {
    /// Finds what must stay clear of the stock of a template on a press.
    pub(in crate::night) fn of(template: &'t CompiledTemplate, grid: Grid) -> StockProof<'t> {
        let mut proof = StockProof { template, grid, areas: Vec::new() };
        for variant in &template.variants {
            proof.add(&variant_name(&variant.facts), &variant.sides);
        }
        if let Some(sheets) = &template.lot_sheets {
            proof.add("header", &sheets.header);
            proof.add("trailer", &sheets.trailer);
        }
        proof
    }

    /// SHA-256 of all that the proof depends on: the stock's bytes, the areas, the resolution, and the rules.
    pub(in crate::night) fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new_with_prefix(RULES)
            .chain_update(env!("CARGO_PKG_VERSION"))
            .chain_update(self.grid.dpi().to_be_bytes())
            .chain_update(self.template.stock.objects.len().to_be_bytes())
            .chain_update(&self.template.stock.objects);
        for ClearArea { fault, patch, .. } in &self.areas {
            let Patch { form, left, top, width, height } = *patch;
            digest.update([*fault as u8]);
            [form, left, top, width, height]
                .into_iter()
                .for_each(|number| digest.update(number.to_be_bytes()));
        }
        digest.finalize().into()
    }

    /// Draws what must stay clear and looks at each dot. What several variants share is drawn once.
    pub(in crate::night) fn findings(&self) -> Vec<Finding> {
        let mut by_form: BTreeMap<u32, Vec<Patch>> = BTreeMap::new();
        for area in &self.areas {
            let patches = by_form.entry(area.patch.form).or_default();
            if !patches.contains(&area.patch) {
                patches.push(area.patch);
            }
        }
        let forms: Vec<(u32, Vec<Patch>)> = by_form.into_iter().collect();
        let drawn = forms.par_iter().map(|(form, patches)| {
            let dark = drawn_patches(&self.template.stock, self.grid, patches, MOST_DOTS);
            (*form, dark.map(|dark| patches.iter().copied().zip(dark).collect::<Vec<_>>()))
        });
        let drawn: BTreeMap<u32, _> = drawn.collect();
        let judged = self.areas.iter().filter_map(|area| {
            let fault = match drawn.get(&area.patch.form) {
                Some(Some(patches)) => {
                    patches.iter().any(|(patch, dark)| *patch == area.patch && *dark).then_some(area.fault)?
                }
                _ => Fault::StockUndrawn,
            };
            Some(Finding::new(&area.of, area.field, fault))
        });
        judged.collect()
    }

    /// Adds what must stay clear on the sides of a variant.
    fn add(&mut self, of: &str, sides: &[SheetSide]) {
        for (page, side) in sides.iter().enumerate() {
            let windows = self.windows(sides, side);
            for (index, mark) in side.marks.iter().enumerate() {
                let clear = match mark {
                    Mark::Area(area) => match area.kind {
                        AreaKind::Window(_) if !windows.contains(&index) => None,
                        AreaKind::Window(_) => self.unless_warned(page, FaultKind::ForeignInWindow),
                        AreaKind::Glue => self.unless_warned(page, FaultKind::InkOnGlue),
                        _ => None,
                    },
                    Mark::Text(text) if text.field.is_some_and(|field| !field.is_code()) => None,
                    _ => Some((Fault::StockInk, 0.0)),
                };
                let Some((fault, inset)) = clear else { continue };
                let form = self.template.stock.forms.get(side.form).copied().unwrap_or_default();
                let Some(patch) = self.patch(form, &mark.printed_rect(), inset) else { continue };
                self.areas.push(ClearArea { of: of.to_owned(), field: field_of(mark), fault, patch });
            }
        }
    }

    /// The fault of an area, and how far it is looked at from its edges; `None` if the template's check has warned of what
    /// the stock prints there.
    fn unless_warned(&self, page: usize, warning: FaultKind) -> Option<(Fault, f64)> {
        let mut warned = self.template.warnings.iter().filter(|fault| fault.kind == warning);
        let here = warned.any(|fault| fault.places.iter().any(|place| place.page == page));
        (!here).then_some((Fault::StockInWindow, SLACK))
    }

    /// The windows of a side, as indices of its marks. Where the envelope is in stock, they are the last ones of the side with
    /// the address, and others that a template draws are none.
    fn windows(&self, sides: &[SheetSide], side: &SheetSide) -> Vec<usize> {
        let is_window =
            |mark: &Mark| matches!(mark, Mark::Area(area) if matches!(area.kind, AreaKind::Window(_)));
        let has_address = |side: &SheetSide| {
            side.marks.iter().any(|mark| matches!(mark, Mark::Text(text) if text.field.is_none()))
        };
        let windows =
            side.marks.iter().enumerate().filter(|(_, mark)| is_window(mark)).map(|(index, _)| index);
        let mut windows: Vec<usize> = windows.collect();
        if let Some(envelope) = &self.template.manifest.envelope.stock
            && let Some(front) = sides.iter().find(|side| has_address(side))
        {
            let own = if std::ptr::eq(front, side) { envelope.windows.len() } else { 0 };
            windows.drain(..windows.len().saturating_sub(own));
        }
        windows
    }

    /// The dots that lie wholly within a rectangle and `inset` points from its edges; `None` if there are none on the page.
    fn patch(&self, form: u32, rect: &Rect, inset: f64) -> Option<Patch> {
        let dot = self.grid.dot();
        let (columns, rows) = self.grid.page_dots();
        let first = |edge: f64| ((edge + inset) / dot - ROUNDING).ceil().max(0.0) as u32;
        let end =
            |edge: f64, most: u32| (((edge - inset) / dot + ROUNDING).floor().max(0.0) as u32).min(most);
        let (left, top) = (first(rect.x), first(rect.y));
        let width = end(rect.x + rect.width, columns).checked_sub(left)?;
        let height = end(rect.y + rect.height, rows).checked_sub(top)?;
        (width > 0 && height > 0).then_some(Patch { form, left, top, width, height })
    }
}
