//! Loads a template and lays out its variants.

use std::path::Path;

use rayon::prelude::*;
use typst::diag::{SourceDiagnostic, SourceResult, Warned};
use typst::ecow::EcoVec;
use typst::foundations::{Label, Selector, Value};
use typst::introspection::{Introspector, MetadataElem};
use typst::layout::Point;
use typst::text::Font;
use typst::utils::PicoStr;
use typst_layout::PagedDocument;

use super::builtin::LOT_SHEET;
use super::check::{Purpose, check_side, kept_clear, missing_marks};
use super::control;
use super::fault::{TemplateError, TemplateFault, at_span, from_diagnostic};
use super::files::Files;
use super::fonts::{self, FieldFont, FontId, suits_fields};
use super::ink::{check_clear, check_frames};
use super::marks::{
    Area, Code39Mark, Fit, Mark, MarkReader, Place, RawStyle, TextMark, TextStyle, TwoDDocMark,
};
use super::stock;
use super::world::{Sources, TemplateWorld};
use super::{Facts, FieldName, Manifest, locate};
use mail::piece::PieceKind;
use print_file::Stock;

/// A template that was found, with its manifest and fonts; not yet laid out.
pub struct Template {
    name: String,
    files: Files,
    manifest: Manifest,
    fonts: Vec<Font>,
    sources: Sources,
    version: String,
}

/// One side of a sheet: its stock form and the marks to stamp.
#[derive(Debug, Clone)]
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
#[derive(Debug, Clone)]
pub struct LotSheets {
    /// At its head.
    pub header: Vec<SheetSide>,
    /// At its end.
    pub trailer: Vec<SheetSide>,
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
}

impl Template {
    /// Finds a template: a folder, or the name of a built-in one.
    ///
    /// # Errors
    /// No such template, or a `template.toml` that is missing or wrong.
    pub fn find(path: &Path) -> Result<Template, TemplateError> {
        let name = path.display().to_string();
        let fault = |line, column, message: String, advice: Option<&str>| TemplateError {
            template: name.clone(),
            faults: vec![TemplateFault {
                file: "template.toml".to_owned(),
                line,
                column,
                message,
                advice: advice.map(str::to_owned),
            }],
        };
        let files = Files::find(path).ok_or_else(|| {
            let advice =
                "name a folder, or a built-in template: card-letter, mailer-igc-sante, mailer-legacy";
            fault(1, 1, "there is no such template".to_owned(), Some(advice))
        })?;
        let bytes = files.read("template.toml").map_err(|error| fault(1, 1, error.to_string(), None))?;
        let text = String::from_utf8_lossy(&bytes);
        let manifest =
            Manifest::parse(&text).map_err(|(line, column, message)| fault(line, column, message, None))?;
        let fonts = fonts::with_template_fonts(files.fonts());
        let version = files.digest().map_err(|error| fault(1, 1, error.to_string(), None))?;
        Ok(Template { name, files, manifest, fonts, sources: Sources::default(), version })
    }

    /// The template's name, as it was found.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of the template's files, which names its version in reports.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The template's manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Of all the facts of a piece, those that select this template's variant.
    pub fn variant_of(&self, facts: &Facts) -> Facts {
        let declared = |name: &String| self.manifest.variants.contains(name);
        facts.iter().filter(|(name, _)| declared(name)).map(|(n, v)| (n.clone(), v.clone())).collect()
    }

    /// Lays out the variants. `bureau` holds what the pieces say about the sender.
    ///
    /// # Errors
    /// Every fault of the template, with file, line and column.
    pub fn compile(&self, variants: &[Facts], bureau: &Facts) -> Result<CompiledTemplate, TemplateError> {
        self.compile_lot(variants, bureau, None)
    }

    /// Lays out the variants, and the sheets at the ends of a lot of theirs: `lot` holds what those say besides.
    ///
    /// # Errors
    /// As for [`Template::compile`].
    pub fn compile_lot(
        &self,
        variants: &[Facts],
        bureau: &Facts,
        lot: Option<&Facts>,
    ) -> Result<CompiledTemplate, TemplateError> {
        let source = Source {
            files: &self.files,
            main: &self.manifest.main,
            fonts: &self.fonts,
            sources: &self.sources,
            purpose: Purpose::Piece(self.manifest.kind),
        };
        let mut layout = Layout { source, fonts: Vec::new(), faults: Vec::new(), pages: Vec::new() };
        let mut compiled: Vec<CompiledVariant> = Vec::with_capacity(variants.len());
        for share in variants.chunks(rayon::current_num_threads()) {
            let laid_out: Vec<Option<LaidOut>> =
                share.par_iter().map(|facts| source.lay_out(facts, bureau)).collect();
            for (facts, laid_out) in share.iter().zip(laid_out) {
                compiled.push(CompiledVariant { facts: facts.clone(), sides: layout.variant(laid_out) });
            }
            // What no other variant has asked for since is not kept.
            typst::comemo::evict(1);
        }
        let lot_sheets = lot.map(|lot| layout.lot_sheets(lot, bureau));
        typst::comemo::evict(0);
        if !layout.faults.is_empty() {
            return Err(self.error(layout.faults));
        }
        let stock = stock::build(layout.pages)
            .map_err(|message| self.error(vec![main_fault(&self.manifest.main, message)]))?;
        Ok(CompiledTemplate {
            manifest: self.manifest.clone(),
            name: self.name.clone(),
            version: self.version.clone(),
            variants: compiled,
            lot_sheets,
            fonts: layout.fonts.into_iter().map(FieldFont::new).collect(),
            stock,
        })
    }

    fn error(&self, mut faults: Vec<TemplateFault>) -> TemplateError {
        faults.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        faults.dedup();
        TemplateError { template: self.name.clone(), faults }
    }
}

fn main_fault(main: &str, message: String) -> TemplateFault {
    TemplateFault { file: main.to_owned(), line: 1, column: 1, message, advice: None }
}

/// What is laid out.
#[derive(Clone, Copy)]
struct Source<'a> {
    files: &'a Files,
    main: &'a str,
    fonts: &'a [Font],
    sources: &'a Sources,
    purpose: Purpose,
}

impl<'a> Source<'a> {
    /// Lays out a variant; `None` where the main file is no file of the folder's.
    fn lay_out(&self, facts: &Facts, bureau: &Facts) -> Option<LaidOut<'a>> {
        let inputs: Facts = bureau.iter().chain(facts).map(|(n, v)| (n.clone(), v.clone())).collect();
        let Source { files, main, fonts, sources, .. } = *self;
        let world = TemplateWorld::new(files, main, fonts, sources, &inputs)?;
        let Warned { output, warnings } = typst::compile::<PagedDocument>(&world);
        Some(LaidOut { world, output, warnings })
    }
}

/// A variant as the typesetter left it.
struct LaidOut<'a> {
    world: TemplateWorld<'a>,
    output: SourceResult<PagedDocument>,
    warnings: EcoVec<SourceDiagnostic>,
}

/// The layout of several variants: fonts and faults are shared, pages are gathered.
struct Layout<'a> {
    source: Source<'a>,
    fonts: Vec<Font>,
    faults: Vec<TemplateFault>,
    pages: Vec<typst_layout::Page>,
}

impl Layout<'_> {
    fn lot_sheets(&mut self, lot: &Facts, bureau: &Facts) -> LotSheets {
        let files = Files::Builtin(&LOT_SHEET);
        let (fonts, sources) = (fonts::with_template_fonts(Vec::new()), Sources::default());
        let source = Source {
            files: &files,
            main: "lot-sheet.typ",
            fonts: &fonts,
            sources: &sources,
            purpose: Purpose::LotSheet,
        };
        let mut layout = Layout {
            source,
            fonts: std::mem::take(&mut self.fonts),
            faults: std::mem::take(&mut self.faults),
            pages: std::mem::take(&mut self.pages),
        };
        let mut end = |end: &str| {
            let facts = lot.iter().map(|(name, value)| (name.clone(), value.clone()));
            let facts = facts.chain([("end".to_owned(), end.to_owned())]).collect();
            layout.variant(source.lay_out(&facts, bureau))
        };
        let sheets = LotSheets { header: end("header"), trailer: end("trailer") };
        (self.fonts, self.faults, self.pages) = (layout.fonts, layout.faults, layout.pages);
        sheets
    }

    fn variant(&mut self, laid_out: Option<LaidOut<'_>>) -> Vec<SheetSide> {
        let Some(LaidOut { world, output, warnings }) = laid_out else {
            let main = self.source.main;
            let message = format!("`{main}` is no file of the template's folder");
            self.faults.push(main_fault(main, message));
            return Vec::new();
        };
        // A font that is not there would be a blank box in print.
        let unknown = warnings.iter().filter(|warning| warning.message.starts_with("unknown font family"));
        self.faults.extend(unknown.map(|warning| from_diagnostic(&world, warning)));
        match output {
            Ok(document) => self.sides(&world, &document),
            Err(errors) => {
                self.faults.extend(errors.iter().map(|error| from_diagnostic(&world, error)));
                Vec::new()
            }
        }
    }

    fn sides(&mut self, world: &TemplateWorld, document: &PagedDocument) -> Vec<SheetSide> {
        let first_form = self.pages.len();
        let mut sides = blank_sides(first_form, document.pages().len());
        for (page, mark) in self.marks(world, document) {
            sides[page].marks.push(mark);
        }
        for (index, page) in document.pages().iter().enumerate() {
            self.faults.extend(check_frames(world, &page.frame));
            self.faults.extend(check_clear(world, &page.frame, &kept_clear(&sides[index].marks)));
            self.faults.extend(check_side(world, self.source.purpose, page, &sides[index].marks));
        }
        let marks = sides.iter().flat_map(|side| &side.marks);
        let missing = missing_marks(self.source.purpose, marks);
        self.faults.extend(missing.map(|message| main_fault(self.source.main, message)));
        self.pages.extend(document.pages().iter().cloned());
        sides
    }

    fn marks(&mut self, world: &TemplateWorld, document: &PagedDocument) -> Vec<(usize, Mark)> {
        let introspector = document.introspector();
        let Some(label) = Label::new(PicoStr::intern("pli-mark")) else { return Vec::new() };
        let mut marks = Vec::new();
        for content in introspector.query(&Selector::Label(label)) {
            let position = content.location().and_then(|place| introspector.position(place));
            let Some(position) = position else { continue };
            let Some(Value::Dict(facts)) = content.to_packed::<MetadataElem>().map(|m| m.value.clone())
            else {
                continue;
            };
            let reader = MarkReader(&facts);
            match self.read(&reader, position.point) {
                Ok(mark) => marks.push((position.page.get() - 1, mark)),
                Err(message) => {
                    let kind = reader.text("kind").unwrap_or_default();
                    let name = reader.text("name").unwrap_or_default();
                    let span = locate::call(world, &kind, &name);
                    self.faults.push(at_span(world, span, message, None));
                }
            }
        }
        marks
    }

    fn read(&mut self, reader: &MarkReader, point: Point) -> Result<Mark, String> {
        let (x, y) = (point.x.to_pt(), point.y.to_pt());
        match reader.text("kind")?.as_str() {
            "field" => Ok(Mark::Text(self.text_mark(reader, Some(self.field(reader)?), x, y)?)),
            "address" => Ok(Mark::Text(self.text_mark(reader, None, x, y)?)),
            "code39" => Ok(Mark::Code39(Code39Mark {
                field: self.field(reader)?,
                place: reader.place(x, y)?,
                chars: reader.number("chars")? as usize,
                x: reader.number("x")?,
                ratio: reader.number("ratio")?,
            })),
            "two-d-doc" => Ok(Mark::TwoDDoc(TwoDDocMark {
                place: reader.place(x, y)?,
                module: reader.number("module")?,
            })),
            "area" => Ok(Mark::Area(Area { kind: reader.area_kind()?, place: reader.place(x, y)? })),
            other => control::read(reader, other, reader.place(x, y)?),
        }
    }

    fn field(&self, reader: &MarkReader) -> Result<FieldName, String> {
        let name = reader.text("name")?;
        let kind = match (self.source.purpose, FieldName::parse(&name)) {
            (Purpose::LotSheet, Some(field)) if field.is_of_lot() => return Ok(field),
            (Purpose::LotSheet, _) => return Err(format!("unknown field `{name}` of a lot")),
            (Purpose::Piece(kind), Some(field)) if field.belongs_on(kind) => return Ok(field),
            (Purpose::Piece(PieceKind::Letter), Some(field)) if field.is_code() => {
                return Err(format!("a letter can't show `{name}`: codes travel in the mailer only"));
            }
            (Purpose::Piece(kind), _) => kind,
        };
        Err(format!("unknown field `{name}`: a {kind} has {}", FieldName::names_for(kind)))
    }

    fn text_mark(
        &mut self,
        reader: &MarkReader,
        field: Option<FieldName>,
        x: f64,
        y: f64,
    ) -> Result<TextMark, String> {
        let size = reader.number("size")?;
        let lines = reader.number("lines")?.max(1.0) as usize;
        let leading = reader.number("leading")?;
        let font = self.font(&reader.raw_style()?)?;
        let height = leading * (lines - 1) as f64 + size;
        Ok(TextMark {
            field,
            place: Place { x, y, width: reader.number("width")?, height },
            style: TextStyle { font, size, k: reader.black()?, tracking: reader.number("tracking")? },
            fit: if field.is_none() { Fit::Shrink } else { reader.fit()? },
            min_size: reader.number("min-size")?.min(size),
            lines,
            leading,
            align: reader.align()?,
        })
    }

    fn font(&mut self, wanted: &RawStyle) -> Result<FontId, String> {
        let available = self.source.fonts;
        let font = wanted
            .family
            .iter()
            .find_map(|family| FieldFont::select(available, family, wanted.weight, wanted.style))
            .ok_or_else(|| {
                format!("no font `{}` here: add it to the template's folder", wanted.family.join(", "))
            })?;
        if !suits_fields(&font) {
            return Err("variable text needs a static font with TrueType outlines (.ttf)".to_owned());
        }
        match self.fonts.iter().position(|known| *known == font) {
            Some(id) => Ok(id),
            None => {
                self.fonts.push(font);
                Ok(self.fonts.len() - 1)
            }
        }
    }
}

/// The sides of a piece before their marks are known.
fn blank_sides(first_form: usize, count: usize) -> Vec<SheetSide> {
    let sheets = count.div_ceil(2) as u32;
    let side =
        |n: usize| SheetSide { form: first_form + n, sheet: n as u32 / 2 + 1, sheets, marks: Vec::new() };
    (0..count).map(side).collect()
}
