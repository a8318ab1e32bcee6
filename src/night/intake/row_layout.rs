//! Where the columns of a file stand among the fields of its records, and how their texts become ours.

use std::borrow::Cow;

use serde::Serialize;

use super::cells;
use super::examiner::{Fault, RowTexts};
use super::records::Fields;
use super::{Encoding, IntakeSettings};
use crate::failure::{agreeing, counted};
use crate::job::{CLIENT_REF, Column, FixedColumn, FixedLayout, Place, RecordMapping, line_to_add};
use mail::{Worded, Words, excerpt};

/// Where the columns of a file stand.
pub(super) struct RowLayout {
    /// What stands in each field: a name of the header, or a place in the line.
    fields: Vec<String>,
    /// The field of each column; `None` for one whose value is a constant of the job.
    indices: [Option<usize>; Column::COUNT],
    /// The field of the client's reference; `None` where the file has none or the job ignores it.
    client_ref: Option<usize>,
    /// The places of the fields in a line; none in a file with a header.
    places: Vec<Place>,
}

/// A field of a record as `pli check` shows it: what is written, and what it is taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ShownCell {
    /// Our column.
    pub column: &'static str,
    /// The issuer's column, the place in the line, or the key of the constant.
    pub from: String,
    /// What the file has; `None` for a constant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<String>,
    /// What it is taken for; `None` where it can't be read.
    pub value: Option<String>,
}

impl RowLayout {
    /// The layout of a file with a header.
    pub(super) fn of_header(
        names: Vec<String>,
        indices: [Option<usize>; Column::COUNT],
        client_ref: Option<usize>,
    ) -> RowLayout {
        RowLayout { fields: names, indices, client_ref, places: Vec::new() }
    }

    /// The layout of a file without delimiters, whose fields stand in the order of their places.
    pub(super) fn of_places(layout: &FixedLayout) -> RowLayout {
        let places: Vec<Place> = layout.columns.iter().map(|(_, place)| *place).collect();
        let fields = places.iter().map(Place::to_string).collect();
        let index = |wanted: FixedColumn| layout.columns.iter().position(|(column, _)| *column == wanted);
        let indices = Column::ALL.map(|column| index(FixedColumn::Column(column)));
        RowLayout { fields, indices, client_ref: index(FixedColumn::ClientRef), places }
    }

    /// How many fields each record must have.
    pub(super) fn width(&self) -> usize {
        self.fields.len()
    }

    /// Our name of what stands in a field, or the issuer's where it is no column of ours.
    pub(super) fn name(&self, index: usize) -> Option<&str> {
        let ours = Column::ALL.into_iter().find(|column| self.indices[*column as usize] == Some(index));
        match ours {
            Some(column) => Some(column.name()),
            None if self.client_ref == Some(index) => Some(CLIENT_REF),
            None => self.fields.get(index).map(String::as_str),
        }
    }

    /// What the issuer calls a column of ours, for a message; `None` where it is called the same.
    pub(super) fn theirs(&self, ours: &str) -> Option<Words> {
        let index = match Column::named(ours) {
            Some(column) => self.indices[column as usize],
            None if ours == CLIENT_REF => self.client_ref,
            None => None,
        };
        let name = self.fields.get(index?)?;
        match self.places.is_empty() {
            true => (name != ours).then(|| {
                let name = excerpt(name);
                Words::of(format!("colonne «\u{A0}{name}\u{A0}»"), format!("column `{name}`"))
            }),
            false => Some(Words::same(name.clone())),
        }
    }

    /// The columns that end after a character of the line, for a message.
    pub(super) fn beyond(&self, character: usize) -> Words {
        let later = (0..).zip(&self.places).filter(|(_, place)| place.last > character);
        let names: Vec<&str> = later.map(|(index, _)| self.name(index).unwrap_or_default()).collect();
        let (first, more) = names.split_at(names.len().min(3));
        let french = first.iter().map(|name| format!("«\u{A0}{name}\u{A0}»")).collect::<Vec<_>>().join(", ");
        let english = first.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        match more.len() {
            0 => Words::of(french, english),
            more => Words::of(
                format!("{french} et {more} {}", agreeing(more, "autre colonne", "autres colonnes")),
                format!("{english} and {}", counted(more, "more column")),
            ),
        }
    }

    /// The texts of a record, by column.
    pub(super) fn row<'r>(&self, fields: &'r Fields, settings: &'r IntakeSettings) -> RowTexts<'r> {
        let IntakeSettings { encoding, mapping, .. } = settings;
        let mut faults = Vec::new();
        let cells = Column::ALL.map(|column| {
            let cell = self.cell(column, fields, *encoding, mapping);
            cell.map_err(|fault| faults.push(fault)).ok()
        });
        let written = self.client_ref.map(|index| fields.get(index)).unwrap_or_default();
        // A field of a fixed place is filled up with spaces.
        let written = if self.places.is_empty() { written } else { written.trim_ascii_end() };
        let client_ref = cells::read_client_ref(written, *encoding).unwrap_or_else(|fault| {
            faults.push(Fault::of_client_ref(fault.code(), fault));
            Cow::Borrowed("")
        });
        RowTexts { cells, client_ref, faults, mapping }
    }

    /// The text of a column, as ours are written.
    fn cell<'r>(
        &self,
        column: Column,
        fields: &'r Fields,
        encoding: Encoding,
        mapping: &'r RecordMapping,
    ) -> Result<Cow<'r, str>, Fault> {
        let Some(index) = self.indices[column as usize] else {
            return Ok(Cow::Borrowed(mapping.constant(column).unwrap_or_default()));
        };
        let text = cells::read(fields.get(index), encoding);
        let text = text.map_err(|fault| Fault::new(column, fault.code(), fault))?;
        if let Some(value) = mapping.value(column, &text) {
            return Ok(Cow::Borrowed(value));
        }
        match mapping.date_form(column).filter(|_| !text.is_empty()) {
            None => Ok(text),
            Some(form) => {
                form.iso(&text).map(Cow::Owned).ok_or_else(|| other_form(column, &text, &form.example()))
            }
        }
    }

    /// The fields of a record with what they are taken for, in the order of our columns.
    pub(super) fn shown(&self, fields: &Fields, settings: &IntakeSettings) -> Vec<ShownCell> {
        let shown = Column::ALL.map(|column| {
            let cell = self.cell(column, fields, settings.encoding, &settings.mapping);
            let value = cell.ok().map(|text| excerpt(&text));
            let Some(index) = self.indices[column as usize] else {
                let from = format!("input.constants.{}", column.name());
                return ShownCell { column: column.name(), from, written: None, value };
            };
            let written = match cells::read(fields.get(index), settings.encoding) {
                Ok(text) => excerpt(&text),
                Err(_) => excerpt(&String::from_utf8_lossy(cells::beginning(fields.get(index)))),
            };
            let from = self.fields.get(index).map(|name| excerpt(name)).unwrap_or_default();
            ShownCell { column: column.name(), from, written: Some(written), value }
        });
        shown.into()
    }

    /// The card number of a row as it is written, whatever its shape, shortened to be shown.
    pub(super) fn written_card_number(&self, fields: &Fields) -> String {
        let index = self.indices[Column::CardNumber as usize];
        let bytes = index.map(|index| fields.get(index)).unwrap_or_default();
        excerpt(String::from_utf8_lossy(cells::beginning(bytes)).trim())
    }
}

/// A date that is not written as the job says.
fn other_form(column: Column, text: &str, example: &str) -> Fault {
    let code = if column == Column::RequestedAt { "date_time" } else { "date" };
    let (shown, name) = (excerpt(text), column.name());
    let zeros = text.chars().all(|character| character == '0' || !character.is_alphanumeric());
    let advice = match zeros && shown == text && column != Column::RequestedAt {
        true => {
            let line = line_to_add(column, text, "");
            Words::of(
                format!("si cela signifie qu’il n’y a pas de date, {}", line.french()),
                format!("if it stands for no date, {line}"),
            )
        }
        false => Words::of(
            format!("écrivez-la comme {example}, ou corrigez cette ligne du fichier de la tâche"),
            format!("write it as in {example}, or correct that line of the job file"),
        ),
    };
    let message = Words::of(
        format!(
            "«\u{A0}{shown}\u{A0}» n’est pas écrit comme le dit «\u{A0}input.dates.{name}\u{A0}»\u{202F}; {}",
            advice.french()
        ),
        format!("`{shown}` is not written as `input.dates.{name}` says; {advice}"),
    );
    Fault::new(column, code, message)
}
