//! The envelope of a piece: one that the bureau has in stock (`envelopes/NAME.toml`), or a play alone.
//!
//! Windows are the envelope's: they lie where its maker cut them, whatever a template draws.

use foreign::{is_unprintable, legible, line_and_column, plain_words};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};

use crate::fault::{Problem, TemplateFault};
use crate::folding::{POINTS_PER_MM, Play};
use crate::kind::FaultKind;
use crate::marks::Rect;

/// The largest envelope, in millimetres.
const MOST_MM: f64 = 500.0;
/// The longest name or text of an envelope, in characters: each is a line of a work order.
const MAX_TEXT: usize = 60;

/// What `template.toml` says of the envelope.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Envelope {
    /// The name of an envelope in stock; `None` where the template draws its windows itself.
    pub name: Option<String>,
    /// How far the folded piece can move from where the windows are drawn; `None` where it follows from the sizes of the
    /// envelope and the folded sheet.
    pub play_mm: Option<Play>,
    /// The envelope of that name.
    pub stock: Option<EnvelopeStock>,
}

/// An envelope that the bureau has in stock.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvelopeStock {
    /// Its name on work orders.
    pub title: String,
    /// Its maker's reference.
    pub reference: String,
    /// Its width in millimetres.
    pub width_mm: f64,
    /// Its height in millimetres.
    pub height_mm: f64,
    /// How far a piece moves in it; `None` where that follows from the sizes.
    #[serde(default)]
    pub play_mm: Option<Play>,
    /// Its windows.
    #[serde(default)]
    pub windows: Vec<EnvelopeWindow>,
}

/// A window of an envelope, in millimetres from the top left corner of its front.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvelopeWindow {
    /// Its left edge.
    pub x_mm: f64,
    /// Its top edge.
    pub y_mm: f64,
    /// Its width.
    pub width_mm: f64,
    /// Its height.
    pub height_mm: f64,
    /// The marks that must show in it: `address`, `code39`, …
    #[serde(default)]
    pub holds: Vec<String>,
}

/// An [`Envelope`] as a table of `template.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEnvelope {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    play_mm: Option<Play>,
}

impl<'de> Deserialize<'de> for Envelope {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Envelope, D::Error> {
        struct NameOrTable;
        impl<'de> Visitor<'de> for NameOrTable {
            type Value = RawEnvelope;

            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("the name of an envelope, or a table with `name` and `play_mm`")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<RawEnvelope, E> {
                Ok(RawEnvelope { name: Some(name.to_owned()), play_mm: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawEnvelope, A::Error> {
                RawEnvelope::deserialize(MapAccessDeserializer::new(map))
            }
        }
        let RawEnvelope { name, play_mm } = deserializer.deserialize_any(NameOrTable)?;
        Ok(Envelope { name, play_mm, stock: None })
    }
}

impl Envelope {
    /// How far a folded piece of this size, in points, moves to either side, and up or down.
    pub(crate) fn play(&self, folded: &Rect) -> Play {
        let stated = self.play_mm.or_else(|| self.stock.as_ref()?.play_mm);
        let free = |envelope_mm: f64, points: f64| ((envelope_mm - points / POINTS_PER_MM) / 2.0).max(0.0);
        let sizes = || {
            let stock = self.stock.as_ref()?;
            Some(Play { x: free(stock.width_mm, folded.width), y: free(stock.height_mm, folded.height) })
        };
        stated.or_else(sizes).unwrap_or_default()
    }
}

impl EnvelopeStock {
    /// Parses `envelopes/NAME.toml`, whose path this is.
    ///
    /// # Errors
    /// A fault of kind [`FaultKind::Envelope`]: TOML that does not parse, an unknown key, a size that no envelope has, a window
    /// outside the envelope, a text that can't be printed.
    pub(crate) fn parse(path: &str, bytes: &[u8]) -> Result<EnvelopeStock, TemplateFault> {
        let problem = |message: &str| Problem::new(FaultKind::Envelope, message);
        let text = std::str::from_utf8(bytes)
            .map_err(|_| problem("is not UTF-8").with_advice("save the file as UTF-8").in_file(path))?;
        let stock: EnvelopeStock = toml::from_str(text).map_err(|error| {
            let (line, column) = line_and_column(text, error.span().map_or(0, |span| span.start));
            let (message, advice) = plain_words(error.message());
            TemplateFault { advice, ..problem(&message).at(path, line, column) }
        })?;
        match stock.fault() {
            None => Ok(stock),
            Some((key, message, advice)) => {
                let (line, column) = line_and_column(text, foreign::key_offset(text, key));
                Err(problem(&message).with_advice(advice).at(path, line, column))
            }
        }
    }

    /// The first value that can't be used: its key, the problem and the advice.
    fn fault(&self) -> Option<(&'static str, String, String)> {
        let texts = [("title", &self.title), ("reference", &self.reference)];
        let wrong = |text: &str| {
            text.trim().is_empty() || text.chars().count() > MAX_TEXT || text.chars().any(is_unprintable)
        };
        if let Some((key, _)) = texts.into_iter().find(|(_, text)| wrong(text)) {
            let advice = format!("write a text of one line, {MAX_TEXT} characters at most");
            return Some((key, format!("`{key}` can't be printed"), advice));
        }
        let sizes = [("width_mm", self.width_mm), ("height_mm", self.height_mm)];
        if let Some((key, size)) = sizes.into_iter().find(|(_, size)| !(*size > 0.0 && *size <= MOST_MM)) {
            return Some((
                key,
                format!("`{key}` can't be {size}"),
                format!("write millimetres, {MOST_MM} at most"),
            ));
        }
        let outside = self.windows.iter().find(|window| !self.has_room_for(window))?;
        let EnvelopeWindow { x_mm, y_mm, width_mm, height_mm, .. } = outside;
        let message = format!(
            "the window of {width_mm} × {height_mm} mm at {x_mm}, {y_mm} mm lies outside the envelope"
        );
        let advice = format!(
            "measure `x_mm` and `y_mm` from the top left corner of the envelope of {} × {} mm",
            self.width_mm, self.height_mm
        );
        Some(("[[windows]]", message, advice))
    }

    fn has_room_for(&self, window: &EnvelopeWindow) -> bool {
        let EnvelopeWindow { x_mm, y_mm, width_mm, height_mm, .. } = *window;
        x_mm >= 0.0
            && y_mm >= 0.0
            && width_mm > 0.0
            && height_mm > 0.0
            && x_mm + width_mm <= self.width_mm
            && y_mm + height_mm <= self.height_mm
    }

    /// A window as it lies over a page, in points. `piece` is the folded piece in the middle of the envelope, as it lies on the
    /// page.
    pub(crate) fn over(&self, window: &EnvelopeWindow, piece: &Rect) -> Rect {
        let points = |mm: f64| mm * POINTS_PER_MM;
        Rect {
            x: piece.x + points(window.x_mm) - (points(self.width_mm) - piece.width) / 2.0,
            y: piece.y + points(window.y_mm) - (points(self.height_mm) - piece.height) / 2.0,
            width: points(window.width_mm),
            height: points(window.height_mm),
        }
    }
}

macro_rules! stock {
    ($($name:literal),* $(,)?) => {
        /// The envelopes that the program knows, by name. Their files are in `envelopes/`.
        const STOCK: &[(&str, &[u8])] =
            &[$(($name, include_bytes!(concat!("../../../envelopes/", $name, ".toml"))),)*];
    };
}

stock!("c5-window", "c6-5-two-windows", "c6-5-window", "dl-two-windows", "dl-window", "dl-window-low");

/// The file of an envelope that the program knows.
pub(crate) fn built_in(name: &str) -> Option<&'static [u8]> {
    STOCK.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes)
}

/// The name of the folder of envelopes.
pub(crate) const FOLDER: &str = "envelopes";

/// The path of an envelope's file, in a template or beside it.
pub(crate) fn path_of(name: &str) -> String {
    format!("{FOLDER}/{name}.toml")
}

/// The problem of an envelope that is nowhere.
pub(crate) fn unknown(name: &str) -> Problem {
    let known: Vec<String> = STOCK.iter().map(|(name, _)| format!("`{name}`")).collect();
    let name = legible(name);
    let (_, nearest) =
        plain_words(&format!("unknown variant `{name}`, expected one of {}", known.join(", ")));
    let own = format!("or write the file `envelopes/{name}.toml` beside the template's folder");
    let advice = nearest.map_or(own.clone(), |nearest| format!("{nearest}, {own}"));
    Problem::new(FaultKind::Envelope, format!("there is no envelope `{name}`")).with_advice(advice)
}

/// Whether a name can be that of a file in the folder `envelopes`.
pub(crate) fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name.len() <= MAX_TEXT && name.chars().all(plain) && !name.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folding::A4;

    #[test]
    fn built_in_envelopes_can_be_used() {
        for (name, bytes) in STOCK {
            let stock = EnvelopeStock::parse(name, bytes).unwrap_or_else(|fault| panic!("{fault}"));
            assert!(!stock.windows.is_empty(), "{name}");
        }
        assert!(built_in("dl-window").is_some() && built_in("dl").is_none());
    }

    #[test]
    fn a_sheet_folded_in_three_moves_in_a_dl_by_what_is_left() {
        let stock = EnvelopeStock::parse("dl", built_in("dl-window").unwrap()).unwrap();
        let piece = Rect { height: 99.0 * POINTS_PER_MM, ..A4 };
        let envelope = Envelope { stock: Some(stock.clone()), ..Envelope::default() };
        let play = envelope.play(&piece);
        assert!((play.x - 5.0).abs() < 1e-6 && (play.y - 5.5).abs() < 1e-6, "{play:?}");
        let over = stock.over(&stock.windows[0], &piece);
        let mm = |points: f64| (points / POINTS_PER_MM * 10.0).round() / 10.0;
        assert_eq!([mm(over.x), mm(over.y), mm(over.width), mm(over.height)], [95.0, 39.5, 100.0, 45.0]);
        let stated = Envelope { play_mm: Some(Play { x: 1.0, y: 2.0 }), ..envelope };
        assert_eq!(stated.play(&piece), Play { x: 1.0, y: 2.0 });
    }

    #[test]
    fn an_envelope_that_no_maker_makes_is_refused_at_its_line() {
        let sound = "title = \"A\"\nreference = \"B\"\nwidth_mm = 220\nheight_mm = 110\n[[windows]]\nx_mm = 1\ny_mm = 1\nwidth_mm = 100\nheight_mm = 45\n";
        assert!(EnvelopeStock::parse("e.toml", sound.as_bytes()).is_ok());
        for (from, to, line) in [
            ("220", "nan", 3),
            ("110", "9000", 4),
            ("\"B\"", "\"\"", 2),
            ("x_mm = 1", "x_mm = 150", 5),
            ("width_mm = 220", "widht_mm = 220", 3),
        ] {
            let text = sound.replacen(from, to, 1);
            let fault = EnvelopeStock::parse("e.toml", text.as_bytes()).unwrap_err();
            assert_eq!(fault.location.map(|(line, _)| line), Some(line), "{to}: {fault}");
            assert!(fault.advice.is_some(), "{fault}");
        }
    }
}
