//! The operators of the graphics state (ISO 32000-1 §8.4.4).

use super::Problem;
use super::interpret::Interpreter;
use super::operands::{Operands, WRONG};
use super::state::Matrix;
use super::tokens::Token;

/// The most graphics states that are saved at once.
const MAX_SAVED: usize = 64;

impl Interpreter<'_, '_> {
    /// An operator that saves, restores or moves the state.
    pub fn special_state(&mut self, operator: &[u8], operands: &Operands) -> Result<(), Problem> {
        match operator {
            b"q" => {
                operands.none()?;
                if self.saved.len() >= MAX_SAVED {
                    return Err("graphics states saved too deep");
                }
                self.saved.push(self.state);
            }
            b"Q" => {
                operands.none()?;
                self.state = self.saved.pop().ok_or("a `Q` without `q`")?;
            }
            _ => self.state.ctm = Matrix(operands.numbers()?).then(&self.state.ctm),
        }
        Ok(())
    }

    /// An operator that changes one of its values, or many by name.
    pub fn general_state(&mut self, operator: &[u8], operands: &Operands) -> Result<(), Problem> {
        match operator {
            b"w" => self.state.line_width = operands.number()?,
            b"j" => self.state.join = operands.number()?,
            b"M" => self.state.miter = operands.number()?,
            b"J" | b"i" => {
                operands.number()?;
            }
            b"ri" => {
                operands.name()?;
            }
            b"d" => {
                let [Token::Array(dashes), Token::Number(_)] = operands.all() else { return Err(WRONG) };
                self.state.dashed = !dashes.trim_ascii().is_empty();
            }
            _ => {
                let change =
                    self.resources.state(operands.name()?).ok_or("a graphics state that is missing")??;
                let state = &mut self.state;
                state.line_width = change.line_width.unwrap_or(state.line_width);
                state.join = change.join.unwrap_or(state.join);
                state.miter = change.miter.unwrap_or(state.miter);
                state.fill.alpha = change.fill_alpha.unwrap_or(state.fill.alpha);
                state.stroke.alpha = change.stroke_alpha.unwrap_or(state.stroke.alpha);
                state.fill.overprint = change.fill_overprint.unwrap_or(state.fill.overprint);
                state.stroke.overprint = change.stroke_overprint.unwrap_or(state.stroke.overprint);
                state.leaves_other_inks = change.leaves_other_inks.unwrap_or(state.leaves_other_inks);
            }
        }
        Ok(())
    }
}
