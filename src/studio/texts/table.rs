//! The wording of a template as a table.

use std::io;

use super::{Change, Place, ShownSentence, Texts};
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
        let change = match &sentence.change {
            None => "",
            Some(Change::Same) => "same",
            Some(Change::Added) => "added",
            Some(Change::Changed { .. }) => "changed",
            Some(Change::Moved { .. }) => "moved",
        };
        let before = sentence.change.as_ref().and_then(Change::before).unwrap_or_default();
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
