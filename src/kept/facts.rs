//! What a job says of the pages of its pieces, as it is kept with their template.

use std::path::Path;

use composition::BlockField;
use mail::inserter::Machine;
use mail::piece::PieceKind;
use serde::{Deserialize, Serialize};
use template::{Facts, Template};

use crate::job::{Duplex, Imposition, Job, Press, SigningProfile};

/// The facts on which a piece's pages depend besides its template, its record, its numbers and the night.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeptFacts {
    /// The template.
    pub template: TemplateFacts,
    /// What pieces say about the sender, as templates receive it.
    pub bureau: Facts,
    /// The press.
    pub press: PressFacts,
    /// The inserting machine.
    pub inserter: Machine,
    /// Whether the pages are also PDF/A-2b.
    pub archive: bool,
    /// How the blocks of letters are signed; `None` for mailers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing: Option<SigningFacts>,
    /// The product code that begins a mailer's tracking identifier; `None` for letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_prefix: Option<String>,
}

/// A template, by its name and version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TemplateFacts {
    /// Its name, without its folder.
    pub name: String,
    /// The kind of its pieces.
    pub kind: PieceKind,
    /// Its version: SHA-256 of its files, as in ledger and `run.json`.
    pub version: String,
}

/// The settings of the press that move or shape what is printed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PressFacts {
    /// Dots per inch.
    pub dpi: u32,
    /// Dots by which every bar is narrowed.
    pub bar_width_reduction: u32,
    /// How a sheet is turned between its sides.
    pub duplex: Duplex,
    /// How many pieces lie side by side on a sheet.
    pub imposition: Imposition,
    /// The identifier of the printing condition of the kept profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_condition: Option<String>,
}

/// What a signed block says besides a record's values. The signing key is not kept here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SigningFacts {
    /// The signature profile.
    pub profile: SigningProfile,
    /// The authority's identifier.
    pub ca_id: String,
    /// The certificate's identifier.
    pub certificate_id: String,
    /// The document type.
    pub document_type: String,
    /// The block's fields, in order.
    pub fields: Vec<BlockField>,
}

impl KeptFacts {
    /// The facts of a job's template.
    pub(super) fn of(job: &Job, template: &Template) -> KeptFacts {
        let (kind, press) = (template.manifest().kind, job.press());
        let signing = || {
            let settings = job.letters();
            let map = settings.block_map;
            SigningFacts {
                profile: settings.profile,
                ca_id: map.ca_id,
                certificate_id: map.certificate_id,
                document_type: map.document_type,
                fields: map.fields,
            }
        };
        KeptFacts {
            template: TemplateFacts {
                name: file_name(template.name()).to_owned(),
                kind,
                version: template.version().to_owned(),
            },
            bureau: job.bureau().facts(),
            press: PressFacts {
                dpi: press.dpi,
                bar_width_reduction: press.bar_width_reduction,
                duplex: press.duplex,
                imposition: press.imposition,
                output_condition: press.output_condition.clone(),
            },
            inserter: job.machine(kind).clone(),
            archive: job.archives(kind),
            signing: (kind == PieceKind::Letter).then(signing),
            tracking_prefix: (kind == PieceKind::Mailer).then(|| job.mailers().tracking_prefix.to_owned()),
        }
    }

    /// The press as it was, as far as pages depend on it.
    pub(crate) fn press(&self) -> Press {
        let PressFacts { dpi, bar_width_reduction, duplex, imposition, .. } = self.press;
        Press { dpi, bar_width_reduction, duplex, imposition, ..Press::default() }
    }
}

/// A template's name without its folder: where the job lies changes nothing.
fn file_name(name: &str) -> &str {
    Path::new(name).file_name().and_then(|name| name.to_str()).unwrap_or(name)
}
