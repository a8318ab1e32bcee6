//! The lots of an order: the pieces of one lot that are printed again, with the template and the settings of their originals.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use composition::{
    BlockComposer, BlockMap, CheckedPiece, ComposedPiece, LetterComposer, LetterFault, PieceNumbers, Stamper,
    fact_values,
};
use jiff::civil::Date;
use mail::issuance::Issuance;
use mail::lot::{LotName, LotPosition};
use print_file::{Conformance, OutputIntent};
use rayon::prelude::*;

use super::report::{AgainLot, AgainPiece};
use crate::approvals::{self, Allowed};
use crate::failure::Failure;
use crate::kept::KeptTemplate;
use crate::ledger::{Ledger, ReleaseMark, ReleasedPiece};
use crate::night::certifying::certify;
use crate::night::lot::{
    AgainNames, Lot, LotNumbers, NumberedPiece, Numbering, SheetLayout, TemplateIdentity,
};
use crate::night::order::{NightOrder, Progress};
use crate::night::paperwork::{Deposit, write_paperwork};
use crate::night::planning::DuePiece;
use crate::night::printing::SheetCount;
use crate::night::production::{
    AgainMailer, AgainTask, LotOrder, LotPress, PreparedPieces, PrintedPieces, Stage, StageOrder, StockCache,
    Task, lay_out, not_printable, refuse_heavy_pieces, stamper,
};
use crate::night::recording::FinishedLot;
use crate::vault::{KeySummary, ProofSalts, load_signing_key};

/// The pieces of one lot that are printed again, in the order of that lot.
pub(super) struct Group<'o> {
    /// The lot of the originals.
    pub original: &'o LotName,
    /// The pieces.
    pub pieces: Vec<&'o ReleasedPiece>,
}

impl<'o> Group<'o> {
    /// The groups of an order's pieces, which are of one kind.
    pub(super) fn all(pieces: &'o [ReleasedPiece]) -> Vec<Group<'o>> {
        let mut lots: BTreeMap<&LotName, Vec<&ReleasedPiece>> = BTreeMap::new();
        for piece in pieces {
            lots.entry(&piece.original.0).or_default().push(piece);
        }
        let group = |(original, mut pieces): (&'o LotName, Vec<&'o ReleasedPiece>)| {
            pieces.sort_by_key(|piece| piece.original.1);
            Group { original, pieces }
        };
        lots.into_iter().map(group).collect()
    }

    /// Its pieces with their records.
    fn records(&self) -> impl Iterator<Item = (&'o ReleasedPiece, &'o Issuance)> {
        self.pieces.iter().filter_map(|piece| Some((*piece, piece.issuance.as_ref()?)))
    }

    fn names(&self) -> Arc<[AgainNames]> {
        let names = |piece: &&ReleasedPiece| AgainNames {
            piece_id: piece.attempt_id(piece.attempt + 1),
            reprint_of: piece.piece_id.clone(),
        };
        self.pieces.iter().map(names).collect()
    }
}

/// A lot of pieces that were printed again.
pub(super) struct ReprintedLot {
    /// The lot with its files.
    pub finished: FinishedLot,
    /// The duty and the attempt of each piece, in its order.
    pub attempts: Vec<(i64, u32)>,
}

impl ReprintedLot {
    /// The lot as a report has it.
    pub(super) fn summary(&self) -> AgainLot {
        let FinishedLot { lot, files, .. } = &self.finished;
        let names = lot.numbers.again.iter().flat_map(|names| names.iter());
        AgainLot {
            lot: lot.name().to_string(),
            kind: lot.kind().code().to_owned(),
            reprint_of: lot.name().original().map(|lot| lot.to_string()).unwrap_or_default(),
            pieces: names
                .map(|names| AgainPiece {
                    piece_id: names.piece_id.clone(),
                    original: names.reprint_of.clone(),
                })
                .collect(),
            files: lot.files.clone(),
            work_order: files.work_order.clone(),
            manifest: files.manifest.clone(),
            control_file: files.control_file.clone(),
            deposit: files.deposit.clone(),
            job_ticket: files.job_ticket.clone(),
            certificate: files.certificate.clone(),
        }
    }
}

/// Prints the lots of an order.
pub(super) struct Reprinter<'a> {
    /// Job and day.
    pub order: &'a NightOrder<'a>,
    /// Receives the progress.
    pub progress: &'a dyn Progress,
    /// The laid-out stock of earlier runs.
    pub stock: &'a StockCache,
    /// The ledger.
    pub ledger: &'a Ledger,
    /// The staging folder.
    pub staging: &'a Path,
    /// The release of the ledger that the lots become.
    pub mark: &'a ReleaseMark,
    /// The salts of its pieces.
    pub salts: ProofSalts,
    /// The keys that may be used.
    pub allowed: &'a Allowed,
}

/// What the pieces of a group are printed with.
struct Setting<'a> {
    numbers: LotNumbers,
    kept: Arc<KeptTemplate>,
    stamper: Stamper<'a>,
    layout: SheetLayout,
    intent: OutputIntent,
}

impl Reprinter<'_> {
    /// Prints and proves the lot of a group; `stage` makes mailers, whose codes files it has opened.
    ///
    /// # Errors
    /// `template_gone`, `template_changed`; `paper_opacity`; `not_printable`: a record does not fit; key, template and I/O errors.
    pub(super) fn print(
        &self,
        group: &Group,
        first_tracking: Option<u64>,
        stage: Option<&mut Stage>,
    ) -> Result<ReprintedLot, Failure> {
        let Some(first) = group.pieces.first() else { return Err(Failure::bug("a lot without pieces")) };
        let kept = first.kept.as_deref().unwrap_or_default();
        let kept = Arc::new(KeptTemplate::open(&self.order.job.kept_templates().join(kept))?);
        let numbers = LotNumbers {
            name: self.ledger.next_reprint_lot(group.original, first.kind)?,
            kind: first.kind,
            first_tracking,
            again: Some(group.names()),
        };
        let finished = match stage {
            None => self.letters(group, numbers, kept)?,
            Some(stage) => self.mailers(group, numbers, kept, stage)?,
        };
        let attempts = group.pieces.iter().map(|piece| (piece.duty, piece.attempt + 1)).collect();
        Ok(ReprintedLot { finished, attempts })
    }

    /// Prints letters. They are signed with the job's present key, of whose certificate the block tells.
    fn letters(
        &self,
        group: &Group,
        numbers: LotNumbers,
        kept: Arc<KeptTemplate>,
    ) -> Result<FinishedLot, Failure> {
        let facts =
            group.records().map(|(_, record)| fact_values(numbers.kind, record)).collect::<BTreeSet<_>>();
        let bureau = &kept.facts().bureau;
        let template =
            lay_out(self.order, self.progress, self.stock, &kept.template()?, bureau, facts, None)?;
        refuse_heavy_pieces(self.order.job, &template)?;
        let press = kept.facts().press();
        let setting = &Setting {
            numbers,
            stamper: stamper(&template, &press, kept.facts().inserter.clone())?,
            layout: SheetLayout::of(&press, &template)?,
            intent: kept.output_intent()?,
            kept,
        };
        let (settings, day) = (self.order.job.letters(), self.order.night);
        let Some(signing) = &setting.kept.facts().signing else {
            return Err(Failure::bug("what is kept of a letter's template says nothing of its block"));
        };
        let key = load_signing_key(&settings.key, settings.profile)
            .map_err(|error| error.in_job(settings.profile.making_a_key(), true))?;
        let proof_key = key.verifying_key();
        let summary = KeySummary::of_signing_key(&settings.key, &key)?;
        self.allowed.check([approvals::signing_key(&summary)])?;
        let map = BlockMap {
            document_type: signing.document_type.clone(),
            fields: signing.fields.clone(),
            ..settings.block_map
        };
        let blocks = BlockComposer::new(&map, key, day)?;
        let composer = LetterComposer::new(&setting.stamper, &blocks, first_night(group, day)).again(day);
        let checked = check(group, |piece, record| {
            let checked = composer.check(record).map(|(checked, _)| checked);
            checked.map_err(|faults| not_printable(&piece.piece_id, &faults))
        })?;
        let press = self.press(setting);
        let press = LotPress {
            proof_key: Some(&proof_key),
            key: Some(&summary.fingerprint),
            block_map: Some(&map),
            first_night: first_night(group, day),
            ..press
        };
        self.finish(group, &press, setting, checked, &|piece, checked| {
            let numbers = PieceNumbers {
                piece_id: &piece.piece_id,
                tracking_id: "",
                position: Some(position(setting, piece)),
            };
            composer.compose(checked, &numbers).map_err(|fault| match fault {
                LetterFault::Piece(faults) => not_printable(&piece.piece_id, &faults),
                LetterFault::Signer(fault) => Failure::midway(
                    "not_signed",
                    format!("{}: its block was not signed: {fault}; nothing was released", piece.piece_id),
                )
                .with_advice("see that the HSM is there, then run the same command again")
                .caused_by(fault),
            })
        })
    }

    /// Has the mailer stage print mailers, sealed to the job's present recipients, and writes the lot's paperwork.
    fn mailers(
        &self,
        group: &Group,
        numbers: LotNumbers,
        kept: Arc<KeptTemplate>,
        stage: &mut Stage,
    ) -> Result<FinishedLot, Failure> {
        let task = Task::Again(AgainTask {
            kept: kept.id().to_owned(),
            first_night: first_night(group, self.order.night),
            pieces: again_pieces(group.pieces.iter().copied()),
            lot: LotOrder::of(&numbers, self.staging.to_owned(), self.mark.clone(), None),
        });
        let mut printed = PrintedPieces::default();
        let made = stage.ask(&stage_order(self.order, self.allowed, task), &mut printed)?;
        let made = made.ok_or_else(|| Failure::bug("a lot without pieces"))?;
        let (template, press) = (TemplateIdentity::of(&kept.template()?), kept.facts().press());
        let sealed = self.order.job.seals(numbers.kind);
        let lot = made.into_lot(numbers, template, &press, sealed, printed.0)?;
        self.with_paperwork(group, Lot { kept: Some(kept), ..lot })
    }
}

/// The mailers among these pieces, with their records, as the mailer stage gets them.
pub(super) fn again_pieces<'p>(pieces: impl Iterator<Item = &'p ReleasedPiece>) -> Vec<AgainMailer> {
    let piece = |piece: &ReleasedPiece| {
        Some(AgainMailer { piece_id: piece.piece_id.clone(), issuance: piece.issuance.clone()? })
    };
    pieces.filter_map(piece).collect()
}

/// The order of a task of the mailer stage.
pub(super) fn stage_order(order: &NightOrder, allowed: &Allowed, task: Task) -> StageOrder {
    let NightOrder { job, night, prove, .. } = *order;
    StageOrder { job: job.digest().to_owned(), night, prove, begun: true, allowed: allowed.clone(), task }
}

impl Reprinter<'_> {
    /// The press of a lot without keys.
    fn press<'p>(&'p self, setting: &'p Setting<'p>) -> LotPress<'p> {
        LotPress {
            order: self.order,
            progress: self.progress,
            numbers: &setting.numbers,
            stamper: &setting.stamper,
            stock: self.stock,
            layout: setting.layout,
            intent: &setting.intent,
            conformance: match setting.kept.facts().archive {
                true => Conformance::PressAndArchive,
                false => Conformance::Press,
            },
            seal_to: None,
            proof_key: None,
            key: None,
            block_map: None,
            codes: None,
            first_night: self.order.night,
            kept: Some(Arc::clone(&setting.kept)),
            staging: self.staging,
            mark: self.mark,
            salts: Some(&self.salts),
        }
    }

    /// Numbers, composes, prints and proves what was checked, and writes the lot's paperwork.
    fn finish<C: CheckedPiece + Send>(
        &self,
        group: &Group,
        press: &LotPress,
        setting: &Setting,
        checked: Vec<(DuePiece, C)>,
        compose: &(dyn Fn(&NumberedPiece, C) -> Result<ComposedPiece, Failure> + Sync),
    ) -> Result<FinishedLot, Failure> {
        let prefix = setting.kept.facts().tracking_prefix.as_deref().unwrap_or_default();
        let mut numbering = Numbering::begin(&setting.numbers, prefix);
        let number = |(piece, checked)| Ok((numbering.number(piece)?, checked));
        let numbered: Vec<_> = checked.into_iter().map(number).collect::<Result<_, Failure>>()?;
        let expected = numbered.len() as u64;
        let sheets = SheetCount::begin(setting.layout, self.order.job.pieces_per_file());
        let mut pieces = PreparedPieces::new(numbered, compose, sheets);
        let lot = press.print(&mut pieces, expected, false)?;
        let mut lot = lot.ok_or_else(|| Failure::bug("a lot without pieces"))?;
        lot.unrecorded = pieces.printed();
        self.with_paperwork(group, lot)
    }

    /// Writes the paperwork of a lot.
    fn with_paperwork(&self, group: &Group, lot: Lot) -> Result<FinishedLot, Failure> {
        let mut deposit = Deposit::begin(&lot, self.order.job, self.staging)?;
        group.records().try_for_each(|(_, record)| deposit.add(&record.address))?;
        let parts = deposit.finish(self.staging)?;
        let mut files = write_paperwork(&lot, &parts, self.order, self.staging)?;
        let alert = certify(&lot, &mut files, self.order, self.allowed, &self.salts, self.staging)?;
        Ok(FinishedLot { lot, files, alert })
    }
}

/// The pieces of a group with what `check` makes of each.
fn check<C: Send>(
    group: &Group,
    check: impl Fn(&ReleasedPiece, &Issuance) -> Result<C, Failure> + Sync,
) -> Result<Vec<(DuePiece, C)>, Failure> {
    let records: Vec<_> = (0..).zip(group.records()).collect();
    let checked = records.into_par_iter().with_min_len(8).map(|(entry, (piece, record))| {
        let checked = check(piece, record)?;
        Ok((DuePiece { entry, issuance: record.clone() }, checked))
    });
    checked.collect()
}

/// The night of the originals, from which dates other than that of the day are counted.
fn first_night(group: &Group, day: Date) -> Date {
    group.pieces.first().map_or(day, |piece| piece.first_night)
}

fn position<'p>(setting: &'p Setting, piece: &NumberedPiece) -> LotPosition<'p> {
    let LotNumbers { name, kind, .. } = &setting.numbers;
    LotPosition { lot: name, kind: *kind, sequence: piece.sequence }
}
