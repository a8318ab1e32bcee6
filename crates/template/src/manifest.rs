//! `template.toml`: the kind of piece a template is for, its media, and the facts that select its variants.

use serde::Deserialize;

use mail::piece::PieceKind;

use crate::fault::{Problem, TemplateFault};
use crate::folding::{Envelope, Fold, Turn};
use crate::kind::FaultKind;

/// The name of the file.
pub(crate) const MANIFEST_PATH: &str = "template.toml";

/// The facts that may select a variant.
const FACTS: [&str; 5] = ["reason", "codes", "family", "holder", "replaced"];

/// A template's `template.toml`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The kind of piece.
    pub kind: PieceKind,
    /// The Typst file.
    pub main: String,
    /// The template's name on work orders.
    pub title: String,
    /// The media that the press loads.
    pub media: String,
    /// Grams per square metre of the media.
    pub grammage: f64,
    /// Grams of what is enclosed besides the sheet (the card).
    #[serde(default)]
    pub enclosed_g: f64,
    /// Grams of the envelope.
    #[serde(default)]
    pub envelope_g: f64,
    /// How the sheet is folded.
    #[serde(default)]
    pub fold: Fold,
    /// The edge on which a sheet is turned to its back.
    #[serde(default)]
    pub turn: Turn,
    /// The envelope.
    #[serde(default)]
    pub envelope: Envelope,
    /// The facts that select a variant. The template's `sys.inputs` holds these and the bureau's facts.
    pub variants: Vec<String>,
}

impl Manifest {
    /// Parses a `template.toml`.
    ///
    /// # Errors
    /// A fault of kind [`FaultKind::Manifest`]: TOML that does not parse, an unknown key, an unknown fact.
    pub(crate) fn parse(text: &str) -> Result<Manifest, TemplateFault> {
        let fault = |message: String, line, column| {
            Problem::new(FaultKind::Manifest, message).at(MANIFEST_PATH, line, column)
        };
        let manifest: Manifest = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            let before = &text[..offset.min(text.len())];
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
            fault(error.message().to_owned(), line, column)
        })?;
        match manifest.variants.iter().find(|fact| !FACTS.contains(&fact.as_str())) {
            Some(fact) => {
                let known = FACTS.join(", ");
                let message = format!("`variants` names an unknown fact `{fact}`; the facts are {known}");
                Err(fault(message, 1, 1))
            }
            None => Ok(manifest),
        }
    }

    /// The piece's postal weight class in grams, from its sheet (A4), what it encloses and its envelope.
    pub fn weight_class(&self) -> u32 {
        const A4_M2: f64 = 0.210 * 0.297;
        let grams = self.grammage * A4_M2 + self.enclosed_g + self.envelope_g;
        [20, 100, 250, 500, 1000, 3000].into_iter().find(|&class| grams <= f64::from(class)).unwrap_or(3000)
    }
}
