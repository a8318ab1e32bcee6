//! Production: the pieces of one kind are checked, numbered, composed, printed and proved, a batch at a time.

mod batches;
mod check;
#[cfg(test)]
mod kept_tests;
mod lot_press;
mod mailer_stage;
mod prepared;
mod stock_cache;
#[cfg(test)]
mod stock_cache_tests;
mod templates;

pub(super) use super::key_dates::{MAKING_CODES_KEY, recipients_of_mailers};
pub(super) use check::not_printable;
pub(super) use lot_press::LotPress;
pub(super) use mailer_stage::{
    AgainMailer, AgainTask, LotOrder, PrintedPieces, Stage, StageOrder, Task, with_stage,
};
pub(crate) use mailer_stage::{OpenedCodes, make_mailers, open_waiting_codes};
pub(super) use prepared::PreparedPieces;
pub(super) use stock_cache::StockCache;
pub(crate) use templates::{find_template, kept_template, press_mismatch};
pub(super) use templates::{lay_out, refuse_heavy_pieces, stamper};

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use composition::{
    BlockComposer, BlockMap, CheckedPiece, ComposedPiece, FACTS, LetterComposer, LetterFault, PieceFault,
    PieceNumbers, Stamper,
};
use mail::lot::LotPosition;
use mail::piece::PieceKind;
use print_file::OutputIntent;
use template::Template;
use twoddoc::{SignError, VerifyingKey};

use super::intake::check_codes_folders;
use super::key_dates::{KeyDay, check_key_dates};
use super::lot::{
    Lot, LotNumbers, NumberedPiece, Numbering, PrintedPiece, SheetLayout, TemplateIdentity,
    refuse_light_paper,
};
use super::order::{NightOrder, NoProgress, Phase, Progress, Prove, Shard};
use super::planning::{DuePiece, Plan};
use super::printing::{SheetCount, conformance, output_intent, standard};
use super::proofing::{Expected, ProofOrder, prove_lot, proved_pieces};
use super::recording::LedgerWriter;
use super::report::Alert;
use crate::approvals::{self, Allowed};
use crate::failure::{Failure, counted};
use crate::job::{Job, KeyLocation};
use crate::kept::KeptTemplate;
use crate::ledger::ReleaseMark;
use crate::vault::{CodesOfNight, KeySummary, ProofSalts, Recipients, load_signing_key};
use batches::LotBatches;
use check::{Letters, Passed};
use mailer_stage::{NightTask, PlanDesk};

/// How many failures of proofs are listed.
const SHOWN_FAILURES: usize = 20;

/// How many pieces are checked and composed at a time, on all cores.
const BATCH: usize = 1024;

/// Makes tonight's lots.
pub(super) struct Production<'a> {
    /// The order of the night.
    pub order: &'a NightOrder<'a>,
    /// Receives the progress.
    pub progress: &'a dyn Progress,
    /// The laid-out stock of earlier runs.
    pub stock: &'a StockCache,
    /// Whether the ledger has released a night already. A key that is missing then is not to be made anew.
    pub begun: bool,
    /// The templates and keys that may be used.
    pub allowed: &'a Allowed,
    /// Where lots are printed; `None` checks their pieces and prints nothing.
    pub output: Option<LotOutput<'a>>,
}

/// The staging folder and lots of a production, and the share of them to print.
pub(super) struct LotOutput<'a> {
    /// The staging folder.
    pub staging: &'a Path,
    /// Tonight's lots.
    pub lots: &'a [LotNumbers],
    /// The only share of them to print; `None` for all.
    pub shard: Option<Shard>,
    /// The release of the ledger that the night becomes.
    pub mark: &'a ReleaseMark,
    /// The salts of the night's pieces; `None` for a share.
    pub salts: Option<&'a ProofSalts>,
}

impl LotOutput<'_> {
    /// Whether the piece with this sequence is printed here.
    fn prints(&self, kind: PieceKind, sequence: u32, pieces_per_file: u32) -> bool {
        self.shard.is_none_or(|shard| shard.holds_file(kind, (sequence - 1) / pieces_per_file))
    }
}

/// Where the pieces of a lot come from, which are `C` between check and composition.
trait PieceSource<C> {
    /// Those of the next batch that passed their check; `None` after the last batch.
    ///
    /// # Errors
    /// I/O errors.
    fn next(&mut self) -> Result<Option<Passed<C>>, Failure>;

    /// The next pieces of those that passed, at most so many, loaded again; none after the last.
    ///
    /// # Errors
    /// I/O errors.
    fn again(&mut self, most: usize) -> Result<Vec<DuePiece>, Failure>;

    /// Receives the positions of the pieces that were printed since the last call.
    ///
    /// # Errors
    /// Ledger and I/O errors.
    fn printed(&mut self, pieces: Vec<PrintedPiece>) -> Result<(), Failure>;
}

/// How the pieces of one kind are made. They are `C` between check and composition.
struct KindOrder<'a, C> {
    kind: PieceKind,
    stamper: &'a Stamper<'a>,
    seal_to: Option<&'a Recipients>,
    proof_key: Option<&'a VerifyingKey>,
    key: Option<String>,
    block_map: Option<&'a BlockMap>,
    codes: Option<&'a CodesOfNight>,
    /// Composes one piece. A piece that passed its check fails only if its signer does.
    compose: &'a (dyn Fn(&NumberedPiece, C) -> Result<ComposedPiece, Failure> + Sync),
    intent: OutputIntent,
    layout: SheetLayout,
    /// What is kept of the template once the lot is released; `None` where no whole lot is printed.
    kept: Option<Arc<KeptTemplate>>,
}

impl Production<'_> {
    fn job(&self) -> &Job {
        self.order.job
    }

    /// Checks tonight's letters and prints them. Returns `None` where there are none, or nothing is printed.
    ///
    /// # Errors
    /// Configuration errors of template, press and key; those of check, composition, ledger and files.
    pub(super) fn letters(
        &self,
        plan: &mut Plan,
        ledger: Option<&mut LedgerWriter>,
    ) -> Result<Option<Lot>, Failure> {
        let kind = PieceKind::Letter;
        if plan.pieces(kind).next().is_none() {
            return Ok(None);
        }
        let settings = self.job().letters();
        let intent = output_intent(self.job())?;
        let found = self.find_template(kind)?;
        let kept = self.kept(&found)?;
        let template = self.lay_out(&found, plan.facts(kind))?;
        refuse_heavy_pieces(self.job(), &template)?;
        let stamper = self.stamper(&template)?;
        let layout = SheetLayout::of(self.job().press(), &template)?;
        let key = load_signing_key(&settings.key, settings.profile)
            .map_err(|error| error.in_job(settings.profile.making_a_key(), self.begun))?;
        let proof_key = key.verifying_key();
        let summary = KeySummary::of_signing_key(&settings.key, &key)?;
        self.allowed.check([approvals::signing_key(&summary)])?;
        let blocks = BlockComposer::new(&settings.block_map, key, self.order.night)?;
        let composer = LetterComposer::new(&stamper, &blocks, self.order.night);
        let order = KindOrder {
            kind,
            stamper: &stamper,
            seal_to: None,
            proof_key: Some(&proof_key),
            key: Some(summary.fingerprint),
            block_map: Some(&settings.block_map),
            codes: None,
            compose: &|piece, checked| {
                let position = self.position(kind, piece.sequence);
                let numbers = PieceNumbers { piece_id: &piece.piece_id, tracking_id: "", position };
                composer.compose(checked, &numbers).map_err(|fault| match fault {
                    LetterFault::Piece(faults) => not_composed(piece, &faults),
                    LetterFault::Signer(fault) => not_signed(piece, fault),
                })
            },
            intent,
            layout,
            kept,
        };
        let due = plan.pieces(kind).count() as u32;
        let mut letters = Letters {
            plan,
            composer: &composer,
            numbers: self.numbers(kind),
            ledger,
            next: 0,
            again: 0,
            unrecorded: Vec::new(),
        };
        let lot = self.make(&order, &mut letters, due)?;
        Ok(lot.map(|lot| Lot { unrecorded: letters.unrecorded, ..lot }))
    }

    /// Has the mailer stage check tonight's mailers and print them. Returns `None` where there are none, or nothing is printed.
    ///
    /// # Errors
    /// Configuration errors of template, press, paper, recipients and codes; those of check, composition, files and of the stage.
    pub(super) fn mailers(&self, plan: &mut Plan) -> Result<Option<Lot>, Failure> {
        let kind = PieceKind::Mailer;
        let due = plan.pieces(kind).count() as u32;
        if due == 0 {
            return Ok(None);
        }
        let found = self.find_template(kind)?;
        let kept = self.kept(&found)?;
        let numbers = self.numbers(kind);
        let lot = self.output.as_ref().zip(numbers).map(|(output, numbers)| {
            LotOrder::of(numbers, output.staging.to_owned(), output.mark.clone(), output.shard)
        });
        let facts = plan.facts(kind).into_iter().map(|facts| facts.map(str::to_owned)).collect();
        let order = self.stage_order(Task::Night(NightTask { facts, due, lot }));
        let mut desk = PlanDesk::of(plan);
        let made = with_stage(self.job(), self.progress, self.stock, |stage| stage.ask(&order, &mut desk))?;
        let Some((made, numbers)) = made.zip(numbers) else { return Ok(None) };
        let (template, sealed) = (TemplateIdentity::of(&found), self.job().seals(kind));
        let lot = made.into_lot(numbers.clone(), template, self.job().press(), sealed, desk.printed)?;
        Ok(Some(Lot { kept, ..lot }))
    }

    /// The job's template of a kind, which must be the one that is allowed.
    ///
    /// # Errors
    /// Those of [`find_template`]; `approved_changed`.
    fn find_template(&self, kind: PieceKind) -> Result<Template, Failure> {
        let found = find_template(self.job(), kind, self.order.night)?;
        self.allowed.check([approvals::template(kind, found.version())])?;
        Ok(found)
    }

    /// The order of a task of the mailer stage.
    fn stage_order(&self, task: Task) -> StageOrder {
        let NightOrder { job, night, prove, .. } = *self.order;
        let allowed = self.allowed.clone();
        StageOrder { job: job.digest().to_owned(), night, prove, begun: self.begun, allowed, task }
    }

    /// The numbers of tonight's lot of a kind; `None` where nothing is printed.
    fn numbers(&self, kind: PieceKind) -> Option<&LotNumbers> {
        self.output.as_ref()?.lots.iter().find(|lot| lot.kind == kind)
    }

    /// The position of a piece in tonight's lot of its kind; `None` where nothing is printed.
    fn position(&self, kind: PieceKind, sequence: u32) -> Option<LotPosition<'_>> {
        Some(LotPosition { lot: &self.numbers(kind)?.name, kind, sequence })
    }

    /// What is kept of a template once a whole lot of it is released.
    fn kept(&self, template: &Template) -> Result<Option<Arc<KeptTemplate>>, Failure> {
        let whole = self.output.as_ref().is_some_and(|output| output.shard.is_none());
        whole.then(|| kept_template(self.job(), template)).transpose()
    }

    /// Proves a sample of letters that shards printed and proved: their files lie in the staging folder. The signing key's
    /// public half verifies the blocks where it lies beside the key.
    ///
    /// # Errors
    /// `proofs_failed`; configuration errors of template and press; I/O errors.
    pub(super) fn prove_merged(&self, plan: &Plan, lot: &Lot, staging: &Path) -> Result<(), Failure> {
        let template = self.compile(lot.kind(), plan.facts(lot.kind()))?;
        let key = public_half(&self.job().letters().key);
        let layout = SheetLayout::of(self.job().press(), &template)?;
        let expected = Expected { template: &template, layout, key: key.as_ref() };
        self.progress.begin(Phase::Proofing, proved_pieces(Prove::Sample, lot));
        let order = ProofOrder {
            prove: Prove::Sample,
            lot,
            folder: staging,
            standard: standard(conformance(self.job(), lot.kind()), layout),
            expected: Some(&expected),
            rules: None,
            progress: self.progress,
        };
        let proof = prove_lot(&order, &mut |_| Ok(Vec::new()), None)?;
        self.progress.end();
        refuse_failed_proofs(&proof.failures)
    }

    /// Prints a lot of `due` pieces at most, or checks its pieces where nothing is printed.
    fn make<C: CheckedPiece>(
        &self,
        order: &KindOrder<C>,
        pieces: &mut dyn PieceSource<C>,
        due: u32,
    ) -> Result<Option<Lot>, Failure> {
        if let Some(output) = &self.output {
            return self.print(order, pieces, due, output);
        }
        self.progress.begin(Phase::Checking(order.kind), u64::from(due));
        while let Some(passed) = pieces.next()? {
            self.progress.advance(passed.len() as u64);
        }
        self.progress.end();
        Ok(None)
    }

    fn check_mailer_configuration(
        &self,
        facts: BTreeSet<[&'static str; FACTS.len()]>,
    ) -> Result<(), Failure> {
        check_codes_folders(self.job())?;
        recipients_of_mailers(self.job())?;
        let order = self.stage_order(Task::Identities);
        with_stage(self.job(), &NoProgress, self.stock, |stage| {
            stage.ask(&order, &mut PrintedPieces::default())
        })?;
        let day = KeyDay { night: self.order.night, today: self.order.today };
        check_key_dates(self.job(), day, &[PieceKind::Mailer], self.begun)?;
        let template = self.compile(PieceKind::Mailer, facts)?;
        refuse_heavy_pieces(self.job(), &template)?;
        self.stamper(&template)?;
        SheetLayout::of(self.job().press(), &template)?;
        refuse_light_paper(self.job(), &template.name, &template.manifest)
    }

    /// Checks, numbers, prints and proves a lot. A share of a lot may be without pieces; a whole lot without pieces is
    /// `None`.
    fn print<C: CheckedPiece>(
        &self,
        order: &KindOrder<C>,
        pieces: &mut dyn PieceSource<C>,
        due: u32,
        output: &LotOutput,
    ) -> Result<Option<Lot>, Failure> {
        let (kind, staging) = (order.kind, output.staging);
        let Some(numbers) = self.numbers(kind) else { return Ok(None) };
        let press = LotPress {
            order: self.order,
            progress: self.progress,
            numbers,
            stamper: order.stamper,
            stock: self.stock,
            layout: order.layout,
            intent: &order.intent,
            conformance: conformance(self.job(), kind),
            seal_to: order.seal_to,
            proof_key: order.proof_key,
            key: order.key.as_deref(),
            block_map: order.block_map,
            codes: order.codes,
            first_night: self.order.night,
            kept: order.kept.clone(),
            staging,
            mark: output.mark,
            salts: output.salts,
        };
        let pieces_per_file = self.job().pieces_per_file();
        let prefix = self.job().mailers().tracking_prefix;
        let numbering = || Numbering::begin(numbers, prefix).with_bundles(self.job().bundle(kind));
        let mut batches = LotBatches {
            order,
            pieces,
            sheets: SheetCount::begin(order.layout, pieces_per_file),
            numbering: numbering(),
            again: numbering(),
            prints: &|piece| output.prints(kind, piece.sequence, pieces_per_file),
        };
        let due_here = (1..=due).filter(|sequence| output.prints(kind, *sequence, pieces_per_file));
        let lot = press.print(&mut batches, due_here.count() as u64, output.shard.is_some())?;
        if lot.is_none() {
            fs_err::remove_dir_all(staging.join(kind.folder()))?;
        }
        Ok(lot)
    }
}

/// The public half of a signing key in a file, where it lies beside the key.
fn public_half(key: &KeyLocation) -> Option<VerifyingKey> {
    const MAX_SIZE: u64 = 16 << 10;
    let KeyLocation::File(file) = key else { return None };
    VerifyingKey::from_spki_pem(&foreign::read_text(&file.with_extension("pub"), MAX_SIZE).ok()?).ok()
}

/// A symbol that does not read back, or a file that breaks a standard, stops the release.
///
/// # Errors
/// `proofs_failed`.
pub(super) fn refuse_failed_proofs(failures: &[String]) -> Result<(), Failure> {
    if failures.is_empty() {
        return Ok(());
    }
    let parts = failures.iter().take(SHOWN_FAILURES);
    let parts = parts.map(|failure| Failure::refused("proof_failed", failure.as_str())).collect();
    let problem = format!("{} failed; nothing was released", counted(failures.len(), "proof"));
    Err(Failure::refused("proofs_failed", problem)
        .with_parts(parts)
        .with_advice("check the template's barcodes and artwork, and `press` in the job"))
}

/// Warns of faults of the mailers' configuration on the night of the letters, so that they can be mended before the codes
/// have to follow, and returns the warning. `facts` are those of the mailers that tonight's records lead to. Letters leave
/// all the same.
pub(super) fn warn_of_mailer_configuration(
    order: &NightOrder,
    stock: &StockCache,
    begun: bool,
    facts: BTreeSet<[&'static str; FACTS.len()]>,
) -> Option<Alert> {
    if order.only == Some(PieceKind::Letter) || facts.is_empty() {
        return None;
    }
    let allowed = Allowed::default();
    let production =
        Production { order, progress: &NoProgress, stock, begun, allowed: &allowed, output: None };
    let failure = production.check_mailer_configuration(facts).err()?;
    let reason = failure.in_one_line();
    let message = format!("the mailers of tonight's cards can't be made as things stand: {reason}");
    tracing::warn!(code = "mailer_configuration", "{message}");
    Some(Alert::of("mailer_configuration", message))
}

/// A piece that passed its check can be composed; if not, the program is at fault.
fn not_composed(piece: &NumberedPiece, faults: &[PieceFault]) -> Failure {
    let fault = faults.first().map_or("unknown", |fault| fault.code);
    Failure::bug(format!("{}: passed its check and can't be composed ({fault})", piece.piece_id))
}

/// The signer failed while the night was under way.
fn not_signed(piece: &NumberedPiece, fault: SignError) -> Failure {
    let problem = format!("{}: its block was not signed: {fault}; nothing was released", piece.piece_id);
    Failure::midway("not_signed", problem)
        .with_advice("see that the HSM is there, then run the same command again")
        .caused_by(fault)
}
