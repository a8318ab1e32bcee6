//! What the shares of a night agree on: everything that decides which piece lies where and what it says.
//!
//! Takes the plan and what it was made from. Gives digests, and what differs between two of them in words. A merge makes
//! the [`Agreement`] anew and needs no codes and no key for it; [`Makings`] are held against each other only.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::failure::Failure;
use crate::job::{Job, KeyPlace, OutputPlace};
use crate::night::intake::IntakeFile;
use crate::night::lots::find_template;
use crate::night::numbering::Series;
use crate::night::planning::Plan;
use crate::night::proofing::Prove;
use crate::night::release::digest;
use crate::night::run::NightOrder;
use crate::night::sources::codes_digests;
use crate::vault::describe;
use mail::piece::PieceKind;
use template::Template;

/// What a shard and a merge plan alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Agreement {
    /// The program and its version.
    pub program: String,
    /// The night.
    pub night: String,
    /// The only kind to send, where not both.
    pub only: Option<PieceKind>,
    /// How much is read back.
    pub prove: Prove,
    /// SHA-256 of each record file, by name.
    pub records: BTreeMap<String, String>,
    /// SHA-256 over the job's content, and over the files that it names and pieces depend on.
    pub job: String,
    /// The templates' versions, by kind.
    pub templates: BTreeMap<String, String>,
    /// SHA-256 over every record's and duty's fate before the check.
    pub plan: String,
    /// The lots, each with its first tracking number.
    pub lots: Vec<String>,
}

/// What pieces were made with besides, which only shards see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Makings {
    /// The fingerprint of the signing key.
    pub key: Option<String>,
    /// SHA-256 of each codes file.
    pub codes: Vec<String>,
}

impl Agreement {
    /// That of a planned night.
    ///
    /// # Errors
    /// A template that is not there, a file of the job that can't be read.
    pub fn of(
        order: &NightOrder,
        files: &[IntakeFile],
        plan: &Plan,
        series: &[Series],
    ) -> Result<Agreement, Failure> {
        let mut templates = BTreeMap::new();
        for series in series {
            let template = template(order.job, series.kind)?;
            templates.insert(series.kind.to_string(), template.version().to_owned());
        }
        let lots = series.iter().map(|series| match series.first_tracking {
            Some(first) => format!("{} {} from {first}", series.kind, series.lot),
            None => format!("{} {}", series.kind, series.lot),
        });
        Ok(Agreement {
            program: concat!("pli ", env!("CARGO_PKG_VERSION")).to_owned(),
            night: order.night.to_string(),
            only: order.only,
            prove: order.prove,
            records: files.iter().map(|file| (file.name.clone(), file.sha256.clone())).collect(),
            job: job_digest(order.job)?,
            templates,
            plan: plan_digest(plan),
            lots: lots.collect(),
        })
    }

    /// SHA-256 over all of it.
    pub fn digest(&self) -> String {
        hexadecimal(Sha256::digest(serde_json::to_vec(self).unwrap_or_default()))
    }

    /// What another one has otherwise, in words.
    pub fn difference(&self, other: &Agreement) -> Option<&'static str> {
        let parts = [
            (self.program == other.program, "the program's version"),
            (self.night == other.night, "the night"),
            (self.only == other.only, "`--only`"),
            (self.prove == other.prove, "`--prove`"),
            (self.records == other.records, "the record files"),
            (self.job == other.job, "the job file, or a file that it names"),
            (self.templates == other.templates, "a template"),
            (self.lots == other.lots, "the lots: the ledger has changed"),
            (self.plan == other.plan, "the plan: the ledger has changed"),
        ];
        parts.into_iter().find(|(same, _)| !same).map(|(_, what)| what)
    }
}

impl Makings {
    /// Those of tonight's lots.
    ///
    /// # Errors
    /// A key or a codes file that can't be read.
    pub fn of(job: &Job, series: &[Series]) -> Result<Makings, Failure> {
        let due = |kind| series.iter().any(|series| series.kind == kind);
        let key = match due(PieceKind::Letter) {
            true => Some(describe(&job.signing_key())?.fingerprint),
            false => None,
        };
        let codes = match due(PieceKind::Mailer) {
            true => codes_digests(job)?,
            false => Vec::new(),
        };
        Ok(Makings { key, codes })
    }

    /// What another one has otherwise, in words.
    pub fn difference(&self, other: &Makings) -> Option<&'static str> {
        match (self.key == other.key, self.codes == other.codes) {
            (false, _) => Some("the signing key"),
            (true, false) => Some("the codes files"),
            (true, true) => None,
        }
    }
}

/// The job's template of a kind.
///
/// # Errors
/// No such template, or one of the other kind.
pub(super) fn template(job: &Job, kind: PieceKind) -> Result<Template, Failure> {
    let template = match kind {
        PieceKind::Letter => &job.sections.letters.template,
        PieceKind::Mailer => &job.sections.mailers.template,
    };
    find_template(job, template, kind)
}

/// Over what the job says and pieces depend on, and the content of the files it names. Where things lie may differ
/// between machines; limits are held against the merged night.
fn job_digest(job: &Job) -> Result<String, Failure> {
    let mut sections = job.sections.clone();
    sections.ledger = Default::default();
    sections.limits = Default::default();
    sections.output.dir = OutputPlace::Folder(Default::default());
    sections.signing.key = KeyPlace::File(Default::default());
    sections.input.cards = Vec::new();
    sections.input.codes = Vec::new();
    sections.input.codes_identity = Default::default();
    let mut hash = Sha256::new();
    // As the program prints them: a new key of the job can't be forgotten here, and other versions do not agree anyhow.
    hash.update(format!("{sections:?}"));
    let sealed = if sections.output.unsealed { &[][..] } else { &sections.output.seal_to };
    let recipients = sealed.iter().filter(|text| !text.starts_with("age1")).map(|text| job.path(text));
    let profile = sections.press.output_intent.iter().map(|path| job.path(path));
    for path in recipients.chain(profile) {
        // One that can't be read is told by the stations that need it.
        hash.update(digest(&path).unwrap_or_default());
    }
    Ok(hexadecimal(hash.finalize()))
}

/// Over all that planning decided.
fn plan_digest(plan: &Plan) -> String {
    let mut hash = Sha256::new();
    let mut line = String::new();
    for (entry, index) in plan.entries.iter().zip(0..) {
        line.clear();
        let duty = plan.duties.get(index);
        // Formatting into a text never fails.
        let _ = writeln!(
            line,
            "{} {} {} {:?} {:?} {} {duty:?}",
            entry.card,
            plan.source_file(entry),
            entry.line,
            entry.fate,
            entry.sends,
            entry.due
        );
        hash.update(&line);
    }
    for card in &plan.cancelled_cards {
        hash.update(card.as_str());
    }
    hash.update(format!("{} {} {}", plan.rejected_rows, plan.held, plan.findings.len()));
    hexadecimal(hash.finalize())
}

fn hexadecimal(digest: impl AsRef<[u8]>) -> String {
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
