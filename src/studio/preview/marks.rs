//! What a page shows, mark by mark and text by text: its place in millimetres, the designer's line, the value and how it
//! fits.

use composition::Stamper;
use foreign::legible;
use mail::issuance::Issuance;
use serde::Serialize;
use template::{AreaKind, Fit, ItemKind, Mark, PageMap, SheetSide, SourcePlace, TextMark};

use super::answers::{MM_PER_POINT, MmRect, mm};
use super::ink::coverage_percent;
use super::pieces::{Laid, Piece};
use super::places::Place;
use super::refusal::Refusal;
use super::shared::Shared;
use super::specimens::Shown;
use crate::studio::specimen::{specimen_control_codes, specimen_text};

/// A4, in points, where no piece says its size.
const A4: (f64, f64) = (210.0 / MM_PER_POINT, 297.0 / MM_PER_POINT);
/// The quiet zone of a Data Matrix in modules, and of Code 39 in narrow elements.
const QUIET_MODULES: f64 = 2.0;
const QUIET_ELEMENTS: f64 = 10.0;

/// A piece.
#[derive(Serialize)]
pub(super) struct PieceAnswer {
    piece: Option<String>,
    pages: Vec<Page>,
    card: Card,
}

/// A page of a piece.
#[derive(Serialize)]
struct Page {
    page: usize,
    side: &'static str,
    width: f64,
    height: f64,
    marks: Vec<MarkAnswer>,
    items: Vec<Item>,
    coverage_percent: Option<f64>,
}

/// A mark of a page. Its rectangle is without its quiet zone.
#[derive(Serialize)]
struct MarkAnswer {
    id: String,
    kind: &'static str,
    name: String,
    #[serde(flatten)]
    rect: MmRect,
    quiet: Option<MmRect>,
    holds: Vec<String>,
    #[serde(flatten)]
    source: Source,
    font: Option<String>,
    size_pt: Option<f64>,
    #[serde(flatten)]
    setting: Setting,
}

/// How a text is set in its mark.
#[derive(Default, Serialize)]
struct Setting {
    set_pt: Option<f64>,
    value: Option<String>,
    room_mm: Option<f64>,
    lines: Option<usize>,
    lines_used: Option<usize>,
    state: Option<&'static str>,
    reason: Option<String>,
}

/// The designer's line.
#[derive(Default, Serialize)]
struct Source {
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
}

/// Something that does not vary.
#[derive(Serialize)]
struct Item {
    id: String,
    kind: &'static str,
    #[serde(flatten)]
    rect: MmRect,
    #[serde(flatten)]
    source: Source,
    text: String,
    font: String,
    size_pt: f64,
}

/// The lines on the front of a card of visual CPS3.3.
#[derive(Serialize)]
struct Card {
    title: String,
    order: String,
    site: &'static str,
    profession: String,
    reference: String,
    name: String,
    number: String,
    issued: String,
}

/// Describes what is shown.
///
/// # Errors
/// A refusal if the press can't print the template, or the piece can't be drawn.
pub(super) fn describe(shown: &Shown, shared: &Shared) -> Result<PieceAnswer, Refusal> {
    let night = shared.order.night;
    let card = card(&shown.record, night);
    let Some(laid) = &shown.laid else {
        return Ok(PieceAnswer { piece: None, pages: Vec::new(), card });
    };
    let stamper = laid.stamper()?;
    let values = Values { laid, stamper: &stamper, record: &shown.record, night };
    let piece = shown.piece.as_deref();
    let describe = |(index, side): (usize, &SheetSide)| {
        let map = laid.maps.get(index);
        values.page(index, side, map, piece, shared)
    };
    let pages = laid.sides().iter().enumerate().map(describe).collect::<Result<_, _>>()?;
    Ok(PieceAnswer { piece: piece.map(|piece| piece.id.clone()), pages, card })
}

/// What the marks of a piece say.
struct Values<'v> {
    laid: &'v Laid,
    stamper: &'v Stamper<'v>,
    record: &'v Issuance,
    night: jiff::civil::Date,
}

impl Values<'_> {
    fn page(
        &self,
        index: usize,
        side: &SheetSide,
        map: Option<&PageMap>,
        piece: Option<&Piece>,
        shared: &Shared,
    ) -> Result<Page, Refusal> {
        let (width, height) = piece.and_then(|piece| piece.sizes.get(index)).copied().unwrap_or(A4);
        let sources = Sources { laid: self.laid, page: index + 1, shared };
        let marks = side.marks.iter().enumerate().map(|(number, mark)| {
            let source = map.and_then(|map| map.marks.get(number)).and_then(Option::as_ref);
            let (id, source) = match (mark.call(), source) {
                (("window", _), None) => sources.of_key('m', number, "envelope"),
                (_, source) => sources.named('m', number, source),
            };
            MarkAnswer { id, source, ..self.mark(mark, side, piece) }
        });
        let items = map.iter().flat_map(|map| &map.items).enumerate().map(|(number, item)| {
            let (id, source) = sources.named('i', number, item.source.as_ref());
            let kind = match item.kind {
                ItemKind::Text => "text",
                ItemKind::Image => "image",
                ItemKind::Shape => "shape",
            };
            let (text, font) = (legible(&item.text).into_owned(), legible(&item.font).into_owned());
            Item { id, kind, rect: item.rect.into(), source, text, font, size_pt: item.size }
        });
        let drawn = piece.filter(|piece| index < piece.sizes.len());
        Ok(Page {
            page: index + 1,
            side: if index.is_multiple_of(2) { "front" } else { "back" },
            width: mm(width),
            height: mm(height),
            marks: marks.collect(),
            items: items.collect(),
            coverage_percent: drawn.map(|piece| coverage_percent(piece, index as u32 + 1)).transpose()?,
        })
    }

    fn mark(&self, mark: &Mark, side: &SheetSide, piece: Option<&Piece>) -> MarkAnswer {
        let (kind, name) = kind_and_name(mark);
        let printed = mark.printed_rect();
        let (x, y) = quiet_zone(mark);
        let (rect, quiet) = match (x, y) {
            (0.0, 0.0) => (mark.inked_rect(), None),
            (x, y) => {
                let (width, height) = (printed.width - 2.0 * x, printed.height - 2.0 * y);
                let inner = template::Rect { x: printed.x + x, y: printed.y + y, width, height };
                (inner, Some(printed.into()))
            }
        };
        let text = match mark {
            Mark::Text(text) => Some(text),
            _ => None,
        };
        let font = text.and_then(|text| self.laid.compiled.fonts.get(text.style.font));
        let setting = match mark {
            Mark::Text(text) => self.set(text),
            mark => Setting { value: expected(mark, self, side, piece), ..Setting::default() },
        };
        MarkAnswer {
            id: String::new(),
            kind,
            name: name.to_owned(),
            rect: rect.into(),
            quiet,
            holds: holds(mark).to_vec(),
            source: Source::default(),
            font: font.map(|font| font.program().name.to_owned()),
            size_pt: text.map(|text| text.style.size),
            setting,
        }
    }

    fn set(&self, mark: &TextMark) -> Setting {
        let value = mark.field.map(|field| self.text(field));
        let texts: Vec<&str> = match &value {
            Some(value) => vec![value],
            None => self.record.address.lines().collect(),
        };
        let shown = legible(&texts.join("\n")).replace("\\u{a}", "\n");
        let lines = Some(mark.lines);
        let set = match self.stamper.setting(mark, &texts) {
            Ok(set) => set,
            Err(fault) => {
                let reason = match fault.advice {
                    Some(advice) => format!("{}; {advice}", fault.message),
                    None => fault.message,
                };
                let (value, state, reason) = (Some(shown), Some("refused"), Some(reason));
                return Setting { value, lines, state, reason, ..Setting::default() };
            }
        };
        let widest = set.lines.iter().copied().fold(0.0, f64::max);
        let state = match () {
            () if set.lines.is_empty() => "empty",
            () if set.size < mark.style.size - 0.01 => "shrunk",
            () if mark.fit == Fit::Wrap && set.lines.len() > 1 => "wrapped",
            () => "fits",
        };
        Setting {
            set_pt: Some(set.size),
            value: Some(shown),
            room_mm: Some(mm(mark.rect.width - widest)),
            lines,
            lines_used: Some(set.lines.len()),
            state: Some(state),
            reason: None,
        }
    }

    fn text(&self, field: template::FieldName) -> String {
        specimen_text(field, self.laid.version.kind(), self.record, self.night)
    }
}

/// The text that a symbol holds; `None` for a mark that is none.
fn expected(mark: &Mark, values: &Values, side: &SheetSide, piece: Option<&Piece>) -> Option<String> {
    match mark {
        Mark::Code39(symbol) => Some(values.text(symbol.field)),
        Mark::TwoDDoc(_) => piece.and_then(|piece| piece.twoddoc.clone()),
        Mark::ControlCode(_) => {
            let codes = specimen_control_codes(values.stamper, values.laid.version.kind(), values.record);
            codes.get(side.sheet.saturating_sub(1) as usize).cloned()
        }
        _ => None,
    }
}

/// The text that each symbol of a page of a piece holds.
///
/// # Errors
/// A refusal if the press can't print the template.
pub(super) fn expected_texts(
    piece: &Piece,
    page: u32,
    night: jiff::civil::Date,
) -> Result<Vec<(&Mark, String)>, Refusal> {
    let stamper = piece.laid.stamper()?;
    let values = Values { laid: &piece.laid, stamper: &stamper, record: &piece.record, night };
    let side = page.checked_sub(1).and_then(|index| piece.laid.sides().get(index as usize));
    let side = side.ok_or_else(Refusal::not_found)?;
    let texts =
        side.marks.iter().filter_map(|mark| Some((mark, expected(mark, &values, side, Some(piece))?)));
    Ok(texts.collect())
}

/// Gives marks and items their identifiers, by which their lines can be opened.
struct Sources<'s> {
    laid: &'s Laid,
    page: usize,
    shared: &'s Shared,
}

impl Sources<'_> {
    fn named(&self, prefix: char, number: usize, source: Option<&SourcePlace>) -> (String, Source) {
        let id = format!("{prefix}{}-{}-{number}", self.laid.short_id(), self.page);
        let Some(source) = source else { return (id, Source::default()) };
        (id.clone(), self.placed(id, &source.file, (source.line, source.column)))
    }

    /// As for [`Sources::named`], for what a key of `template.toml` asks for: the windows of the envelope that it names.
    fn of_key(&self, prefix: char, number: usize, key: &str) -> (String, Source) {
        let id = format!("{prefix}{}-{}-{number}", self.laid.short_id(), self.page);
        let at = self.laid.version.template.place_of_key(key);
        (id.clone(), self.placed(id, "template.toml", at))
    }

    fn placed(&self, id: String, inside: &str, (line, column): (usize, usize)) -> Source {
        let file = self.laid.version.template.path_of(inside);
        let shown = legible(&file.display().to_string()).into_owned();
        self.shared.places.put(id, Place { file, line, column });
        Source { file: Some(shown), line: Some(line), column: Some(column) }
    }
}

/// The kind of a mark and its name: that of its field, otherwise that of its kind.
pub(super) fn kind_and_name(mark: &Mark) -> (&'static str, &'static str) {
    let (function, argument) = mark.call();
    let kind = match (function, argument) {
        ("panel", "inside") => "panel-inside",
        ("panel", _) => "panel-outside",
        ("card-place", _) => "card",
        ("safe-area", _) => "safe",
        (function, _) => function,
    };
    let named = matches!(function, "field" | "code39") && !argument.is_empty();
    (kind, if named { argument } else { kind })
}

/// The names of the marks that a window holds.
pub(super) fn holds(mark: &Mark) -> &[String] {
    match mark {
        Mark::Area(area) => match &area.kind {
            AreaKind::Window(holds) => holds,
            _ => &[],
        },
        _ => &[],
    }
}

/// The width and height of the quiet zone on each side of a symbol, in points.
fn quiet_zone(mark: &Mark) -> (f64, f64) {
    match mark {
        Mark::Code39(symbol) => (QUIET_ELEMENTS * symbol.x, 0.0),
        Mark::TwoDDoc(symbol) => (QUIET_MODULES * symbol.module, QUIET_MODULES * symbol.module),
        _ => (0.0, 0.0),
    }
}

/// The front of a card of visual CPS3.3 (pieces.md §1).
fn card(record: &Issuance, night: jiff::civil::Date) -> Card {
    let profession = record.profession;
    let identifier = record.ps_id_nat.as_str();
    let (kind, body) = identifier.split_at_checked(1).unwrap_or((identifier, ""));
    let (first, rest) = body.split_at_checked(1).unwrap_or((body, ""));
    let issued = record.issue_date.unwrap_or(night);
    Card {
        title: format!("{} {}", record.family.code(), record.family.french_name().to_uppercase()),
        order: profession.map(|one| one.authority().to_uppercase()).unwrap_or_default(),
        site: if profession.is_some_and(|one| one.order().is_some()) { "www.ordres-sante.fr" } else { "" },
        profession: profession.map(|one| one.label().to_uppercase()).unwrap_or_default(),
        // Internal references have the letter B since this visual.
        reference: format!("{kind} {first}B{rest}"),
        name: record.holder.display_line(&record.organisation),
        number: record.card_number.to_string(),
        issued: format!("Délivrée le {}", mail::calendar::french_date(issued)),
    }
}
