//! Colours: how dark they are, and whether they are of black ink alone (ISO 32000-1 §8.6.8).

use super::Problem;
use super::interpret::Interpreter;
use super::operands::{Operands, WRONG};
use super::state::{Ink, Space};
use super::tokens::Token;

impl Interpreter<'_, '_> {
    /// An operator that sets a colour or its space.
    pub fn colour(&mut self, operator: &[u8], operands: &Operands) -> Result<(), Problem> {
        let strokes = operator.first().is_some_and(u8::is_ascii_uppercase);
        let brush = if strokes { &mut self.state.stroke } else { &mut self.state.fill };
        match operator {
            b"g" | b"G" => (brush.space, brush.ink) = (Space::Gray, gray(operands.numbers()?)),
            b"rg" | b"RG" => (brush.space, brush.ink) = (Space::Rgb, rgb(operands.numbers()?)),
            b"k" | b"K" => (brush.space, brush.ink) = (Space::Cmyk, cmyk(operands.numbers()?)),
            b"cs" | b"CS" => {
                // The initial colour of each space (ISO 32000-1 §8.6.5 to §8.6.6).
                (brush.space, brush.ink) = match operands.name()? {
                    b"DeviceGray" => (Space::Gray, gray([0.0])),
                    b"DeviceRGB" => (Space::Rgb, rgb([0.0; 3])),
                    b"DeviceCMYK" => (Space::Cmyk, cmyk([0.0, 0.0, 0.0, 1.0])),
                    _ => (Space::Other, OTHER),
                };
            }
            _ => {
                brush.ink = match brush.space {
                    Space::Gray => gray(operands.numbers()?),
                    Space::Rgb => rgb(operands.numbers()?),
                    Space::Cmyk => cmyk(operands.numbers()?),
                    Space::Other => other(operands)?,
                };
            }
        }
        Ok(())
    }
}

/// A colour of another space: as dark as it can be.
const OTHER: Ink = Ink { black: 1.0, other: Some("scn") };

fn gray([gray]: [f64; 1]) -> Ink {
    Ink { black: (1.0 - gray).clamp(0.0, 1.0), other: None }
}

fn rgb(parts: [f64; 3]) -> Ink {
    let least = parts.iter().copied().fold(1.0, f64::min);
    Ink { black: (1.0 - least).clamp(0.0, 1.0), other: Some("rg") }
}

fn cmyk([cyan, magenta, yellow, black]: [f64; 4]) -> Ink {
    let colour = cyan.max(magenta).max(yellow);
    Ink { black: black.max(colour).clamp(0.0, 1.0), other: (colour > 0.0).then_some("k") }
}

fn other(operands: &Operands) -> Result<Ink, Problem> {
    let (last, before) = operands.all().split_last().ok_or(WRONG)?;
    let numbers = before.iter().all(|operand| matches!(operand, Token::Number(_)));
    let sound = numbers && matches!(last, Token::Number(_) | Token::Name(_));
    if sound { Ok(OTHER) } else { Err(WRONG) }
}
