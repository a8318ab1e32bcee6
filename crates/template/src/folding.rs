//! What `template.toml` says of the folded piece: how the sheet is folded, turned and sealed, and how far it moves in its
//! envelope.

use serde::Deserialize;

use crate::marks::Rect;

/// Points in a millimetre.
pub(crate) const POINTS_PER_MM: f64 = 72.0 / 25.4;
/// A4, in points.
pub(crate) const A4: Rect =
    Rect { x: 0.0, y: 0.0, width: 210.0 * POINTS_PER_MM, height: 297.0 * POINTS_PER_MM };

/// The height of A4 in millimetres.
const HEIGHT_MM: f64 = 297.0;
/// The smallest panel in millimetres.
const LEAST_PANEL_MM: f64 = 10.0;
/// The most that a piece moves in its envelope, in millimetres.
const MOST_PLAY_MM: f64 = 50.0;

/// The shape of a folded sheet, seen from its edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FoldKind {
    /// The sheet is not folded.
    None,
    /// One fold. The side with the address is outside.
    Half,
    /// Two folds in the same direction: one end of the sheet is tucked in, the other lies over it. The side with the
    /// address is outside.
    C,
    /// Two folds in opposite directions. Both ends show one of their sides.
    Z,
}

/// How the sheet is folded.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "RawFold")]
pub struct Fold {
    kind: FoldKind,
    /// Millimetres from the head of the sheet's front, ascending.
    at_mm: Vec<f64>,
}

/// A [`Fold`] as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFold {
    kind: FoldKind,
    at_mm: Option<Vec<f64>>,
}

impl Default for Fold {
    fn default() -> Fold {
        Fold { kind: FoldKind::C, at_mm: FoldKind::C.usual_lines() }
    }
}

impl FoldKind {
    /// Where a sheet is folded that is folded evenly, in millimetres from its head.
    fn usual_lines(self) -> Vec<f64> {
        match self {
            FoldKind::None => Vec::new(),
            FoldKind::Half => vec![HEIGHT_MM / 2.0],
            FoldKind::C | FoldKind::Z => vec![HEIGHT_MM / 3.0, HEIGHT_MM * 2.0 / 3.0],
        }
    }

    /// The value in `template.toml`.
    pub fn name(self) -> &'static str {
        match self {
            FoldKind::None => "none",
            FoldKind::Half => "half",
            FoldKind::C => "c",
            FoldKind::Z => "z",
        }
    }
}

impl TryFrom<RawFold> for Fold {
    type Error = String;

    fn try_from(RawFold { kind, at_mm }: RawFold) -> Result<Fold, String> {
        let usual = kind.usual_lines();
        let at_mm = at_mm.unwrap_or_else(|| usual.clone());
        if at_mm.len() != usual.len() {
            let message = format!(
                "a fold of kind \"{}\" has {} lines: write `at_mm = {usual:?}`",
                kind.name(),
                usual.len()
            );
            return Err(message);
        }
        let edges: Vec<f64> = [0.0].into_iter().chain(at_mm.iter().copied()).chain([HEIGHT_MM]).collect();
        // A line that is no number is not `>=` anything.
        if !edges.windows(2).all(|panel| panel[1] - panel[0] >= LEAST_PANEL_MM) {
            let message =
                format!("`at_mm` leaves a panel of less than {LEAST_PANEL_MM} mm: write `at_mm = {usual:?}`");
            return Err(message);
        }
        Ok(Fold { kind, at_mm })
    }
}

impl Fold {
    /// The kind of fold.
    pub(crate) fn kind(&self) -> FoldKind {
        self.kind
    }

    /// The kind of fold, as `template.toml` has it.
    pub fn name(&self) -> &'static str {
        self.kind.name()
    }

    /// Where the sheet is folded, in millimetres from the head of its front, ascending.
    pub fn at_mm(&self) -> &[f64] {
        &self.at_mm
    }

    /// The fold lines of a page, in points from its head. Pages count from 0; those with odd numbers are backs.
    pub(crate) fn lines_on(&self, page: usize, turn: Turn) -> Vec<f64> {
        let points = self.at_mm.iter().map(|mm| mm * POINTS_PER_MM);
        match turn == Turn::ShortEdge && page % 2 == 1 {
            true => points.rev().map(|y| A4.height - y).collect(),
            false => points.collect(),
        }
    }
}

/// The edge of the piece on which the sheet is turned to its back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// The long edge: the head of the back is at the head of the front.
    #[default]
    LongEdge,
    /// The short edge: the head of the back is at the foot of the front.
    ShortEdge,
}

impl Turn {
    /// The value in `template.toml` and in the job file.
    pub fn name(self) -> &'static str {
        match self {
            Turn::LongEdge => "long-edge",
            Turn::ShortEdge => "short-edge",
        }
    }

    /// A rectangle of one side of a sheet as it lies on the other side.
    pub(crate) fn turned(self, rect: &Rect) -> Rect {
        match self {
            Turn::LongEdge => Rect { x: A4.width - rect.x - rect.width, ..*rect },
            Turn::ShortEdge => Rect { y: A4.height - rect.y - rect.height, ..*rect },
        }
    }
}

/// What closes a piece. It can't be read without breaking it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seal {
    /// An envelope.
    #[default]
    Envelope,
    /// Glue on the sheet that pressure closes: a self-mailer with perforated edges.
    Pressure,
    /// Wet glue on the sheet.
    Glue,
}

impl Seal {
    /// The value in `template.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Seal::Envelope => "envelope",
            Seal::Pressure => "pressure",
            Seal::Glue => "glue",
        }
    }
}

/// How far a folded piece can move in its envelope, in millimetres.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(try_from = "RawPlay")]
pub struct Play {
    /// To the left and to the right.
    pub x: f64,
    /// Up and down.
    pub y: f64,
}

/// A [`Play`] as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPlay {
    x: f64,
    y: f64,
}

impl TryFrom<RawPlay> for Play {
    type Error = String;

    fn try_from(RawPlay { x, y }: RawPlay) -> Result<Play, String> {
        let allowed = 0.0..=MOST_PLAY_MM;
        match allowed.contains(&x) && allowed.contains(&y) {
            true => Ok(Play { x, y }),
            false => {
                Err(format!("`play_mm` is 0 to {MOST_PLAY_MM} mm: write `play_mm = {{ x = 2, y = 1 }}`"))
            }
        }
    }
}

impl Play {
    /// All that a window shows of a piece that moves.
    pub(crate) fn widened(self, window: &Rect) -> Rect {
        self.grown(window, 1.0)
    }

    /// What a window shows wherever the piece lies.
    pub(crate) fn narrowed(self, window: &Rect) -> Rect {
        self.grown(window, -1.0)
    }

    fn grown(self, window: &Rect, sign: f64) -> Rect {
        let (x, y) = (sign * self.x * POINTS_PER_MM, sign * self.y * POINTS_PER_MM);
        Rect {
            x: window.x - x,
            y: window.y - y,
            width: window.width + 2.0 * x,
            height: window.height + 2.0 * y,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(text: &str) -> Result<Fold, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn an_even_fold_needs_no_lines() {
        assert_eq!(fold("kind = \"c\""), Ok(Fold::default()));
        assert_eq!(fold("kind = \"half\"").unwrap().at_mm, [148.5]);
        assert_eq!(fold("kind = \"z\"\nat_mm = [99, 198]").unwrap().at_mm, [99.0, 198.0]);
    }

    #[test]
    fn lines_that_can_not_be_folded_are_refused_with_lines_that_can() {
        for wrong in [
            "kind = \"c\"\nat_mm = [99]",
            "kind = \"c\"\nat_mm = [198, 99]",
            "kind = \"z\"\nat_mm = [99, 297]",
            "kind = \"half\"\nat_mm = [nan]",
            "kind = \"none\"\nat_mm = [inf]",
        ] {
            let message = fold(wrong).unwrap_err();
            let advised = message.rsplit('`').nth(1).unwrap();
            let kind = wrong.lines().next().unwrap();
            assert!(fold(&format!("{kind}\n{advised}")).is_ok(), "{message}");
        }
        assert!(fold("kind = \"w\"").is_err());
    }

    #[test]
    fn a_back_has_the_lines_of_its_front() {
        let mm = |lines: Vec<f64>| lines.iter().map(|y| (y / POINTS_PER_MM).round()).collect::<Vec<_>>();
        let fold = fold("kind = \"c\"\nat_mm = [100, 199]").unwrap();
        assert_eq!(mm(fold.lines_on(1, Turn::LongEdge)), [100.0, 199.0]);
        assert_eq!(mm(fold.lines_on(1, Turn::ShortEdge)), [98.0, 197.0]);
        assert_eq!(mm(fold.lines_on(2, Turn::ShortEdge)), [100.0, 199.0]);
    }

    #[test]
    fn play_is_finite() {
        let play = |text: &str| toml::from_str::<Play>(text);
        assert!(play("x = 2\ny = 0.5").is_ok());
        for wrong in ["x = -1\ny = 0", "x = nan\ny = 0", "x = 0\ny = inf", "x = 1"] {
            assert!(play(wrong).is_err(), "{wrong}");
        }
    }
}
