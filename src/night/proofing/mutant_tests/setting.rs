//! Mutants of how texts are set.

use lopdf::{Object, dictionary};

use super::altered::Altered;
use super::{Mutant, letters};

pub(super) const MUTANTS: &[Mutant] = &[
    letters("a text that says one thing and shows another (`ActualText`)", "glyph", |it| {
        it.replace(0, "(2432451258)Tj", "/Span<</ActualText(2432451258)>>BDC(2432451268)Tj EMC");
    }),
    letters("a text that is declared to be none (`ActualText`)", "text_missing", |it| {
        it.replace(0, "(2432451258)Tj", "/Span<</ActualText()>>BDC(2432451258)Tj EMC");
    }),
    letters("a text that says itself twice (`ActualText`)", "text_differs", |it| {
        it.replace(0, "(2432451258)Tj", "/Span<</ActualText(24324512582432451258)>>BDC(2432451258)Tj EMC");
    }),
    letters("a font's map: two digits say each other", "glyph", |it| {
        to_unicode(it, |map| swap(map, "<0035>", "<0036>"));
    }),
    letters("a font's map altered so that a wrong digit reads right", "glyph", |it| {
        to_unicode(it, |map| swap(map, "<0035>", "<0036>"));
        it.replace(0, "-277 -796 Td(2490025416)", "-277 -796 Td(2490026415)");
    }),
    letters("a font's map lost", "glyph", |it| {
        let font = it.resource("Font", "F2");
        it.dictionary(font).remove(b"ToUnicode");
    }),
    letters("a font's codes: two digits exchanged", "glyph", |it| {
        let font = it.resource("Font", "F2");
        let codes = it.reference(font, "Encoding");
        it.stream(codes, |map| {
            let text = String::from_utf8(std::mem::take(map)).unwrap();
            let text =
                text.replace("<35> 6", "<35> #").replace("<36> 7", "<36> 6").replace("<35> #", "<35> 7");
            *map = text.into_bytes();
        });
    }),
    letters("a font's glyphs: those of another weight", "glyph", |it| {
        let (one, other) = (descendant(it, "F1"), descendant(it, "F2"));
        let program = it.reference(one, "FontDescriptor");
        let program = it.reference(program, "FontFile2");
        let descriptor = it.reference(other, "FontDescriptor");
        it.dictionary(descriptor).set("FontFile2", program);
    }),
    letters("a font's glyphs: one byte of their outlines", "glyph", |it| {
        let font = descendant(it, "F2");
        let descriptor = it.reference(font, "FontDescriptor");
        let program = it.reference(descriptor, "FontFile2");
        it.stream(program, |font| {
            // One of the last coordinates of the last glyph.
            let end = table_end(font, b"glyf");
            font[end - 12] ^= 0x10;
        });
    }),
    letters("a font's glyphs: two of them exchanged", "glyph", |it| {
        let font = descendant(it, "F2");
        let mut map: Vec<u8> = (0..11u16).flat_map(u16::to_be_bytes).collect();
        map.swap(13, 15);
        let map = it.add(lopdf::Stream::new(dictionary! {}, map));
        it.dictionary(font).set("CIDToGIDMap", map);
    }),
    letters("a font's widths: a digit two hundredths of an em wider", "glyph_place", |it| {
        let font = descendant(it, "F2");
        let widths = it.dictionary(font).get_mut(b"W").unwrap().as_array_mut().unwrap();
        widths[1].as_array_mut().unwrap()[4] = Object::Integer(620);
    }),
    letters("a font's widths: lost", "glyph_place", |it| {
        let font = descendant(it, "F2");
        it.dictionary(font).remove(b"W");
    }),
    letters("another font", "text_font", |it| it.replace(0, "/F1 75 Tf 203 -128", "/F2 75 Tf 203 -128")),
    letters("the resources of two fonts exchanged", "glyph", |it| {
        let (one, other) = (it.resource("Font", "F1"), it.resource("Font", "F2"));
        let fonts = it.resources().get_mut(b"Font").unwrap().as_dict_mut().unwrap();
        fonts.set("F1", other);
        fonts.set("F2", one);
    }),
    letters("a size that is a step smaller, for no need", "text_size", |it| {
        it.replace(
            0,
            "/F0 75 Tf -1545 426 Td[(20 no)8(v)8(embre 2026)]TJ",
            "/F0 72.917 Tf -1545 426 Td[(20 no)8(v)8(embre 2026)]TJ",
        );
    }),
    letters("the address a step smaller, for no need", "text_size", |it| {
        it.replace(0, "/F0 83.333 Tf 2466", "/F0 81.25 Tf 2466")
    }),
    letters("a size that is a hundredth larger", "text_size", |it| {
        it.replace(0, "/F0 75 Tf -1545 426", "/F0 75.75 Tf -1545 426");
    }),
    letters("a text spaced out by a fifth of a dot", "text_tracking", |it| {
        it.replace(
            0,
            "-1545 426 Td[(20 no)8(v)8(embre 2026)]TJ",
            "-1545 426 Td .2 Tc[(20 no)8(v)8(embre 2026)]TJ 0 Tc",
        );
    }),
    letters("wider spaces between words", "glyph_place", |it| {
        it.replace(
            0,
            "-1545 426 Td[(20 no)8(v)8(embre 2026)]TJ",
            "-1545 426 Td 4 Tw[(20 no)8(v)8(embre 2026)]TJ 0 Tw",
        );
    }),
    letters("a text stretched by a hundredth", "foreign_paint", |it| {
        it.replace(
            0,
            "-1545 426 Td[(20 no)8(v)8(embre 2026)]TJ",
            "-1545 426 Td 101 Tz[(20 no)8(v)8(embre 2026)]TJ 100 Tz",
        );
    }),
    letters("kerning lost", "glyph_place", |it| {
        it.replace(0, "(M C)13(OHEN MA)65(THIEU)", "(M C)13(OHEN MATHIEU)")
    }),
    letters("two letters closer by a tenth of an em", "glyph_place", |it| {
        it.replace(0, "(M C)13(OHEN MA)65(THIEU)", "(M C)13(OHEN MA)165(THIEU)");
    }),
    letters("two digits that stand in each other's place", "glyph_place", |it| {
        it.replace(0, "Td(2432451258)Tj", "Td[(2)-600(4)1200(3)-600(2451258)]TJ");
    }),
    letters("a letter raised by a dot", "glyph_place", |it| {
        it.replace(0, "Td(2432451258)Tj", "Td(24324)Tj 1 Ts(51258)Tj 0 Ts");
    }),
    letters("a text raised by twenty dots", "glyph_place", |it| {
        it.replace(0, "Td(2432451258)Tj", "Td 20 Ts(2432451258)Tj 0 Ts");
    }),
    letters("half black", "text_black", |it| {
        it.replace(0, "Td(2432451258)Tj", "Td 0 0 0 .5 k(2432451258)Tj 0 0 0 1 k")
    }),
    letters("white", "text_black", |it| {
        it.replace(0, "Td(2432451258)Tj", "Td 0 0 0 0 k(2432451258)Tj 0 0 0 1 k")
    }),
    letters("in magenta", "foreign_paint", |it| {
        it.replace(0, "Td(2432451258)Tj", "Td 0 1 0 0 k(2432451258)Tj 0 0 0 1 k");
    }),
    letters("half of a text in grey", "text_differs", |it| {
        it.replace(0, "Td(2432451258)Tj", "Td(24324)Tj 0 0 0 .5 k(51258)Tj 0 0 0 1 k");
    }),
    letters("in no ink (`Tr 3`)", "text_black", |it| {
        it.replace(0, "Td(2432451258)Tj", "Td 3 Tr(2432451258)Tj 0 Tr")
    }),
    letters("outlined (`Tr 1`)", "text_black", |it| {
        it.replace(0, "Td(2432451258)Tj", "Td 1 Tr(2432451258)Tj 0 Tr")
    }),
    letters("filled and outlined (`Tr 2`)", "foreign_paint", |it| {
        it.replace(0, "Td(2432451258)Tj", "Td 2 Tr(2432451258)Tj 0 Tr");
    }),
    letters("a dot to the right", "text_place", |it| {
        it.replace(0, "203 -128 Td(2432451258)Tj", "204 -128 Td(2432451258)Tj -1 0 Td");
    }),
    letters("a dot to the left", "text_place", |it| {
        it.replace(0, "203 -128 Td(2432451258)Tj", "202 -128 Td(2432451258)Tj 1 0 Td");
    }),
    letters("a dot up", "text_place", |it| {
        it.replace(0, "203 -128 Td(2432451258)Tj", "203 -127 Td(2432451258)Tj 0 -1 Td");
    }),
    letters("a dot down", "text_place", |it| {
        it.replace(0, "203 -128 Td(2432451258)Tj", "203 -129 Td(2432451258)Tj 0 1 Td");
    }),
    letters("a text in the middle of its column a dot to the right", "text_place", |it| {
        it.replace(0, "2306 -2365 Td(2490025416)Tj", "2307 -2365 Td(2490025416)Tj -1 0 Td");
    }),
    letters("half a dot to the right", "text_place", |it| {
        it.replace(0, "203 -128 Td(2432451258)Tj", "203.5 -128 Td(2432451258)Tj -.5 0 Td");
    }),
    letters("out of its window", "text_place", |it| {
        it.replace(0, "2466 5895 Td", "2466 6895 Td");
        it.replace(0, "-1545 426", "-1545 -574");
    }),
    letters("turned by a quarter", "text_place", |it| {
        it.replace(
            0,
            "203 -128 Td(2432451258)Tj",
            "203 -128 Td 0 1 -1 0 3000 3000 Tm(2432451258)Tj 1 0 0 1 3153 2727 Tm",
        );
    }),
    letters("slanted", "foreign_paint", |it| {
        it.replace(0, "BT/F0 83.333 Tf 2466 5895 Td", "BT/F0 83.333 Tf 1 0 .2 1 2466 5895 Tm");
    }),
    letters("cut off at the right", "text_hidden", |it| {
        it.prepend(0, "q 0 0 3000 7016 re W n");
        it.append(0, "Q");
    }),
    letters("cut off by a frame that is not straight", "foreign_paint", |it| {
        it.prepend(0, "q 0 0 m 9000 0 l 0 9000 l W n");
        it.append(0, "Q");
    }),
    letters("within optional content", "page_unreadable", |it| {
        let layer = it.add(dictionary! { "Type" => "OCG", "Name" => Object::string_literal("layer") });
        it.resources().set("Properties", dictionary! { "L0" => layer });
        it.replace(0, "(2432451258)Tj", "/OC/L0 BDC(2432451258)Tj EMC");
    }),
    letters("seen through (`ca`)", "text_black", |it| state(it, dictionary! { "ca" => 0.5 })),
    letters("behind a soft mask", "page_unreadable", |it| {
        let form = it.resource("XObject", "S1");
        state(it, dictionary! { "SMask" => dictionary! { "S" => "Luminosity", "G" => form } });
    }),
    letters("blended (`BM`)", "page_unreadable", |it| state(it, dictionary! { "BM" => "Multiply" })),
    letters("not overprinting", "overprint", |it| state(it, dictionary! { "OP" => false, "op" => false })),
    letters("not overprinting: the state of all pages", "overprint", |it| {
        let plain = it.add(dictionary! { "Type" => "ExtGState", "OP" => false, "op" => false });
        let states = it.resources().get_mut(b"ExtGState").unwrap().as_dict_mut().unwrap();
        states.set("G0", plain);
    }),
    letters("overprinting lost with the state itself", "overprint", |it| {
        it.replace_beginning(0, "/G0 gs", "")
    }),
];

/// The descendant of a composite font.
fn descendant(it: &mut Altered, name: &str) -> lopdf::ObjectId {
    let font = it.resource("Font", name);
    it.reference(font, "DescendantFonts")
}

/// Alters the map to Unicode of the font of the large card numbers.
fn to_unicode(it: &mut Altered, alter: impl FnOnce(&mut Vec<u8>)) {
    let font = it.resource("Font", "F2");
    let map = it.reference(font, "ToUnicode");
    it.stream(map, alter);
}

/// Exchanges two parts of a text.
fn swap(text: &mut Vec<u8>, one: &str, other: &str) {
    let swapped = String::from_utf8(std::mem::take(text)).unwrap();
    assert!(swapped.contains(one) && swapped.contains(other));
    *text = swapped.replace(one, "\0").replace(other, one).replace('\0', other).into_bytes();
}

/// Where a table of a TrueType font ends.
fn table_end(font: &[u8], name: &[u8; 4]) -> usize {
    let entry = font[12..].chunks(16).find(|entry| entry[..4] == *name).unwrap();
    let number = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().unwrap()) as usize;
    number(&entry[8..12]) + number(&entry[12..16])
}

/// Paints the marks of the first letter in another graphics state.
fn state(it: &mut Altered, state: lopdf::Dictionary) {
    let state = it.add(state);
    let states = it.resources().get_mut(b"ExtGState").unwrap().as_dict_mut().unwrap();
    states.set("G9", state);
    it.prepend(0, "/G9 gs");
}
