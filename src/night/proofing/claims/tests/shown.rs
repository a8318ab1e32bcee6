//! What counts as shown.

use super::super::shown::words;
use super::*;

fn text(text: &str) -> Claim<'_> {
    Claim::Text(text.into())
}

#[test]
fn a_text_is_shown_character_for_character() {
    let claim = text("Dr LEFÈVRE Zoé 2400158480");
    assert!(claim.is_shown_by(&["Dr LEFÈVRE Zoé 2400158480"]));
    assert!(claim.is_shown_by(&["Dr LEFE\u{300}VRE Zoe\u{301} 2400158480"]), "the same letters, taken apart");
    for wrong in [
        "Dr LEFEVRE Zoé 2400158480",
        "Dr LEFÉVRE Zoé 2400158480",
        "Dr Lefèvre Zoé 2400158480",
        "Dr LEFÈVRE Zoé 2400158408",
        "Dr LEFÈVRE Zoé  2400158480",
        "Dr LEFÈVRE Zoé\u{a0}2400158480",
        "Dr LEFÈVRE Zoé 2400158480 ",
        "Dr LEFÈVRE Zoé 240015848",
        "Dr LEFÈVRE Zoé 2400158480\u{200b}",
        "",
    ] {
        assert!(!claim.is_shown_by(&[wrong]), "{wrong}");
    }
    assert!(!claim.is_shown_by(&["Dr LEFÈVRE Zoé", "2400158480"]), "it does not go over lines");
    assert!(!claim.is_shown_by(&[]));
    // Letters that look alike are others: ligatures, full-width digits, long s.
    for (claimed, wrong) in [("fi", "ﬁ"), ("10", "１０"), ("s", "ſ"), ("Œ", "OE"), ("'", "’"), ("-", "‐")]
    {
        assert!(!text(claimed).is_shown_by(&[wrong]), "{wrong}");
    }
}

#[test]
fn words_may_go_over_lines() {
    let claim = words("JEAN PAUL DE LA TOUR".into());
    for lines in
        [&["JEAN PAUL DE LA TOUR"][..], &["JEAN", "PAUL DE LA", "TOUR"], &["JEAN PAUL", "DE LA TOUR"]]
    {
        assert!(claim.is_shown_by(lines), "{lines:?}");
    }
    for wrong in [
        &["JEAN PAUL DE LA", "TOU", "R"][..],
        &["DE LA TOUR", "JEAN PAUL"],
        &["JEAN PAUL", "", "DE LA TOUR"],
        &["JEAN PAUL ", "DE LA TOUR"],
        &["JEAN PAUL", "DE LA"],
        &["JEAN PAUL", "DE LA TOUR", "TOUR"],
        &["", "JEAN PAUL DE LA TOUR"],
        &[],
    ] {
        assert!(!claim.is_shown_by(wrong), "{wrong:?}");
    }
    assert_eq!(words("  A   B ".into()), Claim::Wrapped("A B".into()));
    assert_eq!(words("  ".into()), Claim::Nothing);
}

#[test]
fn the_lines_of_an_address_keep_their_order() {
    let claim = Claim::Lines(vec!["M DUPONT".into(), "Résidence".into(), "75015 PARIS".into()]);
    assert!(claim.is_shown_by(&["M DUPONT", "Re\u{301}sidence", "75015 PARIS"]));
    assert!(!claim.is_shown_by(&["Résidence", "M DUPONT", "75015 PARIS"]));
    assert!(!claim.is_shown_by(&["M DUPONT", "Résidence"]));
    assert!(!claim.is_shown_by(&["M DUPONT", "Résidence", "75015 PARIS", "FRANCE"]));
    assert!(!claim.is_shown_by(&["M DUPONT Résidence", "75015 PARIS"]));
}

#[test]
fn what_is_no_text_is_shown_by_none() {
    assert!(Claim::Nothing.is_shown_by(&[]) && !Claim::Nothing.is_shown_by(&[""]));
    for claim in [Claim::Secret(FieldName::Pin), Claim::Impossible, Claim::Drawing, Claim::Omr(Vec::new())] {
        assert!(
            !claim.is_shown_by(&[]) && !claim.is_shown_by(&["1234"]) && !claim.is_shown_by(&[""]),
            "{claim:?}"
        );
    }
    let bars = Claim::Code39("2400158480".into());
    assert!(
        bars.is_shown_by(&["2400158480"]) && !bars.is_shown_by(&["2400158481"]) && !bars.is_shown_by(&[])
    );
}
