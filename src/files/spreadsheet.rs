//! Cells of tables that people open in a spreadsheet.

use std::borrow::Cow;

/// A cell in which no spreadsheet finds a formula, whichever delimiter it assumes: an apostrophe goes before each sign that
/// begins a formula where a cell may begin.
pub(crate) fn harmless_cell(cell: &str) -> Cow<'_, str> {
    let mut guarded = String::new();
    let mut copied = 0;
    let mut begins = true;
    for (index, character) in cell.char_indices() {
        if begins && begins_formula(character) {
            guarded.push_str(&cell[copied..index]);
            guarded.push('\'');
            copied = index;
        }
        // Spaces and quotes may stand before what a cell holds.
        let passes = character == '"' || (character.is_whitespace() && !separates(character));
        begins = separates(character) || (begins && passes);
    }
    if copied == 0 && guarded.is_empty() {
        return Cow::Borrowed(cell);
    }
    guarded.push_str(&cell[copied..]);
    Cow::Owned(guarded)
}

fn begins_formula(character: char) -> bool {
    matches!(
        character,
        '=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠' | '−' | '﹢' | '﹣' | '﹫'
    )
}

/// The delimiters that spreadsheets assume, and the ends of lines.
fn separates(character: char) -> bool {
    matches!(
        character,
        ',' | ';' | '\t' | '|' | ':' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_guarded_wherever_a_cell_may_begin() {
        for (cell, wanted) in [
            ("=cmd", "'=cmd"),
            ("x;=cmd", "x;'=cmd"),
            ("x,\"=cmd", "x,\"'=cmd"),
            ("x\t+1", "x\t'+1"),
            ("x\n@SUM", "x\n'@SUM"),
            (" \u{a0}=1", " \u{a0}'=1"),
            ("＝1;－2|＋3", "'＝1;'－2|'＋3"),
            ("\t=1", "'\t'=1"),
            ("\r=1", "'\r'=1"),
        ] {
            assert_eq!(harmless_cell(cell), wanted, "{cell:?}");
        }
    }

    #[test]
    fn other_cells_stay() {
        for cell in
            ["", "2400158480", "SAINT-ETIENNE", "a = b", "write `,` or `-`; it is 3 - 4", "inbox/cards.csv"]
        {
            assert!(matches!(harmless_cell(cell), Cow::Borrowed(same) if same == cell), "{cell}");
        }
    }
}
