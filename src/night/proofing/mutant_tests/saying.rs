//! Mutants of what texts say.

use super::{Mutant, letters};

/// The operators that show the recipient's lines of the first letter.
const RECIPIENT: &str = "0 -102 Td[(M C)13(OHEN MA)65(THIEU)]TJ\n0 -101 Td";
const STREET: &str = "[(CAMP)45(A)15(GNE BEL AIR)]TJ";
const TOWN: &str = "[(48160 LE C)13(OLLET DE DEZE)]TJ";

pub(super) const MUTANTS: &[Mutant] = &[
    letters("a digit of the card number", "text_differs", |it| {
        it.replace(0, "/F2 100 Tf -277 -796 Td(2490025416)", "/F2 100 Tf -277 -796 Td(2490025417)");
    }),
    letters("two digits of the card number exchanged", "text_differs", |it| {
        it.replace(0, "-277 -796 Td(2490025416)", "-277 -796 Td(2490024516)");
    }),
    letters("a digit of the card that is replaced", "text_differs", |it| {
        it.replace(0, "(2432451258)", "(2432451268)")
    }),
    letters("a digit of the printed reference", "text_differs", |it| {
        it.replace(0, "(26324A000001)", "(26324A000002)")
    }),
    letters("a digit of the date", "text_differs", |it| it.replace(0, "(20 no)", "(26 no)")),
    letters("another month of the expiry", "text_differs", |it| {
        it.replace(0, "(12 d\u{e9}cembr)11(e ", "(12 novembr)11(e ")
    }),
    letters("a digit of the postcode", "text_differs", |it| it.replace(0, "(48160 ", "(48610 ")),
    letters("two recipients exchanged", "text_differs", |it| {
        it.exchange(0, 1, |content| 0..content.windows(7).position(|part| part == b"/F0 75 ").unwrap());
    }),
    letters("the card numbers of two letters exchanged", "text_differs", |it| {
        it.replace(0, "-277 -796 Td(2490025416)", "-277 -796 Td(2475694048)");
        it.replace(1, "-277 -796 Td(2475694048)", "-277 -796 Td(2490025416)");
    }),
    letters("two lines of the address exchanged", "text_differs", |it| {
        it.replace(0, &format!("{STREET}\n0 -102 Td{TOWN}"), &format!("{TOWN}\n0 -102 Td{STREET}"));
    }),
    letters("a line of the address lost, its room left", "text_missing", |it| {
        it.replace(0, RECIPIENT, "0 -203 Td")
    }),
    letters("a line of the address lost, the others moved up", "text_differs", |it| {
        it.replace(0, RECIPIENT, "0 -102 Td");
        it.replace(0, "0 -102 Td[(48160", "0 -101 Td[(48160");
        it.replace(0, "-1545 426", "-1545 324");
    }),
    letters("the last line of the address lost", "text_differs", |it| {
        it.replace(0, &format!("0 -102 Td{TOWN}\n/F0 75 Tf -1545 426"), "/F0 75 Tf -1545 324");
    }),
    letters("the address lost", "text_missing", |it| {
        it.content(0, |content| {
            let end = content.windows(7).position(|part| part == b"/F0 75 ").unwrap();
            content.splice(0..end, *b"BT 2466 5589 Td ");
        });
    }),
    letters("the date lost", "text_missing", |it| it.replace(0, "[(20 no)8(v)8(embre 2026)]TJ\n", "\n")),
    letters("an accent lost", "text_differs", |it| it.replace(2, "param\u{e9}dical", "paramedical")),
    letters("another accent", "text_differs", |it| it.replace(2, "param\u{e9}dical", "param\u{e8}dical")),
    letters("a ligature taken apart", "text_differs", |it| it.replace(2, "VY S\u{9c}uret", "VY Soeuret")),
    letters("an apostrophe lost", "text_differs", |it| it.replace(1, "('H\u{d4})", "( H\u{d4})")),
    letters("a hyphen lost", "text_differs", |it| it.replace(4, "(ON-MAR)", "(ON MAR)")),
    letters("another case", "text_differs", |it| it.replace(5, "Dr MA)65(THIEU Agn", "DR MA)65(THIEU Agn")),
    letters("a letter O for a zero", "text_differs", |it| it.replace(3, "(00450 ARMEES)", "(0O450 ARMEES)")),
    letters("a space lost", "text_differs", |it| it.replace(0, "(VICE DE SANTE ", "(VICE DESANTE ")),
    letters("a space more", "text_differs", |it| it.replace(0, "(VICE DE SANTE ", "(VICE DE  SANTE ")),
    letters("a space behind the text", "text_differs", |it| it.replace(0, "BELLE ILE)", "BELLE ILE )")),
    letters("a letter cut off at the end", "text_differs", |it| it.replace(0, "BELLE ILE)", "BELLE IL)")),
    letters("the text of another field", "text_differs", |it| {
        it.replace(0, "[(12 d\u{e9}cembr)11(e 2026)]", "[(20 no)8(v)8(embre 2026)]");
    }),
    letters("a text twice, in its place", "foreign_text", |it| {
        it.append(0, "BT /F2 100 Tf 2950 2855 Td(2490025416)Tj ET");
    }),
    letters("a text twice, elsewhere", "foreign_text", |it| {
        it.append(0, "BT /F2 100 Tf 500 500 Td(2490025416)Tj ET")
    }),
    letters("a text that a reader finds and nobody sees", "text_differs", |it| {
        it.replace(0, "Td(2432451258)Tj", "Td/Span<</ActualText(2432451258)>>BDC(2432451268)Tj EMC");
        it.replace(
            0,
            "-277 -796 Td(2490025416)Tj",
            "-277 -796 Td/Span<</ActualText(2490025417)>>BDC(2490025416)Tj EMC",
        );
    }),
];
