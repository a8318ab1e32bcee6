//! Where the fields of a report are in its rows.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A field of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportField {
    /// What was read on the piece.
    Value,
    /// When it was read.
    ReadAt,
    /// Its place in the stream of its camera.
    Position,
    /// The camera.
    Camera,
    /// What was read on the card.
    CardValue,
    /// What the machine did with the piece.
    Status,
}

impl ReportField {
    /// Every field.
    pub const ALL: [ReportField; 6] = [
        ReportField::Value,
        ReportField::ReadAt,
        ReportField::Position,
        ReportField::Camera,
        ReportField::CardValue,
        ReportField::Status,
    ];

    /// Its key in the job file, and its column in `camera.csv`.
    pub fn name(self) -> &'static str {
        match self {
            ReportField::Value => "value",
            ReportField::ReadAt => "read_at",
            ReportField::Position => "position",
            ReportField::Camera => "camera",
            ReportField::CardValue => "card_value",
            ReportField::Status => "status",
        }
    }
}

/// Where the fields of a machine's report are. A field that is not named is not read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fields {
    /// What was read on the piece.
    pub value: Option<FieldPlace>,
    /// When it was read.
    pub read_at: Option<FieldPlace>,
    /// Its place in the stream of its camera.
    pub position: Option<FieldPlace>,
    /// The camera.
    pub camera: Option<FieldPlace>,
    /// What was read on the card.
    pub card_value: Option<FieldPlace>,
    /// What the machine did with the piece.
    pub status: Option<FieldPlace>,
}

impl Fields {
    /// Where a field is; `None` where the report does not have it.
    pub fn place(&self, field: ReportField) -> Option<&FieldPlace> {
        match field {
            ReportField::Value => self.value.as_ref(),
            ReportField::ReadAt => self.read_at.as_ref(),
            ReportField::Position => self.position.as_ref(),
            ReportField::Camera => self.camera.as_ref(),
            ReportField::CardValue => self.card_value.as_ref(),
            ReportField::Status => self.status.as_ref(),
        }
    }

    /// The fields that the report has, each with its place.
    pub fn places(&self) -> impl Iterator<Item = (ReportField, &FieldPlace)> {
        ReportField::ALL.into_iter().filter_map(|field| Some((field, self.place(field)?)))
    }
}

/// Where a field is in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldPlace {
    /// In the column that the header calls so.
    Header(String),
    /// In the column of this number, from 1.
    Column(u32),
    /// In these characters of the line.
    Span(Span),
}

/// Characters of a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Span {
    /// The first character, from 1.
    pub start: u32,
    /// How many characters.
    pub length: u32,
}

impl<'de> Deserialize<'de> for FieldPlace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PlaceVisitor)
    }
}

struct PlaceVisitor;

impl<'de> Visitor<'de> for PlaceVisitor {
    type Value = FieldPlace;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the column's name in quotes, its number, or { start = 1, length = 12 }")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<FieldPlace, E> {
        Ok(FieldPlace::Header(name.trim().to_owned()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<FieldPlace, E> {
        let number = u32::try_from(number).map_err(|_| E::custom("write the column's number, from 1"))?;
        Ok(FieldPlace::Column(number))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FieldPlace, A::Error> {
        Span::deserialize(MapAccessDeserializer::new(map)).map(FieldPlace::Span)
    }
}
