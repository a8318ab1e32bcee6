//! The operands of an operator.

use super::Problem;
use super::tokens::Token;

/// The most operands of an operator: a colour of 32 inks and a pattern.
const MAX: usize = 33;

/// What stands before an operator.
pub(super) struct Operands<'c> {
    items: [Token<'c>; MAX],
    count: usize,
}

impl<'c> Operands<'c> {
    /// No operand.
    pub fn new() -> Operands<'c> {
        Operands { items: [Token::Null; MAX], count: 0 }
    }

    /// Adds one.
    pub fn push(&mut self, token: Token<'c>) -> Result<(), Problem> {
        *self.items.get_mut(self.count).ok_or("more operands than any operator has")? = token;
        self.count += 1;
        Ok(())
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.count = 0;
    }

    /// All.
    pub fn all(&self) -> &[Token<'c>] {
        self.items.get(..self.count).unwrap_or_default()
    }

    /// All, if they are `N` numbers.
    pub fn numbers<const N: usize>(&self) -> Result<[f64; N], Problem> {
        let mut numbers = [0.0; N];
        if self.count != N {
            return Err(WRONG);
        }
        for (number, item) in numbers.iter_mut().zip(&self.items) {
            let Token::Number(value) = item else { return Err(WRONG) };
            *number = *value;
        }
        Ok(numbers)
    }

    /// The only one, if it is a number.
    pub fn number(&self) -> Result<f64, Problem> {
        self.numbers::<1>().map(|[number]| number)
    }

    /// The only one, if it is a name.
    pub fn name(&self) -> Result<&'c [u8], Problem> {
        match self.all() {
            [Token::Name(name)] => Ok(name),
            _ => Err(WRONG),
        }
    }

    /// That there is none.
    pub fn none(&self) -> Result<(), Problem> {
        if self.count == 0 { Ok(()) } else { Err(WRONG) }
    }
}

/// The operands are not those of the operator.
pub(super) const WRONG: Problem = "an operator with other operands than its own";
