//! Mutants of pages, of leaves of the document parts, and of rows of the manifest.

use lopdf::{Object, dictionary};

use super::altered::Altered;
use super::{Mutant, imposed, letters};

/// A box as high as the page, so many points wide, whose left edge is at `left`.
fn page_box(left: f64, width: f64) -> Vec<Object> {
    [left, 0.0, left + width, 841.92].map(|edge| Object::Real(edge as f32)).to_vec()
}

/// The kids of the first node of the pages.
fn kids<'a>(it: &'a mut Altered<'_>) -> &'a mut Vec<Object> {
    it.page_list().get_mut(b"Kids").unwrap().as_array_mut().unwrap()
}

/// Counts the pages anew.
fn count(it: &mut Altered) {
    let count = kids(it).len() as i64;
    it.page_list().set("Count", count);
    let root = it.page_list().get(b"Parent").unwrap().as_reference().unwrap();
    it.dictionary(root).set("Count", count);
}

/// The leaves of the document parts.
fn leaves<'a>(it: &'a mut Altered<'_>) -> &'a mut Vec<Object> {
    let above = it.leaf(0).get(b"Parent").unwrap().as_reference().unwrap();
    let groups = it.dictionary(above).get_mut(b"DParts").unwrap().as_array_mut().unwrap();
    groups[0].as_array_mut().unwrap()
}

pub(super) const PAGES: &[Mutant] = &[
    letters("two pages exchanged", "symbol_differs", |it| kids(it).swap(0, 1)),
    letters("the contents of two pages exchanged", "text_differs", |it| {
        let one = it.page(0).get(b"Contents").unwrap().clone();
        let other = it.page(1).get(b"Contents").unwrap().clone();
        it.page(0).set("Contents", other);
        it.page(1).set("Contents", one);
    }),
    letters("the content of a page on another, too", "symbol_differs", |it| {
        let one = it.page(0).get(b"Contents").unwrap().clone();
        it.page(1).set("Contents", one);
    }),
    letters("a page moved by a dot", "form", |it| it.page(0).set("MediaBox", page_box(-0.12, 595.32))),
    letters("a page wider by a dot", "page", |it| it.page(0).set("MediaBox", page_box(0.0, 595.44))),
    letters("a page cropped", "page_unreadable", |it| it.page(0).set("CropBox", page_box(0.0, 300.0))),
    letters("a page turned", "page_unreadable", |it| it.page(0).set("Rotate", 180)),
    letters("a page in another unit", "page_unreadable", |it| it.page(0).set("UserUnit", 2)),
    letters("a page lost", "page", |it| {
        kids(it).remove(3);
        count(it);
    }),
    letters("a page doubled", "page", |it| {
        let copy = it.page(3).clone();
        let copy = it.add(copy);
        kids(it).insert(4, Object::Reference(copy));
        count(it);
    }),
    letters("a blank page more", "page", |it| {
        let mut blank = it.page(10).clone();
        blank.remove(b"Contents");
        let blank = it.add(blank);
        kids(it).push(Object::Reference(blank));
        count(it);
    }),
    letters("a page without content", "form", |it| drop(it.page(0).remove(b"Contents"))),
    letters("a page with resources of its own: another stock", "form", |it| {
        let mut resources = it.resources().clone();
        let other = it.resource("XObject", "S1");
        resources.get_mut(b"XObject").unwrap().as_dict_mut().unwrap().set("S0", other);
        it.page(0).set("Resources", resources);
    }),
    letters("a page with resources of its own: another font", "text_font", |it| {
        let mut resources = it.resources().clone();
        let other = it.resource("Font", "F1");
        resources.get_mut(b"Font").unwrap().as_dict_mut().unwrap().set("F2", other);
        it.page(0).set("Resources", resources);
    }),
    letters("a page that names the leaf of another", "leaf", |it| {
        let other = it.page(1).get(b"DPart").unwrap().clone();
        it.page(0).set("DPart", other);
    }),
    letters("a page that names no leaf", "leaf", |it| drop(it.page(0).remove(b"DPart"))),
    letters("a page seen through (`Group`)", "page_unreadable", |it| {
        it.page(0).set(
            "Group",
            dictionary! { "S" => "Transparency", "K" => true, "I" => true, "CS" => "DeviceRGB" },
        );
    }),
    letters("the file cut off in the middle", "file", |it| it.bytes.truncate(it.bytes.len() / 2)),
    letters("the file empty", "file", |it| it.bytes.clear()),
];

pub(super) const LEAVES: &[Mutant] = &[
    letters("a leaf that names another piece", "leaf", |it| {
        it.labels(0).set("PLI_Piece", Object::string_literal("26324A000002"));
    }),
    letters("a leaf that names another lot", "leaf", |it| {
        it.labels(0).set("PLI_Lot", Object::string_literal("26324B"));
    }),
    letters("a leaf that names another kind", "leaf", |it| {
        it.labels(0).set("PLI_Kind", Object::string_literal("mailer"));
    }),
    letters("a leaf with another sequence", "leaf", |it| it.labels(0).set("PLI_Sequence", 2)),
    letters("a leaf with another number of sheets", "leaf", |it| it.labels(0).set("PLI_Sheets", 2)),
    letters("a leaf with another weight", "leaf", |it| it.labels(0).set("PLI_WeightClass", 100)),
    letters("a leaf without its piece", "leaf", |it| drop(it.labels(0).remove(b"PLI_Piece"))),
    letters("a leaf that says more", "leaf", |it| {
        it.labels(0).set("PLI_Card", Object::string_literal("2490025416"));
    }),
    letters("two leaves exchanged", "leaf", |it| leaves(it).swap(0, 1)),
    letters("the pages of two leaves exchanged", "leaf", |it| {
        let pages = it.pages();
        for (leaf, page) in [(0, 1), (1, 0)] {
            it.leaf(leaf).set("Start", pages[page]);
            it.leaf(leaf).set("End", pages[page]);
        }
    }),
    letters("a leaf of two pieces", "leaf", |it| {
        let pages = it.pages();
        it.leaf(0).set("End", pages[1]);
    }),
    letters("a leaf lost", "leaf", |it| drop(leaves(it).remove(2))),
    letters("a leaf doubled", "leaf", |it| {
        let leaf = leaves(it)[2].clone();
        leaves(it).insert(2, leaf);
    }),
    letters("the document parts lost", "leaf", |it| {
        let root = it.catalog();
        it.dictionary(root).remove(b"DPartRoot");
    }),
    imposed("imposed: a leaf that names the pieces of a sheet the other way round", "leaf", |it| {
        it.labels(1).get_mut(b"PLI_Pieces").unwrap().as_array_mut().unwrap().reverse();
    }),
    imposed("imposed: a leaf with the number of another sheet", "leaf", |it| {
        it.labels(1).set("PLI_Sheet", 3)
    }),
];

pub(super) const ROWS: &[Mutant] = &[
    letters("a row too many", "row", |it| it.rows.push(it.rows[0].clone())),
    letters("a row lost", "row", |it| drop(it.rows.remove(1))),
    letters("two rows exchanged", "row", |it| it.rows.swap(0, 1)),
    letters("a row's piece", "row", |it| it.rows[0].piece_id = "26324A000002".to_owned()),
    letters("a row's lot", "row", |it| it.rows[0].lot = "26324B".to_owned()),
    letters("a row's sequence", "row", |it| it.rows[0].sequence = 2),
    letters("a row's file", "row", |it| it.rows[0].file = "26324A-0002.pdf".to_owned()),
    letters("a row's page", "row", |it| it.rows[0].first_page = 2),
    letters("a row's number of pages", "row", |it| it.rows[0].pages = 2),
    letters("a row's card", "row", |it| it.rows[0].card_number = "2475694048".to_owned()),
    letters("a row's barcode", "row", |it| it.rows[0].window_barcode = "2475694048".to_owned()),
    letters("a row's 2D-DOC: that of another row", "row", |it| {
        it.rows[0].twoddoc = it.rows[1].twoddoc.clone()
    }),
    letters("a row's 2D-DOC: a character", "row", |it| {
        let last = it.rows[0].twoddoc.pop().unwrap();
        it.rows[0].twoddoc.push(if last == 'A' { 'Q' } else { 'A' });
    }),
    letters("a row's 2D-DOC: none", "row", |it| it.rows[0].twoddoc.clear()),
    letters("a row's weight", "row", |it| it.rows[0].weight_class = "100".to_owned()),
    letters("a row's tracking", "row", |it| it.rows[0].tracking_id = "XX 000 000 0001 7".to_owned()),
    letters("a row's template", "row", |it| it.rows[0].template = "mailer-legacy".to_owned()),
    letters("a row's variant", "row", |it| it.rows[0].variant = it.rows[1].variant.clone()),
    letters("a row's ledger", "row", |it| it.rows[0].ledger_id = "0123456789abcdef".to_owned()),
    letters("a row's release", "row", |it| it.rows[0].release.push('0')),
    letters("a row's column on sheets that have none", "row", |it| it.rows[0].column = Some(1)),
    letters("a row's bundle in a lot without bundles", "row", |it| it.rows[0].bundle = Some(1)),
    letters("a row's reference of the customer", "row", |it| it.rows[0].client_ref = "A-1".to_owned()),
    imposed("imposed: a row's column", "row", |it| it.rows[0].column = Some(2)),
];
