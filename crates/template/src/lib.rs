//! Templates: a folder with a Typst file, its artwork and a `template.toml` is compiled into stock pages and marks. The
//! stock holds, for each variant and side, what does not change between two pieces. The marks are the rectangles of
//! fields, barcodes and overlays.
//!
//! A template sees names of fields and the facts that select a variant, and no record, code, network or clock.

mod builtin;
mod check;
mod clear;
mod codes;
mod compiled;
mod confined;
mod envelope;
mod fault;
mod fields;
mod files;
mod fineness;
mod folded;
mod folder;
mod folding;
mod fonts;
mod ink;
mod kept;
mod kind;
mod layout;
mod manifest;
mod map;
mod marks;
mod meant;
mod ordered;
mod outside;
mod overlaps;
mod paper;
mod pictures;
mod place;
mod placement;
mod printed;
mod reader;
#[cfg(test)]
mod rule_tests;
mod settled;
mod stock;
mod template;
#[cfg(test)]
mod tests;
mod windows;
mod worker;
mod world;
#[cfg(test)]
mod world_tests;

pub use compiled::{CompiledTemplate, CompiledVariant, LotSheets, SheetSide};
pub use confined::{LAYOUT_LIMITS, answer};
pub use envelope::{Envelope, EnvelopeStock, EnvelopeWindow};
pub use fault::{FaultPlace, Severity, TemplateError, TemplateFault};
pub use fields::FieldName;
pub use files::prelude;
pub use folded::{FoldedPanel, folded_panels};
pub use folding::{Fold, FoldKind, Play, Seal, Turn};
pub use fonts::{FieldFont, FontId, paperwork_fonts, program_fonts};
pub use kind::FaultKind;
pub use layout::MAX_PAGES;
pub use manifest::Manifest;
pub use map::{ItemKind, MapItem, PageMap, SourcePlace};
pub use marks::{
    Align, Area, AreaKind, Code39Mark, ConfusionMark, ControlCodeMark, Fit, Mark, OmrMark, Rect, TextMark,
    TextStyle, TwoDDocMark,
};
pub use ordered::{LaidOutStock, OrderedLayout};
pub use paper::Paper;
pub use settled::settled;
pub use template::{Template, envelope_folders};
pub use windows::play_in_envelope;
pub use worker::{DesignerLayout, LayoutWorker, answer_layouts};

use std::collections::BTreeMap;

/// The facts that select a variant, by name (`reason` → `renewal`), as a template's `sys.inputs` holds them.
pub type Facts = BTreeMap<String, String>;

/// A variant's name in manifests and work orders, such as `codes=new family=CPS reason=first`.
pub fn variant_name(facts: &Facts) -> String {
    let parts: Vec<String> = facts.iter().map(|(name, value)| format!("{name}={value}")).collect();
    parts.join(" ")
}
