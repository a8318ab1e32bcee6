//! Alters a print file by an incremental update: what is not altered stays byte for byte.

use std::ops::Range;

use lopdf::{Dictionary, Document, IncrementalDocument, Object, ObjectId, Stream};

use super::lot::SoundLot;
use super::mask::{Mask, masks};
use crate::night::lot::NumberedPiece;
use crate::night::paperwork::ManifestRow;

/// A copy of a sound lot, which a mutant alters.
pub(in crate::night::proofing) struct Altered<'s> {
    sound: &'s SoundLot,
    update: Option<IncrementalDocument>,
    /// The bytes of the file.
    pub bytes: Vec<u8>,
    /// The rows of the manifest.
    pub rows: Vec<ManifestRow>,
    /// The records of the pieces.
    pub pieces: Vec<NumberedPiece>,
}

impl<'s> Altered<'s> {
    /// An unaltered copy.
    pub(super) fn of(sound: &'s SoundLot) -> Altered<'s> {
        let SoundLot { bytes, rows, pieces, .. } = sound;
        Altered { sound, update: None, bytes: bytes.clone(), rows: rows.clone(), pieces: pieces.clone() }
    }

    /// The file with its update, the rows and the records.
    pub(super) fn finish(self) -> (Vec<u8>, Vec<ManifestRow>, Vec<NumberedPiece>) {
        let mut bytes = self.bytes;
        if let Some(mut update) = self.update {
            bytes.clear();
            update.save_to(&mut bytes).unwrap();
        }
        (bytes, self.rows, self.pieces)
    }

    /// The sound lot.
    pub(in crate::night::proofing) fn sound(&self) -> &SoundLot {
        self.sound
    }

    /// The file as it was.
    fn before(&mut self) -> &Document {
        self.update().get_prev_documents()
    }

    fn update(&mut self) -> &mut IncrementalDocument {
        self.update.get_or_insert_with(|| {
            let document = Document::load_mem(&self.bytes).unwrap();
            IncrementalDocument::create_from(self.bytes.clone(), document)
        })
    }

    /// An object, to be altered.
    pub(super) fn object(&mut self, id: ObjectId) -> &mut Object {
        let update = self.update();
        update.opt_clone_object_to_new_document(id).unwrap();
        update.new_document.get_object_mut(id).unwrap()
    }

    /// A dictionary, to be altered.
    pub(super) fn dictionary(&mut self, id: ObjectId) -> &mut Dictionary {
        match self.object(id) {
            Object::Stream(stream) => &mut stream.dict,
            object => object.as_dict_mut().unwrap(),
        }
    }

    /// Adds an object.
    pub(super) fn add(&mut self, object: impl Into<Object>) -> ObjectId {
        self.update().new_document.add_object(object)
    }

    /// The pages' objects, in order.
    pub(super) fn pages(&mut self) -> Vec<ObjectId> {
        self.before().get_pages().into_values().collect()
    }

    /// The dictionary of a page, from 0, to be altered.
    pub(super) fn page(&mut self, page: usize) -> &mut Dictionary {
        let id = self.pages()[page];
        self.dictionary(id)
    }

    /// The pages' list.
    pub(super) fn page_list(&mut self) -> &mut Dictionary {
        let parent = self.page(0).get(b"Parent").unwrap().as_reference().unwrap();
        self.dictionary(parent)
    }

    /// The resources that all pages share, to be altered.
    pub(super) fn resources(&mut self) -> &mut Dictionary {
        let resources = self.page_list().get(b"Resources").unwrap().as_reference().unwrap();
        self.dictionary(resources)
    }

    /// The object that a resource names, such as `Font` `F0`.
    pub(super) fn resource(&mut self, kind: &str, name: &str) -> ObjectId {
        let resources = self.resources().get(kind.as_bytes()).unwrap().as_dict().unwrap();
        resources.get(name.as_bytes()).unwrap().as_reference().unwrap()
    }

    /// The entry of a dictionary that names another object.
    pub(super) fn reference(&mut self, of: ObjectId, key: &str) -> ObjectId {
        match self.dictionary(of).get(key.as_bytes()).unwrap() {
            Object::Array(list) => list[0].as_reference().unwrap(),
            entry => entry.as_reference().unwrap(),
        }
    }

    /// Alters what a stream says.
    pub(super) fn stream(&mut self, id: ObjectId, alter: impl FnOnce(&mut Vec<u8>)) {
        let stream = self.object(id).as_stream_mut().unwrap();
        let mut plain = stream.get_plain_content().unwrap();
        alter(&mut plain);
        stream.dict.remove(b"Filter");
        stream.set_plain_content(plain);
    }

    /// Alters a stream of a page's content, by its place among them.
    fn content_of(&mut self, page: usize, place: usize, alter: impl FnOnce(&mut Vec<u8>)) {
        let contents = self.page(page).get(b"Contents").unwrap().as_array().unwrap();
        let id = contents[place].as_reference().unwrap();
        let plain_of = |object: &Object| object.as_stream().unwrap().get_plain_content().unwrap();
        let altered = self.update().new_document.get_object(id).ok().map(plain_of);
        let mut plain = match altered {
            Some(altered) => altered,
            None => plain_of(self.before().get_object(id).unwrap()),
        };
        alter(&mut plain);
        // Pages share some of their streams, so that an altered one is a new object.
        let new = self.add(Stream::new(Dictionary::new(), plain));
        let contents = self.page(page).get_mut(b"Contents").unwrap().as_array_mut().unwrap();
        contents[place] = Object::Reference(new);
    }

    /// Where the content of a page's first piece stands: behind its beginning, and on an imposed sheet behind a `q`.
    fn first_content(&mut self, page: usize) -> usize {
        let contents = self.page(page).get(b"Contents").unwrap().as_array().unwrap();
        if contents.len() == 2 { 1 } else { 2 }
    }

    /// Alters the content of a page's first piece.
    pub(super) fn content(&mut self, page: usize, alter: impl FnOnce(&mut Vec<u8>)) {
        let place = self.first_content(page);
        self.content_of(page, place, alter);
    }

    /// Alters the content of the right piece of an imposed sheet.
    pub(super) fn right_content(&mut self, page: usize, alter: impl FnOnce(&mut Vec<u8>)) {
        self.content_of(page, 6, alter);
    }

    /// Exchanges what `part` finds in the contents of two pages' first pieces.
    pub(super) fn exchange(&mut self, one: usize, other: usize, part: impl Fn(&[u8]) -> Range<usize>) {
        let mut parts = Vec::new();
        for page in [one, other] {
            self.content(page, |content| parts.push(content[part(content)].to_vec()));
        }
        for (page, part_of_other) in [one, other].into_iter().zip(parts.into_iter().rev()) {
            self.content(page, |content| {
                let range = part(content);
                content.splice(range, part_of_other);
            });
        }
    }

    /// Replaces operators in the content of a page's pieces, once.
    pub(super) fn replace(&mut self, page: usize, from: &str, to: &str) {
        self.content(page, |content| replace(content, from, to));
    }

    /// Replaces operators in the beginning of a page's content, once.
    pub(super) fn replace_beginning(&mut self, page: usize, from: &str, to: &str) {
        let place = self.first_content(page) - 1;
        self.content_of(page, place, |content| replace(content, from, to));
    }

    /// Replaces operators in a stream of a page's content, by its place among them, once.
    pub(super) fn replace_place(&mut self, page: usize, place: usize, from: &str, to: &str) {
        self.content_of(page, place, |content| replace(content, from, to));
    }

    /// Adds operators at the end of a page. The unit is a dot.
    pub(super) fn append(&mut self, page: usize, operators: &str) {
        self.content(page, |content| content.extend_from_slice(format!("\n{operators}\n").as_bytes()));
    }

    /// Adds operators before the texts of a page. The unit is a dot.
    pub(super) fn prepend(&mut self, page: usize, operators: &str) {
        self.content(page, |content| {
            let after = std::mem::take(content);
            content.extend_from_slice(format!("{operators}\n").as_bytes());
            content.extend_from_slice(&after);
        });
    }

    /// Alters a mask of a page, by its number from 0.
    pub(super) fn mask(&mut self, page: usize, number: usize, alter: impl FnOnce(&mut Mask)) {
        self.content(page, |content| {
            let (from, to, mut mask) = masks(content).into_iter().nth(number).unwrap();
            alter(&mut mask);
            content.splice(from..to, mask.written());
        });
    }

    /// A mask of a page, by its number from 0.
    pub(super) fn mask_of(&mut self, page: usize, number: usize) -> Mask {
        let mut found = None;
        self.content(page, |content| found = masks(content).into_iter().nth(number));
        found.unwrap().2
    }

    /// Alters a mask of the right piece of an imposed sheet.
    pub(super) fn right_mask(&mut self, page: usize, number: usize, alter: impl FnOnce(&mut Mask)) {
        self.right_content(page, |content| {
            let (from, to, mut mask) = masks(content).into_iter().nth(number).unwrap();
            alter(&mut mask);
            content.splice(from..to, mask.written());
        });
    }

    /// Removes a mask.
    pub(super) fn remove_mask(&mut self, page: usize, number: usize) {
        self.content(page, |content| {
            let (from, to, _) = masks(content).into_iter().nth(number).unwrap();
            content.drain(from..to);
        });
    }

    /// The file's catalog.
    pub(super) fn catalog(&mut self) -> ObjectId {
        self.before().trailer.get(b"Root").unwrap().as_reference().unwrap()
    }

    /// The leaf of a piece, to be altered.
    pub(super) fn leaf(&mut self, page: usize) -> &mut Dictionary {
        let leaf = self.page(page).get(b"DPart").unwrap().as_reference().unwrap();
        self.dictionary(leaf)
    }

    /// The metadata of a leaf, to be altered.
    pub(super) fn labels(&mut self, page: usize) -> &mut Dictionary {
        let mut labels = self.leaf(page);
        for key in [b"DPM".as_slice(), b"CIP4_Root", b"CIP4_Production"] {
            labels = labels.get_mut(key).unwrap().as_dict_mut().unwrap();
        }
        labels
    }

    /// Alters the record of a piece, as it is in JSON.
    pub(super) fn record(&mut self, piece: usize, field: &str, value: serde_json::Value) {
        let issuance = &mut self.pieces[piece].piece.issuance;
        let mut record = serde_json::to_value(&*issuance).unwrap();
        let pointer = format!("/{field}");
        let parent = pointer.rsplit_once('/').unwrap();
        let parent = record.pointer_mut(parent.0).unwrap();
        match parent {
            serde_json::Value::Array(list) => {
                list[field.rsplit('/').next().unwrap().parse::<usize>().unwrap()] = value
            }
            parent => parent[field.rsplit('/').next().unwrap()] = value,
        }
        let altered = serde_json::from_value(record).unwrap();
        assert!(*issuance != altered, "`{field}` is altered");
        *issuance = altered;
    }
}

/// Replaces a part of a content, once. Characters are bytes.
fn replace(content: &mut Vec<u8>, from: &str, to: &str) {
    let bytes =
        |text: &str| -> Vec<u8> { text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect() };
    let (from, to) = (bytes(from), bytes(to));
    let at = content.windows(from.len()).position(|part| part == from);
    let at = at.unwrap_or_else(|| {
        panic!("`{}` is in {}", from.escape_ascii(), content[..content.len().min(1500)].escape_ascii())
    });
    content.splice(at..at + from.len(), to);
}
