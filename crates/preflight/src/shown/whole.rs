//! What a form or a font is as a whole: itself and every object that it refers to, as bytes that do not depend on object
//! numbers, on the order of entries or on how streams are compressed.
//!
//! Each value begins with a letter for its type, then has its length or its bytes: `#` a number, `s` a string, `/` a name, `[` an
//! array, `<` a dictionary by order of its keys, `S` a stream with its decoded bytes, `R` one whose filter is not read, `^` an
//! object that was met before, by the order in which it was met, `-` nothing.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro_syntax::Pdf;
use hayro_syntax::object::{Dict, MaybeRef, Object, ObjectIdentifier, Stream};

use super::file::{ShownFile, Source};
use super::inflate::Inflate;
use super::plain::Plain;
use super::{Problem, ShowFault};

/// The deepest nesting that is followed.
const MAX_DEPTH: usize = 64;
/// The most values of a form or a font.
const MAX_VALUES: usize = 1 << 20;
/// The most bytes of its streams.
const MAX_BYTES: usize = 256 << 20;

/// The entries of a stream's dictionary that say how it is stored and not what it is.
static STORAGE: [&[u8]; 4] = [b"Length", b"Filter", b"DecodeParms", b"DL"];

impl ShownFile {
    /// The object numbers of the forms that pages may show, in order.
    pub fn forms(&self) -> Vec<u32> {
        let mut forms: Vec<u32> = self.resources.iter().flat_map(|resources| resources.forms()).collect();
        forms.sort_unstable();
        forms.dedup();
        forms
    }

    /// Passes all that a form consists of to `sink`: its content and its resources, images and fonts among them.
    ///
    /// # Errors
    /// [`ShowFault::File`] if there is no such object, or if it is larger than any stock.
    pub fn whole_form(&self, number: u32, sink: &mut dyn FnMut(&[u8])) -> Result<(), ShowFault> {
        self.whole(i32::try_from(number).ok(), sink)
    }

    /// Passes all that a font consists of to `sink`: its program, its widths, its encoding and its map to Unicode. `index` is that in
    /// [`ShownFile::fonts`].
    ///
    /// # Errors
    /// [`ShowFault::File`] if there is no such font, or if it is no object of its own.
    pub fn whole_font(&self, index: usize, sink: &mut dyn FnMut(&[u8])) -> Result<(), ShowFault> {
        self.whole(self.font_objects.get(index).copied().flatten(), sink)
    }

    fn whole(&self, number: Option<i32>, sink: &mut dyn FnMut(&[u8])) -> Result<(), ShowFault> {
        // A parser that panics on a damaged file must not end the program.
        let walk = || {
            let number = number?;
            let object = self.pdf.xref().get::<Object>(ObjectIdentifier::new(number, 0))?;
            let (met, inflate) = (BTreeMap::from([(number, 0)]), Inflate::default());
            let mut walk =
                Walk { pdf: &self.pdf, bytes: &self.bytes, met, values: 0, length: 0, inflate, sink };
            walk.value(&object, MAX_DEPTH).ok()
        };
        catch_unwind(AssertUnwindSafe(walk)).ok().flatten().ok_or(ShowFault::File)
    }
}

/// The way through an object and those that it refers to.
struct Walk<'w> {
    pdf: &'w Pdf,
    bytes: &'w [u8],
    /// The objects that were met, by number, and the order in which they were.
    met: BTreeMap<i32, usize>,
    values: usize,
    /// Bytes of the streams so far.
    length: usize,
    inflate: Inflate,
    sink: &'w mut dyn FnMut(&[u8]),
}

impl Walk<'_> {
    fn value(&mut self, value: &Object, depth: usize) -> Result<(), Problem> {
        self.values += 1;
        let depth =
            depth.checked_sub(1).filter(|_| self.values <= MAX_VALUES).ok_or("an object without end")?;
        match value {
            Object::Null(_) => self.letter(b'n', ""),
            Object::Boolean(truth) => self.letter(b'b', truth),
            Object::Number(number) => self.letter(b'#', number.as_f64()),
            Object::String(text) => self.sized(b's', text.as_bytes()),
            Object::Name(name) => self.sized(b'/', name),
            Object::Array(array) => {
                self.letter(b'[', "");
                for item in array.raw_iter() {
                    self.maybe(item, depth)?;
                }
                self.letter(b']', "");
            }
            Object::Dict(dictionary) => self.dictionary(dictionary, &[], depth)?,
            Object::Stream(stream) => self.stream(stream, depth)?,
        }
        Ok(())
    }

    fn maybe(&mut self, value: MaybeRef<Object>, depth: usize) -> Result<(), Problem> {
        let reference = match value {
            MaybeRef::NotRef(value) => return self.value(&value, depth),
            MaybeRef::Ref(reference) => reference,
        };
        let order = self.met.len();
        if let Some(&order) = self.met.get(&reference.obj_number) {
            self.letter(b'^', order);
            return Ok(());
        }
        self.met.insert(reference.obj_number, order);
        match self.pdf.xref().get::<Object>(reference.into()) {
            Some(value) => self.value(&value, depth),
            None => {
                self.letter(b'-', "");
                Ok(())
            }
        }
    }

    fn dictionary(&mut self, dictionary: &Dict, without: &[&[u8]], depth: usize) -> Result<(), Problem> {
        self.letter(b'<', "");
        for (key, value) in dictionary.entries().filter(|(key, _)| !without.contains(&&**key)) {
            self.sized(b'/', &key);
            self.maybe(value, depth)?;
        }
        self.letter(b'>', "");
        Ok(())
    }

    fn stream(&mut self, stream: &Stream, depth: usize) -> Result<(), Problem> {
        let mut plain = Plain::default();
        let source = Source::new(stream, self.bytes);
        let decoded = source.is_some_and(|source| {
            source.decode(self.bytes, &mut self.inflate, &mut plain, MAX_BYTES - self.length).is_ok()
        });
        let raw = stream.raw_data();
        let (letter, without, bytes) = match decoded {
            true => (b'S', &STORAGE[..], plain.bytes()),
            false => (b'R', &STORAGE[..1], &*raw),
        };
        self.length = self.length.saturating_add(bytes.len());
        if self.length > MAX_BYTES {
            return Err("a stream that is longer than any stock");
        }
        self.dictionary(stream.dict(), without, depth)?;
        self.sized(letter, bytes);
        Ok(())
    }

    fn letter(&mut self, letter: u8, value: impl std::fmt::Display) {
        (self.sink)(format!("{}{value};", char::from(letter)).as_bytes());
    }

    fn sized(&mut self, letter: u8, bytes: &[u8]) {
        self.letter(letter, bytes.len());
        (self.sink)(bytes);
    }
}
