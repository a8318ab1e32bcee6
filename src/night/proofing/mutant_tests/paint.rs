//! Mutants of paint that no mark asks for, and of the stock.

use lopdf::{Dictionary, Object, Stream, dictionary};

use super::{Mutant, imposed, letters};

pub(super) const MUTANTS: &[Mutant] = &[
    letters("a white box over a bar", "quiet_zone", |it| it.append(0, "q 0 0 0 0 k 500 5256 3 236 re f Q")),
    letters("a white box over a module", "quiet_zone", |it| {
        it.append(0, "q 0 0 0 0 k 2490 1700 12 12 re f Q")
    }),
    letters("a white box over a text", "foreign_paint", |it| {
        it.append(0, "q 0 0 0 0 k 2466 5880 400 90 re f Q")
    }),
    letters("a white box under a text, over the stock", "foreign_paint", |it| {
        it.prepend(0, "q 0 0 0 0 k 300 300 4000 6000 re f Q");
    }),
    letters("a box under the stock", "foreign_paint", |it| {
        it.replace_beginning(0, "/G0 gs", "/G0 gs 0 0 0 .1 k 0 0 100 100 re f");
    }),
    letters("a black box over a text", "foreign_paint", |it| it.append(0, "2466 5880 400 90 re f")),
    letters("a stroke in the quiet zone of a Code 39", "quiet_zone", |it| {
        it.append(0, "q 2 w 460 5256 m 460 5492 l S Q");
    }),
    letters("a stroke in the quiet zone of a 2D-DOC", "quiet_zone", |it| {
        it.append(0, "q 2 w 2466 1645 m 2994 1645 l S Q");
    }),
    letters("a text in the quiet zone of a 2D-DOC", "quiet_zone", |it| {
        it.append(0, "BT /F2 100 Tf 2450 1630 Td(1)Tj ET");
    }),
    letters("a hairline", "foreign_paint", |it| it.append(0, "0 w 900 900 m 1000 900 l S")),
    letters("a dot", "foreign_paint", |it| it.append(0, "900 900 1 1 re f")),
    letters("a curve", "foreign_paint", |it| it.append(0, "900 900 m 950 950 1000 950 1050 900 c B*")),
    letters("an empty path that is painted", "foreign_paint", |it| it.append(0, "900 900 0 0 re f")),
    letters("a mask", "foreign_paint", |it| {
        it.append(0, "q 10 0 0 10 900 900 cm BI/W 1/H 1/IM true/F/AHx ID 00>\nEI Q")
    }),
    letters("a picture", "foreign_paint", |it| {
        it.append(0, "q 10 0 0 10 900 900 cm BI/W 1/H 1/BPC 8/CS/G/F/AHx ID 80>\nEI Q");
    }),
    letters("a shading", "foreign_paint", |it| {
        it.resources().set(
            "Shading",
            dictionary! { "H0" => dictionary! {
                "ShadingType" => 2, "ColorSpace" => "DeviceGray", "Coords" => numbers(&[0, 0, 9, 9]),
            }},
        );
        it.append(0, "/H0 sh");
    }),
    letters("a text on no mark", "foreign_text", |it| it.append(0, "BT /F0 75 Tf 900 300 Td(M)Tj ET")),
    letters("a text on no mark, white", "foreign_text", |it| {
        it.append(0, "BT /F0 75 Tf 0 0 0 0 k 900 300 Td(M)Tj 0 0 0 1 k ET");
    }),
    letters("a text beyond the page's edge", "foreign_text", |it| {
        it.append(0, "BT /F0 75 Tf -900 300 Td(M)Tj ET")
    }),
    letters("an operator that is not known", "page_unreadable", |it| it.append(0, "1 2 quux")),
    letters("a graphics state that is begun and not ended", "page_unreadable", |it| it.append(0, "q")),
    letters("the stock: that of another variant", "form", |it| it.replace_beginning(0, "/S0 Do", "/S1 Do")),
    letters("the stock: two letters' exchanged", "form", |it| {
        it.replace_beginning(0, "/S0 Do", "/S5 Do");
        it.replace_beginning(1, "/S5 Do", "/S0 Do");
    }),
    letters("the stock: twice", "form", |it| it.replace_beginning(0, "/S0 Do", "/S0 Do/S0 Do")),
    letters("the stock: spaced by an inherited state", "foreign_paint", |it| {
        it.replace_beginning(0, "/S0 Do", " 5 Tc/S0 Do 0 Tc");
    }),
    letters("the stock: stretched by an inherited state", "foreign_paint", |it| {
        it.replace_beginning(0, "/S0 Do", " 50 Tz/S0 Do 100 Tz");
    }),
    letters("the stock: raised by an inherited state", "foreign_paint", |it| {
        it.replace_beginning(0, "/S0 Do", " 3 Ts/S0 Do 0 Ts");
    }),
    letters("the stock: dashed by an inherited state", "foreign_paint", |it| {
        it.replace_beginning(0, "/S0 Do", "[9 9] 0 d/S0 Do");
    }),
    letters("the stock: in an inherited white", "foreign_paint", |it| {
        it.replace_beginning(0, "/S0 Do", " 1 g/S0 Do");
    }),
    letters("the stock: another over all", "form", |it| it.append(0, "/S1 Do")),
    letters("the stock: lost", "form", |it| it.replace_beginning(0, "/S0 Do", "")),
    letters("the stock: a dot lower", "form", |it| it.replace_beginning(0, "0 .03 cm", "0 -.09 cm")),
    letters("the stock: a dot to the right", "form", |it| {
        it.replace_beginning(0, "1 0 0 1 0 .03 cm", "1 0 0 1 .12 .03 cm")
    }),
    letters("the stock: scaled by a thousandth", "form", |it| {
        it.replace_beginning(0, "q 1 0 0 1 0 .03", "q 1.001 0 0 1.001 0 .03");
    }),
    letters("the stock: upside down", "form", |it| {
        it.replace_beginning(0, "q 1 0 0 1 0 .03", "q -1 0 0 -1 595.32 841.92")
    }),
    letters("the stock: cut off", "foreign_paint", |it| {
        it.replace_beginning(0, "cm/S0", "cm 0 0 300 842 re W n/S0")
    }),
    letters("the stock: one byte of it", "stock", |it| {
        let begin = it.sound().stock()[..64].to_vec();
        let begin = it.bytes.windows(64).position(|part| part == begin).unwrap();
        let stream = it.bytes[begin..].windows(7).position(|part| part == b"stream\n").unwrap();
        it.bytes[begin + stream + 30] ^= 1;
    }),
    letters("the stock: other content in its form", "stock", |it| {
        let form = it.resource("XObject", "S0");
        it.stream(form, |content| content.extend_from_slice(b" 0 0 9 9 re f"));
    }),
    letters("the stock: its frame", "stock", |it| {
        let form = it.resource("XObject", "S0");
        it.dictionary(form).set("BBox", numbers(&[0, 0, 300, 842]));
    }),
    letters("the stock: a matrix of its form", "stock", |it| {
        let form = it.resource("XObject", "S0");
        it.dictionary(form).set("Matrix", numbers(&[1, 0, 0, 1, 1, 0]));
    }),
    letters("the stock: a copy of its form with other content", "form", |it| {
        let form = it.resource("XObject", "S0");
        let copy = it.object(form).clone();
        let copy = it.add(copy);
        it.stream(copy, |content| content.extend_from_slice(b" 0 0 9 9 re f"));
        let forms = it.resources().get_mut(b"XObject").unwrap().as_dict_mut().unwrap();
        forms.set("S0", copy);
    }),
    letters("the state of pages and stock does not overprint", "overprint", |it| {
        let state = it.resource("ExtGState", "G0");
        it.dictionary(state).set("op", false);
        it.dictionary(state).set("OP", false);
    }),
    letters("an annotation", "foreign_paint", |it| {
        let note = it.add(dictionary! {
            "Type" => "Annot", "Subtype" => "Square",
            "Rect" => numbers(&[100, 100, 200, 200]),
        });
        it.page(0).set("Annots", vec![Object::Reference(note)]);
    }),
    letters("a third content stream", "foreign_paint", |it| {
        let more = it.add(Stream::new(Dictionary::new(), b"100 100 9 9 re f".to_vec()));
        it.page(0).get_mut(b"Contents").unwrap().as_array_mut().unwrap().push(Object::Reference(more));
    }),
    imposed("imposed: the right piece a dot to the right", "form", |it| {
        it.replace_place(1, 4, "595.32 0 cm", "595.44 0 cm");
    }),
    imposed("imposed: two pieces of a sheet exchanged", "form", |it| {
        let contents = it.page(1).get_mut(b"Contents").unwrap().as_array_mut().unwrap();
        contents.swap(1, 5);
        contents.swap(2, 6);
    }),
    imposed("imposed: a piece on both halves", "form", |it| {
        let contents = it.page(1).get_mut(b"Contents").unwrap().as_array_mut().unwrap();
        (contents[5], contents[6]) = (contents[1].clone(), contents[2].clone());
    }),
    imposed("imposed: the right piece lost", "form", |it| {
        it.page(1).get_mut(b"Contents").unwrap().as_array_mut().unwrap().truncate(4);
    }),
    imposed("imposed: a text of the left piece on the right half", "foreign_text", |it| {
        it.append(1, "BT /F2 100 Tf 7899 2308 Td(2490025416)Tj ET");
    }),
];

/// Numbers as an array.
fn numbers(numbers: &[i64]) -> Vec<Object> {
    numbers.iter().map(|number| Object::Integer(*number)).collect()
}
