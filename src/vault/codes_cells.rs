//! The cells of a card's row: PIN, PUK and assistance code, each checked. A fault names the column and never repeats a cell.

use mail::Words;

use super::codes_header::Columns;
use super::codes_rows::Cells;
use crate::failure::{agreeing, counted};

const TEST_PIN: &str = "1234";

/// Why a row's codes can't be used: the column, the fault's code, and a message.
pub(super) type CellFault = (&'static str, &'static str, Words);

/// PIN, PUK and assistance code of a row; the last is empty where the row has none.
///
/// # Errors
/// The row's first [`CellFault`].
pub(super) fn codes_of_row<'c>(columns: &Columns, cells: &'c Cells) -> Result<[&'c str; 3], CellFault> {
    if cells.are_too_long() {
        let message = Words::new(
            "la ligne est plus longue qu’aucune ligne de codes\u{202F}; corrigez le fichier de codes, et redemandez les codes",
            "the row is longer than any row of codes; correct the codes file, and ask the codes again",
        );
        return Err(("card_number", "codes_cells", message));
    }
    if cells.count() != columns.count {
        let (found, count) = (cells.count(), columns.count);
        let message = Words::of(
            format!(
                "la ligne a {found} {}, et l’en-tête {count} {}\u{202F}; corrigez le fichier de codes, et redemandez les codes",
                agreeing(found, "cellule", "cellules"),
                agreeing(count, "colonne", "colonnes")
            ),
            format!(
                "the row has {}, and the header {}; correct the codes file, and ask the codes again",
                counted(found, "cell"),
                counted(count, "column")
            ),
        );
        return Err(("card_number", "codes_cells", message));
    }
    let pin = digits(cells.get(columns.pin), 4).ok_or((
        "pin",
        "pin_format",
        Words::new(
            "un PIN a quatre chiffres\u{202F}; corrigez le fichier de codes, et redemandez les codes",
            "a PIN has four digits; correct the codes file, and ask the codes again",
        ),
    ))?;
    if pin == TEST_PIN {
        let message = Words::new(
            "c’est le PIN des cartes d’essai, que la production refuse\u{202F}; refaites la carte",
            "this is the PIN of test cards, which production refuses; make the card anew",
        );
        return Err(("pin", "test_pin", message));
    }
    let puk = digits(cells.get(columns.puk), 8).ok_or((
        "puk",
        "puk_format",
        Words::new(
            "un PUK a huit chiffres\u{202F}; corrigez le fichier de codes, et redemandez les codes",
            "a PUK has eight digits; correct the codes file, and ask the codes again",
        ),
    ))?;
    let assistance = assistance_code(cells.get(columns.assistance_code)).ok_or((
        "assistance_code",
        "assistance_code_format",
        Words::new(
            "un code d’assistance a au plus dix lettres ou chiffres\u{202F}; corrigez le fichier de codes, et redemandez les codes",
            "an assistance code has at most ten letters or digits; correct the codes file, and ask the codes again",
        ),
    ))?;
    Ok([pin, puk, assistance])
}

/// The fault of a last row in which the file may have been cut short.
pub(super) fn cut_short() -> CellFault {
    let message = Words::new(
        "le fichier finit dans cette ligne, dont le code d’assistance est plus court que tous les autres\u{202F}; demandez le fichier entier, terminé par une fin de ligne, et redemandez les codes",
        "the file ends within this row, whose assistance code is shorter than all others; ask for the whole file, with a line end behind its last row, and ask the codes again",
    );
    ("assistance_code", "codes_cut_short", message)
}

/// A card number as an integer; `None` unless it has ten digits.
pub(super) fn card(cell: &[u8]) -> Option<u64> {
    digits(cell, 10)?.parse().ok()
}

/// A cell of so many digits.
fn digits(cell: &[u8], count: usize) -> Option<&str> {
    let fits = cell.len() == count && cell.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(cell).ok().filter(|_| fits)
}

/// A cell of at most ten letters and digits.
fn assistance_code(cell: &[u8]) -> Option<&str> {
    let fits = cell.len() <= 10 && cell.iter().all(u8::is_ascii_alphanumeric);
    std::str::from_utf8(cell).ok().filter(|_| fits)
}
