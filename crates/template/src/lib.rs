//! Templates: a folder with a Typst file, its artwork and a `template.toml` becomes a compiled template, which is
//! one *stock* page per variant and side (what does not change, stored once per print file) and the places of its
//! fields, barcodes and overlays.
//!
//! Takes names of fields and facts that select a variant. Gives geometry and PDF objects. Never sees a person's
//! data, a code, the network or the clock.

mod builtin;
mod check;
mod compile;
mod control;
mod fault;
mod fields;
mod files;
mod fonts;
mod ink;
mod locate;
mod manifest;
mod marks;
mod stock;
mod world;

pub use compile::{CompiledTemplate, CompiledVariant, LotSheets, SheetSide, Template};
pub use control::{ControlCodeMark, OmrMark};
pub use fault::{TemplateError, TemplateFault};
pub use fields::FieldName;
pub use fonts::{FieldFont, FontId, paperwork_fonts};
pub use manifest::Manifest;
pub use marks::{Align, Area, AreaKind, Code39Mark, Fit, Mark, Place, TextMark, TextStyle, TwoDDocMark};

use std::collections::BTreeMap;

/// The facts that select a variant, by name (`reason` → `renewal`): what a template's `sys.inputs` holds.
pub type Facts = BTreeMap<String, String>;

/// A variant's name in manifests and work orders, such as `codes=new family=CPS reason=first`.
pub fn variant_name(facts: &Facts) -> String {
    let parts: Vec<String> = facts.iter().map(|(name, value)| format!("{name}={value}")).collect();
    parts.join(" ")
}
