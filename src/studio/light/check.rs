//! The codes of a mailer that show when it is held to the light: specimens are printed, drawn, folded and measured.

use composition::{PieceNumbers, facts};
use image::GrayImage;
use jiff::civil::Date;
use mail::issuance::Issuance;
use mail::lot::{LotName, LotPosition};
use mail::piece::PieceKind;
use rayon::prelude::*;
use template::{
    CompiledTemplate, FaultKind, FaultPlace, FieldName, Mark, Rect, Severity, SheetSide, Template,
    TemplateFault, variant_name,
};

use super::View;
use super::contrast::contrast;
use super::sheet::FoldedSheet;
use crate::failure::Failure;
use crate::raster::OpenPdf;
use crate::studio::records::every_record;
use crate::studio::specimen::{SPECIMEN_LOT, Setting, Sheet, print_compiled};
use crate::vault::{CardCodes, MailerComposer, MailerPattern};

/// The resolution of the pictures that are measured, in pixels per inch.
const DPI: f64 = 300.0;
/// The least blur of a sheet of paper, in millimetres. More of it hides more.
const BLUR_MM: f64 = 0.15;
/// How many patterns are measured. Each is printed with two codes.
const PATTERNS: u8 = 10;
/// The most contrast of a code to its pattern: see docs/through-light.md.
const MOST_CONTRAST: f64 = 1.25;

const ADVICE: &str = "put a `confusion` under it, one behind it on the other page and one on the panel that comes to lie on it, \
                      and write `outline: 0.1mm` in its `field`";

/// A code on a page.
struct Code {
    /// The page, from 0.
    page: usize,
    field: FieldName,
    /// What the code is printed on.
    rect: Rect,
}

/// The faults of the codes of a mailer that show through its paper, one for each code. Of variants whose codes and patterns
/// are the same, the first is measured.
///
/// # Errors
/// `specimen`: the template can't show a record; a page that can't be drawn.
pub(in crate::studio) fn codes_through_light(
    template: &Template,
    compiled: &CompiledTemplate,
    setting: &Setting,
    night: Date,
) -> Result<Vec<TemplateFault>, Failure> {
    let kind = template.manifest().kind;
    if kind != PieceKind::Mailer {
        return Ok(Vec::new());
    }
    let (records, file) = (every_record(kind)?, format!("{}/{}", compiled.name, template.manifest().main));
    let (mut measured, mut faults) = (Vec::<Vec<&Mark>>::new(), Vec::<TemplateFault>::new());
    for variant in &compiled.variants {
        let hiding = hiding_marks(&variant.sides);
        let shows = |record: &&Issuance| template.variant_of(&facts(kind, record)) == variant.facts;
        let Some(record) = records.iter().find(shows) else { continue };
        if measured.contains(&hiding) {
            continue;
        }
        measured.push(hiding);
        for (code, view, contrast) in contrasts(compiled, &variant.sides, setting, (record, night))? {
            let message = message(&code, view, contrast);
            let known = faults.iter().any(|fault| fault.places.iter().any(|place| place.rect == code.rect));
            if contrast > MOST_CONTRAST && !known {
                faults.push(TemplateFault {
                    kind: FaultKind::CodeThroughLight,
                    severity: Severity::Error,
                    file: file.clone(),
                    location: None,
                    end: None,
                    message: format!("{message} ({})", variant_name(&variant.facts)),
                    advice: Some(ADVICE.to_owned()),
                    excess_mm: None,
                    places: vec![FaultPlace { page: code.page, rect: code.rect }],
                    variants: 0,
                });
            }
        }
    }
    Ok(faults)
}

fn message(code: &Code, view: View, contrast: f64) -> String {
    let seen = match view {
        View::FlatFront | View::FlatBack => "unfolded",
        View::FoldedFront => "folded, seen from the address",
        View::FoldedBack => "folded, seen from behind",
    };
    let (name, mm) = (code.field.name(), |points: f64| points * 25.4 / 72.0);
    let (x, y, page) = (mm(code.rect.x), mm(code.rect.y), code.page + 1);
    format!(
        "`{name}` shows when the mailer is held to the light, {seen}: at {x:.1} mm, {y:.1} mm of page {page} its contrast to the \
         pattern is {contrast:.2}, and {MOST_CONTRAST} at most hides it"
    )
}

/// The codes of the sides of a variant, and the marks in which they hide.
fn hiding_marks(sides: &[SheetSide]) -> Vec<&Mark> {
    let hides = |mark: &&Mark| match mark {
        Mark::Text(text) => text.field.is_some_and(FieldName::is_code),
        Mark::Confusion(_) => true,
        _ => false,
    };
    sides.iter().flat_map(|side| &side.marks).filter(hides).collect()
}

fn codes_of(sides: &[SheetSide]) -> Vec<Code> {
    let code = |(page, mark): (usize, &Mark)| match mark {
        Mark::Text(text) => {
            let field = text.field.filter(|field| field.is_code())?;
            Some(Code { page, field, rect: mark.printed_rect() })
        }
        _ => None,
    };
    let marks =
        sides.iter().enumerate().flat_map(|(page, side)| side.marks.iter().map(move |mark| (page, mark)));
    marks.filter_map(code).collect()
}

/// The views from which a sheet is measured. Flat it shows the same from both sides.
const VIEWS: [View; 3] = [View::FlatFront, View::FoldedFront, View::FoldedBack];

/// The greatest contrast of each code, and where it is seen.
fn contrasts(
    compiled: &CompiledTemplate,
    sides: &[SheetSide],
    setting: &Setting,
    (record, night): (&Issuance, Date),
) -> Result<Vec<(Code, View, f64)>, Failure> {
    let codes = codes_of(sides);
    let specimens = (0..PATTERNS).into_par_iter().map(|number| {
        let [one, other] = CardCodes::specimens();
        let one = pages(compiled, setting, (record, night), (&one, number))?;
        let other = pages(compiled, setting, (record, night), (&other, number))?;
        Ok([lights(compiled, &codes, &one), lights(compiled, &codes, &other)])
    });
    let specimens: Vec<[Vec<Vec<f32>>; 2]> = specimens.collect::<Result<_, Failure>>()?;
    let measured = codes.into_iter().enumerate().map(|(index, code)| {
        let characters = CardCodes::specimen_length(code.field);
        let of_view = |(number, view): (usize, View)| {
            let of = |which: usize| -> Vec<Vec<f32>> {
                specimens.iter().map(|pair| pair[which][VIEWS.len() * index + number].clone()).collect()
            };
            (view, contrast(&of(0), &of(1), characters))
        };
        let views = VIEWS.into_iter().enumerate().map(of_view);
        let worst = views.max_by(|one, other| one.1.total_cmp(&other.1));
        let (view, contrast) = worst.unwrap_or((View::FlatFront, 0.0));
        (code, view, contrast)
    });
    Ok(measured.collect())
}

/// The pictures of the pages of a specimen.
fn pages(
    compiled: &CompiledTemplate,
    setting: &Setting,
    (record, night): (&Issuance, Date),
    (codes, number): (&CardCodes, u8),
) -> Result<Vec<GrayImage>, Failure> {
    let sheet = Sheet {
        kind: PieceKind::Mailer,
        night,
        overlay: false,
        lot: SPECIMEN_LOT,
        piece: "SPECIMEN",
        sequence: 1,
        title: "Specimen",
    };
    let lot = LotName::parse(SPECIMEN_LOT);
    let kind = PieceKind::Mailer;
    let position = lot.as_ref().map(|lot| LotPosition { lot, kind, sequence: 908 });
    let file = print_compiled(compiled, setting, &sheet, |stamper| {
        let composer = MailerComposer::new(stamper, night, MailerPattern::of_specimen(number));
        let numbers = PieceNumbers { piece_id: "26327A\\000908", tracking_id: "XX 000 009 7959 7", position };
        composer.compose(composer.check(record, codes)?, &numbers)
    })?;
    let pdf = OpenPdf::from_bytes(&compiled.name, file)?;
    let renderer = pdf.renderer();
    let drawn = (1..=pdf.pages()).map(|page| {
        let picture = renderer.picture(page, DPI)?;
        let pixels = GrayImage::from_raw(picture.width(), picture.height(), picture.to_luma());
        Ok(pixels.unwrap_or_default())
    });
    drawn.collect()
}

/// The logarithm of the light at each code from each view, the views of a code together.
fn lights(compiled: &CompiledTemplate, codes: &[Code], pages: &[GrayImage]) -> Vec<Vec<f32>> {
    let manifest = &compiled.manifest;
    let light = |code: &Code, view: View| -> Vec<f32> {
        let front = code.page & !1;
        let Some(picture) = pages.get(front) else { return Vec::new() };
        let sheet = FoldedSheet::new(picture, pages.get(front + 1), DPI, &manifest.fold, manifest.turn);
        let seen = sheet.seen(view, sheet.region_of(code.page, &code.rect, view), BLUR_MM);
        seen.light().iter().map(|light| light.max(f32::MIN_POSITIVE).ln()).collect()
    };
    codes.iter().flat_map(|code| VIEWS.map(|view| light(code, view))).collect()
}
