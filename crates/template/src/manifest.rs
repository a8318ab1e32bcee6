//! `template.toml`: what kind of piece a template makes, on which media, and which facts make its variants.

use serde::Deserialize;

use mail::piece::PieceKind;

/// The facts a template may be varied by.
pub(super) const FACTS: [&str; 5] = ["reason", "codes", "family", "holder", "replaced"];

/// A template's `template.toml`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Letter or mailer.
    pub kind: PieceKind,
    /// The Typst file.
    pub main: String,
    /// The template's name on work orders.
    pub title: String,
    /// The media that the press loads.
    pub media: String,
    /// Grams per square metre of the media.
    pub grammage: f64,
    /// Grams of what is put in besides the sheet (the card).
    #[serde(default)]
    pub enclosed_g: f64,
    /// Grams of the envelope.
    #[serde(default)]
    pub envelope_g: f64,
    /// The facts that select a variant; the template's `sys.inputs` holds these and the bureau's.
    pub variants: Vec<String>,
}

impl Manifest {
    /// Reads a `template.toml`.
    ///
    /// # Errors
    /// The line, the column and the reason in words.
    pub(super) fn parse(text: &str) -> Result<Manifest, (usize, usize, String)> {
        let manifest: Manifest = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            let before = &text[..offset.min(text.len())];
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
            (line, column, error.message().to_owned())
        })?;
        match manifest.variants.iter().find(|fact| !FACTS.contains(&fact.as_str())) {
            Some(fact) => {
                let known = FACTS.join(", ");
                Err((1, 1, format!("`variants` names an unknown fact `{fact}`; the facts are {known}")))
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
