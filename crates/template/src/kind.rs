//! The kinds of template faults and their stable codes.

use serde::{Deserialize, Serialize};

/// The kinds of template faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum FaultKind {
    /// No such template.
    NotFound,
    /// A file of the template that can't be read.
    Unreadable,
    /// A wrong `template.toml`.
    Manifest,
    /// A main file outside the template's folder.
    MainFile,
    /// An error that Typst reports.
    Syntax,
    /// A font that is not there.
    Font,
    /// A font that variable text can't be set in.
    FieldFont,
    /// A font in the folder that is not read, or that not all can be set in.
    UnreadFont,
    /// A fact that there is not, or that selects no variant.
    UnknownFact,
    /// A character that the font lacks.
    Glyph,
    /// A field that the piece does not have.
    UnknownField,
    /// A code on a letter.
    CodeOnLetter,
    /// A wrong or missing value of a mark.
    MarkValue,
    /// A mark that the program does not know.
    UnknownMark,
    /// A mark that every piece of this kind must have.
    MissingMark,
    /// A colour that is not a share of black.
    Colour,
    /// Variable text in white.
    WhiteText,
    /// A gradient or a pattern.
    Gradient,
    /// Artwork in colour.
    Artwork,
    /// Artwork with an ink of its own.
    SpotColour,
    /// Transparency.
    Transparency,
    /// A page that is not A4.
    SheetSize,
    /// A mark that does not lie within the page.
    OutsidePage,
    /// A window without the mark that it holds.
    EmptyWindow,
    /// A mark outside its window.
    OutsideWindow,
    /// A control mark that shows in a window that does not hold it.
    UndeclaredInWindow,
    /// A fold through a symbol.
    FoldInSymbol,
    /// Something printed in a symbol, its quiet zone or the address.
    NotClear,
    /// A Code 39 symbol of a field that is not proved.
    Code39Field,
    /// A Code 39 ratio other than 2.5 and 3.
    Code39Ratio,
    /// A code that does not lie on an inside panel.
    OutsidePanel,
    /// A code or a card number on an outside panel.
    ShownOutside,
    /// A code or a card number that a window of the envelope can show.
    ShownInWindow,
    /// A panel that is said to lie inside, and shows once the sheet is folded.
    PanelShows,
    /// A fold that is not where `template.toml` has it.
    FoldContradicts,
    /// An address that lies inside once the sheet is folded.
    AddressInside,
    /// A window over paper that lies inside once the sheet is folded.
    WindowInside,
    /// A code that is too small, too pale or too dense to be read.
    IllegibleCode,
    /// Something printed where a code is stamped.
    CoveredCode,
    /// A mark that is rotated, scaled or skewed.
    TransformedMark,
    /// A mark in a box that clips.
    ClippedMark,
    /// A mark that is hidden.
    HiddenMark,
    /// Something printed under the card.
    UnderCard,
    /// Text that runs over a fold.
    FoldInText,
    /// Something printed outside the safe area.
    OutsideSafeArea,
    /// Two texts, or a text and a symbol, in one place.
    Overlap,
    /// Something in a window that does not hold it.
    ForeignInWindow,
    /// A window that the template draws where its envelope has none.
    WindowContradicts,
    /// An envelope that is not there, that can't be, or that is too small.
    Envelope,
    /// Artwork of too few pixels for its printed size.
    CoarseArtwork,
    /// A line that is too thin to be printed.
    Hairline,
    /// Small text.
    SmallText,
    /// A seal without its place on the sheet.
    MissingSeal,
    /// Ink where the sheet is glued.
    InkOnGlue,
    /// Text or a symbol across a perforation or the line of a tear strip.
    AcrossPerforation,
    /// A layout that can't be exported to PDF.
    Export,
    /// A layout or artwork that takes too much time, memory or paper.
    Budget,
    /// No process can be started that lays out.
    NoProcess,
}

impl FaultKind {
    /// Whether a piece with such a fault prints as its template says, only badly.
    pub(crate) fn is_of_design(self) -> bool {
        use FaultKind::*;
        matches!(
            self,
            OutsidePage
                | UnderCard
                | FoldInText
                | OutsideSafeArea
                | Overlap
                | ForeignInWindow
                | WindowContradicts
                | Envelope
                | CoarseArtwork
                | Hairline
                | SmallText
                | MissingSeal
                | InkOnGlue
                | AcrossPerforation
        )
    }

    /// The stable code of the kind.
    pub fn code(self) -> &'static str {
        match self {
            FaultKind::NotFound => "template_not_found",
            FaultKind::Unreadable => "template_unreadable",
            FaultKind::Manifest => "template_manifest",
            FaultKind::MainFile => "main_file",
            FaultKind::Syntax => "template_syntax",
            FaultKind::Font => "unknown_font",
            FaultKind::FieldFont => "unsuitable_font",
            FaultKind::UnreadFont => "font_not_read",
            FaultKind::UnknownFact => "unknown_fact",
            FaultKind::Glyph => "character_not_in_font",
            FaultKind::UnknownField => "unknown_field",
            FaultKind::CodeOnLetter => "code_on_letter",
            FaultKind::MarkValue => "mark_value",
            FaultKind::UnknownMark => "unknown_mark",
            FaultKind::MissingMark => "missing_mark",
            FaultKind::Colour => "colour",
            FaultKind::WhiteText => "white_text",
            FaultKind::Gradient => "gradient",
            FaultKind::Artwork => "coloured_artwork",
            FaultKind::SpotColour => "spot_colour",
            FaultKind::Transparency => "transparency",
            FaultKind::SheetSize => "sheet_size",
            FaultKind::OutsidePage => "outside_page",
            FaultKind::EmptyWindow => "empty_window",
            FaultKind::OutsideWindow => "outside_window",
            FaultKind::UndeclaredInWindow => "undeclared_in_window",
            FaultKind::FoldInSymbol => "fold_in_symbol",
            FaultKind::NotClear => "not_clear",
            FaultKind::Code39Field => "code39_field",
            FaultKind::Code39Ratio => "code39_ratio",
            FaultKind::OutsidePanel => "code_outside_panel",
            FaultKind::ShownOutside => "shown_outside",
            FaultKind::ShownInWindow => "shown_in_window",
            FaultKind::PanelShows => "panel_shows",
            FaultKind::FoldContradicts => "fold_contradicts",
            FaultKind::AddressInside => "address_inside",
            FaultKind::WindowInside => "window_inside",
            FaultKind::IllegibleCode => "illegible_code",
            FaultKind::CoveredCode => "covered_code",
            FaultKind::TransformedMark => "transformed_mark",
            FaultKind::ClippedMark => "clipped_mark",
            FaultKind::HiddenMark => "hidden_mark",
            FaultKind::UnderCard => "under_card",
            FaultKind::FoldInText => "fold_in_text",
            FaultKind::OutsideSafeArea => "outside_safe_area",
            FaultKind::Overlap => "overlap",
            FaultKind::ForeignInWindow => "foreign_in_window",
            FaultKind::WindowContradicts => "window_contradicts",
            FaultKind::Envelope => "envelope",
            FaultKind::CoarseArtwork => "coarse_artwork",
            FaultKind::Hairline => "hairline",
            FaultKind::SmallText => "small_text",
            FaultKind::MissingSeal => "missing_seal",
            FaultKind::InkOnGlue => "ink_on_glue",
            FaultKind::AcrossPerforation => "across_perforation",
            FaultKind::Export => "layout_export",
            FaultKind::Budget => "layout_budget",
            FaultKind::NoProcess => "layout_process",
        }
    }
}
