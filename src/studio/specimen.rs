//! One piece of a template for its designer, and the check of all its variants.

use std::path::Path;

use composition::{
    BlockComposer, BlockMap, ComposedPiece, LetterComposer, LetterFault, PieceFault, Stamper, facts,
};
use jiff::civil::Date;
use mail::issuance::Issuance;
use mail::piece::PieceKind;
use mail::tracking::TrackingId;
use print_file::{Conformance, FileLabel, Grid, OutputIntent, PieceLabel, PrintFile};
use template::{CompiledTemplate, Facts, Template};
use twoddoc::{Algorithm, SigningKey};

use super::records::{every_record, first_record, invented_record, with_facts};
use crate::failure::Failure;
use crate::job::{Bureau, Job};
use crate::night::{SheetLayout, output_intent, press_mismatch};
use crate::vault::{CardCodes, MailerComposer, MailerNumbers};

/// The press that specimens are drawn for, in dots per inch.
const SPECIMEN_DPI: u32 = 600;

/// The lot in the references of specimens.
const SPECIMEN_LOT: &str = "26327A";

/// The order of a specimen.
#[derive(Debug, Clone)]
pub(crate) struct SpecimenOrder<'a> {
    /// A folder, or the name of a built-in template.
    pub template: &'a Path,
    /// A `cards.csv`, of which the first record is taken.
    pub record: Option<&'a Path>,
    /// Facts that the record must have, such as `reason=renewal`.
    pub facts: &'a [(String, String)],
    /// Whether unprinted areas are shown.
    pub overlay: bool,
    /// The job whose bureau, press and inserter it is for; `None` for invented ones.
    pub job: Option<&'a Job>,
    /// The date on the piece.
    pub night: Date,
}

/// One piece as a PDF.
///
/// # Errors
/// Template errors; `specimen_record`: the record is not valid or does not fit; `specimen_facts`: no piece has these facts.
pub(crate) fn specimen(order: &SpecimenOrder) -> Result<Vec<u8>, Failure> {
    let template = Template::find(order.template)?;
    let kind = template.manifest().kind;
    let record = match order.record {
        Some(path) => first_record(path)?,
        None => invented_record(kind)?,
    };
    let record = with_facts(record, kind, order.facts)?;
    let variant = template.variant_of(&facts(kind, &record));
    let compiled = template.compile(&[variant], &bureau(order.job))?;
    let mut stamper = stamper(&compiled, order.job)?;
    stamper.show_areas(order.overlay);
    let piece = compose(kind, &stamper, &record, order.night)
        .map_err(|faults| unprintable(&compiled.name, &faults))?;
    let intent = order.job.map_or_else(|| Ok(OutputIntent::uncoated()), output_intent)?;
    let fonts = compiled.fonts.len();
    let mut file = PrintFile::begin(Vec::new(), stamper.grid(), &compiled.stock, fonts, &intent)?;
    file.piece(&piece.pages, &specimen_label(kind, &piece, compiled.manifest.weight_class()))?;
    let day = order.night;
    let day = (day.year().unsigned_abs(), day.month().unsigned_abs(), day.day().unsigned_abs());
    let conformance = if order.overlay { Conformance::Plain } else { Conformance::Press };
    let title = format!("Specimen: {}", compiled.manifest.title);
    let label = FileLabel { title, lot: SPECIMEN_LOT.to_owned(), day, conformance };
    let (bytes, ..) = file.finish(&stamper.fonts(), &label)?;
    Ok(bytes)
}

fn bureau(job: Option<&Job>) -> Facts {
    job.map_or_else(|| Bureau::invented().facts(), |job| job.bureau().facts())
}

/// The template prepared for the job's press and inserter.
fn stamper<'t>(template: &'t CompiledTemplate, job: Option<&Job>) -> Result<Stamper<'t>, Failure> {
    let stamper = match job {
        None => Stamper::new(template, Grid::new(SPECIMEN_DPI), 0),
        Some(job) => {
            let (press, machine) = (job.press(), job.machine(template.manifest.kind));
            SheetLayout::of(press, template)?;
            Stamper::for_machine(template, Grid::new(press.dpi), press.bar_width_reduction, machine.clone())
        }
    };
    stamper.map_err(|fault| press_mismatch(&template.name, &fault))
}

fn specimen_label(kind: PieceKind, piece: &ComposedPiece, weight_class: u32) -> PieceLabel<'static> {
    PieceLabel {
        piece: "SPECIMEN",
        lot: SPECIMEN_LOT,
        sequence: 1,
        kind: kind.code(),
        sheets: piece.pages.len().div_ceil(2) as u32,
        weight_class,
    }
}

fn compose(
    kind: PieceKind,
    stamper: &Stamper,
    record: &Issuance,
    night: Date,
) -> Result<ComposedPiece, Vec<PieceFault>> {
    let fault = |message: String| {
        vec![PieceFault { field: "signing".to_owned(), code: "specimen", message, advice: None }]
    };
    match kind {
        PieceKind::Letter => {
            let key =
                SigningKey::from_seed(Algorithm::Ed25519, &[1; 32]).map_err(|e| fault(e.to_string()))?;
            let blocks = BlockComposer::new(&BlockMap::default(), key, night)
                .map_err(|error| fault(error.to_string()))?;
            let composer = LetterComposer::new(stamper, &blocks, night);
            let (checked, _) = composer.check(record)?;
            composer.compose(checked, "26327A000908").map_err(|failed| match failed {
                LetterFault::Piece(faults) => faults,
                LetterFault::Signer(signer) => fault(signer.to_string()),
            })
        }
        PieceKind::Mailer => {
            let tracking = TrackingId::new("XX", 97_959).map_err(|error| fault(error.to_string()))?;
            let numbers =
                MailerNumbers { piece_id: "26327A\\000908".to_owned(), tracking_id: tracking.to_string() };
            let composer = MailerComposer::new(stamper, night);
            composer.compose(composer.check(record, &CardCodes::specimen())?, &numbers)
        }
    }
}

/// The faults of a record that the template can't show.
fn unprintable(template: &str, faults: &[PieceFault]) -> Failure {
    let part = |fault: &PieceFault| {
        let failure = Failure::usage("specimen_record", format!("{}: {}", fault.field, fault.message));
        fault.advice.into_iter().fold(failure, Failure::with_advice)
    };
    Failure::usage("specimen", format!("template `{template}` can't show the record"))
        .with_parts(faults.iter().map(part).collect())
}

/// Lays out every variant that a piece can have, for the press and inserter of `job` if there is one, and returns how many
/// there are.
///
/// # Errors
/// Template errors; `template_press`, `press_duplex`: the job's press can't print it.
pub(crate) fn check_template(path: &Path, job: Option<&Job>) -> Result<usize, Failure> {
    let template = Template::find(path)?;
    let kind = template.manifest().kind;
    let mut variants: Vec<Facts> = Vec::new();
    for record in every_record(kind)? {
        let variant = template.variant_of(&facts(kind, &record));
        if !variants.contains(&variant) {
            variants.push(variant);
        }
    }
    let compiled = template.compile(&variants, &bureau(job))?;
    stamper(&compiled, job)?;
    Ok(variants.len())
}
