//! A lot through printing and proofing, whatever its pieces come from.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use composition::{BlockMap, LotSheetComposer, Stamper};
use jiff::civil::Date;
use mail::piece::PieceKind;
use preflight::Standard;
use print_file::{Conformance, FontProgram, OutputIntent};
use twoddoc::VerifyingKey;

use super::StockCache;
use crate::failure::Failure;
use crate::job::PostalWeight;
use crate::kept::KeptTemplate;
use crate::ledger::ReleaseMark;
use crate::night::certifying::DigestTable;
use crate::night::lot::{Lot, LotNumbers, NumberedPiece, Proof, SheetLayout, TemplateIdentity};
use crate::night::order::{NightOrder, Phase, Progress, Prove};
use crate::night::paperwork::{ControlFile, ManifestWriter, control_file_path, manifest_path};
use crate::night::printing::{Batches, BeforeSealing, PieceTables, PrintOrder, print_lot, standard};
use crate::night::proofing::{
    Expected, LotRules, LotRulesOrder, ProofOrder, StockProof, prove_before_sealing, prove_lot, proved_pieces,
};
use crate::vault::{CodesOfNight, ProofSalts, Recipients};

/// What a lot is printed with, and how it is proved.
pub(in crate::night) struct LotPress<'a> {
    /// Job, day, and how much is read back.
    pub order: &'a NightOrder<'a>,
    /// Receives the progress.
    pub progress: &'a dyn Progress,
    /// The lot's name, kind and numbers.
    pub numbers: &'a LotNumbers,
    /// The template, prepared for press and inserter.
    pub stamper: &'a Stamper<'a>,
    /// The laid-out stock of earlier runs, with what was noted of it.
    pub stock: &'a StockCache,
    /// How pieces lie on sheets.
    pub layout: SheetLayout,
    /// The printing condition.
    pub intent: &'a OutputIntent,
    /// Which standards the files meet.
    pub conformance: Conformance,
    /// Who can open the files; `None` for files in clear.
    pub seal_to: Option<&'a Recipients>,
    /// The key that verifies the signed blocks; `None` for mailers.
    pub proof_key: Option<&'a VerifyingKey>,
    /// The fields of the signed blocks; `None` for mailers.
    pub block_map: Option<&'a BlockMap>,
    /// The codes of mailers; `None` for letters.
    pub codes: Option<&'a CodesOfNight>,
    /// The night of the originals, from which dates are counted.
    pub first_night: Date,
    /// The fingerprint of the key that signs them.
    pub key: Option<&'a str>,
    /// What is kept of the template once the lot is released; `None` for a share of a lot.
    pub kept: Option<Arc<KeptTemplate>>,
    /// The staging folder.
    pub staging: &'a Path,
    /// The release of the ledger that the lot belongs to.
    pub mark: &'a ReleaseMark,
    /// The salts with which letters are digested while they are judged; `None` for a share of a lot.
    pub salts: Option<&'a ProofSalts>,
}

impl LotPress<'_> {
    /// Prints and proves the pieces that come, `expected` of them. Returns `None` where none came, unless the lot `may_be_empty`.
    ///
    /// # Errors
    /// Those of check, composition and ledger, as `batches` has them; I/O errors; a page that can't be drawn.
    pub(in crate::night) fn print(
        &self,
        batches: &mut dyn Batches,
        expected: u64,
        may_be_empty: bool,
    ) -> Result<Option<Lot>, Failure> {
        let kind = self.numbers.kind;
        let tables = self.tables()?;
        let fonts = self.stamper.fonts();
        let rules = match self.order.prove {
            Prove::All => Some(self.rules()?),
            Prove::Sample | Prove::None => None,
        };
        let standard = standard(self.conformance, self.layout);
        let before_sealing = SealedProof { standard, rules: rules.as_ref() };
        let proves = self.order.prove != Prove::None;
        let print_order = self.print_order(&fonts, proves.then_some(&before_sealing as &dyn BeforeSealing));
        self.progress.begin(Phase::Printing(kind), expected);
        let mut lot = Lot::new(
            self.numbers.clone(),
            TemplateIdentity::of_compiled(self.stamper.template()),
            self.layout,
            self.seal_to.is_some(),
            self.key.map(str::to_owned),
        );
        lot.kept = self.kept.clone();
        lot.recipients = self.seal_to.map(Recipients::summaries).unwrap_or_default();
        let mut lot = print_lot(lot, &print_order, tables, self.staging, batches, self.progress)?;
        self.progress.end();
        if lot.count == 0 && !may_be_empty {
            return Ok(None);
        }
        let proving = Instant::now();
        let mut digests = self.digest_table(rules.is_some())?;
        let proof = self.prove(&lot, rules.as_ref(), batches, digests.as_mut())?;
        lot.proof.add(proof);
        lot.digests = digests.map(DigestTable::finish).transpose()?;
        lot.proof_seconds = proving.elapsed().as_secs_f64();
        Ok(Some(lot))
    }

    /// Creates the tables that get a row for each piece.
    fn tables(&self) -> Result<PieceTables<'_>, Failure> {
        let LotNumbers { name, kind, .. } = self.numbers;
        let manifest = self.staging.join(manifest_path(*kind, name));
        let control = self.staging.join(control_file_path(*kind, name));
        // A reprint lot is too small for bundles.
        let bundled = self.numbers.again.is_none() && self.order.job.bundle(*kind).is_some();
        Ok(PieceTables {
            manifest: ManifestWriter::create(
                &manifest,
                name,
                *kind,
                self.stamper,
                self.weight(),
                self.layout.imposed(),
                bundled,
                self.seal_to.is_some(),
                self.mark,
            )?,
            control: ControlFile::create(&control, name, *kind, bundled, self.stamper, self.weight())?,
        })
    }

    /// The postal weight classes of the lot's pieces.
    fn weight(&self) -> PostalWeight<'_> {
        self.order.job.postage().weight(&self.stamper.template().manifest)
    }

    /// What the lot is judged by.
    fn rules(&self) -> Result<LotRules<'_>, Failure> {
        LotRules::new(LotRulesOrder {
            stamper: self.stamper,
            layout: self.layout,
            numbers: self.numbers,
            mark: self.mark,
            weight: self.weight(),
            block_map: self.block_map,
            key: self.proof_key,
            codes: self.codes,
            sealed: self.seal_to.is_some(),
            night: self.first_night,
            day: self.order.night,
        })
    }

    fn print_order<'p>(
        &'p self,
        fonts: &'p [FontProgram<'p>],
        before_sealing: Option<&'p dyn BeforeSealing>,
    ) -> PrintOrder<'p> {
        let (night, LotNumbers { name, kind, .. }) = (self.order.night, self.numbers);
        PrintOrder {
            numbers: self.numbers,
            stock: &self.stamper.template().stock,
            lot_sheets: LotSheetComposer::new(self.stamper, name, *kind, self.layout.sides()),
            fonts,
            layout: self.layout,
            day: (night.year().unsigned_abs(), night.month().unsigned_abs(), night.day().unsigned_abs()),
            pieces_per_file: self.order.job.pieces_per_file() as usize,
            seal_to: self.seal_to,
            intent: self.intent,
            conformance: self.conformance,
            weight: self.weight(),
            before_sealing,
        }
    }

    /// The table that what letters show is digested into, where they are judged.
    fn digest_table(&self, judged: bool) -> Result<Option<DigestTable<'_>>, Failure> {
        let Some(salts) = self.salts.filter(|_| judged && self.numbers.kind == PieceKind::Letter) else {
            return Ok(None);
        };
        let night = self.order.night.to_string();
        Ok(Some(DigestTable::create(self.numbers, &night, salts, self.staging)?))
    }

    /// Proves a printed lot.
    fn prove(
        &self,
        lot: &Lot,
        rules: Option<&LotRules>,
        batches: &mut dyn Batches,
        digests: Option<&mut DigestTable>,
    ) -> Result<Proof, Failure> {
        let prove = self.order.prove;
        if prove == Prove::None {
            return Ok(Proof::default());
        }
        let (template, layout, key) = (self.stamper.template(), self.layout, self.proof_key);
        let expected = Expected { template, layout, key };
        let order = ProofOrder {
            prove,
            lot,
            folder: self.staging,
            standard: standard(self.conformance, layout),
            expected: (self.numbers.kind == PieceKind::Letter).then_some(&expected),
            rules,
            progress: self.progress,
        };
        self.progress.begin(Phase::Proofing, proved_pieces(prove, lot));
        let mut proof = prove_lot(&order, &mut |most| batches.again(most), digests)?;
        // A mailer whose codes can't be read again is not proved, and not faulty either.
        self.codes.map_or(Ok(()), CodesOfNight::check_unchanged)?;
        if prove == Prove::All {
            proof.failures.extend(self.prove_stock());
        }
        self.progress.end();
        Ok(proof)
    }

    /// Draws the lot's stock and looks at what must be clear of it, unless an earlier run did. Returns what was found.
    fn prove_stock(&self) -> Vec<String> {
        let stock = StockProof::of(self.stamper.template(), self.layout.grid);
        let digest = stock.digest();
        if self.stock.was_drawn(&digest) {
            return Vec::new();
        }
        let findings = stock.findings();
        if findings.is_empty() {
            self.stock.note_drawn(&digest);
        }
        findings.iter().map(ToString::to_string).collect()
    }
}

/// Proves the files of a lot before they are sealed.
struct SealedProof<'a> {
    standard: Standard,
    rules: Option<&'a LotRules<'a>>,
}

impl BeforeSealing for SealedProof<'_> {
    fn prove(&self, path: &str, bytes: &Arc<Vec<u8>>, pieces: &[NumberedPiece], last: bool) -> Proof {
        prove_before_sealing(path, bytes, pieces, last, self.standard, self.rules)
    }
}
