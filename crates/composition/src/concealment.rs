//! What keeps the size of a file from telling the codes in it: pages with a code have round lengths, and the fonts that set
//! a code always have every character that codes may have.

use std::collections::BTreeMap;

use print_file::{GlyphRun, PageContent, shape};
use template::{CompiledTemplate, FieldName, Mark, SheetSide};

/// The characters of codes.
const CHARACTERS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The fonts that set codes, each with the characters of codes that it has, one a run.
pub(crate) struct Concealment(BTreeMap<usize, Vec<GlyphRun>>);

impl Concealment {
    /// The fonts of a template that set codes.
    pub(crate) fn of(template: &CompiledTemplate) -> Concealment {
        let sides = template.variants.iter().flat_map(|variant| &variant.sides);
        let mut fonts = BTreeMap::new();
        for font in sides.flat_map(fonts_of_codes) {
            fonts.entry(font).or_insert_with(|| {
                let program = template.fonts[font].program();
                let mut buffer = [0; 4];
                let run = |character: char| shape(&program, character.encode_utf8(&mut buffer)).ok();
                CHARACTERS.chars().filter_map(run).collect()
            });
        }
        Concealment(fonts)
    }

    /// Makes a page of that side tell nothing of its codes by its length and its fonts.
    pub(crate) fn apply(&self, page: &mut PageContent, side: &SheetSide) {
        if side.marks.iter().any(shows_code) {
            page.conceal_length();
        }
        for font in fonts_of_codes(side) {
            self.0.get(&font).into_iter().flatten().for_each(|run| page.embed(font, run));
        }
    }
}

/// The fonts of a side that set codes.
fn fonts_of_codes(side: &SheetSide) -> impl Iterator<Item = usize> {
    side.marks.iter().filter(|mark| shows_code(mark)).filter_map(|mark| match mark {
        Mark::Text(mark) => Some(mark.style.font),
        _ => None,
    })
}

fn shows_code(mark: &Mark) -> bool {
    match mark {
        Mark::Text(mark) => mark.field.is_some_and(FieldName::is_code),
        Mark::Code39(mark) => mark.field.is_code(),
        _ => false,
    }
}
