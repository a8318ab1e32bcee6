//! The clauses that a print file is held against, by subject. `docs/pdf.md` lists them with the tests that check them.

/// A standard's demand on one subject. PDF/X-4 is ISO 15930-7, PDF/VT-1 is ISO 16612-2, PDF/A-2b is ISO 19005-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clause {
    /// PDF/X-4: header of 1.6 with a line of binary bytes, one sound cross-reference section, the end of the file.
    X4File,
    /// PDF/X-4: a trailer with two identifiers, without encryption.
    X4Trailer,
    /// PDF/X-4: an XMP packet in clear, with identification, dates, title and document identifiers.
    X4Metadata,
    /// PDF/X-4: document information that agrees with the XMP packet; trapping told.
    X4Information,
    /// PDF/X-4: one output intent with the ICC profile of a press for CMYK.
    X4OutputIntent,
    /// PDF/X-4: the boxes of each page.
    X4Boxes,
    /// PDF/X-4: fonts embedded, with glyph map and widths that agree with the font program.
    X4Fonts,
    /// PDF/X-4: no colour but what the output intent defines, and of it only black.
    X4Colour,
    /// PDF/X-4: no transfer functions, no halftones of the file's own.
    X4GraphicsState,
    /// PDF/X-4: no LZW, no PostScript, no file but this one.
    X4Streams,
    /// PDF/X-4: no actions, annotations, forms or attachments.
    X4Interaction,
    /// PDF/X-4: no alternate images, no smoothing.
    X4Images,
    /// Ours: black overprints, white does not.
    Overprint,
    /// Ours: nothing transparent.
    Transparency,
    /// PDF/VT-1: identification, with the date of modification.
    Vt1Identification,
    /// PDF/VT-1: a tree of document parts whose records are at the level told.
    Vt1Tree,
    /// PDF/VT-1: the leaves cover every page once, in order, and pages name their leaf.
    Vt1Pages,
    /// PDF/VT-1: metadata of each piece: these six entries and no other.
    Vt1Metadata,
    /// PDF/VT-1: what recurs is named by its content and stands alone.
    Vt1Reuse,
    /// PDF/A-2b: identification, with schemas for what PDF/A does not know (ISO 19005-2 §6.6).
    A2bMetadata,
    /// PDF/A-2b: an output intent of its own with the same profile (ISO 19005-2 §6.2.3).
    A2bOutputIntent,
    /// PDF/A-2b: streams of the length told, between line ends (ISO 19005-2 §6.1.7.1).
    A2bStreams,
}

impl Clause {
    /// Every clause.
    pub const ALL: [Clause; 22] = [
        Clause::X4File,
        Clause::X4Trailer,
        Clause::X4Metadata,
        Clause::X4Information,
        Clause::X4OutputIntent,
        Clause::X4Boxes,
        Clause::X4Fonts,
        Clause::X4Colour,
        Clause::X4GraphicsState,
        Clause::X4Streams,
        Clause::X4Interaction,
        Clause::X4Images,
        Clause::Overprint,
        Clause::Transparency,
        Clause::Vt1Identification,
        Clause::Vt1Tree,
        Clause::Vt1Pages,
        Clause::Vt1Metadata,
        Clause::Vt1Reuse,
        Clause::A2bMetadata,
        Clause::A2bOutputIntent,
        Clause::A2bStreams,
    ];

    /// The clause's name in messages and in `docs/pdf.md`.
    pub fn name(self) -> &'static str {
        match self {
            Clause::X4File => "PDF/X-4 file",
            Clause::X4Trailer => "PDF/X-4 trailer",
            Clause::X4Metadata => "PDF/X-4 metadata",
            Clause::X4Information => "PDF/X-4 information",
            Clause::X4OutputIntent => "PDF/X-4 output intent",
            Clause::X4Boxes => "PDF/X-4 boxes",
            Clause::X4Fonts => "PDF/X-4 fonts",
            Clause::X4Colour => "PDF/X-4 colour",
            Clause::X4GraphicsState => "PDF/X-4 graphics state",
            Clause::X4Streams => "PDF/X-4 streams",
            Clause::X4Interaction => "PDF/X-4 interaction",
            Clause::X4Images => "PDF/X-4 images",
            Clause::Overprint => "overprint",
            Clause::Transparency => "transparency",
            Clause::Vt1Identification => "PDF/VT-1 identification",
            Clause::Vt1Tree => "PDF/VT-1 tree",
            Clause::Vt1Pages => "PDF/VT-1 pages",
            Clause::Vt1Metadata => "PDF/VT-1 metadata",
            Clause::Vt1Reuse => "PDF/VT-1 reuse",
            Clause::A2bMetadata => "PDF/A-2b metadata",
            Clause::A2bOutputIntent => "PDF/A-2b output intent",
            Clause::A2bStreams => "PDF/A-2b streams",
        }
    }
}
