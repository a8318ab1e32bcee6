//! A print file written as it grows: header, stock, pages, then what is known only at the end.

use std::collections::BTreeMap;
use std::io::{self, Write};

use pdf_writer::types::TrappingStatus;
use pdf_writer::{Chunk, Date, Finish, Name, Rect, Ref, TextStr};
use sha2::{Digest, Sha256};

use super::Stock;
use super::content::PrintedPage;
use super::font::{FontProgram, OBJECTS_PER_FONT, write_font};
use super::grid::Grid;
use super::number::push_points;
use super::text::GlyphText;

const CATALOG: u32 = 1;
const PAGE_TREE: u32 = 2;
const INFO: u32 = 3;
const RESOURCES: u32 = 4;
const OVERPRINT: u32 = 5;
/// Pages under one node of the page tree.
const PAGES_PER_NODE: usize = 250;

/// What a file says about itself. Nothing of it comes from the clock.
#[derive(Debug, Clone)]
pub struct FileLabel {
    /// The title.
    pub title: String,
    /// Year, month and day of the night run.
    pub day: (u16, u8, u8),
}

/// A print file on its way to `W`. Memory does not grow with its pages, but for 16 bytes each.
pub struct PrintFile<W: Write> {
    out: W,
    written: u64,
    digest: Sha256,
    offsets: Vec<u64>,
    grid: Grid,
    boxes: String,
    first_font: u32,
    fonts: usize,
    next: u32,
    nodes: Vec<(u32, usize)>,
    node_pages: Vec<u32>,
    glyphs: BTreeMap<(usize, u16), GlyphText>,
}

impl<W: Write> PrintFile<W> {
    /// Begins a file with its stock and `fonts` fonts.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn begin(out: W, grid: Grid, stock: &Stock, fonts: usize) -> io::Result<PrintFile<W>> {
        let first_font = stock.next_object();
        let mut file = PrintFile {
            out,
            written: 0,
            digest: Sha256::new(),
            offsets: Vec::new(),
            grid,
            boxes: boxes(grid),
            first_font,
            fonts,
            next: first_font + fonts as u32 * OBJECTS_PER_FONT,
            nodes: Vec::new(),
            node_pages: Vec::new(),
            glyphs: BTreeMap::new(),
        };
        file.write(b"%PDF-1.6\n%\xE2\xE3\xCF\xD3\n")?;
        for &(number, offset) in &stock.offsets {
            file.note(number, file.written + offset as u64);
        }
        file.write(&stock.objects)?;
        file.resources(stock)?;
        Ok(file)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.digest.update(bytes);
        self.written += bytes.len() as u64;
        Ok(())
    }

    fn note(&mut self, number: u32, offset: u64) {
        let index = number as usize;
        if self.offsets.len() <= index {
            self.offsets.resize(index + 1, 0);
        }
        self.offsets[index] = offset;
    }

    fn object(&mut self, number: u32, chunk: &Chunk) -> io::Result<()> {
        self.note(number, self.written);
        self.write(chunk.as_bytes())
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
        resources.ext_g_states().pair(Name(b"G0"), reference(OVERPRINT));
        resources.finish();
        self.object(RESOURCES, &chunk)?;
        let mut chunk = Chunk::new();
        let mut state = chunk.ext_graphics(reference(OVERPRINT));
        state
            .overprint(true)
            .overprint_fill(true)
            .overprint_mode(pdf_writer::types::OverprintMode::IgnoreZeroChannel);
        state.finish();
        self.object(OVERPRINT, &chunk)
    }

    /// Appends a page.
    ///
    /// # Errors
    /// Those of the output.
    pub fn page(&mut self, page: &PrintedPage) -> io::Result<()> {
        if self.node_pages.len() == PAGES_PER_NODE || self.nodes.is_empty() {
            self.close_node()?;
            self.nodes.push((self.next, 0));
            self.next += 1;
        }
        let (content, number) = (self.next, self.next + 1);
        self.next += 2;
        self.note(content, self.written);
        let head =
            format!("{content} 0 obj\n<</Length {}/Filter/FlateDecode>>\nstream\n", page.content.len());
        self.write(head.as_bytes())?;
        self.write(&page.content)?;
        self.write(b"\nendstream\nendobj\n")?;
        self.note(number, self.written);
        let node = self.nodes.last().map_or(PAGE_TREE, |&(node, _)| node);
        let dictionary = format!(
            "{number} 0 obj\n<</Type/Page/Parent {node} 0 R/Contents {content} 0 R{}>>\nendobj\n",
            self.boxes
        );
        self.write(dictionary.as_bytes())?;
        self.node_pages.push(number);
        for (glyph, text) in &page.glyphs {
            self.glyphs.entry(*glyph).or_insert(*text);
        }
        Ok(())
    }

    /// Writes the page tree node whose pages are complete.
    fn close_node(&mut self) -> io::Result<()> {
        let Some(last) = self.nodes.last_mut() else { return Ok(()) };
        last.1 = self.node_pages.len();
        let node = last.0;
        let (width, height) = self.grid.page_points();
        let sheet = Rect::new(0.0, 0.0, width as f32, height as f32);
        let mut chunk = Chunk::new();
        let mut pages = chunk.pages(reference(node));
        pages.parent(reference(PAGE_TREE)).count(self.node_pages.len() as i32);
        pages.kids(self.node_pages.drain(..).map(reference)).media_box(sheet);
        pages.pair(Name(b"Resources"), reference(RESOURCES));
        pages.finish();
        self.object(node, &chunk)
    }

    /// Ends the file: fonts, page tree, catalog, cross-reference table. Gives the output back with the SHA-256 of
    /// all bytes, in hexadecimal, and their number.
    ///
    /// # Errors
    /// Those of the output, and a font that can't be subset.
    pub fn finish(mut self, fonts: &[FontProgram], label: &FileLabel) -> io::Result<(W, String, u64)> {
        self.close_node()?;
        let glyphs = std::mem::take(&mut self.glyphs);
        for (index, font) in fonts.iter().enumerate() {
            let used: BTreeMap<u16, GlyphText> = glyphs
                .range((index, 0)..=(index, u16::MAX))
                .map(|(&(_, glyph), text)| (glyph, *text))
                .collect();
            let first = self.first_font + index as u32 * OBJECTS_PER_FONT;
            let chunks = write_font(font, first, &used).map_err(io::Error::other)?;
            for (chunk, number) in chunks.iter().zip(first..) {
                self.object(number, chunk)?;
            }
        }
        self.page_tree()?;
        self.label(label)?;
        self.trailer()?;
        self.out.flush()?;
        let digest = hex(&self.digest.finalize());
        Ok((self.out, digest, self.written))
    }

    fn page_tree(&mut self) -> io::Result<()> {
        let mut chunk = Chunk::new();
        let mut pages = chunk.pages(reference(PAGE_TREE));
        pages.count(self.nodes.iter().map(|&(_, pages)| pages as i32).sum());
        pages.kids(self.nodes.iter().map(|&(node, _)| reference(node)));
        pages.finish();
        self.object(PAGE_TREE, &chunk)?;
        let mut chunk = Chunk::new();
        let mut catalog = chunk.indirect(reference(CATALOG)).start::<pdf_writer::writers::Catalog>();
        catalog.pages(reference(PAGE_TREE));
        catalog.finish();
        self.object(CATALOG, &chunk)
    }

    fn label(&mut self, label: &FileLabel) -> io::Result<()> {
        let (year, month, day) = label.day;
        let date = Date::new(year).month(month).day(day);
        let mut chunk = Chunk::new();
        let mut info = chunk.indirect(reference(INFO)).start::<pdf_writer::writers::DocumentInfo>();
        info.title(TextStr(&label.title)).creator(TextStr("pli")).producer(TextStr(PRODUCER));
        info.creation_date(date).modified_date(date).trapped(TrappingStatus::NotTrapped);
        info.finish();
        self.object(INFO, &chunk)
    }

    fn trailer(&mut self) -> io::Result<()> {
        let id: String = hex(&self.digest.clone().finalize()).chars().take(32).collect();
        let start = self.written;
        let size = self.offsets.len();
        let mut table = format!("xref\n0 {size}\n0000000000 65535 f \n").into_bytes();
        for offset in self.offsets.iter().skip(1) {
            let kind = if *offset == 0 { "65535 f" } else { "00000 n" };
            table.extend_from_slice(format!("{offset:010} {kind} \n").as_bytes());
        }
        table.extend_from_slice(
            format!(
                "trailer\n<</Size {size}/Root {CATALOG} 0 R/Info {INFO} 0 R/ID[<{id}><{id}>]>>\nstartxref\n{start}\n%%EOF\n"
            )
            .as_bytes(),
        );
        self.write(&table)
    }
}

const PRODUCER: &str = concat!("pli ", env!("CARGO_PKG_VERSION"));

/// The boxes that a page does not inherit: the sheet is not trimmed, so all are the sheet.
fn boxes(grid: Grid) -> String {
    let (width, height) = grid.page_points();
    let mut sheet = b"[0 0 ".to_vec();
    push_points(&mut sheet, width);
    sheet.push(b' ');
    push_points(&mut sheet, height);
    sheet.push(b']');
    let sheet = String::from_utf8_lossy(&sheet);
    format!("/TrimBox{sheet}/BleedBox{sheet}")
}

fn reference(number: u32) -> Ref {
    Ref::new(number as i32)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
