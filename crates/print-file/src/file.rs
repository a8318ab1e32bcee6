//! A print file, written page by page: header, stock, pieces, then what is known only at the end.
//!
//! Takes a stock, the pages of each piece with its label, and the fonts. Writes PDF/X-4 and PDF/VT-1 in one file of PDF 1.6.
//! Never seeks, never reads the clock, and holds no page after it is written.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Stock;
use super::content::{PrintedPage, beginning};
use super::deflate::deflate_resource;
use super::document::{
    CATALOG, FileLabel, INFORMATION, METADATA, PAGE_TREE, PART_ROOT, PROFILE, RESOURCES, TOP_PART, boxes,
    catalog, information, metadata, overprint_states, resources,
};
use super::document_parts::{LotSheetLabel, PartTree, PieceLabel, SheetLabel, push_leaf, push_reference};
use super::font::{FontProgram, OBJECTS_PER_FONT, write_font};
use super::glyph_set::GlyphSet;
use super::grid::Grid;
use super::number::push_points;
use super::objects::{Objects, reference};
use super::output_intent::OutputIntent;
use super::page_tree::PageTree;

/// A print file on its way to `W`. Memory grows by eight bytes for each object, not with the pages.
pub struct PrintFile<W: Write> {
    objects: Objects<W>,
    grid: Grid,
    /// The end of each page's dictionary.
    boxes: Vec<u8>,
    /// The numbers of the streams that pages begin with, by the form that they show.
    beginnings: BTreeMap<Option<usize>, u32>,
    imposition: Option<Imposition>,
    /// Whether the file's length is rounded up.
    padded: bool,
    intent: OutputIntent,
    first_font: u32,
    pages: PageTree,
    parts: PartTree,
    glyphs: GlyphSet,
}

/// The numbers of the streams around the pages of an imposed sheet.
#[derive(Clone, Copy)]
struct Imposition {
    /// Before the left and before the right page: moves the page and never scales it.
    before: [u32; 2],
    /// After each page.
    after: u32,
}

impl<W: Write> PrintFile<W> {
    /// Begins a file with its stock and `fonts` fonts, for a printing condition.
    ///
    /// # Errors
    /// I/O errors of `out`.
    pub fn begin(
        out: W,
        grid: Grid,
        stock: &Stock,
        fonts: usize,
        intent: &OutputIntent,
    ) -> io::Result<PrintFile<W>> {
        let first_font = stock.next_object();
        let mut objects = Objects::begin(out, stock, first_font + fonts as u32 * OBJECTS_PER_FONT)?;
        objects.write_chunk(PROFILE, &intent.profile(reference(PROFILE)))?;
        for (number, state) in overprint_states() {
            objects.write_body(number, state.as_bytes())?;
        }
        objects.write_chunk(RESOURCES, &resources(stock, first_font, fonts))?;
        Ok(PrintFile {
            objects,
            grid,
            boxes: boxes(grid.page_points()),
            beginnings: BTreeMap::new(),
            imposition: None,
            padded: false,
            intent: intent.clone(),
            first_font,
            pages: PageTree::new(PAGE_TREE, RESOURCES),
            parts: PartTree::new(TOP_PART),
            glyphs: GlyphSet::default(),
        })
    }

    /// Rounds the file's length up, to 64 KiB at least, so that it tells little of what the pages say.
    #[must_use]
    pub fn padded(mut self) -> PrintFile<W> {
        self.padded = true;
        self
    }

    /// Makes every page an imposed sheet: two pages side by side, to be cut apart in the middle. The left page's corner is
    /// the sheet's; the right page is a whole number of dots to its right.
    ///
    /// # Errors
    /// I/O errors of the output.
    pub fn imposed(mut self, grid: Grid) -> io::Result<PrintFile<W>> {
        let (width, height) = grid.page_points();
        self.boxes = boxes((2.0 * width, height));
        let mut to_right = b"q 1 0 0 1 ".to_vec();
        push_points(&mut to_right, width);
        to_right.extend_from_slice(b" 0 cm");
        let before = [self.operators(b"q")?, self.operators(&to_right)?];
        self.imposition = Some(Imposition { before, after: self.operators(b"\nQ")? });
        Ok(self)
    }

    /// Writes a content stream of a few operators. Returns its number.
    fn operators(&mut self, operators: &[u8]) -> io::Result<u32> {
        let number = self.objects.next_number();
        let mut body = format!("<</Length {}>>\nstream\n", operators.len()).into_bytes();
        body.extend_from_slice(operators);
        body.extend_from_slice(b"\nendstream");
        self.objects.write_body(number, &body)?;
        Ok(number)
    }

    /// Appends the pages of a piece. A piece without pages is left out.
    ///
    /// # Errors
    /// I/O errors of the output.
    pub fn piece(&mut self, pages: &[PrintedPage], label: &PieceLabel) -> io::Result<()> {
        self.part(pages, |out| label.push(out))
    }

    /// Appends the pages of a lot's header or trailer sheet.
    ///
    /// # Errors
    /// I/O errors of the output.
    pub fn lot_sheet(&mut self, pages: &[PrintedPage], label: &LotSheetLabel) -> io::Result<()> {
        self.part(pages, |out| label.push(out))
    }

    /// Appends the pages of one leaf.
    fn part(&mut self, pages: &[PrintedPage], metadata: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        if pages.is_empty() {
            return Ok(());
        }
        let (leaf, group) = self.leaf()?;
        let mut ends = (u32::MAX, 0);
        for page in pages {
            let node = self.node()?;
            let [beginning, content] = self.page_content(page)?;
            let number = self.page(node, leaf, |out| {
                push_reference(out, "", beginning);
                push_reference(out, " ", content);
            })?;
            ends = (ends.0.min(number), number);
        }
        push_leaf(self.objects.begin_small(leaf)?, group, ends, metadata);
        Ok(())
    }

    /// Appends an imposed sheet: the left and the right page of each of its sides. Appends nothing to a file that is not
    /// [`PrintFile::imposed`].
    ///
    /// # Errors
    /// I/O errors of the output.
    pub fn sheet(&mut self, sides: &[[Option<&PrintedPage>; 2]], label: &SheetLabel) -> io::Result<()> {
        let Some(Imposition { before, after }) = self.imposition else { return Ok(()) };
        let (leaf, group) = self.leaf()?;
        let mut ends = (u32::MAX, 0);
        for side in sides {
            let node = self.node()?;
            let mut streams = Vec::with_capacity(8);
            for (page, before) in side.iter().zip(before) {
                let Some(page) = page else { continue };
                let [beginning, content] = self.page_content(page)?;
                streams.extend([before, beginning, content, after]);
            }
            if streams.is_empty() {
                streams.extend([before[0], after]);
            }
            let number = self.page(node, leaf, |out| {
                streams.iter().for_each(|&stream| push_reference(out, " ", stream));
            })?;
            ends = (ends.0.min(number), number);
        }
        push_leaf(self.objects.begin_small(leaf)?, group, ends, |out| label.push(out));
        Ok(())
    }

    /// Begins a leaf of the document parts. Returns its number and its group's.
    fn leaf(&mut self) -> io::Result<(u32, u32)> {
        if self.parts.needs_group() {
            self.close_group()?;
            let group = self.objects.next_number();
            self.parts.begin_group(group);
        }
        let leaf = self.objects.next_number();
        Ok((leaf, self.parts.add_leaf(leaf)))
    }

    /// The page tree node that the next page belongs to.
    fn node(&mut self) -> io::Result<u32> {
        if let Some(node) = self.pages.open_node() {
            return Ok(node);
        }
        self.close_node()?;
        let node = self.objects.next_number();
        self.pages.begin_node(node);
        Ok(node)
    }

    /// Writes a page's content and adds its glyphs. Returns the numbers of its two streams.
    fn page_content(&mut self, page: &PrintedPage) -> io::Result<[u32; 2]> {
        let beginning = self.beginning(page.form)?;
        let content = self.objects.next_number();
        self.objects.write_content(content, &page.content)?;
        self.glyphs.add(&page.glyphs);
        Ok([beginning, content])
    }

    /// The stream that pages of a form begin with, which is written before the first of them.
    fn beginning(&mut self, form: Option<usize>) -> io::Result<u32> {
        if let Some(number) = self.beginnings.get(&form) {
            return Ok(*number);
        }
        let number = self.objects.next_number();
        self.objects.write_content(number, &deflate_resource(&beginning(self.grid, form)))?;
        self.beginnings.insert(form, number);
        Ok(number)
    }

    /// Appends a page of a node and a leaf. `contents` appends the references of its streams. Returns its number.
    fn page(&mut self, node: u32, leaf: u32, contents: impl FnOnce(&mut Vec<u8>)) -> io::Result<u32> {
        let number = self.objects.next_number();
        let body = self.objects.begin_small(number)?;
        push_reference(body, "<</Type/Page/Parent ", node);
        body.extend_from_slice(b"/Contents[");
        contents(body);
        push_reference(body, "]/DPart ", leaf);
        body.extend_from_slice(&self.boxes);
        self.pages.add_page(number);
        Ok(number)
    }

    /// Writes the open page tree node, if there is one.
    fn close_node(&mut self) -> io::Result<()> {
        let Some((number, body)) = self.pages.close_node() else { return Ok(()) };
        self.objects.begin_small(number)?.extend_from_slice(&body);
        Ok(())
    }

    /// Writes the open group of document parts, if there is one.
    fn close_group(&mut self) -> io::Result<()> {
        let Some((number, body)) = self.parts.close_group() else { return Ok(()) };
        self.objects.begin_small(number)?.extend_from_slice(&body);
        Ok(())
    }

    /// Ends the file: trees, fonts, metadata, catalog, cross-references. `fonts` has as many fonts as
    /// [`PrintFile::begin`] reserved. Returns the output with the SHA-256 of all bytes, in hexadecimal, and their number.
    ///
    /// # Errors
    /// I/O errors of the output; [`io::ErrorKind::Other`] if a font can't be subset.
    pub fn finish(mut self, fonts: &[FontProgram], label: &FileLabel) -> io::Result<(W, String, u64)> {
        self.close_node()?;
        self.close_group()?;
        self.objects.close_stream()?;
        self.fonts(fonts)?;
        let imposed = self.imposition.is_some();
        let objects = &mut self.objects;
        objects.write_chunk(PAGE_TREE, &self.pages.root())?;
        objects.write_body(PART_ROOT, &self.parts.tree(imposed))?;
        objects.write_body(TOP_PART, &self.parts.top(PART_ROOT, &label.lot))?;
        let digest = objects.digest();
        objects.write_chunk(METADATA, &metadata(label, imposed, &digest))?;
        objects.write_chunk(INFORMATION, &information(label))?;
        objects.write_chunk(CATALOG, &catalog(&self.intent, label.conformance))?;
        self.objects.finish(CATALOG, INFORMATION, self.padded)
    }

    fn fonts(&mut self, fonts: &[FontProgram]) -> io::Result<()> {
        for (index, font) in fonts.iter().enumerate() {
            let glyphs = self.glyphs.texts(index, font.table.codes());
            let first = self.first_font + index as u32 * OBJECTS_PER_FONT;
            let chunks = write_font(font, first, &glyphs).map_err(io::Error::other)?;
            for (chunk, number) in chunks.iter().zip(first..) {
                self.objects.write_chunk(number, chunk)?;
            }
        }
        Ok(())
    }
}
