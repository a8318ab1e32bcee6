//! Pages and document parts: each page's boxes, and the tree whose leaves are pieces.

use std::collections::BTreeSet;

use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::object::{Array, Dict, Name, ObjRef, ObjectIdentifier};

use super::labels::Labels;
use super::{Clause, Faults, is_name};

/// What a page may have; anything else could act, show or hide.
const PAGE_KEYS: [&str; 8] =
    ["Type", "Parent", "Contents", "DPart", "MediaBox", "BleedBox", "TrimBox", "Resources"];
/// The most entries of one array of document parts.
const LONGEST_ARRAY: usize = 8191;
/// The deepest tree that is followed.
const DEEPEST: usize = 16;

/// The file's pages in order.
pub(super) struct Pages<'a> {
    /// Each page with its number among the file's objects.
    pub pages: Vec<(ObjRef, Dict<'a>)>,
    /// The different resources that they use.
    pub resources: Vec<Dict<'a>>,
}

/// Checks pages and document parts; gives the pages. Those that are imposed are sheets of two pieces.
pub(super) fn check<'a>(pdf: &'a Pdf, catalog: &Dict<'a>, imposed: bool, faults: &mut Faults) -> Pages<'a> {
    let mut walk =
        PageWalk { pdf, found: Pages { pages: Vec::new(), resources: Vec::new() }, seen: BTreeSet::new() };
    if let Some(root) = catalog.get_ref("Pages") {
        walk.node(root, DEEPEST, faults);
    }
    let pages = walk.found;
    faults.expect(!pages.pages.is_empty(), Clause::X4File, || "no page".to_owned());
    for (number, (_, page)) in (1..).zip(&pages.pages) {
        check_page(number, page, faults);
    }
    check_tree(pdf, catalog, &pages, imposed, faults);
    pages
}

fn id(reference: ObjRef) -> ObjectIdentifier {
    reference.into()
}

/// Follows the page tree.
struct PageWalk<'a> {
    pdf: &'a Pdf,
    found: Pages<'a>,
    seen: BTreeSet<i32>,
}

impl<'a> PageWalk<'a> {
    fn node(&mut self, reference: ObjRef, depth: usize, faults: &mut Faults) {
        let Some(node) = self.pdf.xref().get::<Dict<'a>>(id(reference)).filter(|_| depth > 0) else {
            faults.add(Clause::X4File, format!("object {}: no node of the page tree", reference.obj_number));
            return;
        };
        if let Some(resources) = node.get_ref("Resources")
            && self.seen.insert(resources.obj_number)
        {
            self.found.resources.extend(self.pdf.xref().get::<Dict<'a>>(id(resources)));
        }
        match node.get::<Array>("Kids") {
            Some(kids) => {
                for kid in kids.raw_iter().filter_map(|kid| kid.as_obj_ref()) {
                    self.node(kid, depth - 1, faults);
                }
            }
            None => self.found.pages.push((reference, node)),
        }
    }
}

/// Checks a page's keys and boxes (ISO 32000-1 §14.11.2).
fn check_page(number: usize, page: &Dict, faults: &mut Faults) {
    faults.expect(is_name(page, "Type", "Page"), Clause::X4File, || format!("page {number}: not a page"));
    for key in page.keys() {
        let known = PAGE_KEYS.iter().any(|known| known.as_bytes() == &*key);
        let clause = if key.ends_with(b"Box") { Clause::X4Boxes } else { Clause::X4Interaction };
        faults.expect(known, clause, || format!("page {number} has `{}`", String::from_utf8_lossy(&key)));
    }
    let media = rectangle(page, "MediaBox");
    let trim = rectangle(page, "TrimBox");
    let bleed = rectangle(page, "BleedBox");
    let nested = match (media, bleed, trim) {
        (Some(media), Some(bleed), Some(trim)) => within(trim, bleed) && within(bleed, media),
        _ => false,
    };
    let message = || format!("page {number}: a box is missing, or not within the next larger one");
    faults.expect(nested, Clause::X4Boxes, message);
}

fn rectangle(page: &Dict, key: &str) -> Option<[f32; 4]> {
    let numbers: Vec<f32> = page.get::<Array>(key)?.iter::<f32>().collect();
    let [left, bottom, right, top] = numbers.try_into().ok()?;
    (left < right && bottom < top).then_some([left, bottom, right, top])
}

fn within(inner: [f32; 4], outer: [f32; 4]) -> bool {
    inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3]
}

/// Follows the document parts from their root.
fn check_tree(pdf: &Pdf, catalog: &Dict, pages: &Pages, imposed: bool, faults: &mut Faults) {
    let clause = Clause::Vt1Tree;
    let Some(root) = catalog.get::<Dict>("DPartRoot").filter(|root| is_name(root, "Type", "DPartRoot"))
    else {
        faults.add(clause, "the catalog has no `DPartRoot`");
        return;
    };
    let record_level = root.get::<u32>("RecordLevel").map(|level| level as usize);
    let names = root.get::<Array>("NodeNameList").map_or(0, |names| names.iter::<Name>().count());
    let levels = if imposed { record_level.is_none() } else { record_level.map(|l| l + 1) == Some(names) };
    faults.expect(levels && names > 0, clause, || {
        "`RecordLevel` and `NodeNameList` do not tell of the same levels, or sheets of two are records"
            .to_owned()
    });
    let (Some(top), Some(parent)) = (root.get_ref("DPartRootNode"), catalog.get_ref("DPartRoot")) else {
        faults.add(clause, "`DPartRoot` or its node is no reference");
        return;
    };
    let leaf_level = names.saturating_sub(1).min(DEEPEST);
    let mut walk = PartWalk { pdf, pages, leaf_level, next: 0, labels: Labels::new(imposed) };
    walk.part(top, parent, 0, faults);
    let covered = walk.next;
    let message = || format!("{covered} of {} pages belong to a document part", pages.pages.len());
    faults.expect(covered == pages.pages.len(), Clause::Vt1Pages, message);
}

/// Follows document parts depth first, and the pages beside them.
struct PartWalk<'a, 'p> {
    pdf: &'a Pdf,
    pages: &'p Pages<'a>,
    leaf_level: usize,
    /// The first page that no leaf covers yet.
    next: usize,
    labels: Labels,
}

impl PartWalk<'_, '_> {
    fn part(&mut self, reference: ObjRef, parent: ObjRef, level: usize, faults: &mut Faults) {
        let number = reference.obj_number;
        let part = self.pdf.xref().get::<Dict>(id(reference)).filter(|part| is_name(part, "Type", "DPart"));
        let Some(part) = part.filter(|_| level <= self.leaf_level) else {
            faults.add(Clause::Vt1Tree, format!("object {number}: no document part at this level"));
            return;
        };
        let message = || format!("document part {number}: its `Parent` is another");
        faults.expect(part.get_ref("Parent") == Some(parent), Clause::Vt1Tree, message);
        match part.get::<Array>("DParts") {
            Some(groups) => {
                for group in groups.iter::<Array>() {
                    let parts: Vec<ObjRef> = group.raw_iter().filter_map(|part| part.as_obj_ref()).collect();
                    let message = || format!("document part {number}: an array of {} parts", parts.len());
                    faults.expect(parts.len() <= LONGEST_ARRAY, Clause::Vt1Tree, message);
                    parts.iter().for_each(|&part| self.part(part, reference, level + 1, faults));
                }
            }
            None if level == self.leaf_level => self.leaf(reference, &part, faults),
            None => {
                faults.add(Clause::Vt1Tree, format!("document part {number}: a leaf above the last level"))
            }
        }
    }

    fn leaf(&mut self, reference: ObjRef, leaf: &Dict, faults: &mut Faults) {
        let number = reference.obj_number;
        let first = self.next;
        let start = leaf.get_ref("Start");
        let begins = start.is_some() && start == self.pages.pages.get(first).map(|(page, _)| *page);
        let message = || format!("document part {number} does not begin where the one before ended");
        faults.expect(begins, Clause::Vt1Pages, message);
        let end = leaf.get_ref("End").or(start);
        let length = self.pages.pages.iter().skip(first).position(|(page, _)| Some(*page) == end);
        let Some(length) = length.filter(|_| begins).map(|length| length + 1) else {
            faults.expect(!begins, Clause::Vt1Pages, || {
                format!("document part {number} ends on no page after its first")
            });
            return;
        };
        for (page, dictionary) in &self.pages.pages[first..first + length] {
            let told = dictionary.get_ref("DPart") == Some(reference);
            let message =
                || format!("object {}: a page that does not name its document part", page.obj_number);
            faults.expect(told, Clause::Vt1Pages, message);
        }
        self.next += length;
        self.labels.check(number, leaf, length, faults);
    }
}
