//! The clauses that a print file is checked against, by subject. `docs/pdf.md` lists them with the tests that break them.

/// What a standard, or this program, demands on one subject. PDF/X-4 is ISO 15930-7, PDF/VT-1 is ISO 16612-2, PDF/A-2b is ISO 19005-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clause {
    /// PDF/X-4: a header of PDF 1.6 with a line of binary bytes, one cross-reference stream with true offsets, nothing after
    /// `%%EOF`.
    X4File,
    /// PDF/X-4: a trailer with two identifiers, without encryption.
    X4Trailer,
    /// PDF/X-4: an unfiltered XMP packet with identification, dates, title and document identifiers.
    X4Metadata,
    /// PDF/X-4: document information that agrees with the XMP packet, `Trapped` among it.
    X4Information,
    /// PDF/X-4: one output intent with the ICC profile of a CMYK press.
    X4OutputIntent,
    /// PDF/X-4: TrimBox within BleedBox within MediaBox on each page, and no other box.
    X4Boxes,
    /// PDF/X-4: fonts embedded, with glyph map and widths that agree with the font program.
    X4Fonts,
    /// PDF/X-4 and ours: no colour except those of the output intent, and of these only black.
    X4Colour,
    /// PDF/X-4: no transfer function, halftone, black generation or undercolour removal.
    X4GraphicsState,
    /// PDF/X-4: no LZW, no PostScript, no data in other files; content uses only resources that exist.
    X4Streams,
    /// PDF/X-4: no action, annotation, interactive form or attachment.
    X4Interaction,
    /// PDF/X-4: no alternate images, no interpolation.
    X4Images,
    /// Ours: black overprints, white does not.
    Overprint,
    /// Ours: nothing transparent.
    Transparency,
    /// PDF/VT-1: identification with the date of modification; none in an imposed file.
    Vt1Identification,
    /// PDF/VT-1: a tree of document parts that agrees with `RecordLevel` and `NodeNameList`.
    Vt1Tree,
    /// PDF/VT-1: the leaves cover every page once and in order, and each page names its leaf.
    Vt1Pages,
    /// PDF/VT-1 and ours: metadata of each leaf, with no entry except ours.
    Vt1Metadata,
    /// PDF/VT-1: forms of pages have an identifier and are marked as encapsulated.
    Vt1Reuse,
    /// PDF/A-2b: identification, with extension schemas for the properties that PDF/A does not define (ISO 19005-2 §6.6).
    A2bMetadata,
    /// PDF/A-2b: an output intent for PDF/A with the same profile (ISO 19005-2 §6.2.3).
    A2bOutputIntent,
    /// PDF/A-2b: streams as long as `Length` says, between line ends (ISO 19005-2 §6.1.7.1).
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
