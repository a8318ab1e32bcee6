//! A file whose pages are read: where its pages' contents lie, what their resources are, and its objects as bytes.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use hayro_syntax::Pdf;
use hayro_syntax::object::{Dict, MaybeRef, Object, ObjectIdentifier, Stream};

use super::fonts::{FontCodes, read_font};
use super::inflate::Inflate;
use super::leaves::leaves;
use super::page_list::{PageList, PageSource};
use super::plain::{Coding, Plain};
use super::resources::Resources;
use super::{Leaf, Problem, ShowFault, ShownFont};
use crate::OpenFile;

/// A print file, opened to see what its pages show. Many threads may read its pages at once.
pub struct ShownFile {
    pub(super) bytes: Arc<Vec<u8>>,
    pub(super) pdf: Arc<Pdf>,
    pub(super) pages: Vec<PageSource>,
    pub(super) sources: Sources,
    pub(super) resources: Vec<Resources>,
    pub(super) codes: Vec<FontCodes>,
    fonts: Vec<ShownFont>,
    /// The object number of each font that is an object of its own.
    pub(super) font_objects: Vec<Option<i32>>,
    leaves: Vec<Leaf>,
}

impl ShownFile {
    /// Opens a file: finds its pages, and reads its fonts and document parts.
    ///
    /// # Errors
    /// [`ShowFault::File`] if the file is no PDF, damaged or encrypted.
    pub fn open(bytes: Arc<Vec<u8>>) -> Result<ShownFile, ShowFault> {
        ShownFile::of(&OpenFile::new(bytes)?)
    }

    /// As [`ShownFile::open`], of a file that is open.
    ///
    /// # Errors
    /// [`ShowFault::File`] if its pages can't be found.
    pub fn of(file: &OpenFile) -> Result<ShownFile, ShowFault> {
        // A parser that panics on a damaged file must not end the program.
        catch_unwind(AssertUnwindSafe(|| read(file))).ok().flatten().ok_or(ShowFault::File)
    }

    /// The number of its pages.
    pub fn pages(&self) -> usize {
        self.pages.len()
    }

    /// The leaves of its document parts, in order. Empty if it has none.
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// The fonts of its pages, in the order in which they are found. Those of stock forms are not among them.
    pub fn fonts(&self) -> &[ShownFont] {
        &self.fonts
    }

    /// The bytes of an object, from its number to `endobj`. `None` if there is no such object, or if it lies in an object
    /// stream, or if it is a number, a name or a string.
    pub fn object(&self, number: u32) -> Option<&[u8]> {
        let find = || {
            let id = ObjectIdentifier::new(i32::try_from(number).ok()?, 0);
            let object = self.pdf.xref().get::<Object>(id)?;
            let body = match &object {
                Object::Stream(stream) => {
                    let body = range_in(&self.bytes, stream.dict().data())?;
                    body.start..range_in(&self.bytes, &stream.raw_data())?.end
                }
                Object::Dict(dictionary) => range_in(&self.bytes, dictionary.data())?,
                Object::Array(array) => range_in(&self.bytes, array.data())?,
                _ => return None,
            };
            whole_object(&self.bytes, number, body)
        };
        let range = catch_unwind(AssertUnwindSafe(find)).ok().flatten()?;
        self.bytes.get(range)
    }
}

/// The most fonts of a file's pages: each keeps the outlines of its glyphs.
const MAX_FONTS: usize = 64;
/// The most codings of a stream, one around the other.
const MAX_CODINGS: usize = 4;

/// Reads a file. `None` if it can't be read.
fn read(file: &OpenFile) -> Option<ShownFile> {
    let OpenFile { bytes, pdf } = file.clone();
    let catalog = pdf.xref().get::<Dict>(pdf.xref().root_id())?;
    let mut list = PageList::new(&pdf, &bytes);
    list.walk(&catalog)?;
    let PageList { pages, mut sources, resources, fonts: found, numbers, .. } = list;
    if found.len() > MAX_FONTS {
        return None;
    }
    let leaves = leaves(&pdf, &catalog, &numbers);
    let (mut fonts, mut codes) = (Vec::new(), Vec::new());
    for (name, dictionary) in &found {
        let (font, code) = read_font(name, dictionary, &bytes);
        fonts.push(font);
        codes.push(code);
    }
    sources.read_shared(&bytes);
    let font_objects = found.iter().map(|(_, font)| font.obj_id().map(|id| id.obj_number)).collect();
    drop(catalog);
    drop(found);
    Some(ShownFile { bytes, pages, sources, resources, codes, fonts, font_objects, leaves, pdf })
}

/// Where `part` lies in `bytes`, if it is a part of them and no copy.
pub(super) fn range_in(bytes: &[u8], part: &[u8]) -> Option<Range<usize>> {
    let start = (part.as_ptr() as usize).checked_sub(bytes.as_ptr() as usize)?;
    let end = start.checked_add(part.len())?;
    (end <= bytes.len()).then_some(start..end)
}

/// The whole of an object whose body, or the beginning of it, is at `body`.
fn whole_object(bytes: &[u8], number: u32, body: Range<usize>) -> Option<Range<usize>> {
    let before = bytes.get(body.start.saturating_sub(64)..body.start)?;
    let before = before.trim_ascii_end();
    let before = before.strip_suffix(b"[").or(before.strip_suffix(b"<<")).unwrap_or(before);
    let head = before.trim_ascii_end().strip_suffix(b"obj")?.trim_ascii_end();
    let generation = head.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let name = head[..head.len() - generation].trim_ascii_end();
    let digits = number.to_string();
    let alone = !name.strip_suffix(digits.as_bytes())?.last().is_some_and(u8::is_ascii_digit);
    let start = body.start.saturating_sub(64) + name.len() - digits.len();
    let after = bytes.get(body.end..)?;
    let end = after.windows(6).take(64).position(|six| six == b"endobj")?;
    // Nothing but the end of a dictionary, an array or a stream stands between.
    let mut between = after[..end].trim_ascii();
    for bracket in [b">>".as_slice(), b"]", b"endstream"] {
        between = between.strip_prefix(bracket).unwrap_or(between).trim_ascii_start();
    }
    (alone && between.is_empty()).then_some(start..body.end + end + 6)
}

/// A stream where it lies in the file.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// Where its encoded bytes lie.
    range: Range<usize>,
    /// Its codings, the outermost first; or why it can't be read.
    codings: Result<Vec<Coding>, Problem>,
}

impl Source {
    /// Where a stream lies. `None` if it is not a part of the file's bytes.
    pub fn new(stream: &Stream, bytes: &[u8]) -> Option<Source> {
        let range = range_in(bytes, &stream.raw_data())?;
        Some(Source { range, codings: codings(stream.dict()) })
    }

    /// Appends what the stream says, up to `limit` bytes in all.
    pub fn decode(
        &self,
        bytes: &[u8],
        inflate: &mut Inflate,
        out: &mut Plain,
        limit: usize,
    ) -> Result<(), Problem> {
        let encoded = bytes.get(self.range.clone()).unwrap_or_default();
        let codings = self.codings.as_ref().map_err(|problem| *problem)?;
        out.decode(encoded, codings, inflate, limit)
    }
}

/// The codings of a stream (ISO 32000-1 §7.4).
fn codings(dictionary: &Dict) -> Result<Vec<Coding>, Problem> {
    if dictionary.contains_key("F") {
        return Err("a stream in another file");
    }
    let names: Vec<Object> = match dictionary.get::<Object>("Filter") {
        None | Some(Object::Null(_)) => Vec::new(),
        Some(Object::Array(filters)) => filters.iter().collect(),
        Some(filter) => vec![filter],
    };
    if names.len() > MAX_CODINGS {
        return Err("a stream with too many filters");
    }
    let parameters: Vec<Object> = match dictionary.get::<Object>("DecodeParms") {
        Some(Object::Array(parameters)) => parameters.iter().collect(),
        parameters => parameters.into_iter().collect(),
    };
    let predicted = parameters.iter().any(|parameters| match parameters {
        Object::Dict(parameters) => {
            parameters.get::<i32>("Predictor").is_some_and(|predictor| predictor != 1)
        }
        _ => false,
    });
    if predicted {
        return Err("a stream with a predictor");
    }
    let coding = |name: &Object| match name {
        Object::Name(name) if &**name == b"FlateDecode" => Ok(Coding::Flate),
        Object::Name(name) if &**name == b"ASCIIHexDecode" => Ok(Coding::Hexadecimal),
        _ => Err("a stream with a filter that is not read"),
    };
    names.iter().map(coding).collect()
}

/// The most bytes that are kept of the streams that pages share.
const SHARED_BYTES: usize = 1 << 20;

/// The streams of the pages' contents, each once.
#[derive(Default)]
pub(super) struct Sources {
    sources: Vec<Source>,
    /// How often pages name each.
    uses: Vec<u32>,
    by_number: BTreeMap<i32, u32>,
    /// What those say that pages share.
    shared: Vec<Option<Plain>>,
}

impl Sources {
    /// The index of a stream that a page names.
    pub fn add(&mut self, stream: &MaybeRef<Object>, pdf: &Pdf, bytes: &[u8]) -> Option<u32> {
        let id = stream.as_obj_ref()?;
        if let Some(&index) = self.by_number.get(&id.obj_number) {
            self.uses[index as usize] += 1;
            return Some(index);
        }
        let source = Source::new(&pdf.xref().get::<Stream>(id.into())?, bytes)?;
        let index = u32::try_from(self.sources.len()).ok()?;
        self.sources.push(source);
        self.uses.push(1);
        self.by_number.insert(id.obj_number, index);
        Some(index)
    }

    /// Decodes the streams that pages share, as far as they are short.
    fn read_shared(&mut self, bytes: &[u8]) {
        let mut inflate = Inflate::default();
        let mut left = SHARED_BYTES;
        for (source, uses) in self.sources.iter().zip(&self.uses) {
            let mut plain = Plain::default();
            let short = *uses > 1 && source.range.len() <= 1 << 12;
            let read = short && source.decode(bytes, &mut inflate, &mut plain, left.min(1 << 16)).is_ok();
            left -= if read { plain.bytes().len() } else { 0 };
            self.shared.push(read.then_some(plain));
        }
        (self.by_number, self.uses) = (BTreeMap::new(), Vec::new());
    }

    /// Appends what a stream says, up to `limit` bytes in all.
    fn append(
        &self,
        index: u32,
        bytes: &[u8],
        inflate: &mut Inflate,
        out: &mut Plain,
        limit: usize,
    ) -> Result<(), Problem> {
        match self.shared.get(index as usize) {
            Some(Some(plain)) => out.push(plain.bytes(), limit),
            _ => self.sources[index as usize].decode(bytes, inflate, out, limit),
        }
    }
}

/// The most bytes of one page's content.
const PAGE_BYTES: usize = 16 << 20;

impl ShownFile {
    /// Puts a page's content together: its streams, with white space between them (ISO 32000-1 §7.8.2).
    pub(super) fn content(
        &self,
        page: &PageSource,
        inflate: &mut Inflate,
        out: &mut Plain,
    ) -> Result<(), Problem> {
        for &index in &page.contents {
            self.sources.append(index, &self.bytes, inflate, out, PAGE_BYTES)?;
            out.push(b"\n", PAGE_BYTES)?;
        }
        Ok(())
    }

    /// Appends what a stream that is no content says, up to `limit` bytes.
    pub(super) fn stream(
        &self,
        source: &Source,
        inflate: &mut Inflate,
        out: &mut Plain,
        limit: usize,
    ) -> Result<(), Problem> {
        source.decode(&self.bytes, inflate, out, limit)
    }
}
