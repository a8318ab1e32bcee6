//! Stores what several pages have in common once: a run of blocks that more than one page shows becomes a form, which
//! each of these pages calls. The variants of a letter differ in a paragraph or two.

use std::collections::BTreeMap;

use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, Object, ObjectId, Stream};
use rayon::prelude::*;

use crate::fault::Problem;

/// A run of fewer bytes costs more as a form of its own than it saves.
const WORTH_A_FORM: usize = 400;

/// Moves what pages have in common into shared forms.
///
/// # Errors
/// [`FaultKind::Export`](crate::kind::FaultKind::Export) if content can't be read or written.
pub(super) fn share(document: &mut Document, forms: &[ObjectId]) -> Result<(), Problem> {
    let mut ids = forms.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let mut names = Names::default();
    let mut pages: Vec<Page> = Vec::with_capacity(ids.len());
    // A few pages at a time, since decoded operations take far more memory than their bytes.
    for ids in ids.chunks(2 * rayon::current_num_threads()) {
        let read: Vec<_> =
            ids.par_iter().map(|id| DecodedPage::read(document, *id)).collect::<Result<_, Problem>>()?;
        let named: Vec<DecodedPage> = read.into_iter().map(|page| page.named(&mut names)).collect();
        pages.par_extend(
            named.into_par_iter().map(DecodedPage::written).collect::<Result<Vec<_>, Problem>>()?,
        );
    }
    let owners = Owners::of(&pages);
    let mut shared = BTreeMap::new();
    for page in &pages {
        let mut content = Vec::new();
        let mut used = Vec::new();
        let mut at = 0;
        while at < page.blocks.len() {
            let length = owners.run(page, at);
            let run = &page.blocks[at..at + length];
            let size: usize = run.iter().map(|block| block.content.len()).sum();
            if owners.is_shared(page, at) && size >= WORTH_A_FORM {
                let id = match shared.get(&page.key(at)) {
                    Some(id) => *id,
                    None => document.add_object(form_of(run, &page.bounds, &names)),
                };
                shared.insert(page.key(at), id);
                let name = names.name("XObject", &Object::Reference(id));
                content.extend_from_slice(format!("/{name} Do\n").as_bytes());
                used.push(name);
            } else {
                for block in run {
                    content.extend_from_slice(&block.content);
                    used.extend_from_slice(&block.names);
                }
            }
            at += length;
        }
        let resources = names.resources(&used);
        let stream = document.get_object_mut(page.form).and_then(Object::as_stream_mut);
        let stream = stream?;
        stream.set_plain_content(content);
        stream.dict.set("Resources", resources);
    }
    Ok(())
}

/// A run of blocks as a form. It is called where the blocks were, so it begins in the state that the page begins in.
fn form_of(run: &[Block], bounds: &Object, names: &Names) -> Stream {
    let used: Vec<String> = run.iter().flat_map(|block| block.names.iter().cloned()).collect();
    let mut form = Dictionary::new();
    form.set("Type", Object::Name(b"XObject".to_vec()));
    form.set("Subtype", Object::Name(b"Form".to_vec()));
    form.set("BBox", bounds.clone());
    form.set("Resources", names.resources(&used));
    Stream::new(form, run.iter().flat_map(|block| block.content.iter().copied()).collect())
}

/// A page's content, block by block.
struct Page {
    form: ObjectId,
    bounds: Object,
    blocks: Vec<Block>,
}

/// A balanced `q … Q`, or an operation outside of any.
struct Block {
    content: Vec<u8>,
    /// The resources it calls.
    names: Vec<String>,
    /// Whether it begins in the state that a page begins with, and leaves it so.
    movable: bool,
    /// How many equal blocks precede it on its page.
    rank: usize,
}

/// What identifies a block: its page's bounds, its content, its rank among equal blocks.
type BlockKey<'p> = (String, &'p [u8], usize);

/// A page's operations, block by block.
struct DecodedPage {
    form: ObjectId,
    bounds: Object,
    resources: Dictionary,
    /// The operations of each block, and the resources it calls once these are named.
    blocks: Vec<(Vec<Operation>, Vec<String>)>,
}

impl DecodedPage {
    fn read(document: &Document, form: ObjectId) -> Result<DecodedPage, Problem> {
        let stream = document.get_object(form).and_then(Object::as_stream);
        let stream = stream?;
        let plain = stream.get_plain_content()?;
        let content = Content::decode(&plain)?;
        let bounds = stream.dict.get(b"BBox").cloned()?;
        let resources = stream.dict.get(b"Resources").and_then(Object::as_dict).cloned().unwrap_or_default();
        let mut blocks = Vec::new();
        let (mut gathered, mut depth) = (Vec::new(), 0usize);
        for operation in content.operations {
            match operation.operator.as_str() {
                "q" => depth += 1,
                "Q" => depth = depth.saturating_sub(1),
                _ => {}
            }
            gathered.push(operation);
            if depth == 0 {
                blocks.push((std::mem::take(&mut gathered), Vec::new()));
            }
        }
        blocks.push((gathered, Vec::new()));
        Ok(DecodedPage { form, bounds, resources, blocks })
    }

    /// Replaces the names of its resources by the names shared by all pages.
    fn named(mut self, names: &mut Names) -> DecodedPage {
        for (operations, used) in &mut self.blocks {
            used.extend(
                operations.iter_mut().filter_map(|operation| names.rename(operation, &self.resources)),
            );
        }
        self
    }

    fn written(self) -> Result<Page, Problem> {
        let mut blocks: Vec<Block> = Vec::with_capacity(self.blocks.len());
        for (operations, names) in self.blocks {
            let movable = blocks.last().is_none_or(|before| before.movable)
                && operations.first().is_some_and(|first| first.operator == "q")
                && operations.last().is_some_and(|last| last.operator == "Q");
            let content = Content { operations }.encode()?;
            let content = [content.as_slice(), b"\n"].concat();
            let rank = blocks.iter().filter(|block| block.content == content).count();
            blocks.push(Block { content, names, movable, rank });
        }
        Ok(Page { form: self.form, bounds: self.bounds, blocks })
    }
}

impl Page {
    fn key(&self, at: usize) -> BlockKey<'_> {
        let block = &self.blocks[at];
        (format!("{:?}", self.bounds), &block.content, block.rank)
    }
}

/// The occurrences of each block: its pages, and its index on each.
struct Owners<'p>(BTreeMap<BlockKey<'p>, Vec<(ObjectId, usize)>>);

impl<'p> Owners<'p> {
    fn of(pages: &'p [Page]) -> Owners<'p> {
        let mut owners: BTreeMap<BlockKey, Vec<(ObjectId, usize)>> = BTreeMap::new();
        for page in pages {
            for at in 0..page.blocks.len() {
                owners.entry(page.key(at)).or_default().push((page.form, at));
            }
        }
        Owners(owners)
    }

    fn occurrences(&self, page: &'p Page, at: usize) -> &[(ObjectId, usize)] {
        match page.blocks.get(at) {
            Some(block) if block.movable => self.0.get(&page.key(at)).map_or(&[], Vec::as_slice),
            _ => &[],
        }
    }

    fn is_shared(&self, page: &'p Page, at: usize) -> bool {
        self.occurrences(page, at).len() > 1
    }

    /// How many blocks from `at` on follow each other on all the pages that have the first of them. All those pages
    /// find the same run.
    fn run(&self, page: &'p Page, at: usize) -> usize {
        let first = self.occurrences(page, at);
        let follows = |length: &usize| {
            let moved = first.iter().map(|(form, index)| (*form, index + length));
            !first.is_empty() && moved.eq(self.occurrences(page, at + length).iter().copied())
        };
        1 + (1..).take_while(follows).count()
    }
}

/// One name for each resource of all pages, so that blocks that look the same are the same.
#[derive(Default)]
struct Names {
    known: BTreeMap<(&'static str, String), String>,
    values: BTreeMap<String, (&'static str, Object)>,
}

impl Names {
    /// The name of a resource; `category` is the key of its resource dictionary.
    fn name(&mut self, category: &'static str, value: &Object) -> String {
        let key = (category, format!("{value:?}"));
        let next = format!("{}{}", &category[..1], self.known.len());
        let name = self.known.entry(key).or_insert(next).clone();
        self.values.entry(name.clone()).or_insert_with(|| (category, value.clone()));
        name
    }

    /// Replaces the resource name in an operation by the name shared by all pages. Returns that name.
    fn rename(&mut self, operation: &mut Operation, resources: &Dictionary) -> Option<String> {
        let (category, index) = match operation.operator.as_str() {
            "Tf" => ("Font", 0),
            "Do" => ("XObject", 0),
            "gs" => ("ExtGState", 0),
            "cs" | "CS" => ("ColorSpace", 0),
            "sh" => ("Shading", 0),
            "scn" | "SCN" => ("Pattern", operation.operands.len().checked_sub(1)?),
            "BDC" | "DP" => ("Properties", 1),
            _ => return None,
        };
        let operand = operation.operands.get_mut(index)?;
        let local = operand.as_name().ok()?;
        let value = resources.get(category.as_bytes()).and_then(Object::as_dict).and_then(|d| d.get(local));
        let name = self.name(category, value.ok()?);
        *operand = Object::Name(name.clone().into_bytes());
        Some(name)
    }

    /// The resource dictionary of what calls these names.
    fn resources(&self, used: &[String]) -> Dictionary {
        let mut categories: BTreeMap<&str, Dictionary> = BTreeMap::new();
        for (name, (category, value)) in used.iter().filter_map(|name| Some((name, self.values.get(name)?))) {
            categories.entry(category).or_default().set(name.as_bytes(), value.clone());
        }
        let mut resources = Dictionary::new();
        categories.into_iter().for_each(|(category, entries)| resources.set(category, entries));
        resources
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lopdf::dictionary;
    use proptest::prelude::*;

    /// A page whose font is called by a name of its own, with a mark for each number.
    fn page(document: &mut Document, font: &str, reference: ObjectId, marks: &[u8]) -> ObjectId {
        let mark = |n: &u8| format!("q BT /{font} 9 Tf ({}) Tj ET Q\n", n.to_string().repeat(450));
        let content: String = marks.iter().map(mark).collect();
        let fonts = dictionary! { font => Object::Reference(reference) };
        let form = dictionary! {
            "Subtype" => "Form", "BBox" => vec![0.into(), 0.into(), 10.into(), 10.into()],
            "Resources" => dictionary! { "Font" => fonts },
        };
        document.add_object(Stream::new(form, content.into_bytes()))
    }

    /// The texts that a form shows and the fonts it shows them in, those of the forms that it calls in their places.
    fn shown(document: &Document, form: ObjectId) -> Vec<(Object, Object)> {
        let stream = document.get_object(form).and_then(Object::as_stream).expect("a form");
        let resources = stream.dict.get(b"Resources").and_then(Object::as_dict).expect("resources");
        let named = |category: &[u8], name: &Object| {
            let category = resources.get(category).and_then(Object::as_dict).expect("a category");
            category.get(name.as_name().expect("a name")).expect("named").clone()
        };
        let mut shows = Vec::new();
        let mut font = Object::Null;
        for operation in Content::decode(&stream.content).expect("content").operations {
            match (operation.operator.as_str(), operation.operands.first()) {
                ("Tf", Some(name)) => font = named(b"Font", name),
                ("Tj", Some(text)) => shows.push((font.clone(), text.clone())),
                ("Do", Some(name)) => {
                    let called = named(b"XObject", name).as_reference().expect("a reference");
                    shows.extend(shown(document, called));
                }
                _ => {}
            }
        }
        shows
    }

    #[test]
    fn what_two_pages_show_is_stored_once() {
        let mut document = Document::with_version("1.6");
        let pages = [("a", [1, 2, 3, 4]), ("b", [1, 2, 9, 4])]
            .map(|(font, marks)| page(&mut document, font, (99, 0), &marks));
        share(&mut document, &pages).expect("content");
        let forms = document.objects.values().filter(|object| object.as_stream().is_ok()).count();
        assert_eq!(forms, 4, "two pages, the marks 1 and 2, the mark 4");
    }

    proptest! {
        #[test]
        fn pages_show_what_they_showed(pages in prop::collection::vec(prop::collection::vec(0u8..5, 0..8), 1..5)) {
            let mut document = Document::with_version("1.6");
            let fonts = ["a", "b", "a"];
            let forms: Vec<ObjectId> = (0..).zip(&pages)
                .map(|(n, marks)| page(&mut document, fonts[n % 3], (90 + n as u32 % 2, 0), marks))
                .collect();
            let before: Vec<_> = forms.iter().map(|form| shown(&document, *form)).collect();
            share(&mut document, &forms).expect("content");
            let after: Vec<_> = forms.iter().map(|form| shown(&document, *form)).collect();
            prop_assert_eq!(before, after);
        }
    }
}
