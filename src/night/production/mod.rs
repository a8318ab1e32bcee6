//! Production: the pieces of one kind are checked, numbered, composed, printed and proved, a batch at a time.

mod batches;
mod check;
#[cfg(test)]
mod kept_tests;
mod lot_press;
mod stock_cache;
#[cfg(test)]
mod stock_cache_tests;
mod templates;

pub(super) use super::key_dates::{MAKING_CODES_KEY, recipients_of_mailers};
pub(super) use lot_press::LotPress;
pub(super) use stock_cache::StockCache;
pub(crate) use templates::{find_template, kept_template, press_mismatch};
pub(super) use templates::{lay_out, stamper};

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

use super::intake::{check_codes_folders, codes_of_night};
use super::key_dates::{KeyDay, check_key_dates};
use super::lot::{
    Lot, LotNumbers, NumberedPiece, Numbering, SheetLayout, TemplateIdentity, refuse_light_paper,
};
use super::order::{NightOrder, NoProgress, Phase, Progress, Prove, Shard};
use super::paperwork::template_name;
use super::planning::{DuePiece, Plan};
use super::printing::{SheetCount, conformance, output_intent, standard};
use super::proofing::{Expected, ProofOrder, prove_lot, proved_pieces};
use super::recording::LedgerWriter;
use super::report::Alert;
use crate::failure::Failure;
use crate::job::{Job, KeyLocation};
use crate::kept::KeptTemplate;
use crate::ledger::{Finding, ReleaseMark};
use crate::vault::{
    CodesFault, CodesOfNight, KeySummary, MailerComposer, MailerOrder, ProofSalts, Recipients, describe,
    load_signing_key,
};
use batches::LotBatches;
use check::{Passed, check_letters, check_mailers};

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

/// Checks a batch: returns the pieces that can be composed and rejects or holds back the others in the plan.
type Check<'a, C> = dyn Fn(&mut Plan, Vec<DuePiece>) -> Result<Passed<C>, Failure> + 'a;

/// How the pieces of one kind are made. They are `C` between check and composition.
struct KindOrder<'a, C> {
    kind: PieceKind,
    stamper: &'a Stamper<'a>,
    seal_to: Option<&'a Recipients>,
    proof_key: Option<&'a VerifyingKey>,
    key: Option<String>,
    block_map: Option<&'a BlockMap>,
    codes: Option<&'a CodesOfNight>,
    check: &'a Check<'a, C>,
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
        let found = find_template(self.job(), kind)?;
        let kept = self.kept(&found)?;
        let template = self.lay_out(&found, plan.facts(kind))?;
        let stamper = self.stamper(&template)?;
        let layout = SheetLayout::of(self.job().press(), &template)?;
        let key = load_signing_key(&settings.key, settings.profile)
            .map_err(|error| error.in_job(settings.profile.making_a_key(), self.begun))?;
        let proof_key = key.verifying_key();
        let fingerprint = KeySummary::of_signing_key(&settings.key, &key)?.fingerprint;
        let blocks = BlockComposer::new(&settings.block_map, key, self.order.night)?;
        let composer = LetterComposer::new(&stamper, &blocks, self.order.night);
        let order = KindOrder {
            kind,
            stamper: &stamper,
            seal_to: None,
            proof_key: Some(&proof_key),
            key: Some(fingerprint),
            block_map: Some(&settings.block_map),
            codes: None,
            check: &|plan, due| check_letters(plan, due, &composer),
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
        self.make(&order, plan, ledger)
    }

    /// Checks tonight's mailers and prints them. Returns `None` where there are none, or nothing is printed.
    ///
    /// # Errors
    /// Configuration errors of template, press, paper, recipients and codes; those of check, composition and files.
    pub(super) fn mailers(&self, plan: &mut Plan) -> Result<Option<Lot>, Failure> {
        let kind = PieceKind::Mailer;
        if plan.pieces(kind).next().is_none() {
            return Ok(None);
        }
        let seal_to = recipients_of_mailers(self.job())?;
        let intent = output_intent(self.job())?;
        let found = find_template(self.job(), kind)?;
        let kept = self.kept(&found)?;
        let template = self.lay_out(&found, plan.facts(kind))?;
        let stamper = self.stamper(&template)?;
        let layout = SheetLayout::of(self.job().press(), &template)?;
        refuse_light_paper(self.job(), &template.name, &template.manifest)?;
        let codes = self.codes(plan)?;
        let composer = MailerComposer::new(&stamper, self.order.night, self.mailer_key()?.pattern());
        let order = KindOrder {
            kind,
            stamper: &stamper,
            seal_to: seal_to.as_ref(),
            proof_key: None,
            key: None,
            block_map: None,
            codes: Some(&codes),
            check: &|plan, due| check_mailers(plan, due, &composer, &codes),
            compose: &|piece, checked| {
                let tracking_id = piece.tracking.map(|id| id.to_string()).unwrap_or_default();
                let position = self.position(kind, piece.sequence);
                let numbers = PieceNumbers { piece_id: &piece.piece_id, tracking_id: &tracking_id, position };
                composer.compose(checked, &numbers).map_err(|faults| not_composed(piece, &faults))
            },
            intent,
            layout,
            kept,
        };
        self.make(&order, plan, None)
    }

    /// The position of a piece in tonight's lot of its kind; `None` where nothing is printed.
    fn position(&self, kind: PieceKind, sequence: u32) -> Option<LotPosition<'_>> {
        let lot = self.output.as_ref()?.lots.iter().find(|lot| lot.kind == kind)?;
        Some(LotPosition { lot: &lot.name, kind, sequence })
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

    /// The key of the order and of the patterns of tonight's mailers.
    ///
    /// # Errors
    /// The codes identities can't be used.
    fn mailer_key(&self) -> Result<MailerOrder, Failure> {
        let identities = self.job().mailers().codes_identity;
        let order = MailerOrder::of(&identities, self.order.night);
        order.map_err(|error| error.in_job(MAKING_CODES_KEY, self.begun))
    }

    /// Opens the codes of the night, notes what a person should know of their files, and arranges the mailers.
    fn codes(&self, plan: &mut Plan) -> Result<CodesOfNight, Failure> {
        let order = self.mailer_key()?;
        let codes = codes_of_night(self.job(), self.order.night)?;
        for CodesFault { file, line, field, code, message } in codes.warnings() {
            plan.warn_of_file(Finding {
                source_file: file.clone(),
                line: *line,
                card_number: String::new(),
                field: (*field).to_owned(),
                code: (*code).to_owned(),
                message: message.to_string(),
                client_ref: String::new(),
            })?;
        }
        plan.arrange_mailers(order);
        Ok(codes)
    }

    /// Prints a lot, or checks its pieces where nothing is printed.
    fn make<C: CheckedPiece>(
        &self,
        order: &KindOrder<C>,
        plan: &mut Plan,
        ledger: Option<&mut LedgerWriter>,
    ) -> Result<Option<Lot>, Failure> {
        if let Some(output) = &self.output {
            return self.print(order, plan, output, ledger);
        }
        let mut next = 0;
        loop {
            let batch = plan.next_pieces(order.kind, &mut next, BATCH);
            if batch.is_empty() {
                return Ok(None);
            }
            let loaded = plan.load(&batch)?;
            (order.check)(plan, loaded)?;
        }
    }

    fn check_mailer_configuration(
        &self,
        facts: BTreeSet<[&'static str; FACTS.len()]>,
    ) -> Result<(), Failure> {
        check_codes_folders(self.job())?;
        recipients_of_mailers(self.job())?;
        let identities = KeyLocation::File(self.job().mailers().codes_identity);
        describe(&identities).map_err(|error| error.in_job(MAKING_CODES_KEY, self.begun))?;
        let day = KeyDay { night: self.order.night, today: self.order.today };
        check_key_dates(self.job(), day, &[PieceKind::Mailer], self.begun)?;
        let template = self.compile(PieceKind::Mailer, facts)?;
        self.stamper(&template)?;
        SheetLayout::of(self.job().press(), &template)?;
        refuse_light_paper(self.job(), &template.name, &template.manifest)
    }

    /// Checks, numbers, prints and proves a lot. A share of a lot may be without pieces; a whole lot without pieces is
    /// `None`.
    fn print<C: CheckedPiece>(
        &self,
        order: &KindOrder<C>,
        plan: &mut Plan,
        output: &LotOutput,
        ledger: Option<&mut LedgerWriter>,
    ) -> Result<Option<Lot>, Failure> {
        let (kind, staging) = (order.kind, output.staging);
        let Some(numbers) = output.lots.iter().find(|lot| lot.kind == kind) else { return Ok(None) };
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
        let due = plan.pieces(kind).count() as u32;
        let mut batches = LotBatches {
            next: 0,
            order,
            plan,
            numbers,
            ledger,
            unrecorded: Vec::new(),
            sheets: SheetCount::begin(order.layout, pieces_per_file),
            numbering: Numbering::begin(numbers, self.job().mailers().tracking_prefix),
            again: (0, Numbering::begin(numbers, self.job().mailers().tracking_prefix)),
            prints: &|piece| output.prints(kind, piece.sequence, pieces_per_file),
        };
        let due_here = (1..=due).filter(|sequence| output.prints(kind, *sequence, pieces_per_file));
        let lot = press.print(&mut batches, due_here.count() as u64, output.shard.is_some())?;
        if lot.is_none() {
            fs_err::remove_dir_all(staging.join(kind.folder()))?;
        }
        Ok(lot.map(|lot| Lot { unrecorded: batches.unrecorded, ..lot }))
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
    let problem = format!("{} proofs failed; nothing was released", failures.len());
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
    let production = Production { order, progress: &NoProgress, stock, begun, output: None };
    let failure = production.check_mailer_configuration(facts).err()?;
    let reason = failure.in_one_line();
    let message = format!("the mailers of tonight's cards can't be made as things stand: {reason}");
    tracing::warn!("{message}");
    Some(Alert { code: "mailer_configuration".to_owned(), message })
}

/// The template's identity for ledger and paperwork.
fn identity(stamper: &Stamper) -> TemplateIdentity {
    let template = stamper.template();
    TemplateIdentity {
        name: template_name(&template.name).to_owned(),
        version: template.version.clone(),
        manifest: template.manifest.clone(),
    }
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
