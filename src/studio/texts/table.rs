//! The wording of a template as a table.

use std::io;

use super::{Change, Place, ShownSentence, Side, Texts, Words};
use crate::files::harmless_cell;

/// The columns.
const COLUMNS: [&str; 9] =
    ["number", "text", "shown", "variants", "pages", "x_mm", "y_mm", "change", "before"];

/// The wording as CSV: a row for each sentence, then one for each that is gone. `change` is empty where nothing is compared,
/// and otherwise `same`, `added`, `changed`, `moved` (other variants show it) or `removed`. `before` is the sentence as it was,
/// or the variants that showed it.
///
/// # Errors
/// Never fails: writes to memory.
pub(crate) fn texts_csv(texts: &Texts) -> io::Result<Vec<u8>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(COLUMNS)?;
    for (number, sentence) in (1..).zip(&texts.sentences) {
        let (change, before) = match &sentence.change {
            None => ("", String::new()),
            Some(Change::Same) => ("same", String::new()),
            Some(Change::Added) => ("added", String::new()),
            Some(Change::Changed { words }) => ("changed", old_text(words)),
            Some(Change::Moved { before }) => ("moved", before.clone()),
        };
        table.write_record(row(number, sentence, change, &before))?;
    }
    for (number, sentence) in (texts.sentences.len() + 1..).zip(&texts.removed) {
        table.write_record(row(number, sentence, "removed", ""))?;
    }
    table.into_inner().map_err(|error| io::Error::other(error.to_string()))
}

fn row(number: usize, sentence: &ShownSentence, change: &str, before: &str) -> [String; 9] {
    let pages: Vec<String> = sentence.places.iter().map(|place| place.page.to_string()).collect();
    let at = |part: fn(&Place) -> f64| sentence.places.first().map(|place| part(place).to_string());
    [
        number.to_string(),
        harmless_cell(&sentence.text).into_owned(),
        sentence.shown.clone(),
        sentence.variants.to_string(),
        pages.join(" "),
        at(|place| place.x_mm).unwrap_or_default(),
        at(|place| place.y_mm).unwrap_or_default(),
        change.to_owned(),
        harmless_cell(before).into_owned(),
    ]
}

/// The words of a sentence as it was.
fn old_text(words: &[Words]) -> String {
    let old = words.iter().filter(|words| words.of != Side::New).map(|words| words.text.as_str());
    old.collect::<Vec<_>>().join(" ")
}
