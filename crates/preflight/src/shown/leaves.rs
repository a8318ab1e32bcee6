//! The leaves of a file's document parts, with the texts of their metadata (ISO 32000-2 §14.12).

use std::collections::{BTreeMap, BTreeSet};

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, MaybeRef, ObjRef, Object};

use super::Leaf;
use super::marked::text_string;

/// The deepest tree that is followed, and the deepest metadata.
const MAX_DEPTH: usize = 16;
/// The most texts of one leaf.
const MAX_LABELS: usize = 256;
/// The most values that are looked at in the metadata of a leaf, and of all leaves: dictionaries that name each other are a file of
/// a page and endless to read.
const MAX_LEAF_VALUES: usize = 4096;
const MAX_VALUES: usize = 1 << 24;
/// The dictionaries that stand around the metadata of every leaf (ISO 16612-2); they are no part of its keys.
const AROUND: [&[u8]; 2] = [b"CIP4_Root", b"CIP4_Production"];

/// The leaves of a file in order. `numbers` has the index of each page by its object number.
pub(super) fn leaves(pdf: &Pdf, catalog: &Dict, numbers: &BTreeMap<i32, usize>) -> Vec<Leaf> {
    let mut objects = vec![0; numbers.values().max().map_or(0, |last| last + 1)];
    for (object, page) in numbers {
        if let Some(entry) = objects.get_mut(*page) {
            *entry = *object;
        }
    }
    let mut walk =
        Walk { pdf, numbers, objects, seen: BTreeSet::new(), leaves: Vec::new(), values: MAX_VALUES };
    let top = catalog.get::<Dict>("DPartRoot").and_then(|root| root.get_ref("DPartRootNode"));
    if let Some(top) = top {
        walk.part(top, MAX_DEPTH);
    }
    walk.leaves
}

struct Walk<'a, 'n> {
    pdf: &'a Pdf,
    numbers: &'n BTreeMap<i32, usize>,
    /// The object of each page.
    objects: Vec<i32>,
    seen: BTreeSet<i32>,
    leaves: Vec<Leaf>,
    /// How many more values of metadata are read.
    values: usize,
}

impl Walk<'_, '_> {
    fn part(&mut self, reference: ObjRef, depth: usize) {
        if depth == 0 {
            return;
        }
        if !self.seen.insert(reference.obj_number) {
            // A part that stands twice in the tree is a leaf too many.
            return self.leaves.push(Leaf { pages: 0..0, named_by_its_pages: false, labels: Vec::new() });
        }
        let Some(part) = self.pdf.xref().get::<Dict>(reference.into()) else { return };
        let Some(groups) = part.get::<Array>("DParts") else { return self.leaf(&part, reference) };
        for group in groups.iter::<Array>() {
            for part in group.raw_iter().filter_map(|part| part.as_obj_ref()) {
                self.part(part, depth - 1);
            }
        }
    }

    /// Adds a leaf. A leaf whose pages are none of the file's has no pages.
    fn leaf(&mut self, part: &Dict, reference: ObjRef) {
        let index = |key: &str| self.numbers.get(&part.get_ref(key)?.obj_number).copied();
        let pages = match (index("Start"), part.contains_key("End"), index("End")) {
            (Some(start), true, Some(end)) if end >= start => start..end + 1,
            (Some(start), false, _) => start..start + 1,
            _ => 0..0,
        };
        let mut labels = Vec::new();
        if let Some(metadata) = part.get::<Dict>("DPM") {
            let mut budget = self.values.min(MAX_LEAF_VALUES);
            let before = budget;
            add_labels(&metadata, "", MAX_DEPTH, &mut labels, &mut budget);
            self.values -= before - budget;
        }
        let named_by_its_pages = pages.clone().all(|page| {
            let page = self.objects.get(page).copied().map(|number| ObjRef::new(number, 0));
            let page = page.and_then(|page| self.pdf.xref().get::<Dict>(page.into()));
            page.is_some_and(|page| page.get_ref("DPart") == Some(reference))
        });
        self.leaves.push(Leaf { pages, named_by_its_pages, labels });
    }
}

/// Adds the texts of a dictionary, in the order of its keys.
fn add_labels(
    dictionary: &Dict,
    before: &str,
    depth: usize,
    labels: &mut Vec<(String, String)>,
    budget: &mut usize,
) {
    for (key, value) in dictionary.entries() {
        let value: Option<Object> = match value {
            MaybeRef::NotRef(value) => Some(value),
            MaybeRef::Ref(_) => dictionary.get::<Object>(&*key),
        };
        let around = before.is_empty() && AROUND.contains(&&*key);
        let key = if around { String::new() } else { format!("{before}{}", String::from_utf8_lossy(&key)) };
        if let Some(value) = value {
            add_label(&value, key, depth, labels, budget);
        }
    }
}

/// Adds the text of a value; of an array, that of each of its values under the same key.
fn add_label(
    value: &Object,
    key: String,
    depth: usize,
    labels: &mut Vec<(String, String)>,
    budget: &mut usize,
) {
    if depth == 0 || labels.len() >= MAX_LABELS || *budget == 0 {
        return;
    }
    *budget -= 1;
    match value {
        Object::Dict(inner) => {
            let before = if key.is_empty() { key } else { key + "/" };
            add_labels(inner, &before, depth - 1, labels, budget);
        }
        Object::Array(values) => {
            values
                .iter::<Object>()
                .for_each(|value| add_label(&value, key.clone(), depth - 1, labels, budget));
        }
        Object::String(text) => labels.push((key, text_string(text))),
        Object::Name(name) => labels.push((key, String::from_utf8_lossy(name).into_owned())),
        Object::Number(number) => labels.push((key, number.as_f64().to_string())),
        Object::Boolean(value) => labels.push((key, value.to_string())),
        Object::Null(_) | Object::Stream(_) => {}
    }
}
