//! How a text is set in its mark, for designers: the size that it really has, its lines, and the room that is left.

use template::TextMark;

use crate::fault::PieceFault;
use crate::layout::{set, set_lines};
use crate::stamp::Stamper;

/// A text as it is set in a mark.
#[derive(Debug, Clone, PartialEq)]
pub struct TextSetting {
    /// Its size in points, which may be smaller than the mark's.
    pub size: f64,
    /// The width of each line, in points. Empty for a text that is empty.
    pub lines: Vec<f64>,
}

impl Stamper<'_> {
    /// How a text is set in a mark: the lines of the recipient's block, or the text of a field.
    ///
    /// # Errors
    /// The fault of a text that does not fit.
    pub fn setting(&self, mark: &TextMark, text: &[&str]) -> Result<TextSetting, PieceFault> {
        let font = self.template().fonts[mark.style.font].program();
        let placed = match (mark.field, text) {
            (Some(_), [text]) => set(mark, &font, text),
            _ => set_lines(mark, &font, text),
        };
        let placed = placed.map_err(|fault| PieceFault::of_text(mark.field, &fault))?;
        let size = placed.first().map_or(mark.style.size, |line| line.size);
        let width = |line: &crate::layout::PlacedLine| line.run.width(line.size, mark.style.tracking);
        Ok(TextSetting { size, lines: placed.iter().map(width).collect() })
    }
}
