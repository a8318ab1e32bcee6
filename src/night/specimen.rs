//! Specimens: one piece of a template for its designer, and pictures of what a night printed.
//!
//! Data are invented or of a given record; codes are always those of [`CardCodes::specimen`].

use std::path::{Path, PathBuf};

use jiff::civil::{Date, date};

use super::conformance::output_intent;
use super::imposition::SheetLayout;
use super::intake::{IntakeSettings, take_in};
use super::lots::{facts_of_bureau, misfit};
use super::release::write_whole;
use super::report::Report;
use crate::failure::{Failure, with_advice};
use crate::job::{Bureau, Job};
use crate::raster::OpenPdf;
use crate::vault::CardCodes;
use crate::vault::{MailerComposer, MailerNumbers};
use composition::LetterComposer;
use composition::{BlockComposer, BlockMap, ComposedPiece, LetterFault, PieceFault, Stamper, facts};
use mail::address::PostalAddress;
use mail::card::{CardFamily, CardNumber, CardStatus, Generation};
use mail::holder::{Civility, Holder, Title};
use mail::identifiers::{PsIdNat, StructureId};
use mail::issuance::Issuance;
use mail::piece::PieceKind;
use mail::profession::Profession;
use mail::reason::{CodesDuty, Reason};
use mail::tracking::TrackingId;
use print_file::{Conformance, FileLabel, Grid, OutputIntent, PieceLabel, PrintFile};
use template::{CompiledTemplate, Facts, Template};
use twoddoc::{Algorithm, SigningKey};

/// The press that specimens are drawn for.
const SPECIMEN_DPI: u32 = 600;
/// Pixels per inch of pictures of a night.
const PICTURE_DPI: f64 = 110.0;

/// The lot that specimens' pieces seem to be of.
const SPECIMEN_LOT: &str = "26327A";

/// What is asked of a specimen.
#[derive(Debug, Clone)]
pub struct SpecimenOrder<'a> {
    /// A folder, or the name of a built-in template.
    pub template: &'a Path,
    /// A `cards.csv`, of which the first record is taken.
    pub record: Option<&'a Path>,
    /// Facts that the record shall have, such as `reason=renewal`.
    pub facts: &'a [(String, String)],
    /// Whether unprinted areas are shown.
    pub overlay: bool,
    /// The job whose bureau, press and inserter it is for; invented ones where there is none.
    pub job: Option<&'a Job>,
    /// The date on the piece.
    pub night: Date,
}

/// One piece as a PDF.
///
/// # Errors
/// A template that does not load, a record that is not valid, facts that no piece has.
pub fn specimen(order: &SpecimenOrder) -> Result<Vec<u8>, Failure> {
    let template = Template::find(order.template)?;
    let kind = template.manifest().kind;
    let record = match order.record {
        Some(path) => first_record(path)?,
        None => invented_record(kind)?,
    };
    let record = with_facts(record, kind, order.facts)?;
    let variant = template.variant_of(&facts(kind, &record));
    let compiled = template.compile(&[variant], &bureau(order.job))?;
    let told = |message: String| Failure::Usage(format!("template `{}`: {message}", compiled.name));
    let mut stamper = stamper(&compiled, order.job)?;
    stamper.show_areas(order.overlay);
    let piece = compose(kind, &stamper, &record, order.night).map_err(|faults| told(words(&faults)))?;
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
    job.map_or_else(|| facts_of_bureau(&Bureau::invented()), |job| facts_of_bureau(&job.sections.bureau))
}

/// The template on the job's press, for its inserter.
fn stamper<'t>(template: &'t CompiledTemplate, job: Option<&Job>) -> Result<Stamper<'t>, Failure> {
    let stamper = match job.map(|job| &job.sections) {
        None => Stamper::new(template, Grid::new(SPECIMEN_DPI), 0),
        Some(sections) => {
            let press = &sections.press;
            SheetLayout::of(press, template)?;
            let machine = match template.manifest.kind {
                PieceKind::Letter => &sections.inserter.letters,
                PieceKind::Mailer => &sections.inserter.mailers,
            };
            Stamper::for_machine(template, Grid::new(press.dpi), press.bar_width_reduction, machine.clone())
        }
    };
    stamper.map_err(|fault| misfit(template, &fault))
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
                .map_err(|error| fault(with_advice(&error, error.advice())))?;
            let press = LetterComposer::new(stamper, &blocks, night);
            let (checked, _) = press.check(record)?;
            press.compose(checked, "26327A000908").map_err(|failed| match failed {
                LetterFault::Piece(faults) => faults,
                LetterFault::Signer(signer) => fault(signer.to_string()),
            })
        }
        PieceKind::Mailer => {
            let tracking = TrackingId::new("XX", 97_959).map_err(|error| fault(error.to_string()))?;
            let numbers =
                MailerNumbers { piece_id: "26327A\\000908".to_owned(), tracking_id: tracking.to_string() };
            let press = MailerComposer::new(stamper, night);
            press.compose(press.check(record, &CardCodes::specimen())?, &numbers)
        }
    }
}

fn words(faults: &[PieceFault]) -> String {
    let lines: Vec<String> =
        faults.iter().map(|fault| format!("{}: {}", fault.field, with_advice(fault, fault.advice))).collect();
    lines.join("\n  ")
}

/// Lays out every variant that a piece can have, for a job's press and inserter where one is given.
///
/// # Errors
/// Every fault of the template, and what it and the job contradict each other in.
pub fn check_template(path: &Path, job: Option<&Job>) -> Result<usize, Failure> {
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

/// A record for every combination of facts that pieces of a kind have.
fn every_record(kind: PieceKind) -> Result<Vec<Issuance>, Failure> {
    let specimen = invented_record(kind)?;
    let mut records = Vec::new();
    for reason in Reason::ALL {
        for generation in Generation::ALL {
            for family in CardFamily::ALL {
                let sent = match kind {
                    PieceKind::Letter => reason.letter(),
                    PieceKind::Mailer => reason.codes(Some(generation)) != CodesDuty::None,
                };
                let never = reason == Reason::Renewal && family == CardFamily::Cpf;
                if sent && !never {
                    let replaced_generation = Some(generation);
                    let record = Issuance { reason, family, replaced_generation, ..specimen.clone() };
                    records.extend(with_and_without(record));
                }
            }
        }
    }
    Ok(records)
}

/// A record with and without a replaced card, and with and without a holder where the family allows it.
fn with_and_without(record: Issuance) -> Vec<Issuance> {
    let mut records = vec![Issuance { replaced_card_number: None, ..record.clone() }, record];
    let nameless: Vec<Issuance> = records
        .iter()
        .filter(|record| record.family.may_be_nameless())
        .map(|record| Issuance { holder: Holder::Structure, ..record.clone() })
        .collect();
    records.extend(nameless);
    records
}

fn first_record(path: &Path) -> Result<Issuance, Failure> {
    let intake = take_in(&[path.to_owned()], &IntakeSettings::default())?;
    let reject = intake.rejects.first().map(|finding| {
        format!("{}:{}: {}: {}", finding.source_file, finding.line, finding.field, finding.message)
    });
    let none = || Failure::Usage(reject.unwrap_or_else(|| format!("{}: holds no record", path.display())));
    intake.records.into_iter().next().map(|taken| taken.issuance).ok_or_else(none)
}

/// The record with the facts asked for, if a piece can have them.
fn with_facts(record: Issuance, kind: PieceKind, wanted: &[(String, String)]) -> Result<Issuance, Failure> {
    if wanted.is_empty() {
        return Ok(record);
    }
    let fits = |candidate: &Issuance| {
        let facts = facts(kind, candidate);
        wanted.iter().all(|(name, value)| facts.get(name) == Some(value))
    };
    let candidates = every_record(kind)?.into_iter().map(|pattern| Issuance {
        reason: pattern.reason,
        family: pattern.family,
        replaced_generation: pattern.replaced_generation,
        replaced_card_number: pattern.replaced_card_number.and(record.replaced_card_number),
        holder: if pattern.holder == Holder::Structure { Holder::Structure } else { record.holder.clone() },
        ..record.clone()
    });
    let mut candidates: Vec<Issuance> = candidates.filter(fits).collect();
    candidates.sort_by_key(|candidate| {
        (
            candidate.reason != record.reason,
            candidate.family != record.family,
            candidate.holder != record.holder,
            candidate.replaced_card_number != record.replaced_card_number,
        )
    });
    candidates.into_iter().next().ok_or_else(|| {
        let asked: Vec<String> = wanted.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Failure::Usage(format!(
            "no {kind} has `{}`: reason is first, renewal, incident, change or codes_reissue; codes is new or kept; family is CPS, CPF, CPE, CDE, CPA or CDA; holder is named or structure; replaced is yes or no",
            asked.join(" ")
        ))
    })
}

/// A record of nobody's.
fn invented_record(kind: PieceKind) -> Result<Issuance, Failure> {
    let bad = |what: &str| Failure::Midway(format!("the invented record has an invalid {what}; report this"));
    let lines = [
        "MME SPECIMEN CAMILLE",
        "CABINET MEDICAL DES TILLEULS",
        "",
        "9 RUE GEORGES PITARD",
        "",
        "75015 PARIS",
    ];
    let (address, _) = PostalAddress::build(lines, "", "").map_err(|_| bad("address"))?;
    Ok(Issuance {
        card_number: CardNumber::parse("2400158480").map_err(|_| bad("card number"))?,
        family: CardFamily::Cps,
        reason: Reason::First,
        requested_at: date(2026, 11, 20).at(9, 0, 0, 0),
        issue_date: Some(date(2026, 11, 20)),
        expiry_date: Some(date(2026, 12, 15)),
        replaced_card_number: CardNumber::parse("2400140649").ok(),
        replaced_generation: matches!(kind, PieceKind::Mailer).then_some(Generation::Cps2Ter),
        ps_id_nat: PsIdNat::parse("810003879623").map_err(|_| bad("identifier"))?,
        structure_id: StructureId::parse("1630781003").ok(),
        holder: Holder::Named {
            civility: Some(Civility::Mme),
            title: Some(Title::Dr),
            last_name: "Specimen".to_owned(),
            first_name: "Camille".to_owned(),
        },
        profession: Profession::parse("10").ok(),
        organisation: "Cabinet médical des Tilleuls".to_owned(),
        address,
        status: CardStatus::Issued,
    })
}

/// Writes a picture of the first piece of each variant that a night printed in clear.
///
/// # Errors
/// Print files that can't be read, pictures that can't be written.
pub fn pictures_of_variants(report: &Report, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let night = PathBuf::from(&report.folder);
    let mut pictures = Vec::new();
    fs_err::create_dir_all(folder)?;
    for lot in &report.lots {
        let manifest = night.join(&lot.manifest);
        let mut table =
            csv::Reader::from_path(&manifest).map_err(|error| Failure::Midway(error.to_string()))?;
        let mut seen: Vec<String> = Vec::new();
        for row in table.deserialize::<Row>() {
            let row = row.map_err(|error| Failure::Midway(format!("{}: {error}", manifest.display())))?;
            if seen.contains(&row.variant) || !row.file.ends_with(".pdf") {
                continue;
            }
            let path = manifest.with_file_name(&row.file);
            let pdf = OpenPdf::open(&path)?;
            let renderer = pdf.renderer();
            for page in 0..row.pages {
                let name = format!("{} {} page {}.png", lot.kind, row.variant, page + 1).replace(' ', "_");
                let picture = folder.join(name);
                let drawn = renderer.picture(row.first_page + page, PICTURE_DPI)?;
                write_whole(&picture, &drawn.to_png()?)?;
                pictures.push(picture);
            }
            seen.push(row.variant);
        }
    }
    Ok(pictures)
}

/// What a picture needs of a manifest's row.
#[derive(serde::Deserialize)]
struct Row {
    file: String,
    first_page: u32,
    pages: u32,
    variant: String,
}
