//! A compiled template: the sides of its variants with their marks, and what does not change as PDF objects.

use print_file::Stock;
use serde::{Deserialize, Serialize};

use crate::Facts;
use crate::fault::TemplateFault;
use crate::fonts::FieldFont;
use crate::manifest::Manifest;
use crate::map::PageMap;
use crate::marks::Mark;

/// One side of a sheet: its stock form and the marks to stamp.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SheetSide {
    /// The form's index in [`Stock::forms`].
    pub form: usize,
    /// Its sheet, from 1. The sides of a piece that has several are the fronts and backs of its sheets.
    pub sheet: u32,
    /// How many sheets the piece has.
    pub sheets: u32,
    /// The side's marks in the order of the layout.
    pub marks: Vec<Mark>,
}

/// One variant, laid out.
#[derive(Debug, Clone)]
pub struct CompiledVariant {
    /// The facts that select it.
    pub facts: Facts,
    /// Its sides, in page order.
    pub sides: Vec<SheetSide>,
}

/// The sheets at the ends of a lot, front and back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LotSheets {
    /// At its head.
    pub header: Vec<SheetSide>,
    /// At its end.
    pub trailer: Vec<SheetSide>,
}

/// What layout makes of a template. The rest of a [`CompiledTemplate`] is known before.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Typeset {
    /// The sides of the variants asked for, in that order.
    pub(crate) variants: Vec<Vec<SheetSide>>,
    /// The sheets at the ends of a lot, where they were asked for.
    pub(crate) lot_sheets: Option<LotSheets>,
    /// The fonts of variable text, as indices among the program's and the template's fonts.
    pub(crate) fonts: Vec<usize>,
    /// The fields of the [`Stock`].
    pub(crate) objects: Vec<u8>,
    /// See [`Stock::offsets`].
    pub(crate) offsets: Vec<(u32, usize)>,
    /// See [`Stock::forms`].
    pub(crate) forms: Vec<u32>,
    /// See [`CompiledTemplate::warnings`].
    pub(crate) warnings: Vec<TemplateFault>,
    /// The maps of the pages of each variant, where they were asked for.
    pub(crate) maps: Vec<Vec<PageMap>>,
}

/// A template ready for stamping.
pub struct CompiledTemplate {
    /// The template's manifest.
    pub manifest: Manifest,
    /// The template's name.
    pub name: String,
    /// The variants asked for, in that order.
    pub variants: Vec<CompiledVariant>,
    /// The sheets at the ends of a lot, where they were asked for.
    pub lot_sheets: Option<LotSheets>,
    /// The fonts of variable text.
    pub fonts: Vec<FieldFont>,
    /// What does not change, as PDF objects.
    pub stock: Stock,
    /// SHA-256 of the template's files, which names its version in reports.
    pub version: String,
    /// The faults that do not stop the layout, in the order of the text.
    pub warnings: Vec<TemplateFault>,
}
