//! The end of a print file: what is known only when its last piece is written.

use std::io::{self, Write};

use pdf_writer::types::TrappingStatus;
use pdf_writer::{Chunk, Date, Finish, Name, TextStr};
use sha2::Digest;

use super::super::cross_reference::{COLUMNS, WIDTHS};
use super::super::deflate::deflate_resource;
use super::super::font::{FontProgram, OBJECTS_PER_FONT, write_font};
use super::super::xmp::{CREATOR, PRODUCER, packet};
use super::{
    CATALOG, Conformance, FileLabel, INFO, METADATA, PAGE_TREE, PART_ROOT, PROFILE, PrintFile, TOP_PART,
    reference,
};

impl<W: Write> PrintFile<W> {
    /// Ends the file: trees, fonts, catalog, metadata, cross-references. Gives the output back with the SHA-256 of all
    /// bytes, in hexadecimal, and their number.
    ///
    /// # Errors
    /// Those of the output, and a font that can't be subset.
    pub fn finish(mut self, fonts: &[FontProgram], label: &FileLabel) -> io::Result<(W, String, u64)> {
        self.close_node()?;
        self.close_group()?;
        self.close_small()?;
        self.fonts(fonts)?;
        self.page_tree()?;
        let imposed = self.imposed.is_some();
        let (tree, top) = (self.parts.tree(imposed), self.parts.top(PART_ROOT, &label.lot));
        self.plain(PART_ROOT, &tree)?;
        self.plain(TOP_PART, &top)?;
        self.metadata(label)?;
        self.information(label)?;
        self.catalog(label.conformance)?;
        self.trailer()?;
        self.out.flush()?;
        let digest = hex(&self.digest.finalize());
        Ok((self.out, digest, self.written))
    }

    fn fonts(&mut self, fonts: &[FontProgram]) -> io::Result<()> {
        let glyphs = std::mem::take(&mut self.glyphs);
        for (index, font) in fonts.iter().enumerate() {
            let used = glyphs.texts(index, font.table.codes());
            let first = self.first_font + index as u32 * OBJECTS_PER_FONT;
            let chunks = write_font(font, first, &used).map_err(io::Error::other)?;
            for (chunk, number) in chunks.iter().zip(first..) {
                self.object(number, chunk)?;
            }
        }
        Ok(())
    }

    fn page_tree(&mut self) -> io::Result<()> {
        let mut chunk = Chunk::new();
        let mut pages = chunk.pages(reference(PAGE_TREE));
        pages.count(self.nodes.iter().map(|&(_, pages)| pages as i32).sum());
        pages.kids(self.nodes.iter().map(|&(node, _)| reference(node)));
        pages.finish();
        self.object(PAGE_TREE, &chunk)
    }

    /// The XMP packet, unfiltered (ISO 19005-2 §6.6.2.1), identified by the digest of all that stands before it.
    fn metadata(&mut self, label: &FileLabel) -> io::Result<()> {
        let digest = self.digest.clone().finalize().into();
        let packet = packet(label, self.imposed.is_some(), &digest);
        let mut chunk = Chunk::new();
        chunk.metadata(reference(METADATA), packet.as_bytes());
        self.object(METADATA, &chunk)
    }

    /// The document information, which says the same as the XMP packet.
    fn information(&mut self, label: &FileLabel) -> io::Result<()> {
        let (year, month, day) = label.day;
        let date = Date::new(year).month(month).day(day).hour(0).minute(0).second(0).utc_offset_hour(0);
        let mut chunk = Chunk::new();
        let mut info = chunk.indirect(reference(INFO)).start::<pdf_writer::writers::DocumentInfo>();
        info.title(TextStr(&label.title)).creator(TextStr(CREATOR)).producer(TextStr(PRODUCER));
        info.creation_date(date).modified_date(date).trapped(TrappingStatus::NotTrapped);
        info.finish();
        self.object(INFO, &chunk)
    }

    fn catalog(&mut self, conformance: Conformance) -> io::Result<()> {
        let mut chunk = Chunk::new();
        let mut catalog = chunk.indirect(reference(CATALOG)).start::<pdf_writer::writers::Catalog>();
        catalog.pages(reference(PAGE_TREE));
        catalog.metadata(reference(METADATA));
        if conformance != Conformance::Plain {
            let archived = conformance == Conformance::PressAndArchive;
            self.intent.list(&mut catalog, reference(PROFILE), archived);
        }
        catalog.pair(Name(b"DPartRoot"), reference(PART_ROOT));
        catalog.finish();
        self.object(CATALOG, &chunk)
    }

    /// The cross-reference stream, which is the trailer too (ISO 32000-1 §7.5.8).
    fn trailer(&mut self) -> io::Result<()> {
        let id: String = hex(&self.digest.clone().finalize()).chars().take(32).collect();
        let (start, number) = (self.written, self.number());
        self.places.at(number, start);
        let deflated = deflate_resource(&self.places.predicted());
        let head = format!(
            "{number} 0 obj\n<</Type/XRef/Size {}/W{WIDTHS}/Root {CATALOG} 0 R/Info {INFO} 0 R/ID[<{id}><{id}>]\
/Length {}/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns {COLUMNS}>>>>\nstream\n",
            self.places.size(),
            deflated.len(),
        );
        self.write(head.as_bytes())?;
        self.write(&deflated)?;
        self.write(format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n").as_bytes())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
