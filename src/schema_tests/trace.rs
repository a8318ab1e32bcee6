//! Asks a type, by way of serde, which tables, keys and values it reads.
//!
//! The type is read from a document that is made up while it asks: each table gets all keys that the type wants, each value is
//! of the kind that the type asks for. What a type reads in several forms (`deserialize_any`), or accepts in one form only,
//! needs an example.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::de::value::{Error, StrDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};
use serde_json::Value;

/// What stands at a place of a document.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Truth,
    Whole {
        unsigned: bool,
    },
    Number,
    Text,
    Words(&'static [&'static str]),
    List,
    Map,
    /// A table: the name of its type, and its keys.
    Table(&'static str, &'static [&'static str]),
    /// One of several forms, as the examples of the place have them.
    Forms,
}

/// Values that a place accepts, by place: `press.media`, `inserter.letters.results.fields.value`. In a list `[]` stands for the
/// item's place, in a table of free keys `*`.
pub(super) type Examples = BTreeMap<&'static str, Vec<Value>>;

/// One reading of a made-up document.
struct Reading<'e> {
    examples: &'e Examples,
    /// Which example is taken where a place has several.
    form: usize,
    /// A key that is left out.
    omitted: Option<&'e str>,
    seen: RefCell<BTreeMap<String, Shape>>,
}

/// A place of the document that is read.
#[derive(Clone)]
struct Place<'r> {
    path: String,
    reading: &'r Reading<'r>,
}

impl Place<'_> {
    fn note(&self, shape: Shape) {
        self.reading.seen.borrow_mut().insert(self.path.clone(), shape);
    }

    fn example(&self) -> Option<Value> {
        let examples = self.reading.examples.get(self.path.as_str())?;
        examples.get(self.reading.form).or(examples.first()).cloned()
    }

    fn at(&self, key: &str) -> Self {
        let dot = if self.path.is_empty() || key == "[]" { "" } else { "." };
        Self { path: format!("{}{dot}{key}", self.path), reading: self.reading }
    }

    fn text(&self) -> String {
        self.example()
            .and_then(|example| example.as_str().map(str::to_owned))
            .unwrap_or_else(|| "x".to_owned())
    }

    fn whole(&self) -> u64 {
        self.example().and_then(|example| example.as_u64()).unwrap_or(1)
    }
}

/// What serde says of a document that does not fit.
fn problem(error: impl std::fmt::Display) -> Error {
    serde::de::Error::custom(error)
}

macro_rules! whole_numbers {
    ($($name:ident $unsigned:literal),*) => {
        $(fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.note(Shape::Whole { unsigned: $unsigned });
            visitor.visit_u64(self.whole())
        })*
    };
}

impl<'de> Deserializer<'de> for Place<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.note(Shape::Forms);
        let Some(example) = self.example() else {
            return Err(problem(format!("`{}` is read in several forms, and has no example", self.path)));
        };
        match example.as_i64() {
            // As TOML hands whole numbers out.
            Some(number) => visitor.visit_i64(number),
            None => example.deserialize_any(visitor).map_err(problem),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.note(Shape::Truth);
        visitor.visit_bool(false)
    }

    whole_numbers!(
        deserialize_i8 false, deserialize_i16 false, deserialize_i32 false, deserialize_i64 false,
        deserialize_u8 true, deserialize_u16 true, deserialize_u32 true, deserialize_u64 true
    );

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.note(Shape::Number);
        visitor.visit_f64(self.example().and_then(|example| example.as_f64()).unwrap_or(1.0))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.note(Shape::Text);
        visitor.visit_string(self.text())
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.text())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.note(Shape::List);
        visitor.visit_seq(Items { place: self.at("[]"), left: 1 })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        self.note(Shape::List);
        visitor.visit_seq(Items { place: self.at("[]"), left: length })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.note(Shape::Map);
        visitor.visit_map(Keys { place: self, keys: &["*"], next: 0 })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        keys: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.note(Shape::Table(name, keys));
        visitor.visit_map(Keys { place: self, keys, next: 0 })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.note(Shape::Words(words));
        let example = self.example().and_then(|example| words.iter().find(|word| example == **word).copied());
        let word: StrDeserializer<'_, Error> = example.unwrap_or(words[0]).into_deserializer();
        visitor.visit_enum(word)
    }

    forward_to_deserialize_any! { char bytes byte_buf unit unit_struct tuple_struct ignored_any }
}

/// The items of a list.
struct Items<'r> {
    place: Place<'r>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        match self.left {
            0 => Ok(None),
            _ => {
                self.left -= 1;
                seed.deserialize(self.place.clone()).map(Some)
            }
        }
    }
}

/// The keys of a table, except for the one that is left out.
struct Keys<'r> {
    place: Place<'r>,
    keys: &'static [&'static str],
    next: usize,
}

impl<'de> MapAccess<'de> for Keys<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let omitted = self.place.reading.omitted;
        while let Some(key) = self.keys.get(self.next) {
            if omitted != Some(self.place.at(key).path.as_str()) {
                let key = if *key == "*" { self.place.at(key).text() } else { (*key).to_owned() };
                return seed.deserialize(key.into_deserializer()).map(Some);
            }
            self.next += 1;
        }
        Ok(None)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        let place = self.place.at(self.keys[self.next]);
        self.next += 1;
        seed.deserialize(place)
    }
}

/// What a type reads.
pub(super) struct Traced {
    /// What stands at each place.
    pub(super) shapes: BTreeMap<String, Shape>,
    /// The keys that must be there, by place.
    pub(super) required: Vec<String>,
}

/// Reads a type from made-up documents: one with all keys, one for each further form of a value, one without each key.
pub(super) fn traced<T: DeserializeOwned>(examples: &Examples) -> Traced {
    let forms = examples.values().map(Vec::len).max().unwrap_or(1);
    let mut shapes = BTreeMap::new();
    for form in 0..forms {
        let reading = Reading { examples, form, omitted: None, seen: RefCell::default() };
        let read = T::deserialize(Place { path: String::new(), reading: &reading });
        let seen = reading.seen.into_inner();
        assert!(read.is_ok(), "{:?}; the last places are {:?}", read.err(), seen.keys());
        shapes.extend(seen);
    }
    let keys = shapes.iter().filter_map(|(path, shape)| match shape {
        Shape::Table(_, keys) => Some(keys.iter().map(move |key| match path.as_str() {
            "" => (*key).to_owned(),
            path => format!("{path}.{key}"),
        })),
        _ => None,
    });
    let is_required = |key: &String| {
        let reading = Reading { examples, form: 0, omitted: Some(key.as_str()), seen: RefCell::default() };
        T::deserialize(Place { path: String::new(), reading: &reading }).is_err()
    };
    let required = keys.flatten().filter(is_required).collect();
    Traced { shapes, required }
}
