//! One piece of a template for its designer, and the check of all its variants.

use std::path::Path;

use composition::{
    BlockComposer, BlockMap, ComposedPiece, LetterComposer, LetterFault, PieceFault, PieceNumbers, Stamper,
    facts, mailer_barcode, record_value,
};
use jiff::civil::{Date, date};
use mail::calendar::french_date;
use mail::inserter::Machine;
use mail::issuance::Issuance;
use mail::lot::{LotName, LotPosition};
use mail::piece::PieceKind;
use mail::tracking::TrackingId;
use print_file::{Conformance, FileLabel, Grid, OutputIntent, PieceLabel, PrintFile};
use template::{
    CompiledTemplate, Facts, FieldName, LayoutWorker, Manifest, Template, TemplateError, TemplateFault,
};
use twoddoc::{Algorithm, SigningKey};

use super::light::codes_through_light;
use super::records::{every_record, first_record, invented_record, sample, with_facts};
use crate::failure::Failure;
use crate::job::{Bureau, Job, Postage, PostalWeight, Press};
use crate::kept::KeptTemplate;
use crate::night::{SheetLayout, output_intent, press_mismatch, refuse_light_paper};
use crate::vault::{CardCodes, MailerComposer, MailerPattern};

/// The day of the specimens of a check.
const SPECIMEN_NIGHT: Date = date(2026, 11, 23);

/// The lot in the references of specimens.
pub(super) const SPECIMEN_LOT: &str = "26327A";
/// The place of specimens in that lot.
const SPECIMEN_SEQUENCE: u32 = 908;
/// The number in the tracking identifier of specimens.
const SPECIMEN_TRACKING: u64 = 97_959;

/// The order of a specimen.
#[derive(Debug, Clone)]
pub(crate) struct SpecimenOrder<'a> {
    /// A folder, the name of a built-in template, or the folder of one that was kept.
    pub template: &'a Path,
    /// A `cards.csv`, of which the first record is taken.
    pub record: Option<&'a Path>,
    /// The name of a sample made for designers, instead of a file's record.
    pub sample: Option<&'a str>,
    /// Facts that the record must have, such as `reason=renewal`.
    pub facts: &'a [(String, String)],
    /// Whether unprinted areas are shown.
    pub overlay: bool,
    /// The job whose bureau, press and inserter it is for; `None` for invented ones. A kept template has its own.
    pub job: Option<&'a Job>,
    /// The date on the piece.
    pub night: Date,
}

/// One piece as a PDF.
///
/// # Errors
/// Template errors; `specimen_record`: the record is not valid or does not fit; `specimen_sample`: there is no
/// such sample; `specimen_facts`: no piece has these facts.
pub(crate) fn specimen(order: &SpecimenOrder) -> Result<Vec<u8>, Failure> {
    let (template, setting) = match KeptTemplate::is_one(order.template) {
        true => of_kept(&KeptTemplate::open(order.template)?)?,
        false => of_job(order)?,
    };
    let kind = template.manifest().kind;
    let record = match (order.record, order.sample) {
        (Some(path), _) => first_record(path)?,
        (None, Some(name)) => sample(name, kind)?,
        (None, None) => invented_record(kind)?,
    };
    let record = with_facts(record, kind, order.facts)?;
    let sheet = Sheet::of_specimen(kind, order.night, order.overlay);
    print(&template, &setting, &record, &sheet, |stamper| compose(kind, stamper, &record, order.night))
}

/// What a file of one piece says of it.
pub(super) struct Sheet<'s> {
    pub kind: PieceKind,
    pub night: Date,
    pub overlay: bool,
    pub lot: &'s str,
    pub piece: &'s str,
    pub sequence: u32,
    /// What the file is, before the template's title.
    pub title: &'s str,
}

impl Sheet<'static> {
    /// What the file of a specimen says of it.
    pub(super) fn of_specimen(kind: PieceKind, night: Date, overlay: bool) -> Sheet<'static> {
        let (lot, piece, title) = (SPECIMEN_LOT, "SPECIMEN", "Specimen");
        Sheet { kind, night, overlay, lot, piece, sequence: 1, title }
    }
}

/// The file of a piece that `compose` composes.
///
/// # Errors
/// Template errors; `specimen`: the template can't show the record.
pub(super) fn print(
    template: &Template,
    setting: &Setting,
    record: &Issuance,
    sheet: &Sheet,
    compose: impl FnOnce(&Stamper) -> Result<ComposedPiece, Vec<PieceFault>>,
) -> Result<Vec<u8>, Failure> {
    let variant = template.variant_of(&facts(sheet.kind, record));
    let compiled = template.compile(&[variant], &setting.bureau)?;
    print_compiled(&compiled, setting, sheet, compose)
}

/// The file of a piece that `compose` composes from a template that is laid out.
///
/// # Errors
/// `template_press`, `press_duplex`: the press can't print it; `specimen`: the template can't show the record.
pub(super) fn print_compiled(
    compiled: &CompiledTemplate,
    setting: &Setting,
    sheet: &Sheet,
    compose: impl FnOnce(&Stamper) -> Result<ComposedPiece, Vec<PieceFault>>,
) -> Result<Vec<u8>, Failure> {
    let mut stamper = setting.stamper(compiled)?;
    stamper.show_areas(sheet.overlay);
    let piece = compose(&stamper).map_err(|faults| unprintable(&compiled.name, &faults))?;
    let fonts = compiled.fonts.len();
    let mut file = PrintFile::begin(Vec::new(), stamper.grid(), &compiled.stock, fonts, &setting.intent)?;
    let sheets = piece.pages.len().div_ceil(2) as u32;
    let label = PieceLabel {
        piece: sheet.piece,
        lot: sheet.lot,
        sequence: sheet.sequence,
        kind: sheet.kind.code(),
        sheets,
        weight_class: setting.weight(&compiled.manifest).class(sheets),
    };
    file.piece(&piece.pages, &label)?;
    let day = sheet.night;
    let day = (day.year().unsigned_abs(), day.month().unsigned_abs(), day.day().unsigned_abs());
    let conformance = if sheet.overlay { Conformance::Plain } else { Conformance::Press };
    let title = format!("{}: {}", sheet.title, compiled.manifest.title);
    let label = FileLabel { title, lot: sheet.lot.to_owned(), day, conformance };
    let (bytes, ..) = file.finish(&stamper.fonts(), &label)?;
    Ok(bytes)
}

/// What a specimen is made for, besides its template and record.
pub(super) struct Setting {
    bureau: Facts,
    press: Press,
    machine: Machine,
    intent: OutputIntent,
    postage: Postage,
}

impl Setting {
    /// That of a job; an invented one without a job.
    pub(super) fn of(job: Option<&Job>, kind: PieceKind) -> Result<Setting, Failure> {
        Ok(match job {
            None => Setting {
                bureau: Bureau::invented().facts(),
                press: Press::default(),
                machine: Machine::default(),
                intent: OutputIntent::uncoated(),
                postage: Postage::default(),
            },
            Some(job) => Setting {
                bureau: job.bureau().facts(),
                press: job.press().clone(),
                machine: job.machine(kind).clone(),
                intent: output_intent(job)?,
                postage: job.postage().clone(),
            },
        })
    }

    /// What pieces print about the sender.
    pub(super) fn bureau(&self) -> &Facts {
        &self.bureau
    }

    /// The resolution of the press, in dots per inch.
    pub(super) fn dpi(&self) -> u32 {
        self.press.dpi
    }

    /// The output intent of its print files.
    pub(super) fn intent(&self) -> &OutputIntent {
        &self.intent
    }

    /// The postal weight classes of a template's pieces.
    pub(super) fn weight<'a>(&'a self, manifest: &'a Manifest) -> PostalWeight<'a> {
        self.postage.weight(manifest)
    }

    /// The template prepared for this press and inserter.
    pub(super) fn stamper<'t>(&self, template: &'t CompiledTemplate) -> Result<Stamper<'t>, Failure> {
        let Setting { press, machine, .. } = self;
        SheetLayout::of(press, template)?;
        Stamper::for_machine(template, Grid::new(press.dpi), press.bar_width_reduction, machine.clone())
            .map_err(|fault| press_mismatch(&template.name, &fault))
    }
}

/// The template that an order names, and its setting.
fn of_job(order: &SpecimenOrder) -> Result<(Template, Setting), Failure> {
    let template = Template::find(order.template)?;
    let setting = Setting::of(order.job, template.manifest().kind)?;
    Ok((template, setting))
}

/// A kept template, and what its job said of its pages.
pub(super) fn of_kept(kept: &KeptTemplate) -> Result<(Template, Setting), Failure> {
    let facts = kept.facts();
    let setting = Setting {
        bureau: facts.bureau.clone(),
        press: facts.press(),
        machine: facts.inserter.clone(),
        intent: kept.output_intent()?,
        postage: Postage::default(),
    };
    Ok((kept.template()?, setting))
}

/// Composes a specimen, with the numbers, the signing key and the codes of specimens.
///
/// # Errors
/// Every fault of the record on this template.
pub(super) fn compose(
    kind: PieceKind,
    stamper: &Stamper,
    record: &Issuance,
    night: Date,
) -> Result<ComposedPiece, Vec<PieceFault>> {
    let fault = |message: String| {
        vec![PieceFault {
            field: "signing".to_owned(),
            code: "specimen",
            french: message.clone(),
            message,
            advice: None,
        }]
    };
    let lot = LotName::parse(SPECIMEN_LOT);
    let position = lot.as_ref().map(|lot| LotPosition { lot, kind, sequence: SPECIMEN_SEQUENCE });
    match kind {
        PieceKind::Letter => {
            let key = specimen_key().map_err(|error| fault(error.to_string()))?;
            let blocks = BlockComposer::new(&BlockMap::default(), key, night)
                .map_err(|error| fault(error.to_string()))?;
            let composer = LetterComposer::new(stamper, &blocks, night);
            let (checked, _) = composer.check(record)?;
            let numbers = PieceNumbers { piece_id: specimen_reference(kind), tracking_id: "", position };
            composer.compose(checked, &numbers).map_err(|failed| match failed {
                LetterFault::Piece(faults) => faults,
                LetterFault::Signer(signer) => fault(signer.to_string()),
            })
        }
        PieceKind::Mailer => {
            let tracking =
                TrackingId::new("XX", SPECIMEN_TRACKING).map_err(|error| fault(error.to_string()))?;
            let tracking_id = tracking.to_string();
            let numbers =
                PieceNumbers { piece_id: specimen_reference(kind), tracking_id: &tracking_id, position };
            let composer = MailerComposer::new(stamper, night, MailerPattern::specimen());
            composer.compose(composer.check(record, &CardCodes::specimen())?, &numbers)
        }
    }
}

/// The printed reference of specimens.
fn specimen_reference(kind: PieceKind) -> &'static str {
    match kind {
        PieceKind::Letter => "26327A000908",
        PieceKind::Mailer => "26327A\\000908",
    }
}

/// The key that signs the blocks of specimens, which everybody knows.
///
/// # Errors
/// Never: the seed is one.
pub(super) fn specimen_key() -> Result<SigningKey, twoddoc::KeyError> {
    SigningKey::from_seed(Algorithm::Ed25519, &[1; 32])
}

/// The text of a field on a specimen. Codes are zeros.
pub(super) fn specimen_text(field: FieldName, kind: PieceKind, record: &Issuance, night: Date) -> String {
    match field {
        FieldName::PieceId => specimen_reference(kind).to_owned(),
        FieldName::PieceBarcode => mailer_barcode(specimen_reference(kind)),
        FieldName::TrackingId => {
            TrackingId::new("XX", SPECIMEN_TRACKING).map(|tracking| tracking.to_string()).unwrap_or_default()
        }
        FieldName::Date => french_date(night),
        FieldName::Pin => "0000".to_owned(),
        FieldName::Puk => "00000000".to_owned(),
        FieldName::AssistanceCode => "000".to_owned(),
        field => record_value(field, record, night).into_owned(),
    }
}

/// The texts of a specimen's control codes, sheet by sheet.
pub(super) fn specimen_control_codes(stamper: &Stamper, kind: PieceKind, record: &Issuance) -> Vec<String> {
    let Some(lot) = LotName::parse(SPECIMEN_LOT) else { return Vec::new() };
    let position = LotPosition { lot: &lot, kind, sequence: SPECIMEN_SEQUENCE };
    stamper.control_marks(record, position).map(|marks| marks.codes).unwrap_or_default()
}

/// The faults of a record that the template can't show.
pub(super) fn unprintable(template: &str, faults: &[PieceFault]) -> Failure {
    let part = |fault: &PieceFault| {
        let failure = Failure::usage("specimen_record", format!("{}: {}", fault.field, fault.message));
        fault.advice.into_iter().fold(failure, Failure::with_advice)
    };
    Failure::usage("specimen", format!("template `{template}` can't show the record"))
        .with_parts(faults.iter().map(part).collect())
}

/// Every variant of a template that a piece can have.
///
/// # Errors
/// `bug`: the invented record is not valid.
pub(super) fn every_variant(template: &Template) -> Result<Vec<Facts>, Failure> {
    let kind = template.manifest().kind;
    let mut variants: Vec<Facts> = Vec::new();
    for record in every_record(kind)? {
        let variant = template.variant_of(&facts(kind, &record));
        if !variants.contains(&variant) {
            variants.push(variant);
        }
    }
    Ok(variants)
}

/// A template that was checked and has no errors.
pub(crate) struct CheckedTemplate {
    /// How many variants it has.
    pub variants: usize,
    /// What a person should look at, in the order of the text.
    pub warnings: Vec<TemplateFault>,
}

/// Lays out every variant that a piece can have, for the press and inserter of `job` if there is one. Each may take 5 s, 1 GiB of
/// memory and 50 pages.
///
/// # Errors
/// Template errors, with the warnings among them; `template_press`, `press_duplex`: the job's press can't print it; `paper_opacity`:
/// the job's paper is too light for it.
pub(crate) fn check_template(path: &Path, job: Option<&Job>) -> Result<CheckedTemplate, Failure> {
    let template = Template::find(path)?;
    let (compiled, setting, variants) = every_variant_laid_out(&template, job)?;
    let faults = codes_through_light(&template, &compiled, &setting, SPECIMEN_NIGHT)?;
    if !faults.is_empty() {
        return Err(TemplateError { template: compiled.name, faults, variants }.into());
    }
    Ok(CheckedTemplate { variants, warnings: compiled.warnings })
}

/// Lays out every variant that a piece can have, as [`check_template`] does; mailers are not held to the light, which takes most
/// of its time and needs no job.
///
/// # Errors
/// Those of [`check_template`], except codes that show through.
pub(crate) fn load_template(template: &Template, job: &Job) -> Result<CheckedTemplate, Failure> {
    let (compiled, _, variants) = every_variant_laid_out(template, Some(job))?;
    Ok(CheckedTemplate { variants, warnings: compiled.warnings })
}

/// A template with all its variants, its setting, and how many variants there are.
fn every_variant_laid_out(
    template: &Template,
    job: Option<&Job>,
) -> Result<(CompiledTemplate, Setting, usize), Failure> {
    let variants = every_variant(template)?;
    let setting = Setting::of(job, template.manifest().kind)?;
    let compiled = LayoutWorker::start().check(template, &variants, &setting.bureau)?;
    setting.stamper(&compiled)?;
    job.map_or(Ok(()), |job| refuse_light_paper(job, &compiled.name, &compiled.manifest))?;
    Ok((compiled, setting, variants.len()))
}
