//! Pages and document parts: each page's boxes, and the tree whose leaves are pieces.

use std::collections::BTreeSet;

use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::object::{Array, Dict, Name, ObjRef, ObjectIdentifier, String as PdfString};

use super::{Clause, Faults, is_name};

/// What a page may have; anything else could act, show or hide.
const PAGE_KEYS: [&str; 8] =
    ["Type", "Parent", "Contents", "DPart", "MediaBox", "BleedBox", "TrimBox", "Resources"];
/// What a press controller is told of a piece, and nothing else.
const PIECE_KEYS: [&str; 6] =
    ["PLI_Piece", "PLI_Lot", "PLI_Sequence", "PLI_Kind", "PLI_Sheets", "PLI_WeightClass"];
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

/// Checks pages and document parts; gives the pages.
pub(super) fn check<'a>(pdf: &'a Pdf, catalog: &Dict<'a>, faults: &mut Faults) -> Pages<'a> {
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
    check_tree(pdf, catalog, &pages, faults);
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
fn check_tree(pdf: &Pdf, catalog: &Dict, pages: &Pages, faults: &mut Faults) {
    let clause = Clause::Vt1Tree;
    let Some(root) = catalog.get::<Dict>("DPartRoot").filter(|root| is_name(root, "Type", "DPartRoot"))
    else {
        faults.add(clause, "the catalog has no `DPartRoot`");
        return;
    };
    let record_level = root.get::<u32>("RecordLevel");
    let names = root.get::<Array>("NodeNameList").map_or(0, |names| names.iter::<Name>().count());
    let levels = record_level.is_some_and(|level| level as usize + 1 == names);
    faults.expect(levels, clause, || {
        "`RecordLevel` and `NodeNameList` do not tell of the same levels".to_owned()
    });
    let (Some(top), Some(parent)) = (root.get_ref("DPartRootNode"), catalog.get_ref("DPartRoot")) else {
        faults.add(clause, "`DPartRoot` or its node is no reference");
        return;
    };
    let record_level = record_level.map_or(0, |level| level as usize).min(DEEPEST);
    let mut walk = PartWalk { pdf, pages, record_level, next: 0, seen: BTreeSet::new(), last_sequence: None };
    walk.part(top, parent, 0, faults);
    let covered = walk.next;
    let message = || format!("{covered} of {} pages belong to a document part", pages.pages.len());
    faults.expect(covered == pages.pages.len(), Clause::Vt1Pages, message);
}

/// Follows document parts depth first, and the pages beside them.
struct PartWalk<'a, 'p> {
    pdf: &'a Pdf,
    pages: &'p Pages<'a>,
    record_level: usize,
    /// The first page that no leaf covers yet.
    next: usize,
    seen: BTreeSet<Vec<u8>>,
    last_sequence: Option<u32>,
}

impl PartWalk<'_, '_> {
    fn part(&mut self, reference: ObjRef, parent: ObjRef, level: usize, faults: &mut Faults) {
        let number = reference.obj_number;
        let part = self.pdf.xref().get::<Dict>(id(reference)).filter(|part| is_name(part, "Type", "DPart"));
        let Some(part) = part.filter(|_| level <= self.record_level) else {
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
            None if level == self.record_level => self.leaf(reference, &part, faults),
            None => {
                faults.add(Clause::Vt1Tree, format!("document part {number}: a leaf above the record level"))
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
        self.metadata(number, leaf, length, faults);
    }

    fn metadata(&mut self, number: i32, leaf: &Dict, pages: usize, faults: &mut Faults) {
        let clause = Clause::Vt1Metadata;
        let told = leaf.get::<Dict>("DPM").and_then(|dpm| only(&dpm, "CIP4_Root"));
        let Some(told) = told.and_then(|root| only(&root, "CIP4_Production")) else {
            faults.add(
                clause,
                format!("document part {number}: no metadata of a piece, or others beside them"),
            );
            return;
        };
        for key in told.keys() {
            let known = PIECE_KEYS.iter().any(|known| known.as_bytes() == &*key);
            let message = || format!("document part {number} tells `{}`", String::from_utf8_lossy(&key));
            faults.expect(known, clause, message);
        }
        let text = |key: &str| told.get::<PdfString>(key).filter(|text| is_reference(text));
        let (piece, sequence) = (text("PLI_Piece"), told.get::<u32>("PLI_Sequence"));
        let sound = piece.is_some()
            && text("PLI_Lot").is_some()
            && text("PLI_Kind").is_some()
            && sequence.is_some()
            && told.get::<u32>("PLI_WeightClass").is_some();
        faults.expect(sound, clause, || {
            format!("document part {number}: an entry is missing or of another type")
        });
        let sheets = told.get::<u32>("PLI_Sheets").is_some_and(|sheets| sheets as usize == pages.div_ceil(2));
        faults.expect(sheets, clause, || {
            format!("document part {number}: {pages} pages are not so many sheets")
        });
        let follows = self.last_sequence.is_none_or(|last| sequence == Some(last + 1));
        faults.expect(follows, clause, || {
            format!("document part {number}: its sequence does not follow the last")
        });
        self.last_sequence = sequence;
        let fresh = piece.is_some_and(|piece| self.seen.insert(piece.to_vec()));
        faults
            .expect(fresh, clause, || format!("document part {number}: a reference that another piece has"));
    }
}

/// The dictionary under a key, if nothing else is beside it.
fn only<'a>(outer: &Dict<'a>, key: &str) -> Option<Dict<'a>> {
    outer.get::<Dict<'a>>(key).filter(|_| outer.len() == 1)
}

/// Whether text can be a reference, a lot or a kind: short, of letters, digits and the backslash, and no card number.
fn is_reference(text: &[u8]) -> bool {
    let plain = text.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'\\');
    plain && (1..=13).contains(&text.len()) && !text.iter().all(u8::is_ascii_digit)
}
