//! Document parts: the tree whose leaves are pieces or sheets.

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, Name, ObjRef};

use super::labels::Labels;
use super::pages::Pages;
use super::{Clause, Faults, is_name};

/// The most entries of one array of document parts.
const MAX_ARRAY: usize = 8191;
/// The deepest tree that is followed.
const MAX_DEPTH: usize = 16;

/// Checks the tree of document parts from its root. The leaves of an imposed file are sheets of two pieces.
pub(super) fn check(pdf: &Pdf, catalog: &Dict, pages: &Pages, imposed: bool, faults: &mut Faults) {
    let clause = Clause::Vt1Tree;
    let Some(root) = catalog.get::<Dict>("DPartRoot").filter(|root| is_name(root, "Type", "DPartRoot"))
    else {
        faults.add(clause, "the catalog has no `DPartRoot`");
        return;
    };
    let record_level = root.get::<u32>("RecordLevel").map(|level| level as usize);
    let names = root.get::<Array>("NodeNameList").map_or(0, |names| names.iter::<Name>().count());
    let agree = if imposed { record_level.is_none() } else { record_level.map(|l| l + 1) == Some(names) };
    faults.expect(agree && names > 0, clause, || {
        "`RecordLevel` and `NodeNameList` do not agree, or imposed sheets are records".to_owned()
    });
    let (Some(top), Some(parent)) = (root.get_ref("DPartRootNode"), catalog.get_ref("DPartRoot")) else {
        faults.add(clause, "`DPartRoot` or its node is not a reference");
        return;
    };
    let leaf_level = names.saturating_sub(1).min(MAX_DEPTH);
    let mut walk = PartWalk { pdf, pages, leaf_level, next: 0, labels: Labels::new(imposed) };
    walk.part(top, parent, 0, faults);
    let covered = walk.next;
    let message = || format!("{covered} of {} pages belong to a document part", pages.pages.len());
    faults.expect(covered == pages.pages.len(), Clause::Vt1Pages, message);
}

/// Follows document parts depth first, and the pages in the order of the leaves.
struct PartWalk<'a, 'p> {
    pdf: &'a Pdf,
    pages: &'p Pages<'a>,
    leaf_level: usize,
    /// The index of the first page that no leaf covers yet.
    next: usize,
    labels: Labels,
}

impl PartWalk<'_, '_> {
    fn part(&mut self, reference: ObjRef, parent: ObjRef, level: usize, faults: &mut Faults) {
        let number = reference.obj_number;
        let part =
            self.pdf.xref().get::<Dict>(reference.into()).filter(|part| is_name(part, "Type", "DPart"));
        let Some(part) = part.filter(|_| level <= self.leaf_level) else {
            faults.add(Clause::Vt1Tree, format!("object {number}: not a document part of this level"));
            return;
        };
        let message = || format!("document part {number}: its `Parent` is wrong");
        faults.expect(part.get_ref("Parent") == Some(parent), Clause::Vt1Tree, message);
        match part.get::<Array>("DParts") {
            Some(groups) => {
                for group in groups.iter::<Array>() {
                    let parts: Vec<ObjRef> = group.raw_iter().filter_map(|part| part.as_obj_ref()).collect();
                    let message = || format!("document part {number}: an array of {} parts", parts.len());
                    faults.expect(parts.len() <= MAX_ARRAY, Clause::Vt1Tree, message);
                    parts.iter().for_each(|&part| self.part(part, reference, level + 1, faults));
                }
            }
            None if level == self.leaf_level => self.leaf(reference, &part, faults),
            None => {
                faults.add(Clause::Vt1Tree, format!("document part {number}: a leaf above the last level"))
            }
        }
    }

    /// Checks a leaf: its pages, which begin where those of the leaf before end, and its label.
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
            let named = dictionary.get_ref("DPart") == Some(reference);
            let message = || format!("object {}: the page does not name its document part", page.obj_number);
            faults.expect(named, Clause::Vt1Pages, message);
        }
        self.next += length;
        self.labels.check(number, leaf, length, faults);
    }
}
