//! `template.toml`: the kind of piece a template is for, its media, and the facts that select its variants.

use foreign::{is_unprintable, legible, line_and_column, plain_words};
use serde::Deserialize;

use mail::piece::PieceKind;

use crate::envelope::Envelope;
use crate::fault::{Problem, TemplateFault};
use crate::folding::{Fold, Seal, Turn};
use crate::kind::FaultKind;
use crate::paper::Paper;

/// The name of the file.
pub(crate) const MANIFEST_PATH: &str = "template.toml";

/// The most that a square metre of media, an enclosure or an envelope weighs, in grams.
const MAX_GRAMS: f64 = 3000.0;
/// The longest text, in characters: it stands on work orders and job tickets.
const MAX_TEXT: usize = 120;

/// The facts that may select a variant.
pub(crate) const FACTS: [&str; 5] = ["reason", "codes", "family", "holder", "replaced"];

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
    /// The folder beside the template's, such as `../shared`, whose files the template sees below `/shared/`.
    #[serde(default)]
    pub shared: Option<String>,
    /// How the sheet is folded.
    #[serde(default)]
    pub fold: Fold,
    /// The edge on which a sheet is turned to its back.
    #[serde(default)]
    pub turn: Turn,
    /// The envelope.
    #[serde(default)]
    pub envelope: Envelope,
    /// What closes the piece.
    #[serde(default)]
    pub seal: Seal,
    /// The paper.
    #[serde(default)]
    pub paper: Paper,
    /// The facts that select a variant. The template's `sys.inputs` holds these and the bureau's facts.
    pub variants: Vec<String>,
}

impl Manifest {
    /// Parses a `template.toml`. Keys that it can't have are set aside: each is a fault, and the rest is used.
    ///
    /// # Errors
    /// A fault of kind [`FaultKind::Manifest`]: no UTF-8, TOML that does not parse, an unknown key in a table, an unknown fact, a
    /// value that can't be printed.
    pub(crate) fn parse(bytes: &[u8]) -> Result<(Manifest, Vec<TemplateFault>), TemplateFault> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let (line, _) = line_and_column(&String::from_utf8_lossy(bytes), error.valid_up_to());
            Problem::new(FaultKind::Manifest, "this line is not UTF-8")
                .with_advice("save the file as UTF-8")
                .at(MANIFEST_PATH, line, 1)
        })?;
        let (manifest, unknown) = match toml::from_str::<Manifest>(text) {
            Ok(manifest) => (manifest, Vec::new()),
            Err(error) => without_unknown_keys(text, error.message()).ok_or_else(|| {
                let (line, column) = line_and_column(text, error.span().map_or(0, |span| span.start));
                in_plain_words(error.message()).at(MANIFEST_PATH, line, column)
            })?,
        };
        match manifest.fault() {
            None => Ok((manifest, unknown)),
            Some((key, message, advice)) => {
                Err(Problem::new(FaultKind::Manifest, message).with_advice(advice).at_key(bytes, &key))
            }
        }
    }

    /// The first value that can't be used: where it stands (its key, or the value itself), the problem and the advice.
    fn fault(&self) -> Option<(String, String, String)> {
        let texts = [("main", &self.main), ("title", &self.title), ("media", &self.media)];
        let text = texts.into_iter().find_map(|(key, value)| {
            let (problem, advice) = text_fault(value)?;
            Some((key.to_owned(), format!("`{key}` {problem}"), advice.to_owned()))
        });
        let weights = [
            ("grammage", self.grammage, self.grammage > 0.0),
            ("enclosed_g", self.enclosed_g, self.enclosed_g >= 0.0),
            ("envelope_g", self.envelope_g, self.envelope_g >= 0.0),
        ];
        let weight = || {
            let wrong = |(_, value, positive): &(&str, f64, bool)| !(*positive && *value <= MAX_GRAMS);
            let (key, value, _) = weights.into_iter().find(wrong)?;
            let problem = format!("`{key}` can't be {value}");
            Some((key.to_owned(), problem, format!("write grams, {MAX_GRAMS} at most")))
        };
        let fact = || {
            let unknown = self.variants.iter().find(|fact| !FACTS.contains(&fact.as_str()))?;
            let problem = format!("`variants` names an unknown fact `{}`", legible(unknown));
            Some((format!("\"{unknown}\""), problem, format!("the facts are {}", FACTS.join(", "))))
        };
        let shared = || {
            let wrong = self.shared.as_deref().filter(|shared| folder_beside(shared).is_none())?;
            let problem = format!("`shared` can't be `{}`", legible(wrong));
            let advice = "name a folder that lies beside the template's, such as `../shared`";
            Some(("shared".to_owned(), problem, advice.to_owned()))
        };
        let paper = || {
            let wrong = self.paper.opacity.filter(|opacity| !Paper::OPACITIES.contains(opacity))?;
            let (least, most) = Paper::OPACITIES.into_inner();
            let advice = format!("write the paper's opacity (ISO 2471) in per cent, {least} to {most}");
            Some(("paper.opacity".to_owned(), format!("`opacity` can't be {wrong}"), advice))
        };
        text.or_else(weight).or_else(fact).or_else(shared).or_else(paper)
    }

    /// The weight of a piece with so many sheets (A4), with what it encloses and its envelope, in grams.
    pub fn grams(&self, sheets: u32) -> f64 {
        const A4_M2: f64 = 0.210 * 0.297;
        self.grammage * A4_M2 * f64::from(sheets) + self.enclosed_g + self.envelope_g
    }
}

/// The name of a folder that lies beside the template's, from `../name`.
pub(crate) fn folder_beside(shared: &str) -> Option<&str> {
    let name = shared.strip_prefix("../").map(|name| name.strip_suffix('/').unwrap_or(name))?;
    let plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', ':']);
    plain.then_some(name)
}

/// The problem that a message of the TOML reader describes.
fn in_plain_words(message: &str) -> Problem {
    let (message, advice) = plain_words(message);
    let problem = Problem::new(FaultKind::Manifest, message);
    match advice {
        Some(advice) => problem.with_advice(advice),
        None => problem,
    }
}

/// The manifest without the keys that it can't have, each of which is a fault; `None` where something else is wrong. `message`
/// is the reader's about the first of them, and names the keys that there are.
fn without_unknown_keys(text: &str, message: &str) -> Option<(Manifest, Vec<TemplateFault>)> {
    let (_, known) = message.strip_prefix("unknown field ")?.split_once(", expected ")?;
    let table: toml::Table = toml::from_str(text).ok()?;
    let is_known = |key: &String| known.contains(&format!("`{key}`"));
    let (sound, unknown): (toml::Table, toml::Table) = table.into_iter().partition(|(key, _)| is_known(key));
    let fault = |key: &String| {
        let (line, column) = line_and_column(text, foreign::key_offset(text, key));
        in_plain_words(&format!("unknown field `{key}`, expected {known}")).at(MANIFEST_PATH, line, column)
    };
    let faults: Vec<TemplateFault> = unknown.keys().map(fault).collect();
    let manifest = Manifest::deserialize(sound).ok()?;
    (!faults.is_empty()).then_some((manifest, faults))
}

/// What is wrong with a text, and what to do; `None` for a text that can be printed.
fn text_fault(text: &str) -> Option<(&'static str, &'static str)> {
    if text.trim().is_empty() {
        Some(("is empty", "write a text"))
    } else if text.chars().any(is_unprintable) {
        Some(("has a character that can't be printed", "write it without control characters and line breaks"))
    } else if text.chars().count() > MAX_TEXT {
        Some(("is too long", "write at most 120 characters"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "kind = \"letter\"\nmain = \"a.typ\"\ntitle = \"A\"\nmedia = \"B\"\n\
                         grammage = 90\nvariants = [\n  \"reason\",\n]\n";

    #[test]
    fn what_a_press_would_choke_on_is_refused_where_it_stands() {
        assert!(Manifest::parse(SOUND.as_bytes()).is_ok());
        for (from, to, line, said) in [
            ("\"A\"", "\"x\\u0001\\u001b[31m<b>\"", 3, "`title` has a character"),
            ("\"A\"", "\"a\\nb\"", 3, "`title` has a character"),
            ("\"B\"", "\" \"", 4, "`media` is empty"),
            ("\"B\"", &format!("\"{}\"", "m".repeat(121)), 4, "`media` is too long"),
            ("90", "nan", 5, "`grammage` can't be NaN"),
            ("90", "inf", 5, "`grammage` can't be inf"),
            ("90", "-90", 5, "`grammage` can't be -90"),
            ("90", "0", 5, "`grammage` can't be 0"),
            ("90", "1e300", 5, "`grammage` can't be 1000"),
            ("90", "90\nenclosed_g = -1", 6, "`enclosed_g` can't be -1"),
            ("90", "\"90\"", 5, "the text \"90\" stands where a number belongs"),
            ("reason", "ream", 7, "an unknown fact `ream`"),
            ("90", "90\nshared = \"../../etc\"", 6, "`shared` can't be `../../etc`"),
            ("90", "90\nshared = \"/etc\"", 6, "`shared` can't be `/etc`"),
            ("90", "90\nshared = \"..\"", 6, "`shared` can't be `..`"),
            ("title", "tilte", 3, "there is no key `tilte` here"),
            ("90", "90\npaper = { opacity = 0.94 }", 6, "`opacity` can't be 0.94"),
            ("90", "90\npaper = { opacity = nan }", 6, "`opacity` can't be NaN"),
            ("\n]\n", "\n]\n[paper]\nopacity = 101\n", 10, "`opacity` can't be 101"),
            (
                "\n]\n",
                "\n]\n[paper]\nopacity = \"94\"\n",
                10,
                "the text \"94\" stands where a number belongs",
            ),
            ("\n]\n", "\n]\n[paper]\nopacty = 94\n", 10, "there is no key `opacty` here"),
            ("90", "90\nseal = \"tape\"", 6, "`tape` is no value of this key"),
            ("90", "90\nenvelope = 3", 6, "`3` stands where the name of an envelope"),
        ] {
            let text = SOUND.replacen(from, to, 1);
            let fault = Manifest::parse(text.as_bytes()).unwrap_err();
            assert!(fault.message.starts_with(said) || fault.message.contains(said), "{to}: {fault}");
            assert_eq!(fault.location.map(|(line, _)| line), Some(line), "{to}: {fault}");
            assert!(fault.advice.is_some(), "{to}: {fault}");
        }
        let fault = Manifest::parse(b"kind = \"letter\"\n\xff").unwrap_err();
        assert_eq!(fault.location, Some((2, 1)));
    }

    #[test]
    fn keys_that_there_are_not_are_told_together() {
        let text = format!("{SOUND}colour = true\nenvelop_g = 5\n");
        let (manifest, faults) = Manifest::parse(text.as_bytes()).unwrap();
        assert_eq!(manifest.grammage, 90.0);
        let lines: Vec<_> = faults.iter().filter_map(|fault| fault.location).collect();
        assert_eq!(lines, [(9, 1), (10, 1)]);
        let advice = faults[1].advice.as_deref().unwrap();
        assert!(advice.starts_with("did you mean `envelope_g`?"), "{advice}");
    }

    #[test]
    fn an_envelope_is_a_name_or_a_table() {
        let of = |line: &str| Manifest::parse(format!("{SOUND}{line}\n").as_bytes());
        assert_eq!(of("envelope = \"dl\"").unwrap().0.envelope.name.as_deref(), Some("dl"));
        let both = of("envelope = { name = \"dl\", play_mm = { x = 1, y = 2 } }").unwrap().0.envelope;
        assert_eq!((both.name.as_deref(), both.play_mm.map(|play| play.y)), (Some("dl"), Some(2.0)));
        assert_eq!(of("envelope = { play = 2 }").unwrap_err().location.map(|(line, _)| line), Some(9));
    }
}
