//! The names of what a proof finds. A name is stable; a finding names piece and field and never a value.

use std::borrow::Cow;
use std::fmt;

use template::Mark;

/// What is wrong with a page, a file or a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::night) enum Fault {
    /// A text says something else than the record.
    TextDiffers,
    /// A text is missing.
    TextMissing,
    /// A text is not where its mark is.
    TextPlace,
    /// A text is set in another font.
    TextFont,
    /// A text has a size that its mark does not allow.
    TextSize,
    /// A text is spaced otherwise.
    TextTracking,
    /// A text is painted otherwise.
    TextBlack,
    /// A text or a symbol does not overprint.
    Overprint,
    /// A text reaches out of its mark.
    TextWidth,
    /// A text is cut off, or marked as a drawing.
    TextHidden,
    /// A glyph is not the one that the template's font has for the text.
    Glyph,
    /// The glyphs of a text do not stand where the font puts them.
    GlyphPlace,
    /// A code is not that of the card.
    CodeDiffers,
    /// A symbol is missing.
    SymbolMissing,
    /// A symbol is not where its mark is, or turned.
    SymbolPlace,
    /// A module, a bar or a space of a symbol is wrong.
    SymbolModule,
    /// A symbol says something else than the record.
    SymbolDiffers,
    /// Paint in the quiet zone of a symbol.
    QuietZone,
    /// A signed block that says something else than the record.
    BlockDiffers,
    /// A signature that does not verify.
    Signature,
    /// The marks of an inserter's strip are others.
    OmrMarks,
    /// A drawing that is not in its area, or over a code.
    Drawing,
    /// Paint that no mark asks for.
    ForeignPaint,
    /// A text that no mark asks for.
    ForeignText,
    /// The stock is not that of the piece's variant, or not in its place.
    Form,
    /// An object of the stock is not that of the template.
    Stock,
    /// The stock paints in a symbol, its quiet zone, an address or a code.
    StockInk,
    /// The stock paints in a window or on glue, and the template's check has not warned of it.
    StockInWindow,
    /// Stock that can't be drawn.
    StockUndrawn,
    /// A page is of another size, or the file has more or fewer.
    Page,
    /// A page that can't be understood.
    PageUnreadable,
    /// The record belongs to no variant of the template, or can't be claimed.
    Record,
    /// A leaf of the document parts that does not agree with the piece.
    Leaf,
    /// A row of the manifest that does not agree with piece and record.
    Row,
    /// A font that is not the template's.
    Font,
    /// A file that can't be read.
    File,
}

impl Fault {
    /// The stable name.
    pub(in crate::night) fn name(self) -> &'static str {
        self.words().0
    }

    /// The name, and what it means.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Fault::TextDiffers => ("text_differs", "says something else than the record"),
            Fault::TextMissing => ("text_missing", "is missing"),
            Fault::TextPlace => ("text_place", "is not in its place"),
            Fault::TextFont => ("text_font", "is set in another font"),
            Fault::TextSize => ("text_size", "has a size that its mark does not allow"),
            Fault::TextTracking => ("text_tracking", "is spaced otherwise than its mark"),
            Fault::TextBlack => ("text_black", "is painted otherwise than its mark"),
            Fault::Overprint => ("overprint", "does not overprint what is under it"),
            Fault::TextWidth => ("text_width", "reaches out of its mark"),
            Fault::TextHidden => ("text_hidden", "is cut off, or declared to be no text"),
            Fault::Glyph => ("glyph", "shows another glyph than the template's font has for its text"),
            Fault::GlyphPlace => ("glyph_place", "has glyphs that do not stand where the font puts them"),
            Fault::CodeDiffers => ("code_differs", "is not the code of the card"),
            Fault::SymbolMissing => ("symbol_missing", "is missing"),
            Fault::SymbolPlace => ("symbol_place", "is not in its place"),
            Fault::SymbolModule => ("symbol_module", "has a wrong module, bar or space"),
            Fault::SymbolDiffers => ("symbol_differs", "says something else than the record"),
            Fault::QuietZone => ("quiet_zone", "has paint in its quiet zone"),
            Fault::BlockDiffers => ("block_differs", "says something else than the record"),
            Fault::Signature => ("signature", "has a signature that does not verify"),
            Fault::OmrMarks => ("omr_marks", "has other marks than the sheet"),
            Fault::Drawing => ("drawing", "is not within its area, or covers a text"),
            Fault::ForeignPaint => ("foreign_paint", "is painted, and no mark asks for it"),
            Fault::ForeignText => ("foreign_text", "is shown, and no mark asks for it"),
            Fault::Form => ("form", "is not that of the piece, or not in its place"),
            Fault::Stock => ("stock", "is not that of the template"),
            Fault::StockInk => ("stock_ink", "has a dot of the stock in it"),
            Fault::StockInWindow => ("stock_in_window", "shows a dot of the stock"),
            Fault::StockUndrawn => ("stock_undrawn", "can't be held against its stock, which can't be drawn"),
            Fault::Page => ("page", "is not as the piece and the press need it"),
            Fault::PageUnreadable => ("page_unreadable", "can't be understood"),
            Fault::Record => ("record", "belongs to no variant of the template"),
            Fault::Leaf => ("leaf", "does not agree with the piece"),
            Fault::Row => ("row", "does not agree with piece and record"),
            Fault::Font => ("font", "is not the font of the template"),
            Fault::File => ("file", "can't be read"),
        }
    }
}

/// A fault with its piece and its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::night) struct Finding {
    /// The piece, or what stands in its place: `header`, `trailer`, a page or the file.
    pub of: String,
    /// The field, the symbol, the column or the object.
    pub field: Cow<'static, str>,
    /// What is wrong.
    pub fault: Fault,
}

impl Finding {
    /// A fault of a piece, or of what stands in its place.
    pub(in crate::night::proofing) fn new(
        of: &str,
        field: impl Into<Cow<'static, str>>,
        fault: Fault,
    ) -> Finding {
        Finding { of: of.to_owned(), field: field.into(), fault }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { of, field, fault } = self;
        write!(f, "{of}: {}: {field} {}", fault.name(), fault.words().1)
    }
}

/// What a mark is called in findings.
pub(in crate::night::proofing) fn field_of(mark: &Mark) -> &'static str {
    match mark.call() {
        ("field" | "code39", name) => name,
        (function, _) => function,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_names_piece_fault_and_field() {
        let finding = Finding::new("26327A000001", "last_name", Fault::TextDiffers);
        let said = "26327A000001: text_differs: last_name says something else than the record";
        assert_eq!(finding.to_string(), said);
        assert_eq!(finding.fault.name(), "text_differs");
    }
}
