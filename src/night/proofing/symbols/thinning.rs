//! Bar-width reduction of Data Matrix symbols: the modules behind single dots.
//!
//! A press whose ink spreads prints every horizontal and every vertical run of dark modules shorter, at its right or lower
//! end. The modules are sampled at their upper left dots, which always stay. Then every dot is compared.

use super::SymbolFault;
use super::cells::{Cells, dark, darken};

/// The modules of a square of `side` × `side` modules of `cell` dots each, whose runs are thinned by `reduction` dots.
/// `reduction` is less than `cell`.
///
/// # Errors
/// [`SymbolFault::Thinning`] if any dot is not as the thinning makes it.
pub(super) fn sample(
    dots: Cells,
    side: usize,
    cell: usize,
    reduction: usize,
) -> Result<Vec<bool>, SymbolFault> {
    let sampled = (0..side).flat_map(|row| {
        let dots = dots.row(row * cell);
        (0..side).map(move |column| dark(dots, column * cell))
    });
    let modules: Vec<bool> = sampled.collect();
    let light = vec![false; side];
    let stride = (side * cell).div_ceil(8);
    let (mut upper, mut lower) = (vec![0u8; stride], vec![0u8; stride]);
    for (index, row) in modules.chunks_exact(side).enumerate() {
        let below = modules.get((index + 1) * side..(index + 2) * side).unwrap_or(&light);
        thin(row, &light, true, cell, reduction, &mut upper);
        thin(row, below, false, cell, reduction, &mut lower);
        let first = index * cell;
        let split = first + cell - reduction;
        let right = (first..split).all(|y| dots.row_is(y, &upper))
            && (split..first + cell).all(|y| dots.row_is(y, &lower));
        if !right {
            return Err(SymbolFault::Thinning);
        }
    }
    Ok(modules)
}

/// Writes the dots of a row of modules to `out`: every run without its last `reduction` dots. With `whole` all of it is
/// written, else only what stands on a dark module of `below`: a vertical run goes on there.
fn thin(row: &[bool], below: &[bool], whole: bool, cell: usize, reduction: usize, out: &mut [u8]) {
    out.fill(0);
    let mut modules = row.iter().zip(below).enumerate().peekable();
    while let Some((column, (&is_dark, &goes_on))) = modules.next() {
        let run_ends = modules.peek().is_none_or(|(_, (next, _))| !**next);
        if is_dark && (whole || goes_on) {
            let end = (column + 1) * cell - if run_ends { reduction } else { 0 };
            darken(out, column * cell, end);
        }
    }
}
