//! Lots: the pieces of one kind are checked, numbered, printed, proved, and given their paperwork, a batch at a time.

use std::path::Path;
use std::time::Instant;

use rayon::prelude::*;

use super::checking::{check_letters, check_mailers};
use super::composition::letter::LetterPress;
use super::composition::mailer::{MailerNumbers, MailerPress};
use super::composition::{BlockMaker, ComposedPiece, FACTS, LetterFault, LotSheetPress, PieceFault, Stamper};
use super::conformance::{conformance, output_intent, prove_files, standard};
use super::control_file::{ControlFile, control_file_name};
use super::imposition::SheetLayout;
use super::job_ticket::{TicketOrder, write_job_ticket};
use super::manifest::{ManifestWriter, manifest_name, template_name};
use super::paperwork::{OrderedFile, WorkOrder, work_order};
use super::planning::{DuePiece, Plan};
use super::printed_kind::PrintedKind;
use super::printing::{Batch, LotOrder, NumberedPiece, PrintedLot, Rows, print_lot};
use super::proofing::{Meant, Proof, Prove, extent, prove};
use super::release::digest;
use super::report::{FileSummary, LotSummary};
use super::run::NightOrder;
use super::sources::codes;
use super::{Phase, Watch};
use crate::failure::Failure;
use crate::ledger::{Ledger, LotEntry};
use crate::mail::calendar::french_date;
use crate::mail::job::{Bureau, Job, KeyPlace, Machine};
use crate::mail::lot::{LotName, MAX_SEQUENCE};
use crate::mail::piece::PieceKind;
use crate::mail::tracking::TrackingId;
use crate::pdf::{Grid, OutputIntent};
use crate::template::{CompiledTemplate, Facts, Manifest, Template, paperwork_fonts};
use crate::twoddoc::{SignFault, VerifyingKey};
use crate::vault::{CardCodes, CodesShelf, KeySummary, Recipients, describe, load_signing_key, recipients};

/// How many pieces are composed while as many are written.
const BATCH: usize = 512;

/// Where lots are made.
pub(super) struct Shop<'a> {
    pub order: &'a NightOrder<'a>,
    pub ledger: &'a Ledger,
    pub watch: &'a dyn Watch,
    /// Where files are staged; nothing is printed where there is none.
    pub staging: Option<&'a Path>,
}

/// Gives those of a batch that can be composed, and takes the others out of the plan.
type Check<'a> = dyn Fn(&mut Plan, Vec<DuePiece>) -> Result<Vec<DuePiece>, Failure> + Sync + 'a;

/// What a lot's printing and paperwork need besides its pieces.
struct KindOrder<'a> {
    kind: PieceKind,
    stamper: &'a Stamper<'a>,
    seal_to: Option<&'a Recipients>,
    proof_key: Option<&'a VerifyingKey>,
    key: Option<String>,
    /// Gives those of a batch that can be composed, and takes the others out of the plan.
    check: &'a Check<'a>,
    /// Composes one piece. What was checked before does not fail here.
    compose: &'a (dyn Fn(&NumberedPiece) -> Result<ComposedPiece, Failure> + Sync),
    intent: OutputIntent,
    layout: SheetLayout,
    /// The paper's name.
    media: &'a str,
}

impl Shop<'_> {
    fn job(&self) -> &Job {
        self.order.job
    }

    /// Checks tonight's letters and prints them.
    ///
    /// # Errors
    /// As [`Failure`] tells.
    pub fn letters(&self, plan: &mut Plan) -> Result<Option<PrintedKind>, Failure> {
        let kind = PieceKind::Letter;
        if plan.pieces(kind).next().is_none() {
            return Ok(None);
        }
        let sections = &self.job().sections;
        let intent = output_intent(self.job())?;
        let template = self.compile(&sections.letters.template, kind, plan)?;
        let stamper = self.stamper(&template, &sections.inserter.letters)?;
        let layout = SheetLayout::of(&sections.press, &template)?;
        let place = self.job().signing_key();
        let key = load_signing_key(&place, sections.signing.profile)?;
        let proof_key = key.verifying_key();
        let fingerprint = KeySummary::of_signing_key(&place, &key)?.fingerprint;
        let blocks = BlockMaker::new(&sections.signing, key, self.order.night)
            .map_err(|fault| Failure::Usage(fault.to_string()))?;
        let press = LetterPress::new(&stamper, &blocks, self.order.night);
        let order = KindOrder {
            kind,
            stamper: &stamper,
            seal_to: None,
            proof_key: Some(&proof_key),
            key: Some(fingerprint),
            check: &|plan, due| check_letters(plan, due, &press),
            compose: &|piece| {
                press.compose(&piece.piece.issuance, &piece.piece_id).map_err(|fault| match fault {
                    LetterFault::Piece(faults) => surprise(piece, &faults),
                    LetterFault::Signer(fault) => unsigned(piece, &fault),
                })
            },
            intent,
            layout,
            media: self.media(&template.manifest),
        };
        self.make(&order, plan)
    }

    /// Checks tonight's mailers and prints them.
    ///
    /// # Errors
    /// As [`Failure`] tells.
    pub fn mailers(&self, plan: &mut Plan) -> Result<Option<PrintedKind>, Failure> {
        let kind = PieceKind::Mailer;
        if plan.pieces(kind).next().is_none() {
            return Ok(None);
        }
        let sections = &self.job().sections;
        let seal_to = match sections.output.unsealed {
            true => None,
            false => Some(recipients(&sections.output.seal_to, |text| self.job().path(text))?),
        };
        let intent = output_intent(self.job())?;
        let template = self.compile(&sections.mailers.template, kind, plan)?;
        let stamper = self.stamper(&template, &sections.inserter.mailers)?;
        let layout = SheetLayout::of(&sections.press, &template)?;
        let press = MailerPress::new(&stamper, self.order.night);
        let shelf = codes(self.job())?;
        let order = KindOrder {
            kind,
            stamper: &stamper,
            seal_to: seal_to.as_ref(),
            proof_key: None,
            key: None,
            check: &|plan, due| check_mailers(plan, due, &press, &shelf),
            compose: &|piece| {
                let codes = card_codes(&shelf, piece)?;
                let tracking_id = piece.tracking.map(|id| id.to_string()).unwrap_or_default();
                let numbers = MailerNumbers { piece_id: piece.piece_id.clone(), tracking_id };
                let composed = press.compose(&piece.piece.issuance, &numbers, &codes);
                composed.map_err(|faults| surprise(piece, &faults))
            },
            intent,
            layout,
            media: self.media(&template.manifest),
        };
        self.make(&order, plan)
    }

    /// What press and tickets call the paper: the job's name for it, or the template's.
    fn media<'m>(&'m self, template: &'m Manifest) -> &'m str {
        self.job().sections.press.media(template.kind).unwrap_or(&template.media)
    }

    /// Makes a lot, or only checks its pieces where nothing is staged.
    fn make(&self, order: &KindOrder, plan: &mut Plan) -> Result<Option<PrintedKind>, Failure> {
        let due: Vec<u32> = plan.pieces(order.kind).collect();
        if let Some(staging) = self.staging {
            return self.print(order, plan, &due, staging);
        }
        for share in due.chunks(BATCH) {
            let loaded = plan.load(share)?;
            (order.check)(plan, loaded)?;
        }
        Ok(None)
    }

    /// Tells of faults of the mailers' configuration on the night of the letters, so that they can be mended before the
    /// codes have to follow. Letters need none of it, and leave all the same.
    pub fn warn_of_mailer_configuration(&self) {
        if let Err(failure) = self.check_mailer_configuration() {
            tracing::warn!("the mailers of tonight's cards can't be made as things stand: {failure}");
        }
    }

    fn check_mailer_configuration(&self) -> Result<(), Failure> {
        let sections = &self.job().sections;
        if !sections.output.unsealed {
            recipients(&sections.output.seal_to, |text| self.job().path(text))?;
        }
        self.find_template(&sections.mailers.template, PieceKind::Mailer)?;
        describe(&KeyPlace::File(self.job().path(&sections.input.codes_identity)))?;
        Ok(())
    }

    fn find_template(&self, template: &Path, kind: PieceKind) -> Result<Template, Failure> {
        let template = Template::find(&self.job().template(template))?;
        match template.manifest().kind {
            found if found == kind => Ok(template),
            found => Err(Failure::Usage(format!(
                "the job's {kind} template makes a {found}; correct the job file"
            ))),
        }
    }

    /// Lays out the variants that tonight's pieces need.
    fn compile(&self, template: &Path, kind: PieceKind, plan: &Plan) -> Result<CompiledTemplate, Failure> {
        let template = self.find_template(template, kind)?;
        let named = |values: [&str; FACTS.len()]| -> Facts {
            FACTS.into_iter().zip(values).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        let facts = plan.facts(kind).into_iter();
        let mut needed: Vec<Facts> = facts.map(|values| template.variant_of(&named(values))).collect();
        needed.sort();
        needed.dedup();
        self.watch.begin(Phase::Templates(kind), 0);
        let lot = self.job().sections.press.lot_sheets.then(|| self.facts_of_lot(&template));
        let bureau = facts_of_bureau(&self.job().sections.bureau);
        let compiled = template.compile_lot(&needed, &bureau, lot.as_ref())?;
        self.watch.end();
        Ok(compiled)
    }

    /// What the sheets at the ends of a lot say besides its numbers.
    fn facts_of_lot(&self, template: &Template) -> Facts {
        let manifest = template.manifest();
        [
            ("kind", manifest.kind.code().to_owned()),
            ("night", french_date(self.order.night)),
            ("template", manifest.title.clone()),
            ("media", self.media(manifest).to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }

    fn stamper<'t>(&self, template: &'t CompiledTemplate, machine: &Machine) -> Result<Stamper<'t>, Failure> {
        let press = &self.job().sections.press;
        Stamper::for_machine(template, Grid::new(press.dpi), press.bar_width_reduction, machine.clone())
            .map_err(|message| Failure::Usage(format!("template `{}`: {message}", template.name)))
    }

    /// Checks, numbers, prints and proves a lot, and writes its manifest and its work order.
    fn print(
        &self,
        order: &KindOrder,
        plan: &mut Plan,
        due: &[u32],
        staging: &Path,
    ) -> Result<Option<PrintedKind>, Failure> {
        let kind = order.kind;
        let lot = self.next_lot(kind)?;
        let mut numbering = self.numbering(&lot, kind, due.len() as u64)?;
        let first_tracking = numbering.next_tracking;
        let manifest = manifest_name(kind, &lot);
        let control_file = staging.join(control_file_name(kind, &lot));
        let rows = Rows {
            manifest: ManifestWriter::create(
                &staging.join(&manifest),
                &lot,
                kind,
                order.stamper,
                order.layout.imposed(),
            )?,
            control: ControlFile::create(&control_file, &lot, kind, order.stamper)?,
        };
        let mut batches = due.chunks(BATCH);
        let mut next = || next_batch(&mut batches, plan, order, &mut numbering);
        let fonts = order.stamper.fonts();
        let lot_order = self.lot_order(order, &lot, &fonts);
        self.watch.begin(Phase::Printing(kind), due.len() as u64);
        let printed = print_lot(&lot_order, rows, staging, &mut next, self.watch)?;
        self.watch.end();
        if printed.pieces.is_empty() {
            fs_err::remove_dir_all(staging.join(kind.folder()))?;
            return Ok(None);
        }
        let proving = Instant::now();
        let proof = self.prove(order, Path::new(&manifest), &printed, staging)?;
        let proof_seconds = proving.elapsed().as_secs_f64();
        let printed = Printed { lot, manifest, printed, first_tracking };
        let finished = self.finish(order, printed, staging)?;
        Ok(Some(PrintedKind { proof, proof_seconds, ..finished }))
    }

    fn lot_order<'a>(
        &self,
        order: &'a KindOrder,
        lot: &'a LotName,
        fonts: &'a [crate::pdf::FontProgram<'a>],
    ) -> LotOrder<'a> {
        let night = self.order.night;
        LotOrder {
            lot,
            kind: order.kind,
            stock: &order.stamper.template().stock,
            lot_sheets: LotSheetPress::new(order.stamper, lot, order.kind, order.layout.sides()),
            fonts,
            layout: order.layout,
            day: (night.year().unsigned_abs(), night.month().unsigned_abs(), night.day().unsigned_abs()),
            pieces_per_file: self.job().sections.output.pieces_per_file as usize,
            seal_to: order.seal_to,
            intent: &order.intent,
            conformance: conformance(self.job(), order.kind),
            weight_class: order.stamper.template().manifest.weight_class(),
            twins: self.order.prove != Prove::None,
        }
    }

    /// The paperwork of a printed lot, and what reports and ledger say of it.
    fn finish(&self, order: &KindOrder, made: Printed, staging: &Path) -> Result<PrintedKind, Failure> {
        let Printed { lot, manifest, printed, first_tracking } = made;
        let (kind, template) = (order.kind, order.stamper.template());
        let pieces = printed.pieces.len() as u64;
        let ends = [1, pieces as u32].map(|sequence| lot.piece_id(kind, sequence));
        let work_order = self.write_work_order(order, &lot, &ends, &printed, staging)?;
        let mut files: Vec<(String, String)> =
            printed.files.iter().map(|file| (file.path.clone(), file.sha256.clone())).collect();
        files.push((manifest.clone(), printed.manifest_sha256.clone()));
        files.push((work_order.clone(), digest(&staging.join(&work_order))?));
        let control_file = control_file_name(kind, &lot);
        let ticket = TicketOrder {
            kind,
            lot: &lot,
            night: self.order.night,
            template: &template.manifest,
            media: order.media,
            layout: order.layout,
            sealed: order.seal_to.is_some(),
        };
        let job_ticket = write_job_ticket(staging, &ticket, &printed)?;
        for path in [&control_file, &job_ticket] {
            files.push((path.clone(), digest(&staging.join(path))?));
        }
        let [first_piece, last_piece] = ends;
        let summary = LotSummary {
            lot: lot.to_string(),
            kind: kind.to_string(),
            pieces,
            first_piece,
            last_piece,
            work_order,
            manifest,
            control_file,
            job_ticket,
        };
        let template = format!("{} {}", template_name(&template.name), template.version);
        Ok(PrintedKind {
            staged: files.iter().map(|(path, _)| path.clone()).collect(),
            entry: LotEntry { lot, kind, template, pieces, files },
            proof: Proof::default(),
            proof_seconds: 0.0,
            first_tracking: first_tracking.filter(|_| kind == PieceKind::Mailer),
            files: printed.files.iter().map(file_summary).collect(),
            pieces: printed.pieces,
            summary,
            key: order.key.clone(),
        })
    }

    fn next_lot(&self, kind: PieceKind) -> Result<LotName, Failure> {
        let night = self.order.night;
        let rank = self.ledger.lots_of_night(night, kind)?;
        LotName::new(night, rank).ok_or_else(|| {
            Failure::Refused(format!("the night of {night} has 26 {kind} lots already; run on another date"))
        })
    }

    fn numbering(&self, lot: &LotName, kind: PieceKind, due: u64) -> Result<Numbering, Failure> {
        let next_tracking = match kind {
            PieceKind::Letter => None,
            PieceKind::Mailer => Some(self.first_tracking_number(due)?),
        };
        let prefix = self.job().sections.mailers.tracking_prefix.clone();
        Ok(Numbering { lot: lot.clone(), kind, next: 1, prefix, next_tracking })
    }

    /// The series goes on where it stopped, leaps to `first_tracking_number` where that was raised, and begins anew
    /// when its ten digits are used up.
    fn first_tracking_number(&self, pieces: u64) -> Result<u64, Failure> {
        const LAST: u64 = 9_999_999_999;
        let configured = self.job().sections.mailers.first_tracking_number;
        let next = self.ledger.last_tracking_number()?.map_or(configured, |last| (last + 1).max(configured));
        match next + pieces > LAST + 1 && configured + pieces <= LAST {
            true => Ok(configured),
            false => Ok(next),
        }
    }

    fn prove(
        &self,
        order: &KindOrder,
        manifest: &Path,
        printed: &PrintedLot,
        staging: &Path,
    ) -> Result<Proof, Failure> {
        if self.order.prove == Prove::None {
            return Ok(Proof::default());
        }
        let standard = standard(conformance(self.job(), order.kind), order.layout);
        let faults = prove_files(self.order.prove, printed, standard, staging)?;
        let Some(key) = order.proof_key else {
            return Ok(Proof { failures: faults, ..Proof::default() });
        };
        self.watch.begin(Phase::Proofing, extent(self.order.prove, printed));
        let template = order.stamper.template();
        let meant = Meant { template, layout: order.layout, key };
        let mut proof = prove(self.order.prove, manifest, printed, &meant, staging, self.watch)?;
        proof.failures.extend(faults);
        self.watch.end();
        Ok(proof)
    }

    /// Writes the lot's work order; gives its path, relative to the staging folder.
    fn write_work_order(
        &self,
        order: &KindOrder,
        lot: &LotName,
        ends: &[String; 2],
        printed: &PrintedLot,
        staging: &Path,
    ) -> Result<String, Failure> {
        let template = order.stamper.template();
        let pages: u32 = printed.files.iter().map(|file| file.pages).sum();
        let files: Vec<OrderedFile> = printed
            .files
            .iter()
            .map(|file| OrderedFile {
                path: &file.path,
                sha256: &file.sha256,
                pieces: file.pieces,
                pages: file.pages,
                bytes: file.bytes,
            })
            .collect();
        let sheet = WorkOrder {
            bureau: &self.job().sections.bureau.name,
            lot: lot.as_str(),
            kind: order.kind,
            night: self.order.night,
            pieces: printed.pieces.len() as u32,
            pages,
            sheets: order.layout.sheets(pages),
            layout: order.layout,
            lot_sheets: template.lot_sheets.is_some(),
            first_piece: &ends[0],
            last_piece: &ends[1],
            files: &files,
            template: template_name(&template.name),
            template_version: &template.version,
            key: order.key.as_deref(),
            media: order.media,
            sealed: order.seal_to.is_some(),
            weight_class: template.manifest.weight_class(),
            program: concat!("pli ", env!("CARGO_PKG_VERSION")),
        };
        let (regular, bold) = paperwork_fonts();
        let bytes = work_order(&sheet, regular, bold)
            .map_err(|error| Failure::Midway(format!("work order of lot {lot}: {error}")))?;
        let path = format!("{}/{lot}.work-order.pdf", order.kind.folder());
        super::release::write_whole(&staging.join(&path), &bytes)?;
        Ok(path)
    }
}

/// A lot between the press and its paperwork.
struct Printed {
    lot: LotName,
    manifest: String,
    printed: PrintedLot,
    first_tracking: Option<u64>,
}

/// The numbers of a lot, given one after the other.
struct Numbering {
    lot: LotName,
    kind: PieceKind,
    next: u32,
    prefix: String,
    next_tracking: Option<u64>,
}

impl Numbering {
    fn number(&mut self, piece: DuePiece) -> Result<NumberedPiece, Failure> {
        let sequence = self.next;
        if sequence > MAX_SEQUENCE {
            return Err(Failure::Refused(format!(
                "more than {MAX_SEQUENCE} pieces in one lot, and sequences have six digits\n  split the record files over two runs",
            )));
        }
        let tracking = self.next_tracking.map(|number| TrackingId::new(&self.prefix, number)).transpose();
        let tracking = tracking.map_err(|fault| Failure::Usage(format!("`mailers`: {fault}")))?;
        self.next += 1;
        self.next_tracking = self.next_tracking.map(|number| number + 1);
        Ok(NumberedPiece { piece, sequence, piece_id: self.lot.piece_id(self.kind, sequence), tracking })
    }
}

/// The next batch that has pieces: brought back, checked, numbered, composed.
fn next_batch(
    batches: &mut std::slice::Chunks<u32>,
    plan: &mut Plan,
    order: &KindOrder,
    numbering: &mut Numbering,
) -> Result<Option<Batch>, Failure> {
    for share in batches {
        let loaded = plan.load(share)?;
        let passed = (order.check)(plan, loaded)?;
        let numbered: Vec<NumberedPiece> =
            passed.into_iter().map(|piece| numbering.number(piece)).collect::<Result<_, _>>()?;
        if !numbered.is_empty() {
            let compose = |piece: NumberedPiece| {
                let composed = (order.compose)(&piece)?;
                Ok((piece, composed))
            };
            return numbered.into_par_iter().with_min_len(4).map(compose).collect::<Result<_, _>>().map(Some);
        }
    }
    Ok(None)
}

/// What pieces say about the sender, as templates get it.
pub(super) fn facts_of_bureau(bureau: &Bureau) -> Facts {
    [
        ("bureau-name", bureau.name.clone()),
        ("bureau-return-address", bureau.return_address.join("\n")),
        ("bureau-office-address", bureau.office_address.join("\n")),
        ("bureau-phone", bureau.phone.clone()),
        ("bureau-phone-overseas", bureau.phone_overseas.clone()),
        ("bureau-website", bureau.website.clone()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

fn card_codes(shelf: &CodesShelf, piece: &NumberedPiece) -> Result<CardCodes, Failure> {
    let codes = shelf.codes(piece.piece.issuance.card_number.as_str()).and_then(Result::ok);
    codes.ok_or_else(|| {
        Failure::Midway(format!("{}: its codes were there and are not any more", piece.piece_id))
    })
}

/// A piece that passed its check can be composed; if not, the program is at fault.
fn surprise(piece: &NumberedPiece, faults: &[PieceFault]) -> Failure {
    let fault = faults.first().map_or("unknown", |fault| fault.code);
    Failure::Midway(format!(
        "{}: passed its check and can't be composed ({fault}); report this",
        piece.piece_id
    ))
}

/// The signer failed while the night was under way.
fn unsigned(piece: &NumberedPiece, fault: &SignFault) -> Failure {
    Failure::Midway(format!(
        "{}: its block was not signed: {fault}; nothing was released\n  see that the HSM is there, then run the same command again",
        piece.piece_id
    ))
}

fn file_summary(file: &super::printing::PrintedFile) -> FileSummary {
    FileSummary {
        path: file.path.clone(),
        sha256: file.sha256.clone(),
        pieces: file.pieces,
        pages: file.pages,
        bytes: file.bytes,
    }
}
