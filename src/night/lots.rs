//! Lots: the pieces of one kind are checked, numbered, printed and proved, a batch at a time.

mod batches;
mod templates;

use std::path::Path;
use std::time::Instant;

use batches::LotBatches;
pub(super) use templates::{facts_of_bureau, find_template, misfit};

use super::checking::{Passed, check_letters, check_mailers};
use super::conformance::{conformance, output_intent, prove_files, standard};
use super::control_file::{ControlFile, control_file_name};
use super::imposition::SheetLayout;
use super::keeper::Keeper;
use super::manifest::{ManifestWriter, manifest_name, template_name};
use super::numbering::{Numbering, Series};
use super::planning::{DuePiece, Plan};
use super::pressed::{Dress, Pressed};
use super::printing::{LotOrder, NumberedPiece, PrintedLot, Rows, Tally, print_lot};
use super::proofing::{Meant, Proof, Prove, extent, prove};
use super::run::NightOrder;
use super::shard::Shard;
use super::sources::codes;
use super::{Phase, Watch};
use crate::failure::{Failure, with_advice};
use crate::job::{Job, KeyPlace};
use crate::vault::{KeySummary, Recipients, describe, load_signing_key, recipients};
use crate::vault::{MailerComposer, MailerNumbers};
use composition::LetterComposer;
use composition::{
    BlockComposer, CheckedPiece, ComposedPiece, LetterFault, LotSheetComposer, PieceFault, Stamper,
};
use mail::lot::LotName;
use mail::piece::PieceKind;
use print_file::OutputIntent;
use twoddoc::{SignFault, VerifyingKey};

/// How many pieces are checked and composed at a time, on all cores.
const BATCH: usize = 1024;

/// Where lots are made.
pub(super) struct Shop<'a> {
    pub order: &'a NightOrder<'a>,
    pub watch: &'a dyn Watch,
    /// How lots are printed; their pieces are only checked where they are not.
    pub press: Option<PressRoom<'a>>,
}

/// Where and how lots are printed.
pub(super) struct PressRoom<'a> {
    /// Where files are staged.
    pub staging: &'a Path,
    /// Tonight's lots.
    pub series: &'a [Series],
    /// The only share of them to print, where not all.
    pub shard: Option<Shard>,
}

impl PressRoom<'_> {
    /// Whether a piece is printed here.
    fn prints(&self, kind: PieceKind, sequence: u32, pieces_per_file: u32) -> bool {
        self.shard.is_none_or(|shard| shard.holds_file(kind, (sequence - 1) / pieces_per_file))
    }
}

/// Gives those of a batch that can be composed, and takes the others out of the plan.
type Check<'a, C> = dyn Fn(&mut Plan, Vec<DuePiece>) -> Result<Passed<C>, Failure> + 'a;

/// What a lot's printing and paperwork need besides its pieces, which are `C` between check and composition.
struct KindOrder<'a, C> {
    kind: PieceKind,
    stamper: &'a Stamper<'a>,
    seal_to: Option<&'a Recipients>,
    proof_key: Option<&'a VerifyingKey>,
    key: Option<String>,
    /// Gives those of a batch that can be composed, and takes the others out of the plan.
    check: &'a Check<'a, C>,
    /// Composes one piece. What was checked does not fail here, but for a signer.
    compose: &'a (dyn Fn(&NumberedPiece, C) -> Result<ComposedPiece, Failure> + Sync),
    intent: OutputIntent,
    layout: SheetLayout,
}

impl Shop<'_> {
    fn job(&self) -> &Job {
        self.order.job
    }

    /// Checks tonight's letters and prints them.
    ///
    /// # Errors
    /// As [`Failure`] tells.
    pub fn letters(&self, plan: &mut Plan, keeper: Option<&mut Keeper>) -> Result<Option<Pressed>, Failure> {
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
        let blocks = BlockComposer::new(&sections.signing.block_map(), key, self.order.night)
            .map_err(|fault| Failure::Usage(with_advice(&fault, fault.advice())))?;
        let press = LetterComposer::new(&stamper, &blocks, self.order.night);
        let order = KindOrder {
            kind,
            stamper: &stamper,
            seal_to: None,
            proof_key: Some(&proof_key),
            key: Some(fingerprint),
            check: &|plan, due| check_letters(plan, due, &press),
            compose: &|piece, checked| {
                press.compose(checked, &piece.piece_id).map_err(|fault| match fault {
                    LetterFault::Piece(faults) => surprise(piece, &faults),
                    LetterFault::Signer(fault) => unsigned(piece, &fault),
                })
            },
            intent,
            layout,
        };
        self.make(&order, plan, keeper)
    }

    /// Checks tonight's mailers and prints them.
    ///
    /// # Errors
    /// As [`Failure`] tells.
    pub fn mailers(&self, plan: &mut Plan) -> Result<Option<Pressed>, Failure> {
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
        let press = MailerComposer::new(&stamper, self.order.night);
        let shelf = codes(self.job())?;
        let order = KindOrder {
            kind,
            stamper: &stamper,
            seal_to: seal_to.as_ref(),
            proof_key: None,
            key: None,
            check: &|plan, due| check_mailers(plan, due, &press, &shelf),
            compose: &|piece, checked| {
                let tracking_id = piece.tracking.map(|id| id.to_string()).unwrap_or_default();
                let numbers = MailerNumbers { piece_id: piece.piece_id.clone(), tracking_id };
                press.compose(checked, &numbers).map_err(|faults| surprise(piece, &faults))
            },
            intent,
            layout,
        };
        self.make(&order, plan, None)
    }

    /// Makes a lot, or only checks its pieces where nothing is staged.
    fn make<C: CheckedPiece>(
        &self,
        order: &KindOrder<C>,
        plan: &mut Plan,
        keeper: Option<&mut Keeper>,
    ) -> Result<Option<Pressed>, Failure> {
        if let Some(press) = &self.press {
            return self.print(order, plan, press, keeper);
        }
        let mut next = 0;
        loop {
            let share = plan.next_pieces(order.kind, &mut next, BATCH);
            if share.is_empty() {
                return Ok(None);
            }
            let loaded = plan.load(&share)?;
            (order.check)(plan, loaded)?;
        }
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
        find_template(self.job(), &sections.mailers.template, PieceKind::Mailer)?;
        describe(&KeyPlace::File(self.job().path(&sections.input.codes_identity)))?;
        Ok(())
    }

    /// Checks, numbers, prints and proves a lot. A share of one may be without pieces; a whole one is none then.
    fn print<C: CheckedPiece>(
        &self,
        order: &KindOrder<C>,
        plan: &mut Plan,
        press: &PressRoom,
        keeper: Option<&mut Keeper>,
    ) -> Result<Option<Pressed>, Failure> {
        let (kind, staging) = (order.kind, press.staging);
        let Some(series) = press.series.iter().find(|series| series.kind == kind) else { return Ok(None) };
        let lot = &series.lot;
        let manifest = manifest_name(kind, lot);
        let rows = Rows {
            manifest: ManifestWriter::create(
                &staging.join(&manifest),
                lot,
                kind,
                order.stamper,
                order.layout.imposed(),
            )?,
            control: ControlFile::create(
                &staging.join(control_file_name(kind, lot)),
                lot,
                kind,
                order.stamper,
            )?,
        };
        let fonts = order.stamper.fonts();
        let lot_order = self.lot_order(order, lot, &fonts);
        let pieces_per_file = self.job().sections.output.pieces_per_file;
        let due = plan.pieces(kind).count() as u32;
        let mut batches = LotBatches {
            next: 0,
            order,
            plan,
            series,
            keeper,
            kept: Vec::new(),
            tally: Tally::begin(order.layout, pieces_per_file),
            numbering: Numbering::begin(series, &self.job().sections.mailers.tracking_prefix),
            prints: &|piece| press.prints(kind, piece.sequence, pieces_per_file),
        };
        let due_here = (1..=due).filter(|sequence| press.prints(kind, *sequence, pieces_per_file));
        self.watch.begin(Phase::Printing(kind), due_here.count() as u64);
        let printed = print_lot(&lot_order, rows, staging, &mut batches, self.watch)?;
        let printed = PrintedLot { pieces: batches.kept, ..printed };
        self.watch.end();
        if printed.count == 0 && press.shard.is_none() {
            fs_err::remove_dir_all(staging.join(kind.folder()))?;
            return Ok(None);
        }
        let proving = Instant::now();
        let proof = self.prove(order, Path::new(&manifest), &printed, staging)?;
        let template = order.stamper.template();
        Ok(Some(Pressed {
            series: series.clone(),
            dress: Dress {
                name: template_name(&template.name).to_owned(),
                version: template.version.clone(),
                manifest: template.manifest.clone(),
            },
            layout: order.layout,
            sealed: order.seal_to.is_some(),
            key: order.key.clone(),
            printed,
            proof,
            proof_seconds: proving.elapsed().as_secs_f64(),
        }))
    }

    fn lot_order<'a, C>(
        &self,
        order: &'a KindOrder<C>,
        lot: &'a LotName,
        fonts: &'a [print_file::FontProgram<'a>],
    ) -> LotOrder<'a> {
        let night = self.order.night;
        LotOrder {
            lot,
            kind: order.kind,
            stock: &order.stamper.template().stock,
            lot_sheets: LotSheetComposer::new(order.stamper, lot, order.kind, order.layout.sides()),
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

    fn prove<C>(
        &self,
        order: &KindOrder<C>,
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
