//! Contextual glyphs: those in font rules over more than two glyphs, and those that are substituted on their own. A run
//! with such a glyph can't be composed from single glyphs and pairs.
//!
//! Takes a font and the glyphs of ordinary characters. Looks only at the features that the shaper applies by default to
//! French in Latin script. May name a glyph too many, never one too few.

use std::collections::BTreeSet;

use rustybuzz::Face;
use rustybuzz::ttf_parser::gpos::PositioningSubtable;
use rustybuzz::ttf_parser::gsub::{LigatureSubstitution, SubstitutionSubtable};
use rustybuzz::ttf_parser::opentype_layout::{ChainedContextLookup, Coverage, LayoutTable, LookupIndex};
use rustybuzz::ttf_parser::{GlyphId, Tag};

/// The features that the shaper applies by default to a horizontal text of a simple script. Those for fractions are left
/// out: they need U+2044.
const DEFAULT_FEATURES: [&[u8; 4]; 18] = [
    b"rvrn", b"ltra", b"ltrm", b"rand", b"abvm", b"blwm", b"ccmp", b"locl", b"mark", b"mkmk", b"rlig",
    b"calt", b"clig", b"curs", b"dist", b"kern", b"liga", b"rclt",
];

/// The contextual glyphs among `plain`; all of `plain` if the font has `morx` or `kerx` tables.
pub(super) fn contextual_glyphs(face: &Face, plain: &BTreeSet<u16>) -> BTreeSet<u16> {
    let tables = face.tables();
    if tables.morx.is_some() || tables.kerx.is_some() {
        return plain.clone();
    }
    let mut found = BTreeSet::new();
    if let Some(table) = tables.gsub {
        for lookup in active(&table).into_iter().filter_map(|index| table.lookups.get(index)) {
            for subtable in lookup.subtables.into_iter::<SubstitutionSubtable>() {
                found.extend(in_substitution(&subtable, plain));
            }
        }
    }
    if let Some(table) = tables.gpos {
        for lookup in active(&table).into_iter().filter_map(|index| table.lookups.get(index)) {
            for subtable in lookup.subtables.into_iter::<PositioningSubtable>() {
                found.extend(in_positioning(&subtable, plain));
            }
        }
    }
    found
}

/// The lookups of the default features for French in Latin script.
fn active(table: &LayoutTable) -> BTreeSet<LookupIndex> {
    let scripts = [b"latn", b"DFLT", b"dflt"].into_iter();
    let Some(script) = scripts.filter_map(|tag| table.scripts.find(Tag::from_bytes(tag))).next() else {
        return BTreeSet::new();
    };
    let french = script.languages.find(Tag::from_bytes(b"FRA "));
    let Some(language) = french.or(script.default_language) else { return BTreeSet::new() };
    let required = language.required_feature.and_then(|index| table.features.get(index));
    let features = language.feature_indices.into_iter().filter_map(|index| table.features.get(index));
    let default = |tag: Tag| DEFAULT_FEATURES.iter().any(|known| tag == Tag::from_bytes(known));
    let applied = features.filter(|feature| default(feature.tag)).chain(required);
    applied.flat_map(|feature| feature.lookup_indices.into_iter()).collect()
}

/// The glyphs of `plain` in a substitution that is not a ligature of two glyphs.
fn in_substitution(subtable: &SubstitutionSubtable, plain: &BTreeSet<u16>) -> Vec<u16> {
    match subtable {
        SubstitutionSubtable::Ligature(ligatures) => {
            plain.iter().copied().filter(|glyph| begins_long_ligature(ligatures, *glyph, plain)).collect()
        }
        SubstitutionSubtable::ChainContext(chain) => in_chain(chain, plain),
        other => covered(other.coverage(), plain),
    }
}

/// Whether a ligature of three or more plain glyphs begins with the glyph.
fn begins_long_ligature(ligatures: &LigatureSubstitution, glyph: u16, plain: &BTreeSet<u16>) -> bool {
    let set = ligatures.coverage.get(GlyphId(glyph)).and_then(|index| ligatures.ligature_sets.get(index));
    set.is_some_and(|set| {
        set.into_iter().any(|ligature| {
            let others = ligature.components;
            others.len() != 1 && others.into_iter().all(|other| plain.contains(&other.0))
        })
    })
}

/// The glyphs of `plain` in a positioning other than that of single glyphs and pairs.
fn in_positioning(subtable: &PositioningSubtable, plain: &BTreeSet<u16>) -> Vec<u16> {
    match subtable {
        PositioningSubtable::Single(_) | PositioningSubtable::Pair(_) => Vec::new(),
        PositioningSubtable::ChainContext(chain) => in_chain(chain, plain),
        other => covered(other.coverage(), plain),
    }
}

/// The glyphs of `plain` that begin the input of a context. None if one of the context's positions takes no plain glyph:
/// plain text never meets it then.
fn in_chain(chain: &ChainedContextLookup, plain: &BTreeSet<u16>) -> Vec<u16> {
    let ChainedContextLookup::Format3 {
        coverage,
        backtrack_coverages,
        input_coverages,
        lookahead_coverages,
        ..
    } = chain
    else {
        return covered(chain.coverage(), plain);
    };
    let around = [backtrack_coverages, input_coverages, lookahead_coverages];
    let met =
        around.into_iter().flat_map(|coverages| coverages.into_iter()).all(|coverage| meets(coverage, plain));
    if met { covered(*coverage, plain) } else { Vec::new() }
}

fn covered(coverage: Coverage, plain: &BTreeSet<u16>) -> Vec<u16> {
    plain.iter().copied().filter(|glyph| coverage.contains(GlyphId(*glyph))).collect()
}

fn meets(coverage: Coverage, plain: &BTreeSet<u16>) -> bool {
    plain.iter().any(|glyph| coverage.contains(GlyphId(*glyph)))
}
