//! Lays out the variants of a template and collects their sides, marks and faults.

use typst::diag::{SourceDiagnostic, SourceResult, Warned};
use typst::ecow::EcoVec;
use typst::foundations::{Label, Selector, Value};
use typst::introspection::{Introspector, MetadataElem};
use typst::layout::Point;
use typst::syntax::Span;
use typst::text::Font;
use typst::utils::PicoStr;
use typst_layout::{Page, PagedDocument};

use mail::piece::PieceKind;

use crate::Facts;
use crate::builtin::LOT_SHEET;
use crate::check::{Purpose, check_pages, missing_marks};
use crate::compiled::{LotSheets, SheetSide};
use crate::fault::{Problem, TemplateFault, at_span, from_diagnostic};
use crate::fields::FieldName;
use crate::files::Files;
use crate::fonts::{self, FieldFont, FontId, suits_fields};
use crate::ink::{PlacedPicture, check_page, placed_pictures};
use crate::kind::FaultKind;
use crate::manifest::Manifest;
use crate::map::{PageMap, page_map};
use crate::marks::{
    Area, Code39Mark, ConfusionMark, ControlCodeMark, Fit, Mark, OmrMark, Rect, TextMark, TextStyle,
    TwoDDocMark,
};
use crate::meant::meant;
use crate::pictures::Pictures;
use crate::placement::{PlacedMark, Treatment, treatments};
use crate::reader::{MarkReader, RawStyle};
use crate::settled::of_one_variant;
use crate::windows::windows_of_envelope;
use crate::world::{Sources, TemplateWorld};

/// The most pages of a piece.
pub const MAX_PAGES: usize = 50;

/// The source of a layout.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) files: &'a Files,
    pub(crate) main: &'a str,
    pub(crate) fonts: &'a [Font],
    pub(crate) sources: &'a Sources,
    pub(crate) purpose: Purpose,
}

impl<'a> Source<'a> {
    /// Lays out a variant; `None` if the main file is not a path inside the template's folder.
    pub(crate) fn lay_out(&self, facts: &Facts, bureau: &Facts) -> Option<LaidOut<'a>> {
        let inputs: Facts = bureau.iter().chain(facts).map(|(n, v)| (n.clone(), v.clone())).collect();
        let Source { files, main, fonts, sources, .. } = *self;
        let world = TemplateWorld::new(files, main, fonts, sources, &inputs)?;
        let Warned { output, warnings } = typst::compile::<PagedDocument>(&world);
        Some(LaidOut { world, output, warnings })
    }
}

/// A variant as Typst laid it out.
pub(crate) struct LaidOut<'a> {
    world: TemplateWorld<'a>,
    output: SourceResult<PagedDocument>,
    warnings: EcoVec<SourceDiagnostic>,
}

impl LaidOut<'_> {
    /// The document, where there is one.
    pub(crate) fn document(self) -> Option<PagedDocument> {
        self.output.ok()
    }
}

/// The layout of several variants, which share fonts, faults and pages.
pub(crate) struct Layout<'a> {
    source: Source<'a>,
    /// The manifest of a piece's template.
    manifest: Option<&'a Manifest>,
    pub(crate) fonts: Vec<Font>,
    pub(crate) faults: Vec<TemplateFault>,
    pub(crate) pages: Vec<Page>,
    /// The maps of the pages of each variant; `None` where nobody asks for them.
    pub(crate) maps: Option<Vec<Vec<PageMap>>>,
    /// The pictures of all pages.
    pub(crate) shown: Vec<PlacedPicture>,
    /// The artwork that was looked at.
    pub(crate) pictures: Pictures,
}

impl<'a> Layout<'a> {
    pub(crate) fn new(source: Source<'a>, manifest: &'a Manifest) -> Layout<'a> {
        Layout {
            source,
            manifest: Some(manifest),
            fonts: Vec::new(),
            faults: Vec::new(),
            pages: Vec::new(),
            maps: None,
            shown: Vec::new(),
            pictures: Pictures::default(),
        }
    }

    /// Lays out the sheets at the ends of a lot.
    pub(crate) fn lot_sheets(&mut self, lot: &Facts, bureau: &Facts) -> LotSheets {
        let files = Files::Builtin(&LOT_SHEET);
        let (fonts, sources) = (fonts::with_template_fonts(None, Vec::new()), Sources::default());
        let source = Source {
            files: &files,
            main: "lot-sheet.typ",
            fonts: &fonts,
            sources: &sources,
            purpose: Purpose::LotSheet,
        };
        let mut layout = Layout {
            source,
            manifest: None,
            fonts: std::mem::take(&mut self.fonts),
            faults: Vec::new(),
            pages: std::mem::take(&mut self.pages),
            maps: None,
            shown: Vec::new(),
            pictures: Pictures::default(),
        };
        let mut end = |end: &str| {
            let facts = lot.iter().map(|(name, value)| (name.clone(), value.clone()));
            let facts = facts.chain([("end".to_owned(), end.to_owned())]).collect();
            layout.variant(source.lay_out(&facts, bureau))
        };
        let sheets = LotSheets { header: end("header"), trailer: end("trailer") };
        (self.fonts, self.pages) = (layout.fonts, layout.pages);
        self.faults.extend(layout.faults);
        sheets
    }

    /// Adds a variant; a variant that was not laid out has no sides.
    pub(crate) fn variant(&mut self, laid_out: Option<LaidOut<'_>>) -> Vec<SheetSide> {
        let others = std::mem::take(&mut self.faults);
        let sides = self.one_variant(laid_out);
        let own = of_one_variant(std::mem::replace(&mut self.faults, others));
        self.faults.extend(own);
        // A variant that was not laid out has no pages.
        if let Some(maps) = self.maps.as_mut().filter(|_| sides.is_empty()) {
            maps.push(Vec::new());
        }
        sides
    }

    fn one_variant(&mut self, laid_out: Option<LaidOut<'_>>) -> Vec<SheetSide> {
        let Some(LaidOut { world, output, warnings }) = laid_out else {
            let main = self.source.main;
            let message = format!("`{main}` is no file of the template's folder");
            self.faults.push(Problem::new(FaultKind::MainFile, message).at(main, 1, 1));
            return Vec::new();
        };
        // Text in a missing font would print as blank boxes.
        let unknown = warnings.iter().filter(|warning| warning.message.starts_with("unknown font family"));
        self.faults.extend(
            unknown.map(|warning| meant(&world, from_diagnostic(&world, FaultKind::Font, warning), warning)),
        );
        match output {
            Ok(document) => self.sides(&world, &document),
            Err(errors) => {
                let fault = |error| meant(&world, from_diagnostic(&world, FaultKind::Syntax, error), error);
                let errors = errors.iter().map(fault);
                self.faults.extend(errors);
                Vec::new()
            }
        }
    }

    fn sides(&mut self, world: &TemplateWorld, document: &PagedDocument) -> Vec<SheetSide> {
        let pages = document.pages().len();
        if pages > MAX_PAGES {
            let problem =
                Problem::new(FaultKind::Budget, format!("{pages} pages; a piece has {MAX_PAGES} at most"))
                    .with_advice(
                        "look for a loop of page breaks, and for a text that is longer than was meant",
                    );
            self.faults.push(problem.in_file(self.source.main));
            return Vec::new();
        }
        let first_form = self.pages.len();
        let mut sides = blank_sides(first_form, document.pages().len());
        let mut placed: Vec<Vec<PlacedMark>> = vec![Vec::new(); sides.len()];
        let mut calls: Vec<Vec<Span>> = vec![Vec::new(); sides.len()];
        for (page, mut mark, treatment) in self.marks(world, document) {
            match treatment.and_then(|treatment| treatment.refused(&mut mark.mark)) {
                None => placed[page].push(mark),
                // Where such a mark lies means nothing.
                Some(treatment) => {
                    let problem = treatment.problem(&mark.mark.label());
                    self.faults.push(at_span(world, mark.call, problem));
                    calls[page].push(mark.call);
                    sides[page].marks.push(mark.mark);
                }
            }
        }
        document.pages().iter().for_each(|page| self.faults.extend(check_page(world, page)));
        let pages: Vec<(&Page, &[PlacedMark])> =
            document.pages().iter().zip(placed.iter().map(Vec::as_slice)).collect();
        let piece = (self.source.purpose, self.manifest);
        self.faults.extend(check_pages(world, self.source.files, piece, &pages, &mut self.pictures));
        let marks: Vec<&[PlacedMark]> = placed.iter().map(Vec::as_slice).collect();
        let windows = self.manifest.and_then(|manifest| windows_of_envelope(manifest, &marks));
        for ((side, placed), calls) in sides.iter_mut().zip(placed).zip(&mut calls) {
            calls.extend(placed.iter().map(|placed| placed.call));
            side.marks.extend(placed.into_iter().map(|placed| placed.mark));
        }
        // Shown to designers as if the template drew them.
        if let Some((page, windows)) = windows {
            sides[page].marks.extend(windows.into_iter().map(Mark::Area));
        }
        for page in document.pages() {
            placed_pictures(world, &page.frame, &mut self.shown);
        }
        if let Some(maps) = &mut self.maps {
            let pages = document.pages().iter().zip(&sides).zip(&calls);
            maps.push(pages.map(|((page, side), calls)| page_map(world, page, &side.marks, calls)).collect());
        }
        let marks = sides.iter().flat_map(|side| &side.marks);
        let missing = missing_marks(self.source.purpose, marks);
        self.faults.extend(missing.map(|message| {
            let advice = "write it where it belongs on the page: `#at(20mm, 30mm, …)`";
            Problem::new(FaultKind::MissingMark, message).with_advice(advice).at(self.source.main, 1, 1)
        }));
        self.pages.extend(document.pages().iter().cloned());
        sides
    }

    /// The marks of a document, each with the index of its page and how the layout treats it.
    fn marks(
        &mut self,
        world: &TemplateWorld,
        document: &PagedDocument,
    ) -> Vec<(usize, PlacedMark, Option<Treatment>)> {
        let introspector = document.introspector();
        let Some(label) = Label::new(PicoStr::intern("pli-mark")) else { return Vec::new() };
        let treatments = treatments(document.pages(), label);
        let mut marks = Vec::new();
        for content in introspector.query(&Selector::Label(label)) {
            let position = content.location().and_then(|location| introspector.position(location));
            let Some(position) = position else { continue };
            let Some(Value::Dict(facts)) = content.to_packed::<MetadataElem>().map(|m| m.value.clone())
            else {
                continue;
            };
            let reader = MarkReader(&facts);
            let call = reader.call();
            match self.read(&reader, position.point) {
                Ok(mark) => {
                    let treatment = content.location().and_then(|location| treatments.get(&location));
                    marks.push((position.page.get() - 1, PlacedMark { mark, call }, treatment.copied()));
                }
                Err(problem) => self.faults.push(at_span(world, call, problem)),
            }
        }
        marks
    }

    fn read(&mut self, reader: &MarkReader, point: Point) -> Result<Mark, Problem> {
        let (x, y) = (point.x.to_pt(), point.y.to_pt());
        match reader.text("kind")?.as_str() {
            "field" => Ok(Mark::Text(self.text_mark(reader, Some(self.field(reader)?), x, y)?)),
            "address" => Ok(Mark::Text(self.text_mark(reader, None, x, y)?)),
            "code39" => Ok(Mark::Code39(Code39Mark {
                field: self.field(reader)?,
                rect: reader.rect(x, y)?,
                chars: reader.number("chars")? as usize,
                x: reader.number("x")?,
                ratio: reader.number("ratio")?,
            })),
            "two-d-doc" => {
                Ok(Mark::TwoDDoc(TwoDDocMark { rect: reader.rect(x, y)?, module: reader.number("module")? }))
            }
            "area" => Ok(Mark::Area(Area { kind: reader.area_kind()?, rect: reader.rect(x, y)? })),
            "omr" => Ok(Mark::Omr(OmrMark { rect: reader.rect(x, y)?, clear: reader.extent("clear")? })),
            "confusion" => Ok(Mark::Confusion(self.confusion_mark(reader, x, y)?)),
            "control-code" => Ok(Mark::ControlCode(ControlCodeMark { rect: reader.rect(x, y)? })),
            other => Err(Problem::new(FaultKind::UnknownMark, format!("unknown mark `{other}`"))),
        }
    }

    fn field(&self, reader: &MarkReader) -> Result<FieldName, Problem> {
        let name = reader.text("name")?;
        let unknown = |message: String| {
            let problem = Problem::new(FaultKind::UnknownField, message);
            match foreign::nearest(&name, FieldName::ALL.iter().map(|field| field.name())) {
                Some(nearest) => problem.with_advice(format!("did you mean `{nearest}`?")),
                None => problem.with_advice("write one of these names"),
            }
        };
        let kind = match (self.source.purpose, FieldName::parse(&name)) {
            (Purpose::LotSheet, Some(field)) if field.is_of_lot() => return Ok(field),
            (Purpose::LotSheet, _) => return Err(unknown(format!("unknown field `{name}` of a lot"))),
            (Purpose::Piece(kind), Some(field)) if field.belongs_on(kind) => return Ok(field),
            (Purpose::Piece(PieceKind::Letter), Some(field)) if field.is_code() => {
                let message = format!("a letter can't show `{name}`: codes travel in the mailer only");
                let advice = "take it out of the letter: a mailer shows it";
                return Err(Problem::new(FaultKind::CodeOnLetter, message).with_advice(advice));
            }
            (Purpose::Piece(kind), _) => kind,
        };
        Err(unknown(format!("unknown field `{name}`: a {kind} has {}", FieldName::names_for(kind))))
    }

    fn text_mark(
        &mut self,
        reader: &MarkReader,
        field: Option<FieldName>,
        x: f64,
        y: f64,
    ) -> Result<TextMark, Problem> {
        let size = reader.extent("size")?;
        let lines = reader.number("lines")?.max(1.0) as usize;
        let leading = reader.extent("leading")?;
        let font = self.font(&reader.raw_style()?)?;
        let height = leading * (lines - 1) as f64 + size;
        Ok(TextMark {
            field,
            rect: Rect { x, y, width: reader.extent("width")?, height },
            style: TextStyle { font, size, k: reader.black()?, tracking: reader.number("tracking")? },
            fit: if field.is_none() { Fit::Shrink } else { reader.fit()? },
            min_size: reader.number("min-size")?.min(size),
            lines,
            leading,
            align: reader.align()?,
            outline: reader.extent_or_zero("outline")?,
            groups: reader.count("groups")?,
            turn: 0,
        })
    }

    fn confusion_mark(&mut self, reader: &MarkReader, x: f64, y: f64) -> Result<ConfusionMark, Problem> {
        let font = self.font(&reader.raw_style()?)?;
        let (size, tracking) = (reader.extent("size")?, reader.number("tracking")?);
        Ok(ConfusionMark {
            rect: reader.rect(x, y)?,
            style: TextStyle { font, size, k: 1.0, tracking },
            layers: reader.tints("layers")?,
            pitch: reader.pitch("pitch", size)?,
        })
    }

    /// The index of the font in the compiled template.
    fn font(&mut self, wanted: &RawStyle) -> Result<FontId, Problem> {
        let available = self.source.fonts;
        let font = wanted
            .family
            .iter()
            .find_map(|family| FieldFont::select(available, family, wanted.weight, wanted.style))
            .ok_or_else(|| {
                let families = wanted.family.join(", ");
                let message = format!("no font `{families}` here: add it to the template's folder");
                Problem::new(FaultKind::Font, message)
            })?;
        if !suits_fields(&font) {
            let message = "variable text needs a static font with TrueType outlines (.ttf)";
            return Err(Problem::new(FaultKind::FieldFont, message));
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
