//! Lots: the pieces of one kind are checked, numbered, printed, proved, and given their paperwork.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use super::checking::{check_letters, check_mailers};
use super::composition::letter::LetterPress;
use super::composition::mailer::{MailerNumbers, MailerPress};
use super::composition::{BlockMaker, LetterFault, PieceFault, Stamper, facts};
use super::manifest::{manifest_name, template_name, write_manifest};
use super::paperwork::{OrderedFile, WorkOrder, work_order};
use super::planning::{DuePiece, Plan};
use super::printing::{Compose, LotOrder, NumberedPiece, PrintedLot, print_lot};
use super::proofing::{Proof, Prove, extent, prove};
use super::release::digest;
use super::report::{FileSummary, LotSummary, Report};
use super::run::NightOrder;
use super::sources::codes;
use super::{Phase, Watch};
use crate::failure::Failure;
use crate::ledger::{Ledger, LotEntry, PieceEntry};
use crate::mail::job::{Bureau, Job, KeyPlace};
use crate::mail::lot::{LotName, MAX_SEQUENCE};
use crate::mail::piece::PieceKind;
use crate::mail::tracking::TrackingId;
use crate::pdf::Grid;
use crate::template::{CompiledTemplate, Facts, Template, paperwork_fonts};
use crate::twoddoc::{SignFault, VerifyingKey};
use crate::vault::{CardCodes, CodesShelf, KeySummary, Recipients, describe, load_signing_key, recipients};

/// Where lots are made.
pub(super) struct Shop<'a> {
    pub order: &'a NightOrder<'a>,
    pub ledger: &'a Ledger,
    pub watch: &'a dyn Watch,
    /// Where files are staged; nothing is printed where there is none.
    pub staging: Option<&'a Path>,
}

/// A lot that was printed.
pub(super) struct PrintedKind {
    pub entry: LotEntry,
    pub proof: Proof,
    pub proof_seconds: f64,
    /// All its files, relative to the staging folder.
    pub staged: Vec<String>,
    files: Vec<FileSummary>,
    summary: LotSummary,
    key: Option<String>,
}

impl PrintedKind {
    pub fn pieces(&self) -> u64 {
        self.entry.pieces.len() as u64
    }

    /// Adds the lot to a report.
    pub fn tell(&self, report: &mut Report) {
        report.lots.push(self.summary.clone());
        report.files.extend(self.files.iter().cloned());
        report.templates.insert(self.entry.kind.code().to_owned(), self.entry.template.clone());
        if let Some(key) = &self.key {
            report.keys.insert("signing".to_owned(), key.clone());
        }
    }
}

/// What a lot's printing and paperwork need besides its pieces.
struct KindOrder<'a> {
    kind: PieceKind,
    stamper: &'a Stamper<'a>,
    seal_to: Option<&'a Recipients>,
    proof_key: Option<&'a VerifyingKey>,
    key: Option<String>,
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
        let due = plan.pieces(PieceKind::Letter);
        if due.is_empty() {
            return Ok(None);
        }
        let sections = &self.job().sections;
        let template = self.compile(&sections.letters.template, PieceKind::Letter, &due)?;
        let stamper = self.stamper(&template)?;
        let place = self.job().signing_key();
        let key = load_signing_key(&place, sections.signing.profile)?;
        let proof_key = key.verifying_key();
        let fingerprint = KeySummary::of_signing_key(&place, &key)?.fingerprint;
        let blocks = BlockMaker::new(&sections.signing, key, self.order.night)
            .map_err(|fault| Failure::Usage(fault.to_string()))?;
        let press = LetterPress::new(&stamper, &blocks, self.order.night);
        check_letters(plan, &due, &press);
        let order = KindOrder {
            kind: PieceKind::Letter,
            stamper: &stamper,
            seal_to: None,
            proof_key: Some(&proof_key),
            key: Some(fingerprint),
        };
        let compose = |piece: &NumberedPiece| {
            press.compose(piece.piece.issuance, &piece.piece_id).map_err(|fault| match fault {
                LetterFault::Piece(faults) => surprise(piece, &faults),
                LetterFault::Signer(fault) => unsigned(piece, &fault),
            })
        };
        self.print(&order, plan.pieces(PieceKind::Letter), &compose)
    }

    /// Checks tonight's mailers and prints them.
    ///
    /// # Errors
    /// As [`Failure`] tells.
    pub fn mailers(&self, plan: &mut Plan) -> Result<Option<PrintedKind>, Failure> {
        let due = plan.pieces(PieceKind::Mailer);
        if due.is_empty() {
            return Ok(None);
        }
        let sections = &self.job().sections;
        let seal_to = match sections.output.unsealed {
            true => None,
            false => Some(recipients(&sections.output.seal_to, |text| self.job().path(text))?),
        };
        let template = self.compile(&sections.mailers.template, PieceKind::Mailer, &due)?;
        let stamper = self.stamper(&template)?;
        let press = MailerPress::new(&stamper, self.order.night);
        let shelf = codes(self.job())?;
        check_mailers(plan, &due, &press, &shelf);
        let order = KindOrder {
            kind: PieceKind::Mailer,
            stamper: &stamper,
            seal_to: seal_to.as_ref(),
            proof_key: None,
            key: None,
        };
        let compose = |piece: &NumberedPiece| {
            let codes = card_codes(&shelf, piece)?;
            let tracking_id = piece.tracking.map(|id| id.to_string()).unwrap_or_default();
            let numbers = MailerNumbers { piece_id: piece.piece_id.clone(), tracking_id };
            press.compose(piece.piece.issuance, &numbers, &codes).map_err(|faults| surprise(piece, &faults))
        };
        self.print(&order, plan.pieces(PieceKind::Mailer), &compose)
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
    fn compile(
        &self,
        template: &Path,
        kind: PieceKind,
        due: &[DuePiece],
    ) -> Result<CompiledTemplate, Failure> {
        let template = self.find_template(template, kind)?;
        let needed: BTreeSet<Facts> =
            due.iter().map(|piece| template.variant_of(&facts(kind, piece.issuance))).collect();
        let needed: Vec<Facts> = needed.into_iter().collect();
        self.watch.begin(Phase::Templates(kind), 0);
        let compiled = template.compile(&needed, &facts_of_bureau(&self.job().sections.bureau))?;
        self.watch.end();
        Ok(compiled)
    }

    fn stamper<'t>(&self, template: &'t CompiledTemplate) -> Result<Stamper<'t>, Failure> {
        let press = &self.job().sections.press;
        Stamper::new(template, Grid::new(press.dpi), press.bar_width_reduction)
            .map_err(|message| Failure::Usage(format!("template `{}`: {message}", template.name)))
    }

    /// Numbers, prints and proves a lot, and writes its manifest and its work order.
    fn print(
        &self,
        order: &KindOrder,
        due: Vec<DuePiece>,
        compose: &Compose,
    ) -> Result<Option<PrintedKind>, Failure> {
        let (Some(staging), false) = (self.staging, due.is_empty()) else { return Ok(None) };
        let kind = order.kind;
        let template = order.stamper.template();
        let lot = self.next_lot(kind)?;
        let pieces = self.number(&lot, kind, due)?;
        let night = self.order.night;
        let fonts = order.stamper.fonts();
        let lot_order = LotOrder {
            lot: &lot,
            kind,
            stock: &template.stock,
            fonts: &fonts,
            grid: order.stamper.grid(),
            day: (night.year().unsigned_abs(), night.month().unsigned_abs(), night.day().unsigned_abs()),
            pieces_per_file: self.job().sections.output.pieces_per_file as usize,
            seal_to: order.seal_to,
        };
        self.watch.begin(Phase::Printing(kind), pieces.len() as u64);
        let printed = print_lot(&lot_order, &pieces, staging, compose, self.watch)?;
        self.watch.end();
        let manifest = manifest_name(kind, &lot);
        write_manifest(&staging.join(&manifest), kind, &lot, template, &pieces, &printed)?;
        let proving = Instant::now();
        let proof = self.prove(order, &pieces, &printed, staging)?;
        let proof_seconds = proving.elapsed().as_secs_f64();
        let work_order = self.write_work_order(order, &lot, &pieces, &printed, staging)?;
        let mut staged: Vec<String> = printed.files.iter().map(|file| file.path.clone()).collect();
        staged.extend([manifest.clone(), work_order.clone()]);
        let files = with_digests(staging, &printed, &staged)?;
        let summary = LotSummary {
            lot: lot.to_string(),
            kind: kind.to_string(),
            pieces: pieces.len() as u64,
            first_piece: pieces.first().map(|piece| piece.piece_id.clone()).unwrap_or_default(),
            last_piece: pieces.last().map(|piece| piece.piece_id.clone()).unwrap_or_default(),
            work_order,
            manifest,
        };
        Ok(Some(PrintedKind {
            entry: LotEntry {
                lot,
                kind,
                template: format!("{} {}", template_name(&template.name), template.version),
                pieces: entries(&pieces, &printed),
                files,
            },
            proof,
            proof_seconds,
            staged,
            files: printed.files.iter().map(file_summary).collect(),
            summary,
            key: order.key.clone(),
        }))
    }

    fn next_lot(&self, kind: PieceKind) -> Result<LotName, Failure> {
        let night = self.order.night;
        let rank = self.ledger.lots_of_night(night, kind)?;
        LotName::new(night, rank).ok_or_else(|| {
            Failure::Refused(format!("the night of {night} has 26 {kind} lots already; run on another date"))
        })
    }

    fn number<'p>(
        &self,
        lot: &LotName,
        kind: PieceKind,
        due: Vec<DuePiece<'p>>,
    ) -> Result<Vec<NumberedPiece<'p>>, Failure> {
        if due.len() > MAX_SEQUENCE as usize {
            return Err(Failure::Refused(format!(
                "{} pieces in one lot, and sequences have six digits\n  split the record files over two runs",
                due.len()
            )));
        }
        let mailers = &self.job().sections.mailers;
        let first = self.first_tracking_number(due.len() as u64)?;
        let mut numbered = Vec::with_capacity(due.len());
        for (sequence, piece) in (1..).zip(due) {
            let tracking = match kind {
                PieceKind::Letter => None,
                PieceKind::Mailer => {
                    let number = first + u64::from(sequence) - 1;
                    let id = TrackingId::new(&mailers.tracking_prefix, number);
                    Some(id.map_err(|fault| Failure::Usage(format!("`mailers`: {fault}")))?)
                }
            };
            numbered.push(NumberedPiece {
                piece,
                sequence,
                piece_id: lot.piece_id(kind, sequence),
                tracking,
            });
        }
        Ok(numbered)
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
        pieces: &[NumberedPiece],
        printed: &PrintedLot,
        staging: &Path,
    ) -> Result<Proof, Failure> {
        let Some(key) = order.proof_key.filter(|_| self.order.prove != Prove::None) else {
            return Ok(Proof::default());
        };
        self.watch.begin(Phase::Proofing, extent(self.order.prove, printed));
        let template = order.stamper.template();
        let proof = prove(self.order.prove, pieces, printed, template, key, staging, self.watch)?;
        self.watch.end();
        Ok(proof)
    }

    /// Writes the lot's work order; gives its path, relative to the staging folder.
    fn write_work_order(
        &self,
        order: &KindOrder,
        lot: &LotName,
        pieces: &[NumberedPiece],
        printed: &PrintedLot,
        staging: &Path,
    ) -> Result<String, Failure> {
        let template = order.stamper.template();
        let pages: u32 = printed.files.iter().map(|file| file.pages).sum();
        let duplex = printed.pieces.first().is_some_and(|piece| piece.pages > 1);
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
            pieces: pieces.len() as u32,
            pages,
            sheets: if duplex { pages.div_ceil(2) } else { pages },
            duplex,
            first_piece: pieces.first().map_or("", |piece| &piece.piece_id),
            last_piece: pieces.last().map_or("", |piece| &piece.piece_id),
            files: &files,
            template: template_name(&template.name),
            template_version: &template.version,
            key: order.key.as_deref(),
            media: &template.manifest.media,
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

fn entries(pieces: &[NumberedPiece], printed: &PrintedLot) -> Vec<PieceEntry> {
    let placed = pieces.iter().zip(&printed.pieces);
    placed
        .map(|(piece, place)| PieceEntry {
            origin: piece.piece.origin,
            piece_id: piece.piece_id.clone(),
            sequence: piece.sequence,
            file: printed.files[place.file].path.clone(),
            first_page: place.first_page,
            pages: place.pages,
            tracking: piece.tracking.map(TrackingId::number),
        })
        .collect()
}

/// The staged files with their SHA-256: known for print files, computed for the others.
fn with_digests(
    staging: &Path,
    printed: &PrintedLot,
    staged: &[String],
) -> Result<Vec<(String, String)>, Failure> {
    let mut files = Vec::with_capacity(staged.len());
    for path in staged {
        let known = printed.files.iter().find(|file| file.path == *path).map(|file| file.sha256.clone());
        let sha256 = match known {
            Some(sha256) => sha256,
            None => digest(&staging.join(path))?,
        };
        files.push((path.clone(), sha256));
    }
    Ok(files)
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
