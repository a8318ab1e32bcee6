//! The wording and the proof sheet of a template, both from one layout of all its variants.

use std::path::{Path, PathBuf};

use composition::facts;
use jiff::civil::Date;
use mail::issuance::Issuance;
use mail::piece::PieceKind;
use print_file::{Conformance, FileLabel, PieceLabel, PrintFile};
use template::{DesignerLayout, Facts, LayoutWorker, Template};

use super::records::every_record;
use super::specimen::{Setting, compose, of_kept, unprintable};
use super::texts::{self, Change, ShownSentence, Texts};
use crate::failure::Failure;
use crate::job::{Bureau, Job};
use crate::kept::KeptTemplate;
use crate::night::{GONE, ProofSentence, ProofSheet, ProofVariant, proof_sheet};

/// The lot of the pieces on a proof sheet.
const PROOF_LOT: &str = "26327A";

/// What is to be told of a template.
#[derive(Debug, Clone)]
pub(crate) struct WordingOrder<'a> {
    /// A folder, the name of a built-in template, or the folder of one that was kept.
    pub template: &'a Path,
    /// The version that it is compared with, named likewise.
    pub against: Option<&'a Path>,
    /// The job whose bureau, press and inserter it is for; `None` for invented ones.
    pub job: Option<&'a Job>,
}

/// A template with the layout of all its variants.
pub(crate) struct LaidOutTemplate {
    template: Template,
    /// A record for each variant, in the order of the layout.
    records: Vec<Issuance>,
    layout: DesignerLayout,
}

impl LaidOutTemplate {
    /// Lays out every variant of a template.
    ///
    /// # Errors
    /// Template errors.
    fn of(worker: &mut LayoutWorker, template: Template, bureau: &Facts) -> Result<LaidOutTemplate, Failure> {
        let (mut variants, mut records): (Vec<Facts>, Vec<Issuance>) = (Vec::new(), Vec::new());
        for record in every_record(template.manifest().kind)? {
            let variant = template.variant_of(&facts(template.manifest().kind, &record));
            if !variants.contains(&variant) {
                variants.push(variant);
                records.push(record);
            }
        }
        let layout = worker.lay_out(&template, &variants, bureau)?;
        Ok(LaidOutTemplate { template, records, layout })
    }
}

/// Lays out a template, and the version that it is compared with.
///
/// # Errors
/// Template errors.
pub(crate) fn laid_out(order: &WordingOrder) -> Result<(LaidOutTemplate, Option<LaidOutTemplate>), Failure> {
    laid_out_against(order, order.against.map(found).transpose()?)
}

/// Lays out a template, and `old` with which it is compared instead of what the order names.
///
/// # Errors
/// Template errors.
pub(crate) fn laid_out_against(
    order: &WordingOrder,
    old: Option<Template>,
) -> Result<(LaidOutTemplate, Option<LaidOutTemplate>), Failure> {
    let bureau = order.job.map_or_else(|| Bureau::invented().facts(), |job| job.bureau().facts());
    let mut worker = LayoutWorker::start();
    let new = LaidOutTemplate::of(&mut worker, found(order.template)?, &bureau)?;
    let old = old.map(|template| LaidOutTemplate::of(&mut worker, template, &bureau)).transpose()?;
    Ok((new, old))
}

/// The template at a path: a folder, the name of a built-in one, or one that was kept.
fn found(path: &Path) -> Result<Template, Failure> {
    Ok(match KeptTemplate::is_one(path) {
        true => of_kept(&KeptTemplate::open(path)?)?.0,
        false => Template::find(path)?,
    })
}

/// The wording of a template, compared with another version if there is one.
pub(crate) fn wording(new: &LaidOutTemplate, old: Option<&LaidOutTemplate>) -> Texts {
    texts::texts(&new.template, &new.layout, old.map(|old| (&old.template, &old.layout)))
}

/// The proof sheet of a template as PDF.
///
/// # Errors
/// `specimen`: the template can't show a record; `template_press`, `press_duplex`: the job's press can't print it;
/// `proof_sheet`: a text that the sheet can't show.
pub(crate) fn proof(
    new: &LaidOutTemplate,
    old: Option<&LaidOutTemplate>,
    job: Option<&Job>,
    day: Date,
) -> Result<Vec<u8>, Failure> {
    let manifest = new.template.manifest();
    let setting = Setting::of(job, manifest.kind)?;
    let (pieces, variants) = pieces(new, &setting, day)?;
    let texts = wording(new, old);
    let bureau = job.map_or_else(|| Bureau::invented().name, |job| job.bureau().name.clone());
    let name = Path::new(new.template.name());
    let name = name.file_name().map_or_else(|| PathBuf::from(name), PathBuf::from).display().to_string();
    let shown = |sentence: &'_ ShownSentence| {
        let sign = sentence.change.as_ref().map_or("", Change::sign);
        (sign.trim(), sentence.change.as_ref().and_then(Change::before))
    };
    let present = texts.sentences.iter().map(|sentence| (sentence, shown(sentence)));
    let gone = texts.removed.iter().map(|sentence| (sentence, (GONE, None)));
    let sentences = present.chain(gone).map(|(sentence, (sign, before))| ProofSentence {
        text: &sentence.text,
        shown: &sentence.shown,
        sign,
        before,
    });
    proof_sheet(&ProofSheet {
        bureau: &bureau,
        title: &manifest.title,
        name: &name,
        version: new.template.version(),
        kind: manifest.kind,
        media: &manifest.media,
        day,
        variants,
        against: texts.against.as_ref().map(|against| (against.template.as_str(), against.version.as_str())),
        sentences: sentences.collect(),
        warnings: new.layout.compiled.warnings.iter().map(ToString::to_string).collect(),
        pieces: &pieces,
    })
}

/// One piece of each variant as a PDF, and the variants with the pages that they have in it.
fn pieces(
    new: &LaidOutTemplate,
    setting: &Setting,
    day: Date,
) -> Result<(Vec<u8>, Vec<ProofVariant>), Failure> {
    let compiled = &new.layout.compiled;
    let kind: PieceKind = compiled.manifest.kind;
    let stamper = setting.stamper(compiled)?;
    let fonts = compiled.fonts.len();
    let mut file = PrintFile::begin(Vec::new(), stamper.grid(), &compiled.stock, fonts, setting.intent())?;
    let mut variants = Vec::with_capacity(new.records.len());
    let mut pages = 0;
    for (sequence, (variant, record)) in (1..).zip(compiled.variants.iter().zip(&new.records)) {
        let piece =
            compose(kind, &stamper, record, day).map_err(|faults| unprintable(&compiled.name, &faults))?;
        let sheets = piece.pages.len().div_ceil(2) as u32;
        let label = PieceLabel {
            piece: "SPECIMEN",
            lot: PROOF_LOT,
            sequence,
            kind: kind.code(),
            sheets,
            weight_class: setting.weight(&compiled.manifest).class(sheets),
        };
        file.piece(&piece.pages, &label)?;
        let words = texts::variant_words(&variant.facts);
        variants.push(ProofVariant { words, pages: pages..pages + piece.pages.len() });
        pages += piece.pages.len();
    }
    let day = (day.year().unsigned_abs(), day.month().unsigned_abs(), day.day().unsigned_abs());
    let title = compiled.manifest.title.clone();
    let label = FileLabel { title, lot: PROOF_LOT.to_owned(), day, conformance: Conformance::Plain };
    let (bytes, ..) = file.finish(&stamper.fonts(), &label)?;
    Ok((bytes, variants))
}
