//! The fonts of the program and of a template.

use std::sync::{Arc, OnceLock};

use rustybuzz::ShapePlan;

use typst::foundations::Bytes;
use typst::layout::Abs;
use typst::text::{
    Font, FontBook, FontInstance, FontStretch, FontStyle, FontVariant, FontVariations, FontWeight,
};

use print_file::{FontProgram, GlyphTable, shaping_plan};

/// The fonts built into the program (`fonts/README.md` names their origin and licence).
const BUILTIN: [&[u8]; 6] = [
    include_bytes!("../../../fonts/IBMPlexSans-Regular.ttf"),
    include_bytes!("../../../fonts/IBMPlexSans-Italic.ttf"),
    include_bytes!("../../../fonts/IBMPlexSans-SemiBold.ttf"),
    include_bytes!("../../../fonts/IBMPlexSans-Bold.ttf"),
    include_bytes!("../../../fonts/IBMPlexMono-Regular.ttf"),
    include_bytes!("../../../fonts/IBMPlexMono-Medium.ttf"),
];

/// The files of the built-in fonts, each with its name.
pub fn program_fonts() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    const NAMES: [&str; BUILTIN.len()] = [
        "IBMPlexSans-Regular.ttf",
        "IBMPlexSans-Italic.ttf",
        "IBMPlexSans-SemiBold.ttf",
        "IBMPlexSans-Bold.ttf",
        "IBMPlexMono-Regular.ttf",
        "IBMPlexMono-Medium.ttf",
    ];
    NAMES.into_iter().zip(BUILTIN)
}

/// The bytes of the built-in sans in regular and bold, for the paperwork.
pub fn paperwork_fonts() -> (&'static [u8], &'static [u8]) {
    (BUILTIN[0], BUILTIN[3])
}

/// The built-in fonts, parsed once.
fn builtin() -> &'static [Font] {
    static FONTS: OnceLock<Vec<Font>> = OnceLock::new();
    FONTS.get_or_init(|| BUILTIN.iter().flat_map(|bytes| Font::iter(Bytes::new(*bytes))).collect())
}

/// The program's fonts, then the template's own. `kept` are those of the program that kept the template; `None` for those of
/// this program.
pub(super) fn with_template_fonts(kept: Option<&[Bytes]>, own: Vec<Bytes>) -> Vec<Font> {
    let program: Vec<Font> = match kept {
        Some(fonts) => fonts.iter().cloned().flat_map(Font::iter).collect(),
        None => builtin().to_vec(),
    };
    program.into_iter().chain(own.into_iter().flat_map(Font::iter)).collect()
}

/// The files of the program's fonts, in their order. `kept` as in [`with_template_fonts`].
pub(super) fn of_program(kept: Option<&[Bytes]>) -> Vec<&[u8]> {
    match kept {
        Some(fonts) => fonts.iter().map(Bytes::as_slice).collect(),
        None => BUILTIN.to_vec(),
    }
}

/// Whether a font file holds any font.
pub(super) fn has_font(bytes: &Bytes) -> bool {
    Font::iter(bytes.clone()).next().is_some()
}

/// The index of a field font in [`CompiledTemplate::fonts`](crate::CompiledTemplate::fonts).
pub type FontId = usize;

/// A font that variable text is set in.
#[derive(Clone)]
pub struct FieldFont {
    instance: FontInstance,
    plan: Arc<ShapePlan>,
    table: Arc<GlyphTable>,
    name: String,
}

impl FieldFont {
    /// The font that Typst would choose for this style among `fonts`.
    pub(super) fn select(fonts: &[Font], family: &str, weight: FontWeight, style: FontStyle) -> Option<Font> {
        let book = FontBook::from_fonts(fonts);
        let variant = FontVariant::new(style, weight, FontStretch::NORMAL);
        book.select(&family.to_lowercase(), variant).and_then(|index| fonts.get(index).cloned())
    }

    pub(super) fn new(font: Font) -> FieldFont {
        let name = font.post_script_name().unwrap_or_else(|| "Font".to_owned());
        let instance = font.instantiate(FontVariant::default(), Abs::pt(10.0), &FontVariations::default());
        let plan = Arc::new(shaping_plan(instance.rusty()));
        let table = Arc::new(GlyphTable::new(instance.rusty()));
        FieldFont { instance, plan, table, name }
    }

    /// The font as a print file embeds it and as text is shaped with it.
    pub fn program(&self) -> FontProgram<'_> {
        let font = self.instance.font();
        FontProgram {
            plan: &self.plan,
            table: &self.table,
            program: font.data(),
            index: font.index(),
            face: self.instance.rusty(),
            name: &self.name,
        }
    }
}

/// Whether a font suits variable text: one static face with TrueType outlines (`glyf`), which subsets need.
pub(super) fn suits_fields(font: &Font) -> bool {
    let instance =
        font.clone().instantiate(FontVariant::default(), Abs::pt(10.0), &FontVariations::default());
    instance.ttf().tables().glyf.is_some() && font.info().axes.is_empty()
}
