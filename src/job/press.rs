//! The job file's `[press]`: the press, its paper, and how pieces lie on sheets.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use foreign::is_unprintable;
use mail::piece::PieceKind;

/// The press.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Press {
    /// Dots per inch.
    pub dpi: u32,
    /// Dots by which every bar is narrowed, because ink spreads.
    pub bar_width_reduction: u32,
    /// The ICC profile of the press and its paper; `None` for white uncoated paper.
    pub output_intent: Option<PathBuf>,
    /// The identifier of its printing condition, such as `FOGRA52`.
    pub output_condition: Option<String>,
    /// The paper's name at the press; `None` for the template's.
    pub media: Option<Media>,
    /// How a sheet is turned between its sides.
    pub duplex: Duplex,
    /// How many pieces lie side by side on a sheet.
    pub imposition: Imposition,
    /// Whether a lot has a header and a trailer sheet.
    pub lot_sheets: bool,
}

impl Default for Press {
    fn default() -> Press {
        Press {
            dpi: 600,
            bar_width_reduction: 0,
            output_intent: None,
            output_condition: None,
            media: None,
            duplex: Duplex::Auto,
            imposition: Imposition::OneUp,
            lot_sheets: false,
        }
    }
}

/// The paper's name: one for all pieces, or one for each kind.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "write the paper's name, or `{ letters = \"…\", mailers = \"…\" }`")]
pub(crate) enum Media {
    /// The same for letters and mailers.
    Every(String),
    /// One for each kind.
    Each(MediaByKind),
}

/// The paper's name for letters and for mailers; the template's where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MediaByKind {
    /// The letters'.
    pub letters: Option<String>,
    /// The mailers'.
    pub mailers: Option<String>,
}

/// How a sheet is turned between its sides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Duplex {
    /// By the template: pieces with a back on the edge that its `turn` names, others not at all.
    #[default]
    Auto,
    /// On the long edge of a piece: the head of its back is at the head of its front.
    LongEdge,
    /// On the short edge of a piece: the head of its back is at the foot of its front.
    ShortEdge,
    /// Not at all: pieces have a front only.
    Simplex,
}

impl Duplex {
    /// The value in the job file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Duplex::Auto => "auto",
            Duplex::LongEdge => "long-edge",
            Duplex::ShortEdge => "short-edge",
            Duplex::Simplex => "simplex",
        }
    }
}

/// How many pieces lie side by side on a sheet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Imposition {
    /// One: a sheet belongs to one piece.
    #[default]
    #[serde(rename = "1-up")]
    OneUp,
    /// Two, not scaled; the sheets are cut.
    #[serde(rename = "2-up")]
    TwoUp,
}

/// The longest name of a paper that tickets and work orders have room for, in characters.
const LONGEST_MEDIA: usize = 60;
/// The most pieces of an imposed print file, which is held in memory until it is full.
const MOST_IMPOSED: u32 = 20_000;

impl Press {
    /// The paper's name for pieces of a kind, where the job has one.
    pub(crate) fn media(&self, kind: PieceKind) -> Option<&str> {
        match self.media.as_ref()? {
            Media::Every(name) => Some(name),
            Media::Each(names) => match kind {
                PieceKind::Letter => names.letters.as_deref(),
                PieceKind::Mailer => names.mailers.as_deref(),
            },
        }
    }

    /// The first value that is out of range: its key and the advice.
    pub(super) fn fault(&self, pieces_per_file: u32) -> Option<(&'static str, String)> {
        let ranged = |ok: bool, key, message: &str| (!ok).then(|| (key, message.to_owned()));
        let condition = self.output_condition.as_deref();
        let short = condition.is_none_or(|text| (1..=60).contains(&text.trim().chars().count()));
        let alone = condition.is_some() && self.output_intent.is_none();
        let named = PieceKind::ALL.into_iter().filter_map(|kind| self.media(kind));
        let legible = |name: &str| {
            (1..=LONGEST_MEDIA).contains(&name.trim().chars().count()) && !name.contains(is_unprintable)
        };
        let held = self.imposition == Imposition::OneUp || pieces_per_file <= MOST_IMPOSED;
        ranged((150..=4800).contains(&self.dpi), "dpi", "write 150 to 4800")
            .or_else(|| ranged(short, "output_condition", "write 1 to 60 characters"))
            .or_else(|| ranged(!alone, "output_condition", "name its profile too, as `output_intent`"))
            .or_else(|| {
                let message = format!("write 1 to {LONGEST_MEDIA} characters on one line");
                ranged(named.into_iter().all(legible), "media", &message)
            })
            .or_else(|| {
                let message = format!("with `imposition = \"2-up\"` write at most {MOST_IMPOSED}: pieces are held until their file is full");
                ranged(held, "pieces_per_file", &message)
            })
    }
}
