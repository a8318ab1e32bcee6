//! What the shares of a night agree on: everything that determines the position and contents of each piece.
//!
//! An agreement is digests of the plan and its inputs; two of them have a first difference, as text. A merge computes the
//! [`Agreement`] again, without codes or keys; the [`PieceInputs`] of shares are compared with each other only.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::failure::Failure;
use crate::files::{hexadecimal, sha256_of_file};
use crate::job::{Job, KeyLocation, OutputLocation};
use crate::ledger::ReleaseMark;
use crate::night::intake::{IntakeFile, codes_digests};
use crate::night::lot::LotNumbers;
use crate::night::order::{NightOrder, Prove};
use crate::night::planning::Plan;
use crate::night::production::{find_template, recipients_of_mailers};
use crate::vault::{RecipientSummary, Recipients, describe};
use mail::piece::PieceKind;

/// What every shard and the merge must plan alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Agreement {
    /// The program and its version.
    pub program: String,
    /// The night.
    pub night: String,
    /// The only kind to send; `None` for both.
    pub only: Option<PieceKind>,
    /// How much is read back.
    pub prove: Prove,
    /// The release of the ledger that the night becomes.
    pub release: ReleaseMark,
    /// The codes that a person released, by card.
    pub reissues: BTreeMap<String, String>,
    /// SHA-256 of each record file, by name.
    pub records: BTreeMap<String, String>,
    /// SHA-256 over the job's content, and over the files that it names and pieces depend on.
    pub job: String,
    /// The templates' versions, by kind.
    pub templates: BTreeMap<String, String>,
    /// SHA-256 over every record's and duty's outcome before the check.
    pub plan: String,
    /// The lots, each with its first tracking number.
    pub lots: Vec<String>,
}

/// The other inputs of pieces, which only shards read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PieceInputs {
    /// The fingerprint of the signing key.
    pub key: Option<String>,
    /// SHA-256 of each codes file.
    pub codes: Vec<String>,
    /// Who can open the sealed mailers.
    pub recipients: Vec<RecipientSummary>,
}

impl Agreement {
    /// The agreement of a planned night.
    ///
    /// # Errors
    /// Template errors; I/O errors of the job's files.
    pub(super) fn of(
        order: &NightOrder,
        files: &[IntakeFile],
        plan: &Plan,
        lots: &[LotNumbers],
        release: ReleaseMark,
    ) -> Result<Agreement, Failure> {
        let mut templates = BTreeMap::new();
        for lot in lots {
            let template = find_template(order.job, lot.kind, order.night)?;
            templates.insert(lot.kind.to_string(), template.version().to_owned());
        }
        let lots = lots.iter().map(|lot| match lot.first_tracking {
            Some(first) => format!("{} {} from {first}", lot.kind, lot.name),
            None => format!("{} {}", lot.kind, lot.name),
        });
        Ok(Agreement {
            program: concat!("pli ", env!("CARGO_PKG_VERSION")).to_owned(),
            night: order.night.to_string(),
            only: order.only,
            prove: order.prove,
            release,
            reissues: order.reissues()?.iter().map(|(card, why)| (card.to_string(), why.clone())).collect(),
            records: files.iter().map(|file| (file.name.clone(), file.sha256.clone())).collect(),
            job: job_digest(order.job)?,
            templates,
            plan: plan_digest(plan),
            lots: lots.collect(),
        })
    }

    /// SHA-256 over all of it.
    pub(super) fn digest(&self) -> String {
        hexadecimal(Sha256::digest(serde_json::to_vec(self).unwrap_or_default()))
    }

    /// The first difference from another one, as text.
    pub(super) fn difference(&self, other: &Agreement) -> Option<&'static str> {
        let parts = [
            (self.program == other.program, "the program's version"),
            (self.night == other.night, "the night"),
            (self.only == other.only, "`--only`"),
            (self.prove == other.prove, "`--prove`"),
            (self.records == other.records, "the record files"),
            (self.reissues == other.reissues, "`--release-reissues`"),
            (self.release == other.release, "the ledger's last release"),
            (self.job == other.job, "the job file, or a file that it names"),
            (self.templates == other.templates, "a template"),
            (self.lots == other.lots, "the lots: the ledger has changed"),
            (self.plan == other.plan, "the plan: the ledger has changed"),
        ];
        parts.into_iter().find(|(same, _)| !same).map(|(_, what)| what)
    }
}

impl PieceInputs {
    /// The inputs of tonight's lots; `begun`: the ledger has released a night already.
    ///
    /// # Errors
    /// Key errors; those of the codes files and recipients.
    pub(super) fn of(job: &Job, lots: &[LotNumbers], begun: bool) -> Result<PieceInputs, Failure> {
        let due = |kind| lots.iter().any(|lot| lot.kind == kind);
        let letters = job.letters();
        let described = due(PieceKind::Letter).then(|| describe(&letters.key)).transpose();
        let key = described.map_err(|error| error.in_job(letters.profile.making_a_key(), begun))?;
        let (codes, recipients) = match due(PieceKind::Mailer) {
            true => (codes_digests(job)?, recipients_of_mailers(job)?),
            false => (Vec::new(), None),
        };
        Ok(PieceInputs {
            key: key.map(|key| key.fingerprint),
            codes,
            recipients: recipients.as_ref().map(Recipients::summaries).unwrap_or_default(),
        })
    }

    /// The first difference from another one, as text.
    pub(super) fn difference(&self, other: &PieceInputs) -> Option<&'static str> {
        let parts = [
            (self.key == other.key, "the signing key"),
            (self.codes == other.codes, "the codes files"),
            (self.recipients == other.recipients, "the recipients of the mailers"),
        ];
        parts.into_iter().find(|(same, _)| !same).map(|(_, what)| what)
    }
}

/// SHA-256 over the job's settings that pieces depend on, and over the files these name. Paths may differ between machines;
/// limits apply to the merged night.
fn job_digest(job: &Job) -> Result<String, Failure> {
    let mut sections = job.sections.clone();
    sections.ledger = Default::default();
    sections.limits = Default::default();
    sections.retention = Default::default();
    sections.output.dir = OutputLocation::Folder(Default::default());
    sections.output.scratch = Default::default();
    sections.signing.key = KeyLocation::File(Default::default());
    sections.input.cards = Vec::new();
    sections.input.codes = Vec::new();
    sections.input.codes_identity = Default::default();
    sections.input.cards_identity = Default::default();
    let mut hash = Sha256::new();
    // The debug form has every key, so that a new one can't be forgotten here. It may differ between versions of the program,
    // which don't agree anyway.
    hash.update(format!("{sections:?}"));
    let sealed = if sections.output.unsealed { &[][..] } else { &sections.output.seal_to };
    let recipients = sealed.iter().filter(|text| !text.starts_with("age1")).map(|text| job.path(text));
    let profile = sections.press.output_intent.iter().map(|path| job.path(path));
    for path in recipients.chain(profile) {
        // The stations that need the file report one that can't be read.
        hash.update(sha256_of_file(&path).unwrap_or_default());
    }
    Ok(hexadecimal(hash.finalize()))
}

/// SHA-256 over all decisions of the plan.
fn plan_digest(plan: &Plan) -> String {
    let mut hash = Sha256::new();
    let mut line = String::new();
    for (entry, index) in plan.entries.iter().zip(0..) {
        line.clear();
        let duty = plan.duties.get(index);
        // Writing to memory never fails.
        let _ = writeln!(
            line,
            "{} {} {} {:?} {:?} {} {duty:?}",
            entry.card,
            plan.source_file(entry),
            entry.line,
            entry.outcome,
            entry.mailing,
            entry.due
        );
        hash.update(&line);
    }
    for card in &plan.cancelled_cards {
        hash.update(card.card.as_str());
    }
    hash.update(format!("{} {} {}", plan.rejected_rows, plan.held, plan.findings.len()));
    hexadecimal(hash.finalize())
}
