//! Reading by card against a plain reading of all rows, for any files.

use proptest::prelude::*;

use super::*;

/// A row of a file: its card, codes, and how it is written.
#[derive(Debug, Clone)]
struct Row {
    card: u64,
    cells: [String; 3],
    quoted: [bool; 4],
    blank_after: bool,
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    // Few cards and few codes, so that repetitions and contradictions come up.
    let cells = ("[0-9]{4}|4821|123|x", "[0-9]{8}|90817263|9", "|A1B2|[a-z]{0,4}|a,b|é");
    let row = (0..40u64, cells, any::<[bool; 4]>(), prop::bool::weighted(0.1));
    let row = row.prop_map(|(card, (pin, puk, assistance), quoted, blank_after)| Row {
        card: 2_400_000_000 + card,
        cells: [pin, puk, assistance],
        quoted,
        blank_after,
    });
    prop::collection::vec(row, 0..60)
}

/// Writes rows as CSV; `columns` is the order of the four columns.
fn written(rows: &[Row], columns: &[usize; 4], delimiter: char, end: &str, mark: bool) -> String {
    let names = ["card_number", "pin", "puk", "assistance_code"];
    let line = |cells: Vec<String>| cells.join(&delimiter.to_string()) + end;
    let mut text = if mark { "\u{feff}".to_owned() } else { String::new() };
    text += &line(columns.iter().map(|column| names[*column].to_owned()).collect());
    for row in rows {
        let cell = |column: &usize| {
            let cell = column.checked_sub(1).map_or(row.card.to_string(), |cell| row.cells[cell].clone());
            let quoted = row.quoted[*column] || cell.contains([',', ';']);
            if quoted { format!("\"{cell}\"") } else { cell }
        };
        text += &line(columns.iter().map(cell).collect());
        text += if row.blank_after { end } else { "" };
    }
    text
}

/// The codes of a card by a reading of all rows at once that shares nothing with the index.
fn expected(files: &[Vec<Row>], card: u64) -> Result<[String; 3], &'static str> {
    let digits = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let read = |row: &Row| {
        let [pin, puk, assistance] = &row.cells;
        match () {
            () if !digits(pin, 4) => Err("pin_format"),
            () if pin == "1234" => Err("test_pin"),
            () if !digits(puk, 8) => Err("puk_format"),
            () if !assistance.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                Err("assistance_code_format")
            }
            () if assistance.is_empty() => Ok([pin.clone(), puk.clone(), puk[..3].to_owned()]),
            () => Ok(row.cells.clone()),
        }
    };
    let of_file = |rows: &Vec<Row>| {
        let read: Vec<_> = rows.iter().filter(|row| row.card == card).map(read).collect();
        let first = read.first()?.clone();
        Some(first.and_then(|first| match read.iter().all(|codes| codes.as_ref() == Ok(&first)) {
            true => Ok(first),
            false => Err("codes_contradicted"),
        }))
    };
    let mut files = files.iter().filter_map(of_file);
    let first = files.next().ok_or("missing")??;
    files.try_fold(first, |first, again| match again? == first {
        true => Ok(first),
        false => Err("codes_contradicted"),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn codes_by_card_are_those_of_the_whole_reading(
        files in prop::collection::vec(rows(), 1..4),
        columns in Just([0usize, 1, 2, 3]).prop_shuffle(),
        semicolons: bool,
        crlf: bool,
        mark: bool,
        long: bool,
    ) {
        let (delimiter, end) = (if semicolons { ';' } else { ',' }, if crlf { "\r\n" } else { "\n" });
        // Blank lines before the rows of the files make them lie over the ends of chunks.
        let filled = |text: String| if long { text.replacen(end, &end.repeat(65_500 / end.len()), 1) } else { text };
        let texts: Vec<String> =
            files.iter().map(|rows| filled(written(rows, &columns, delimiter, end, mark))).collect();
        let night = night(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        let cards: Vec<String> = (0..41u64).rev().map(|n| (2_400_000_000 + n).to_string()).collect();
        let asked: Vec<&str> = cards.iter().map(String::as_str).collect();
        for (card, together) in cards.iter().zip(night.of_cards(&asked)) {
            let one = found(&night, card);
            prop_assert_eq!(&one, &expected(&files, card.parse().unwrap()), "{}", card);
            prop_assert_eq!(together.map(|codes| codes.map(|codes| codes.puk.expose().to_owned()).map_err(|fault| fault.code)),
                match one { Err("missing") => None, one => Some(one.map(|codes| codes[1].clone())) });
        }
        prop_assert!(night.check_unchanged().is_ok());
    }
}
