//! The pages of a file, in order: the streams of their contents, their resources and their boxes.

use std::collections::{BTreeMap, BTreeSet};

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, MaybeRef, ObjRef, Object};

use super::Problem;
use super::file::Sources;
use super::resources::Resources;

/// The deepest page tree that is followed.
const MAX_DEPTH: usize = 32;
/// The most streams of one page.
const MAX_STREAMS: usize = 256;

/// A page, as it lies in the file.
#[derive(Debug)]
pub(super) struct PageSource {
    /// The streams of its content, as indices.
    pub contents: Vec<u32>,
    /// The index of its resources.
    pub resources: usize,
    /// Its media box: left, bottom, right, top.
    pub media: [f64; 4],
    /// Whether it has annotations, which are painted over it.
    pub annotated: bool,
    /// Why it can't be read.
    pub problem: Option<Problem>,
}

/// What a page has from the nodes above it.
#[derive(Clone, Default)]
struct Inherited<'a> {
    resources: Option<Dict<'a>>,
    media: Option<[f64; 4]>,
    crop: Option<[f64; 4]>,
    rotated: bool,
}

/// Follows the page tree.
pub(super) struct PageList<'a> {
    pdf: &'a Pdf,
    bytes: &'a [u8],
    seen: BTreeSet<i32>,
    /// The pages.
    pub pages: Vec<PageSource>,
    /// The streams of their contents.
    pub sources: Sources,
    /// Their resources, each once.
    pub resources: Vec<Resources>,
    by_place: BTreeMap<usize, usize>,
    /// Their fonts, each once, with the name by which it was found.
    pub fonts: Vec<(String, Dict<'a>)>,
    /// The index of each page by its object number.
    pub numbers: BTreeMap<i32, usize>,
}

impl<'a> PageList<'a> {
    /// No page yet.
    pub fn new(pdf: &'a Pdf, bytes: &'a [u8]) -> PageList<'a> {
        PageList {
            pdf,
            bytes,
            seen: BTreeSet::new(),
            pages: Vec::new(),
            sources: Sources::default(),
            resources: Vec::new(),
            by_place: BTreeMap::new(),
            fonts: Vec::new(),
            numbers: BTreeMap::new(),
        }
    }

    /// Finds the pages. `None` if the page tree can't be followed.
    pub fn walk(&mut self, catalog: &Dict<'a>) -> Option<()> {
        self.node(catalog.get_ref("Pages")?, &Inherited::default(), MAX_DEPTH)
    }

    fn node(&mut self, reference: ObjRef, above: &Inherited<'a>, depth: usize) -> Option<()> {
        // A node that is its own ancestor, or that has two parents, is no tree.
        if depth == 0 || !self.seen.insert(reference.obj_number) {
            return None;
        }
        let node = self.pdf.xref().get::<Dict<'a>>(reference.into())?;
        let inherited = Inherited {
            resources: node.get::<Dict<'a>>("Resources").or_else(|| above.resources.clone()),
            media: rectangle(&node, "MediaBox").or(above.media),
            crop: rectangle(&node, "CropBox").or(above.crop),
            rotated: node.get::<i32>("Rotate").map_or(above.rotated, |degrees| degrees % 360 != 0),
        };
        let Some(kids) = node.get::<Array>("Kids") else {
            self.numbers.insert(reference.obj_number, self.pages.len());
            let page = self.page(&node, inherited);
            self.pages.push(page);
            return Some(());
        };
        for kid in kids.raw_iter() {
            self.node(kid.as_obj_ref()?, &inherited, depth - 1)?;
        }
        Some(())
    }

    fn page(&mut self, page: &Dict<'a>, inherited: Inherited<'a>) -> PageSource {
        let mut source = PageSource {
            contents: Vec::new(),
            resources: self.resources_of(inherited.resources.unwrap_or_default()),
            media: inherited.media.unwrap_or_default(),
            annotated: page.get::<Array>("Annots").is_some_and(|notes| notes.raw_iter().next().is_some()),
            problem: None,
        };
        let odd_unit = page.get::<f64>("UserUnit").is_some_and(|unit| unit != 1.0);
        source.problem = match self.contents(page) {
            _ if inherited.media.is_none() => Some("no media box"),
            _ if inherited.rotated => Some("it is rotated"),
            _ if odd_unit => Some("its unit is not a point"),
            // Its colours would be those of the group's space.
            _ if page.contains_key("Group") => Some("it is a transparency group"),
            _ if inherited.crop.is_some_and(|crop| Some(crop) != inherited.media) => Some("it is cropped"),
            None => Some("a content stream is missing, or there are too many"),
            Some(contents) => {
                source.contents = contents;
                None
            }
        };
        source
    }

    /// The streams of a page's content. `None` if one is missing.
    fn contents(&mut self, page: &Dict<'a>) -> Option<Vec<u32>> {
        let mut add = |stream: &MaybeRef<Object>| self.sources.add(stream, self.pdf, self.bytes);
        if !page.contains_key("Contents") {
            return Some(Vec::new());
        }
        match page.get::<Object>("Contents")? {
            Object::Array(streams) => {
                let streams: Vec<MaybeRef<Object>> = streams.raw_iter().take(MAX_STREAMS + 1).collect();
                streams.iter().map(add).collect::<Option<Vec<u32>>>().filter(|list| list.len() <= MAX_STREAMS)
            }
            _ => Some(vec![add(&page.get_raw::<Object>("Contents")?)?]),
        }
    }

    /// The index of resources, which are read when they are first seen.
    fn resources_of(&mut self, dictionary: Dict<'a>) -> usize {
        let place = dictionary.data().as_ptr() as usize;
        if let Some(&index) = self.by_place.get(&place) {
            return index;
        }
        let read = Resources::read(&dictionary, self.bytes, &mut self.fonts);
        self.resources.push(read);
        self.by_place.insert(place, self.resources.len() - 1);
        self.resources.len() - 1
    }
}

/// A box as left, bottom, right and top. `None` if it is missing, empty or no box.
fn rectangle(page: &Dict, key: &str) -> Option<[f64; 4]> {
    let numbers: Vec<f64> = page.get::<Array>(key)?.iter::<f64>().collect();
    let [x1, y1, x2, y2] = numbers.try_into().ok()?;
    let sorted = [f64::min(x1, x2), f64::min(y1, y2), f64::max(x1, x2), f64::max(y1, y2)];
    (sorted[0] < sorted[2] && sorted[1] < sorted[3]).then_some(sorted)
}
