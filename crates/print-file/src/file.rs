//! A print file written as it grows: header, stock, pieces, then what is known only at the end.
//!
//! Takes a stock, the pages of each piece with its label, and the fonts. Gives PDF/X-4 and PDF/VT-1 in one file of PDF
//! 1.6. Never seeks, never reads the clock, and holds no page once it is written.

mod ending;
mod imposed;

use std::collections::BTreeMap;
use std::io::{self, Write};

use pdf_writer::{Chunk, Finish, Name, Ref};
use sha2::{Digest, Sha256};

use super::content::{PrintedPage, beginning};
use super::cross_reference::CrossReferences;
use super::deflate::deflate_resource;
use super::document_parts::{LotSheetLabel, PartTree, PieceLabel, push_leaf, push_reference};
use super::font::OBJECTS_PER_FONT;
use super::grid::Grid;
use super::number::{push_int, push_points};
use super::object_stream::ObjectStream;
use super::output_intent::OutputIntent;
use super::used::UsedGlyphs;
use super::{OVERPRINT_STATES, Stock};

const CATALOG: u32 = 1;
const PAGE_TREE: u32 = 2;
const INFO: u32 = 3;
const RESOURCES: u32 = 4;
const PART_ROOT: u32 = 9;
const TOP_PART: u32 = 10;
const METADATA: u32 = 11;
const PROFILE: u32 = 12;
/// Pages under one node of the page tree.
const PAGES_PER_NODE: usize = 250;

/// Which standards a file says that it meets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Conformance {
    /// None: a picture for a designer, with unprinted areas in colour.
    Plain,
    /// PDF/X-4 and PDF/VT-1.
    #[default]
    Press,
    /// PDF/A-2b besides, for the archive.
    PressAndArchive,
}

/// What a file says about itself. Nothing of it comes from the clock.
#[derive(Debug, Clone)]
pub struct FileLabel {
    /// The title.
    pub title: String,
    /// The lot that its pieces belong to.
    pub lot: String,
    /// Year, month and day of the night run.
    pub day: (u16, u8, u8),
    /// What it claims to be.
    pub conformance: Conformance,
}

/// A print file on its way to `W`. Memory does not grow with its pieces, but for eight bytes for each object.
pub struct PrintFile<W: Write> {
    out: W,
    written: u64,
    digest: Sha256,
    places: CrossReferences,
    small: ObjectStream,
    grid: Grid,
    boxes: Vec<u8>,
    /// The streams that pages begin with, by the form that they show.
    beginnings: BTreeMap<Option<usize>, u32>,
    /// The streams between the pieces of a sheet, where pages are sheets of two.
    imposed: Option<imposed::Between>,
    intent: OutputIntent,
    first_font: u32,
    fonts: usize,
    next: u32,
    nodes: Vec<(u32, usize)>,
    node_pages: Vec<u32>,
    parts: PartTree,
    glyphs: UsedGlyphs,
}

impl<W: Write> PrintFile<W> {
    /// Begins a file with its stock and `fonts` fonts, for a printing condition.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn begin(
        out: W,
        grid: Grid,
        stock: &Stock,
        fonts: usize,
        intent: &OutputIntent,
    ) -> io::Result<PrintFile<W>> {
        let first_font = stock.next_object();
        let mut file = PrintFile {
            out,
            written: 0,
            digest: Sha256::new(),
            places: CrossReferences::default(),
            small: ObjectStream::default(),
            grid,
            boxes: boxes(grid.page_points()),
            beginnings: BTreeMap::new(),
            imposed: None,
            intent: intent.clone(),
            first_font,
            fonts,
            next: first_font + fonts as u32 * OBJECTS_PER_FONT,
            nodes: Vec::new(),
            node_pages: Vec::new(),
            parts: PartTree::new(TOP_PART),
            glyphs: UsedGlyphs::default(),
        };
        file.write(b"%PDF-1.6\n%\xE2\xE3\xCF\xD3\n")?;
        for &(number, offset) in &stock.offsets {
            file.places.at(number, file.written + offset as u64);
        }
        file.write(&stock.objects)?;
        file.object(PROFILE, &intent.profile(reference(PROFILE)))?;
        file.overprint_states()?;
        file.resources(stock)?;
        Ok(file)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.digest.update(bytes);
        self.written += bytes.len() as u64;
        Ok(())
    }

    fn object(&mut self, number: u32, chunk: &Chunk) -> io::Result<()> {
        self.places.at(number, self.written);
        self.write(chunk.as_bytes())
    }

    /// An object that is no stream, from the text of its body.
    fn plain(&mut self, number: u32, body: &[u8]) -> io::Result<()> {
        self.places.at(number, self.written);
        self.write(format!("{number} 0 obj\n").as_bytes())?;
        self.write(body)?;
        self.write(b"\nendobj\n")
    }

    fn number(&mut self) -> u32 {
        let number = self.next;
        self.next += 1;
        number
    }

    /// Makes room for a small object in the open object stream, whose body goes to the bytes returned.
    fn small(&mut self, number: u32) -> io::Result<&mut Vec<u8>> {
        if self.small.is_full() {
            self.close_small()?;
        }
        if self.small.is_closed() {
            let stream = self.number();
            self.small.begin(stream);
        }
        let stream = self.small.number();
        let (body, rank) = self.small.object(number);
        self.places.within(number, stream, rank);
        Ok(body)
    }

    /// Writes the open object stream.
    fn close_small(&mut self) -> io::Result<()> {
        if self.small.is_closed() {
            return Ok(());
        }
        self.places.at(self.small.number(), self.written);
        let stream = self.small.close();
        self.write(&stream)
    }

    /// The four graphics states in which fills and strokes overprint or not (ISO 32000-1 §8.6.7).
    fn overprint_states(&mut self) -> io::Result<()> {
        for (number, index) in (OVERPRINT_STATES..).zip(0..4u8) {
            let (fills, strokes) = (index & 1 == 0, index & 2 == 0);
            let body = format!("<</Type/ExtGState/OP {strokes}/op {fills}/OPM 1>>");
            self.plain(number, body.as_bytes())?;
        }
        Ok(())
    }

    /// What all pages share: the forms, the fonts and the overprinting graphics state.
    fn resources(&mut self, stock: &Stock) -> io::Result<()> {
        let mut chunk = Chunk::new();
        let mut resources = chunk.indirect(reference(RESOURCES)).start::<pdf_writer::writers::Resources>();
        let mut forms = resources.x_objects();
        for (index, form) in stock.forms.iter().enumerate() {
            forms.pair(Name(format!("S{index}").as_bytes()), reference(*form));
        }
        forms.finish();
        let mut fonts = resources.fonts();
        for index in 0..self.fonts {
            let font = self.first_font + index as u32 * OBJECTS_PER_FONT;
            fonts.pair(Name(format!("F{index}").as_bytes()), reference(font));
        }
        fonts.finish();
        resources.ext_g_states().pair(Name(b"G0"), reference(OVERPRINT_STATES));
        resources.finish();
        self.object(RESOURCES, &chunk)
    }

    /// Appends the pages of a piece. A piece without pages leaves no trace.
    ///
    /// # Errors
    /// Those of the output.
    pub fn piece(&mut self, pages: &[PrintedPage], label: &PieceLabel) -> io::Result<()> {
        self.part(pages, |out| label.push(out))
    }

    /// Appends the pages of a sheet that tells of the lot.
    ///
    /// # Errors
    /// Those of the output.
    pub fn lot_sheet(&mut self, pages: &[PrintedPage], label: &LotSheetLabel) -> io::Result<()> {
        self.part(pages, |out| label.push(out))
    }

    /// Appends pages that are one leaf.
    fn part(&mut self, pages: &[PrintedPage], metadata: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        if pages.is_empty() {
            return Ok(());
        }
        let (leaf, group) = self.leaf()?;
        let mut ends = (u32::MAX, 0);
        for page in pages {
            let number = self.page(page, leaf)?;
            ends = (ends.0.min(number), number);
        }
        push_leaf(self.small(leaf)?, group, ends, metadata);
        Ok(())
    }

    /// Begins a leaf of the document parts; gives its number and its group's.
    fn leaf(&mut self) -> io::Result<(u32, u32)> {
        if self.parts.needs_group() {
            self.close_group()?;
            let group = self.number();
            self.parts.begin_group(group);
        }
        let leaf = self.number();
        Ok((leaf, self.parts.add_leaf(leaf)))
    }

    /// Appends a page of the document part of that number; gives the page's own.
    fn page(&mut self, page: &PrintedPage, part: u32) -> io::Result<u32> {
        let node = self.node()?;
        let [beginning, content] = self.page_content(page)?;
        let number = self.number();
        let boxes = std::mem::take(&mut self.boxes);
        let body = self.small(number)?;
        push_reference(body, "<</Type/Page/Parent ", node);
        push_reference(body, "/Contents[", beginning);
        push_reference(body, " ", content);
        push_reference(body, "]/DPart ", part);
        body.extend_from_slice(&boxes);
        self.boxes = boxes;
        self.node_pages.push(number);
        Ok(number)
    }

    /// The page tree node that the next page belongs to.
    fn node(&mut self) -> io::Result<u32> {
        if self.node_pages.len() == PAGES_PER_NODE || self.nodes.is_empty() {
            self.close_node()?;
            let node = self.number();
            self.nodes.push((node, 0));
        }
        Ok(self.nodes.last().map_or(PAGE_TREE, |&(node, _)| node))
    }

    /// Writes a page's content and notes its glyphs; gives the numbers of the streams that it is.
    fn page_content(&mut self, page: &PrintedPage) -> io::Result<[u32; 2]> {
        let beginning = self.beginning(page.form)?;
        let content = self.number();
        self.content(content, &page.content)?;
        self.glyphs.add(&page.glyphs);
        Ok([beginning, content])
    }

    /// The stream that pages of a form begin with, written before the first of them.
    fn beginning(&mut self, form: Option<usize>) -> io::Result<u32> {
        if let Some(known) = self.beginnings.get(&form) {
            return Ok(*known);
        }
        let number = self.number();
        self.content(number, &deflate_resource(&beginning(self.grid, form)))?;
        self.beginnings.insert(form, number);
        Ok(number)
    }

    /// A deflated content stream.
    fn content(&mut self, number: u32, deflated: &[u8]) -> io::Result<()> {
        self.places.at(number, self.written);
        let mut head = Vec::with_capacity(64);
        push_int(&mut head, i64::from(number));
        head.extend_from_slice(b" 0 obj\n<</Length ");
        push_int(&mut head, deflated.len() as i64);
        head.extend_from_slice(b"/Filter/FlateDecode>>\nstream\n");
        self.write(&head)?;
        self.write(deflated)?;
        self.write(b"\nendstream\nendobj\n")
    }

    /// Writes the page tree node whose pages are complete.
    fn close_node(&mut self) -> io::Result<()> {
        let Some(last) = self.nodes.last_mut() else { return Ok(()) };
        last.1 = self.node_pages.len();
        let node = last.0;
        let pages = std::mem::take(&mut self.node_pages);
        let body = self.small(node)?;
        push_reference(body, "<</Type/Pages/Parent ", PAGE_TREE);
        push_reference(body, "/Resources ", RESOURCES);
        body.extend_from_slice(format!("/Count {}/Kids[", pages.len()).as_bytes());
        pages.iter().for_each(|&page| push_reference(body, " ", page));
        body.extend_from_slice(b"]>>");
        Ok(())
    }

    /// Writes the group of document parts that is complete.
    fn close_group(&mut self) -> io::Result<()> {
        match self.parts.close_group() {
            Some((number, body)) => {
                self.small(number)?.extend_from_slice(&body);
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// The boxes that each page has: the sheet is not trimmed, so all are the sheet (ISO 32000-1 §14.11.2).
fn boxes((width, height): (f64, f64)) -> Vec<u8> {
    let mut boxes = Vec::new();
    for name in ["MediaBox", "BleedBox", "TrimBox"] {
        boxes.extend_from_slice(format!("/{name}[0 0 ").as_bytes());
        push_points(&mut boxes, width);
        boxes.push(b' ');
        push_points(&mut boxes, height);
        boxes.push(b']');
    }
    boxes.extend_from_slice(b">>");
    boxes
}

fn reference(number: u32) -> Ref {
    Ref::new(number as i32)
}
