//! One-bit masks: symbols as inline images (ISO 32000-1 §8.9.7), in which a 0 paints.

use crate::number::push_int;

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Bars as a mask of one row.
pub(super) struct BarMask {
    /// The row, packed, most significant bit first, 1 for a bar.
    pub row: Vec<u8>,
    /// Cells in the row.
    pub cells: u32,
}

impl BarMask {
    /// The mask of bars with left edges and widths in dots, from the first bar's left edge at `first` to `first` +
    /// `length`. A cell is the widest on whose multiples all edges are.
    pub fn new(bars: &[(u32, u32)], first: u32, length: u32) -> BarMask {
        let edges = bars.iter().flat_map(|&(x, width)| [x - first, x + width - first]);
        let cell = edges.fold(length, greatest_common_divisor);
        let cells = length / cell;
        let mut row = vec![0u8; cells.div_ceil(8) as usize];
        for &(x, width) in bars {
            for index in (x - first) / cell..(x + width - first) / cell {
                row[index as usize / 8] |= 0x80 >> (index % 8);
            }
        }
        BarMask { row, cells }
    }
}

/// Appends a mask with its lower left corner at `x`, `y`, of `width` × `height` dots and `columns` × `lines` cells.
/// `rows` are packed, most significant bit first, 1 is dark. Returns the offset in `out` where the cells begin.
pub(super) fn push_mask(
    out: &mut Vec<u8>,
    (x, y): (i64, i64),
    (width, height): (u32, u32),
    (columns, lines): (u32, u32),
    rows: &[u8],
) -> usize {
    out.extend_from_slice(b" q ");
    push_ints(out, &[i64::from(width), 0, 0, i64::from(height), x, y]);
    out.extend_from_slice(b"cm BI/W ");
    push_ints(out, &[i64::from(columns)]);
    out.extend_from_slice(b"/H ");
    push_ints(out, &[i64::from(lines)]);
    let cells = push_cells(out, rows);
    out.extend_from_slice(b"\nEI Q");
    cells
}

/// Appends the cells of a mask. Returns the offset where they begin. They are raw; if a reader that searches for `EI`
/// instead of counting bytes would find it among them, they are hexadecimal.
fn push_cells(out: &mut Vec<u8>, rows: &[u8]) -> usize {
    out.extend_from_slice(b"/IM true");
    let begin = out.len();
    out.extend_from_slice(b" ID ");
    out.extend(rows.iter().map(|byte| !byte));
    if !out[begin + 4..].windows(2).any(|pair| pair == b"EI") {
        return begin + 4;
    }
    out.truncate(begin);
    out.extend_from_slice(b"/F/AHx ID ");
    let cells = out.len();
    for byte in rows {
        out.extend_from_slice(&[HEX[usize::from(!byte >> 4)], HEX[usize::from(!byte & 15)]]);
    }
    out.push(b'>');
    cells
}

fn push_ints(out: &mut Vec<u8>, values: &[i64]) {
    for value in values {
        push_int(out, *value);
        out.push(b' ');
    }
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_the_widest_that_all_edges_are_on() {
        let BarMask { row, cells } = BarMask::new(&[(60, 6), (69, 15)], 60, 24);
        assert_eq!((cells, row), (8, vec![0b1101_1111]));
    }

    #[test]
    fn cells_that_spell_the_end_are_hexadecimal() {
        let written = |rows: &[u8]| {
            let mut out = Vec::new();
            let cells = push_cells(&mut out, rows);
            (out[cells..].to_vec(), out.len() - cells)
        };
        assert_eq!(written(&[0xFF, !b'E', 0xFF, !b'I']), (vec![0, b'E', 0, b'I'], 4));
        assert_eq!(written(&[!b'E', !b'I']), (b"4549>".to_vec(), 5));
    }
}
