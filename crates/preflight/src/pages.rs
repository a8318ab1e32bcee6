//! Pages: the page tree, and each page's keys and boxes.

use std::collections::BTreeSet;

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, ObjRef};

use super::{Clause, Faults, is_name};

/// The keys that a page may have. Any other could act, show or hide something.
const PAGE_KEYS: [&str; 8] =
    ["Type", "Parent", "Contents", "DPart", "MediaBox", "BleedBox", "TrimBox", "Resources"];
/// The deepest page tree that is followed.
const MAX_DEPTH: usize = 16;

/// The file's pages in order.
pub(super) struct Pages<'a> {
    /// Each page with its reference.
    pub pages: Vec<(ObjRef, Dict<'a>)>,
    /// The resources that nodes of the page tree refer to, each once.
    pub resources: Vec<Dict<'a>>,
}

/// Checks and returns the pages.
pub(super) fn check<'a>(pdf: &'a Pdf, catalog: &Dict<'a>, faults: &mut Faults) -> Pages<'a> {
    let mut walk =
        PageWalk { pdf, found: Pages { pages: Vec::new(), resources: Vec::new() }, seen: BTreeSet::new() };
    if let Some(root) = catalog.get_ref("Pages") {
        walk.node(root, MAX_DEPTH, faults);
    }
    let pages = walk.found;
    faults.expect(!pages.pages.is_empty(), Clause::X4File, || "no page".to_owned());
    for (number, (_, page)) in (1..).zip(&pages.pages) {
        check_page(number, page, faults);
    }
    pages
}

/// Follows the page tree.
struct PageWalk<'a> {
    pdf: &'a Pdf,
    found: Pages<'a>,
    /// The object numbers of the resources found.
    seen: BTreeSet<i32>,
}

impl<'a> PageWalk<'a> {
    fn node(&mut self, reference: ObjRef, depth: usize, faults: &mut Faults) {
        let Some(node) = self.pdf.xref().get::<Dict<'a>>(reference.into()).filter(|_| depth > 0) else {
            faults
                .add(Clause::X4File, format!("object {}: not a node of the page tree", reference.obj_number));
            return;
        };
        if let Some(resources) = node.get_ref("Resources")
            && self.seen.insert(resources.obj_number)
        {
            self.found.resources.extend(self.pdf.xref().get::<Dict<'a>>(resources.into()));
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

/// A box of a page as left, bottom, right and top. `None` if it is missing or empty.
fn rectangle(page: &Dict, key: &str) -> Option<[f32; 4]> {
    let numbers: Vec<f32> = page.get::<Array>(key)?.iter::<f32>().collect();
    let [left, bottom, right, top] = numbers.try_into().ok()?;
    (left < right && bottom < top).then_some([left, bottom, right, top])
}

fn within(inner: [f32; 4], outer: [f32; 4]) -> bool {
    inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3]
}
